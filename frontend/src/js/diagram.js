/*
  The picture of one case: bpmn-js' viewer with what has been done drawn on it. Every marked step can be reached with Tab
  and tells who, when and how long. The table below the picture says the same and is made by the server.
*/
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { make } from './dom.js';

const READABLE = 0.8; // below this the words in the picture are too small
const WORDS = { done: '已办', current: '当前环节', returned: '已退回', skipped: '未经过', todo: '未到', added: '新增', removed: '删除', changed: '修改', moved: '移动' };

function tell(mark, name) {
  const parts = [name, WORDS[mark.state] ?? mark.state];
  if (mark.who) parts.push(mark.who);
  if (mark.when) parts.push(mark.when);
  if (mark.how_long) parts.push(`用时 ${mark.how_long}`);
  parts.push(...(mark.lines ?? []));
  return parts;
}

class Card {
  constructor(place) {
    this.place = place;
    this.box = make('div', { class: 'diagram-card', hidden: true });
    place.append(this.box);
  }

  show(group, mark, name) {
    const [title, state, ...rest] = tell(mark, name);
    this.box.replaceChildren(
      make('strong', {}, title),
      make('span', { class: `diagram-state diagram-state-${mark.state}` }, state),
      ...rest.map((line) => make('span', {}, line)),
    );
    this.box.hidden = false;
    const around = this.place.getBoundingClientRect();
    const at = group.getBoundingClientRect();
    const left = Math.min(Math.max(at.left - around.left, 8), around.width - this.box.offsetWidth - 8);
    const below = at.bottom - around.top + 8;
    const fits = below + this.box.offsetHeight < around.height - 8;
    this.box.style.left = `${Math.max(left, 8)}px`;
    this.box.style.top = `${fits ? below : Math.max(8, at.top - around.top - this.box.offsetHeight - 8)}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}

function controls(canvas, place, fit, near) {
  const press = (label, act) => {
    const button = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, label));
    button.addEventListener('click', act);
    return button;
  };
  place.append(
    make(
      'div',
      { class: 'diagram-tools' },
      press('放大', () => canvas.zoom(canvas.zoom() * 1.25)),
      press('缩小', () => canvas.zoom(canvas.zoom() / 1.25)),
      press('看全图', fit),
      near ? press('看当前环节', near) : null,
    ),
  );
}

/** The file to draw: from an address, or written on the page itself (`data-xml-from`: id of the field that holds it). */
async function drawing(place) {
  if (place.dataset.xmlFrom) return document.getElementById(place.dataset.xmlFrom).value;
  const answer = await fetch(place.dataset.xmlUrl, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`diagram ${answer.status}`);
  return answer.text();
}

export async function show(place, marks) {
  const xml = await drawing(place);
  const stage = make('div', { class: 'diagram-stage' });
  place.replaceChildren(stage);
  // Scrolling the page must not zoom the picture: zooming is what the buttons are for.
  const viewer = new Viewer({ container: stage, zoomScroll: { enabled: false } });
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const box = canvas.viewbox().inner;
  const width = stage.clientWidth;
  const scale = Math.min(width / (box.width + 40), 1.1);
  // Where the whole picture is too small to read, it opens at the step where the case stands.
  const now = scale < READABLE ? marks.find((each) => each.state === 'current' && registry.get(each.id)) : null;
  const wanted = box.height * (now ? READABLE : scale) + 80;
  stage.style.height = `${Math.min(Math.max(wanted, 260), width < 600 ? 320 : 520)}px`;
  canvas.resized();
  const mark = stage.querySelector('.bjs-powered-by');
  mark?.setAttribute('translate', 'no');
  mark?.setAttribute('lang', 'en');
  const fit = () => {
    const height = stage.clientHeight - 60; // the bpmn.io mark keeps the lowest strip for itself
    const zoom = Math.min(width / (box.width + 40), height / (box.height + 20), 1.1);
    canvas.viewbox({ x: box.x - (width / zoom - box.width) / 2, y: box.y - 10, width: width / zoom, height: stage.clientHeight / zoom });
  };
  const near = () => {
    const at = registry.get(now.id);
    const wide = width / READABLE;
    const high = stage.clientHeight / READABLE;
    const within = (middle, start, length, room) => Math.max(start - 20, Math.min(middle - room / 2, start + length + 20 - room));
    const x = within(at.x + at.width / 2, box.x, box.width, wide);
    const y = within(at.y + at.height / 2, box.y, box.height + 60 / READABLE, high);
    canvas.viewbox({ x, y, width: wide, height: high });
  };
  if (now) near();
  else fit();
  controls(canvas, place, fit, now ? near : null);
  const card = new Card(place);
  const svg = stage.querySelector('svg');
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-label', `${place.dataset.title}，逐个环节可用 Tab 键查看`);
  for (const mark of marks) {
    const element = registry.get(mark.id);
    if (!element) continue;
    canvas.addMarker(element, `mark-${mark.state}`);
    if (element.waypoints) continue;
    const name = mark.label ?? element.businessObject.name ?? mark.id;
    const group = registry.getGraphics(element);
    group.setAttribute('tabindex', '0');
    group.setAttribute('role', 'img');
    group.setAttribute('aria-label', tell(mark, name).join('，'));
    for (const event of ['mouseenter', 'focus']) group.addEventListener(event, () => card.show(group, mark, name));
    for (const event of ['mouseleave', 'blur']) group.addEventListener(event, () => card.hide());
    group.addEventListener('keydown', (event) => event.key === 'Escape' && card.hide());
  }
  viewer.get('eventBus').on('canvas.viewbox.changing', () => card.hide());
  place.dataset.ready = '1';
  return viewer;
}
