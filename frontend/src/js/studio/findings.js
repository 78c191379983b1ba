/* What is to be mended: marks on the drawing, a list under it. The server's findings are the truth; while drawing, our own lint. */
import { make } from '../dom.js';
import { lint } from './lint.js';

const LINTED = new Set([
  'dead_end', 'unreachable', 'multiple_flows', 'no_lane', 'step_settings', 'no_action', 'unknown_decision', 'unknown_callee', 'timer_value', 'default_flow',
  'missing_condition',
]);

export class Findings {
  /** `pick(id)` selects an element; `addressOf(part)` is where another part of the draft is mended. */
  constructor(modeler, model, list, counter, pick, addressOf) {
    Object.assign(this, { modeler, model, list, counter, pick, addressOf });
    this.said = [];
    this.checked = false;
    this.overlays = modeler.get('overlays');
  }

  /** After a change, before the server answered: what it said about shapes is looked at anew, the rest stays. */
  guess() {
    const kept = this.said.filter((each) => !(each.part === 'process.bpmn' && LINTED.has(each.rule)));
    this.said = [...lint(this.model), ...kept];
    this.draw();
  }

  show(said) {
    this.checked = true;
    this.said = said;
    this.draw();
  }

  of(id) {
    return this.said.filter((each) => each.element === id);
  }

  draw() {
    this.overlays.remove({ type: 'studio-finding' });
    const registry = this.modeler.get('elementRegistry');
    const places = new Map();
    for (const each of this.said) {
      const element = registry.get(each.element);
      if (!element || !element.parent) continue;
      places.set(element, [...(places.get(element) ?? []), each]);
    }
    for (const [element, found] of places) this.mark(element, found);
    const errors = this.said.filter((each) => each.severity === 'error').length;
    const rest = this.said.length - errors;
    this.counter.textContent = this.said.length ? `${errors} 项要改${rest ? `，${rest} 项请留意` : ''}` : this.checked ? '没有要改的' : '正在检查……';
    this.counter.className = `studio-count ${errors ? 'is-error' : rest ? 'is-warning' : 'is-fine'}`;
    this.list.replaceChildren(...(this.said.length ? this.said.map((each) => this.row(each, registry)) : [make('li', { class: 'quiet-line' }, this.checked ? '检查没有发现问题。画好以后请试运行，再提交复核。' : '正在检查，可以先看图、修改。')]));
  }

  mark(element, found) {
    const worst = found.some((each) => each.severity === 'error') ? 'error' : 'warning';
    const words = found.map((each) => `${each.message}。${each.mend ?? ''}`).join('\n');
    const html = make('button', { type: 'button', class: `studio-mark is-${worst}`, title: words, 'aria-label': words }, found.length > 1 ? String(found.length) : '!');
    html.addEventListener('click', () => this.pick(element.id));
    this.overlays.add(element, 'studio-finding', { position: this.position(element), html });
  }

  position(element) {
    if (!element.waypoints) return { top: -12, right: 12 };
    const middle = element.waypoints[Math.floor((element.waypoints.length - 1) / 2)];
    const left = Math.min(...element.waypoints.map((each) => each.x));
    const top = Math.min(...element.waypoints.map((each) => each.y));
    return { left: middle.x - left + 10, top: middle.y - top - 12 };
  }

  row(each, registry) {
    const element = registry.get(each.element);
    const words = make('span', {}, make('strong', {}, each.severity === 'error' ? '要改' : '留意'), `　${each.message}`, each.mend ? make('span', { class: 'studio-small' }, `　${each.mend}`) : null);
    const elsewhere = element ? null : this.addressOf(each.part ?? '');
    if (!element) return make('li', { class: `is-${each.severity}` }, elsewhere ? make('a', { href: elsewhere }, words) : words);
    const act = make('button', { type: 'button', class: 'studio-row-act' }, words);
    act.addEventListener('click', () => this.pick(each.element));
    return make('li', { class: `is-${each.severity}` }, act);
  }
}
