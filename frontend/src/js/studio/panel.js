/*
  The settings of what is selected. Drawn anew after every change, by whomever: undo, the drawing, another part of the panel;
  what has the focus keeps it, and what is being typed is never taken away.
*/
import { make } from '../dom.js';
import { field, note, part, text } from './controls.js';
import { drawingPart } from './drawing.js';
import { Facts } from './facts.js';
import { kindWord, otherParts } from './kinds.js';
import { isKind, isPerson } from './model.js';
import { personParts } from './steps.js';

const NAMED = ['FlowNode', 'SequenceFlow', 'Participant', 'Lane', 'TextAnnotation', 'Group'];
const ID = /^[a-z][a-z0-9_]{0,63}$/;

export class Panel {
  constructor(place, modeler, model, words, { findingsOf, open, tell }) {
    Object.assign(this, { place, modeler, model, words, findingsOf, open, tell });
    this.facts = new Facts(words, model);
    this.drawn = null;
    const bus = modeler.get('eventBus');
    const later = () => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.draw());
    };
    bus.on(['selection.changed', 'commandStack.changed', 'import.done', 'root.set'], later);
    this.later = later;
    place.addEventListener('input', (event) => {
      if (event.target.matches('textarea, input:not([type="checkbox"])')) event.target.dataset.typing = '1';
    });
    place.addEventListener('change', (event) => delete event.target.dataset.typing, true);
  }

  get element() {
    const chosen = this.modeler.get('selection').get();
    if (chosen.length > 1) return null;
    return chosen[0]?.labelTarget ?? chosen[0] ?? this.modeler.get('canvas').getRootElement();
  }

  pick(id) {
    const element = this.modeler.get('elementRegistry').get(id);
    if (element) this.modeler.get('selection').select(element);
    return element;
  }

  draw() {
    const element = this.element;
    const active = document.activeElement;
    const within = this.place.contains(active);
    if (within && active.dataset.typing && element === this.drawn) return;
    const key = within ? active.dataset.key : null;
    const scrolled = this.place.scrollTop;
    this.place.replaceChildren(...(element ? this.parts(element) : [make('h2', { class: 'studio-title' }, '选了几个图形'), note('可以一起移动、对齐、删除。要改设置请只选一个。')]));
    if (element === this.drawn) this.place.scrollTop = scrolled;
    if (key) this.place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
    this.drawn = element;
  }

  parts(element) {
    const owner = element.businessObject;
    const context = { model: this.model, words: this.words, facts: this.facts, open: this.open, modeler: this.modeler, pick: (id) => this.pick(id) };
    const parts = [make('h2', { class: 'studio-title' }, make('span', { class: 'studio-kind' }, kindWord(element)), owner.name || (isKind(element, 'Collaboration') ? this.words.process.name : isKind(element, 'TextAnnotation') ? '' : '未命名'))];
    parts.push(make('div', { 'data-found': true }, ...this.told(element)));
    if (isKind(element, ...NAMED)) {
      const says = isKind(element, 'TextAnnotation') ? owner.text : isKind(element, 'Group') ? owner.categoryValueRef?.value : owner.name;
      parts.push(field(isKind(element, 'TextAnnotation') ? '文字' : '名称', text(says ?? '', (name) => this.model.rename(element, name.trim())), { key: 'name' }));
    }
    parts.push(...(isPerson(element) ? personParts(element, context) : otherParts(element, context)));
    if (!isKind(element, 'Collaboration', 'TextAnnotation', 'Association')) {
      const said = this.model.documentation(element);
      parts.push(part('说明', Boolean(said), field('说明', text(said, (words) => this.model.document(element, words), { rows: 3 }), { key: 'documentation', help: '给画图和复核的人看，办件的人看不到。' })));
    }
    const drawn = drawingPart(element, context);
    if (drawn) parts.push(drawn);
    if (isKind(element, 'FlowNode', 'SequenceFlow', 'Lane')) parts.push(part('编号（供熟悉的人）', false, this.idField(element)));
    return parts;
  }

  told(element) {
    return this.findingsOf(element.id).map((each) =>
      make('div', { class: `studio-finding is-${each.severity}` }, make('strong', {}, each.severity === 'error' ? '要改：' : '留意：'), `${each.message}。${each.mend ? `${each.mend}。` : ''}`.replace(/。。/g, '。')),
    );
  }

  /** New findings; nothing else is drawn anew, for somebody may be choosing from a list just now. */
  retell() {
    const place = this.place.querySelector('[data-found]');
    if (place && this.element === this.drawn) place.replaceChildren(...this.told(this.element));
  }

  /** The id is what conditions, forms, scenarios and running cases call a step: seldom changed, and said so. */
  idField(element) {
    const control = text(element.id, (id) => {
      const wanted = id.trim();
      if (!ID.test(wanted)) return this.tell('编号用小写字母开头，只用小写字母、数字和下划线，最多 64 个字符。');
      if (this.model.registry.get(wanted)) return this.tell(`编号 ${wanted} 已经用了，请换一个。`);
      const settings = this.model.settings(element);
      if (isPerson(element) && !settings.form && this.words.forms.some((each) => each.name === element.id)) this.model.set(element, { form: element.id });
      this.model.put(element, { id: wanted });
    });
    return field('编号', control, { key: 'id', help: '条件、表单、情形用它指这个环节。改了以后，在办件迁移时要对应。' });
  }
}
