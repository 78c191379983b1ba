/*
  Two pictures side by side: marked where they differ, moved together, and tied to the list below. The words are in the list,
  which the server made; without this script nothing is missing but the pictures.
*/
import { all, make, one, parse, say } from './dom.js';

const PICKED = 'compare-picked';

const READABLE = 0.8;

/** The process itself is in the picture's registry too, and stands nowhere. */
const isDrawn = (element) => Boolean(element) && (Boolean(element.waypoints) || Number.isFinite(element.x));

/** Bring an element to the middle, large enough to read. */
function near(canvas, element) {
  const { clientWidth, clientHeight } = canvas.getContainer();
  const { x, y, width: wide, height: high, waypoints } = element;
  const middle = waypoints?.[Math.floor((waypoints.length - 1) / 2)] ?? { x: x + wide / 2, y: y + high / 2 };
  const scale = Math.max(canvas.zoom(), READABLE);
  const [width, height] = [clientWidth / scale, clientHeight / scale];
  canvas.viewbox({ x: middle.x - width / 2, y: middle.y - height / 2, width, height });
}

class Pair {
  constructor(root) {
    this.root = root;
    this.places = all('[data-picture]', root);
    this.views = [];
  }

  async open() {
    document.head.append(make('link', { rel: 'stylesheet', href: this.root.dataset.style }));
    const { show } = await import(this.root.dataset.script);
    for (const place of this.places) {
      const marks = parse(place.dataset.marks, []);
      try {
        const viewer = await show(place, marks);
        this.views.push(viewer);
        this.sign(viewer, marks);
        this.listen(viewer);
      } catch (error) {
        console.warn(error);
        place.replaceChildren(make('p', { class: 'diagram-wait' }, place.dataset.missing ?? '这一边的流程图画不出来。下面的表里有全部差别。'));
      }
    }
    this.together();
    this.root.dataset.ready = '1';
  }

  /** A sign at the corner of each mark: colour alone says nothing to some. */
  sign(viewer, marks) {
    const overlays = viewer.get('overlays');
    const registry = viewer.get('elementRegistry');
    for (const mark of marks) {
      const element = registry.get(mark.id);
      if (!isDrawn(element)) continue;
      const badge = make('span', { class: `compare-badge compare-badge-${mark.state}`, 'aria-hidden': 'true' }, mark.sign);
      const middle = element.waypoints?.[Math.floor((element.waypoints.length - 1) / 2)];
      const position = middle ? { top: middle.y - element.y - 9, left: middle.x - element.x + 4 } : { top: -9, left: -9 };
      overlays.add(mark.id, { position, html: badge, scale: { min: 0.75 } });
    }
  }

  listen(viewer) {
    viewer.get('eventBus').on('element.click', ({ element }) => this.tell(element.labelTarget?.id ?? element.id));
    viewer.get('canvas').getContainer().addEventListener('keydown', (event) => {
      const id = event.target.closest?.('[data-element-id]')?.dataset.elementId;
      if (id && (event.key === 'Enter' || event.key === ' ')) {
        event.preventDefault();
        this.tell(id);
      }
    });
  }

  /** From a picture to the list. */
  tell(id) {
    const row = all('[data-element]', this.root).find((each) => each.dataset.element === id);
    this.pick(id);
    if (!row) return;
    row.scrollIntoView({ block: 'center' });
    one('[data-point]', row)?.focus({ preventScroll: true });
  }

  /** From the list to the pictures. */
  point(id) {
    this.pick(id);
    let found = false;
    for (const viewer of this.views) {
      const element = viewer.get('elementRegistry').get(id);
      if (!isDrawn(element)) continue;
      found = true;
      near(viewer.get('canvas'), element);
    }
    one('.compare-pair', this.root).scrollIntoView({ block: 'nearest' });
    say(found ? '已在流程图上标出。' : '图上没有画出这一项。');
  }

  pick(id) {
    for (const viewer of this.views) {
      const canvas = viewer.get('canvas');
      const registry = viewer.get('elementRegistry');
      if (this.picked && registry.get(this.picked)) canvas.removeMarker(this.picked, PICKED);
      if (registry.get(id)) canvas.addMarker(id, PICKED);
    }
    this.picked = id;
    for (const row of all('[data-element]', this.root)) row.classList.toggle('is-picked', row.dataset.element === id);
  }

  /** Where one is looked at, the other is too. */
  together() {
    if (this.views.length < 2) return;
    let busy = false;
    this.views.forEach((viewer, at) => {
      viewer.get('eventBus').on('canvas.viewbox.changed', () => {
        if (busy) return;
        busy = true;
        const { x, y, width, height } = viewer.get('canvas').viewbox();
        this.views[1 - at].get('canvas').viewbox({ x, y, width, height });
        busy = false;
      });
    });
  }

  stack(button) {
    const on = this.root.classList.toggle('is-stacked');
    button.setAttribute('aria-pressed', String(on));
    for (const viewer of this.views) {
      const canvas = viewer.get('canvas');
      canvas.resized();
      canvas.zoom('fit-viewport');
    }
  }
}

for (const root of all('[data-compare]')) {
  const pair = new Pair(root);
  root.addEventListener('click', (event) => {
    const button = event.target.closest('[data-point]');
    if (button) pair.point(button.dataset.point);
    const stack = event.target.closest('[data-compare-stack]');
    if (stack) pair.stack(stack);
  });
  pair.open();
}
