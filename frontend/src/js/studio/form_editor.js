/* 设计表单: a list of questions that open one by one, with undo, saving at a revision, and the real form beside it. */
import { startConditions } from '../conditions.js';
import { startCounters } from '../counters.js';
import { startGroups } from '../groups.js';
import { all, make, one, parse, say } from '../dom.js';
import { button, select } from './controls.js';
import { clean, differences, freeKey, mark, newField } from './form_data.js';
import { fieldControls, unwritten } from './form_field.js';
import { head, known, rights, rules, sections } from './form_parts.js';
import { openPlain } from './plain_part.js';
import { openHistory, openPart, openRemoval } from './part.js';
import { post } from './saving.js';

const KINDS = { boolean: 'boolean', integer: 'integer', date: 'date', checks: 'list', files: 'list', group: 'list', choice: 'choice', radio: 'choice', decision: 'choice', organ: 'choice', person: 'choice' };
const factOf = (field, from, group) => ({ name: field.key, label: field.label, type: KINDS[field.type] ?? 'text', options: field.options ?? [], from, group });
const NAMES = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[a-z][a-z0-9_]*/g;

class FormEditor {
  constructor(root) {
    this.root = root;
    const page = parse(root.dataset.page);
    this.words = page.words;
    this.elsewhere = page.elsewhere;
    this.problems = page.problems;
    this.findings = [];
    this.editable = page.editable;
    this.open = new Set();
    this.data = mark(page.data ?? { title: '', field: [] });
    this.preview = one('[data-preview]');
    this.history = openHistory({ now: () => this.data, put: (data) => this.put(data), bar: page.editable ? one('[data-part-bar]') : null });
    this.part = openPart({
      saveUrl: root.dataset.saveUrl, presenceUrl: root.dataset.presenceUrl, name: page.name, revision: page.revision, editable: page.editable,
      body: () => ({ data: clean(this.data) }),
      saved: (answer) => this.judged(answer.problems, answer.findings),
      told: (theirs) => make('ul', {}, ...differences(clean(this.data), theirs.data ?? {}).map((each) => make('li', {}, each))),
      replaced: (theirs) => (theirs.data ? this.put(theirs.data, false) : window.location.reload()),
    });
    if (page.editable) openRemoval({ label: '删除这张表单', parts: () => [[root.dataset.removeUrl, this.part.revision()]], home: root.dataset.homeUrl });
    this.draw();
    this.look();
  }

  // -- what the parts call

  /** Do `act`; redraw: true (all), 'head' (the lines of the cards), nothing; focus: key of the control to go to. */
  change(act, redraw = false, focus = '') {
    act();
    if (!this.history.noted() && !redraw) return;
    if (redraw === true) this.draw(focus);
    else if (redraw === 'head') this.heads();
    this.part.changed();
    this.lookSoon();
  }

  marked(item) {
    return mark({ field: [item] }).field[0];
  }

  replace(field, other) {
    this.data.field.splice(this.data.field.indexOf(field), 1, { ...other, _id: field._id });
  }

  /** A new key; what refers to the old one in this form follows. */
  rename(field, key) {
    const said = key.trim();
    this.change(() => {
      const old = field.key;
      field.key = said;
      if (!old || !/^[a-z][a-z0-9_]*$/.test(said)) return;
      const renamed = (text) => text?.replace(NAMES, (word) => (word === old ? said : word));
      for (const each of [...this.data.field, ...this.data.known]) for (const name of ['show_if', 'required_if', 'readonly_if']) if (each[name]) each[name] = renamed(each[name]);
      for (const each of this.data.rule) {
        each.when = renamed(each.when);
        if (each.field === old) each.field = said;
      }
    }, true, `${field._id}-key`);
  }

  /** Sets a condition; answers of other forms that it reads are noted in `uses`. */
  condition(owner, name, text) {
    owner[name] = text;
    const own = new Set(this.data.field.map((each) => each.key));
    for (const word of text.match(NAMES) ?? []) {
      const outside = this.elsewhere.some((each) => each.key === word) && !own.has(word);
      if (outside && !this.data.uses.includes(word) && !this.data.known.some((each) => each.key === word)) this.data.uses.push(word);
    }
  }

  /** What a condition at `field` may read: the questions before it (all of them for null), and other forms'. */
  facts(field) {
    const end = field ? this.data.field.indexOf(field) : this.data.field.length;
    const before = this.data.field.slice(0, end).map((each) => factOf(each, '', '本表单'));
    const own = new Set(this.data.field.map((each) => each.key));
    const others = this.elsewhere.filter((each) => !own.has(each.key)).map((each) => factOf(each, each.from, '别的表单'));
    const every = [...before, ...others];
    const named = (name) => every.find((each) => each.name === name);
    return {
      named,
      typeOf: (name) => named(name)?.type ?? 'boolean',
      offered: () => every.map((each) => ({ value: each.name, label: each.from ? `${each.label}（${each.from}）` : each.label, group: each.group })),
    };
  }

  // -- lists

  add(type) {
    const taken = new Set([...this.data.field, ...this.elsewhere].map((each) => each.key));
    const label = this.words.types.find((each) => each.value === type)?.label ?? '';
    const made = this.marked(newField(type, `新的${label}`, taken, this.data.section.at(-1)?.key));
    this.open.add(made._id);
    this.change(() => {
      const decision = this.data.field.findIndex((each) => each.type === 'decision');
      this.data.field.splice(decision < 0 || type === 'decision' ? this.data.field.length : decision, 0, made);
    }, true, `${made._id}-label`);
    say(`已增加「${made.label}」`);
  }

  move(at, to) {
    if (to < 0 || to >= this.data.field.length || at === to) return;
    const field = this.data.field[at];
    this.change(() => this.data.field.splice(to, 0, this.data.field.splice(at, 1)[0]), true, `${field._id}-toggle`);
    say(`「${field.label}」移到第 ${to + 1} 项`);
  }

  copy(at) {
    const taken = new Set([...this.data.field, ...this.elsewhere].map((each) => each.key));
    const { _id, ...rest } = structuredClone(this.data.field[at]);
    const made = this.marked({ ...rest, key: freeKey(rest.type, taken), label: `${rest.label}（副本）` });
    this.open.add(made._id);
    this.change(() => this.data.field.splice(at + 1, 0, made), true, `${made._id}-label`);
    say(`已复制「${rest.label}」`);
  }

  remove(at) {
    const gone = this.data.field[at];
    const next = this.data.field[at + 1] ?? this.data.field[at - 1];
    this.change(() => this.data.field.splice(at, 1), true, next ? `${next._id}-toggle` : 'add-type');
    say(`已删除「${gone.label}」，可以撤销`);
  }

  put(data, save = true) {
    this.data = mark(data);
    this.history.noted?.();
    this.draw();
    if (save) this.part.changed();
    this.lookSoon();
  }

  judged(problems, findings) {
    this.problems = problems ?? [];
    this.findings = findings ?? this.findings;
    this.showProblems();
  }

  // -- drawing

  draw(focus = '') {
    const held = focus || document.activeElement?.dataset?.key || '';
    const top = window.scrollY;
    this.summary = make('div', { class: 'fe-summary', 'data-problems': true });
    this.list = make('ol', { class: 'fe-list' }, ...this.data.field.map((field, at) => this.card(field, at)));
    const which = select(this.words.types.map((each) => ({ value: each.value, label: each.help ? `${each.label}：${each.help}` : each.label })), this.adding ?? 'text', (value) => (this.adding = value));
    which.setAttribute('aria-label', '要增加的字段类型');
    which.dataset.key = 'add-type';
    const plus = button('增加字段', () => this.add(this.adding ?? 'text'), 'btn btn-plain');
    plus.dataset.key = 'add';
    this.root.replaceChildren(
      this.summary, this.panel('表单', head(this), known(this)),
      this.panel('字段', make('p', { class: 'help' }, '按名称打开修改；拖动可以调换顺序，键盘用 ', make('kbd', { translate: 'no' }, 'Alt'), ' 加上下箭头。'), this.data.field.length ? this.list : make('p', { class: 'help' }, '还没有字段。在下面选类型，按「增加字段」。'), make('div', { class: 'fe-add' }, which, plus)),
      this.panel('分节、核对和权限', sections(this), rules(this), rights(this)),
    );
    if (!this.editable) for (const each of all('input, select, textarea, button:not(.fe-toggle)', this.root)) each.disabled = true;
    this.showProblems();
    window.scrollTo(0, top);
    if (held) one(`[data-key="${CSS.escape(held)}"]`, this.root)?.focus({ preventScroll: !focus });
  }

  panel(title, ...children) {
    return make('section', { class: 'panel' }, make('header', { class: 'panel-head' }, make('h2', { class: 'panel-title' }, title)), make('div', { class: 'panel-body' }, ...children));
  }

  line(field, at) {
    const kind = this.words.types.find((each) => each.value === field.type)?.label ?? field.type;
    const marks = [kind, field.required && '必填', field.show_if && '按条件显示', field.route && '供流转判断', field.personal && '个人信息'].filter(Boolean);
    return [make('span', { class: 'fe-number num' }, `${at + 1}`), make('span', { class: 'fe-name' }, field.label || '（没有名称）'), make('span', { class: 'fe-marks' }, marks.join(' · '))];
  }

  heads() {
    this.data.field.forEach((field, at) => one(`[data-card="${field._id}"] .fe-toggle`, this.root)?.replaceChildren(...this.line(field, at)));
  }

  card(field, at) {
    const open = this.open.has(field._id);
    const toggle = make('button', { type: 'button', class: 'fe-toggle', 'aria-expanded': String(open), 'data-key': `${field._id}-toggle` }, ...this.line(field, at));
    toggle.addEventListener('click', () => {
      if (!this.open.delete(field._id)) this.open.add(field._id);
      this.draw(`${field._id}-toggle`);
    });
    toggle.addEventListener('keydown', (event) => {
      if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
      event.preventDefault();
      this.move(at, at + (event.key === 'ArrowUp' ? -1 : 1));
    });
    const named = (label, act) => {
      const made = button(label, act);
      made.setAttribute('aria-label', `${label}「${field.label}」`);
      return made;
    };
    const acts = make('div', { class: 'fe-acts' }, named('上移', () => this.move(at, at - 1)), named('下移', () => this.move(at, at + 1)), named('复制', () => this.copy(at)), named('删除', () => this.remove(at)));
    const card = make('li', { class: 'fe-card', 'data-card': field._id }, make('div', { class: 'fe-line' }, toggle), make('div', { 'data-card-problems': true }),
      open ? make('div', { class: 'fe-body' }, acts, ...fieldControls(field, this)) : null);
    return this.draggable(card, at);
  }

  draggable(card, at) {
    const line = one('.fe-line', card);
    line.draggable = this.editable;
    line.addEventListener('dragstart', (event) => {
      this.dragged = at;
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', String(at));
    });
    card.addEventListener('dragover', (event) => {
      if (this.dragged === undefined) return;
      event.preventDefault();
      card.classList.add('is-target');
    });
    card.addEventListener('dragleave', () => card.classList.remove('is-target'));
    card.addEventListener('drop', (event) => {
      event.preventDefault();
      const from = this.dragged;
      this.dragged = undefined;
      if (from !== undefined) this.move(from, at);
    });
    return card;
  }

  showProblems() {
    if (!this.summary) return;
    const problems = [...this.problems, ...this.unwritten()];
    const lines = [...problems, ...this.findings.map((each) => ({ at: '', message: `${each.message}。${each.mend}` }))];
    this.summary.replaceChildren(...(lines.length ? [make('div', { class: 'note note-warning' }, make('div', { class: 'note-text' }, make('p', { class: 'note-title' }, `有 ${lines.length} 处要改`), make('ul', {}, ...lines.map((each) => make('li', {}, this.place(each))))))] : []));
    for (const place of all('[data-card-problems]', this.root)) {
      const at = this.data.field.findIndex((each) => each._id === place.parentElement.dataset.card);
      const own = problems.filter((each) => each.at === `field.${at}`);
      place.parentElement.classList.toggle('has-error', own.length > 0);
      place.replaceChildren(...own.map((each) => make('p', { class: 'field-error' }, make('span', {}, each.message))));
    }
  }

  /** A tick without its condition would be gone when the page is opened again: say so while it is still there. */
  unwritten() {
    return this.data.field.flatMap((field, at) => unwritten(field).map((label) => ({
      at: `field.${at}`, message: `「${field.label}」勾选了“${label}”，还没有写条件，不起作用，也不会保存。请写明条件，或者去掉勾选`,
    })));
  }

  place({ at, message }) {
    const field = /^field\.(\d+)$/.test(at) ? this.data.field[Number(at.slice(6))] : null;
    if (!field) return message;
    const link = button(message, () => {
      this.open.add(field._id);
      this.draw(`${field._id}-label`);
    }, 'studio-link');
    return link;
  }

  // -- preview

  lookSoon() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look(), 500);
  }

  async look(answers) {
    const round = (this.round = (this.round ?? 0) + 1);
    let answer;
    try {
      answer = await post(this.root.dataset.previewUrl, { data: clean(this.data), ...(answers ? { answers } : {}) });
    } catch {
      return;
    }
    if (round !== this.round) return;
    if (answer.problems) this.judged(answer.problems);
    if (!answer.html) {
      const said = answer.said ?? '有要改的地方，改好后这里显示新的样子。';
      if (!one('form', this.preview)) this.preview.replaceChildren(make('p', { class: 'help' }, said));
      this.preview.classList.add('is-old');
      return;
    }
    this.preview.classList.remove('is-old');
    const made = document.createElement('template');
    made.innerHTML = answer.html; // rendered by the office's own templates
    this.preview.replaceChildren(made.content);
    for (const start of [startGroups, startConditions, startCounters]) start(this.preview);
    one('form', this.preview)?.addEventListener('submit', (event) => this.tried(event));
    if (answers) one('#tried, #error-summary', this.preview)?.scrollIntoView({ block: 'nearest' });
  }

  tried(event) {
    event.preventDefault();
    const sent = Array.from(new FormData(event.target, event.submitter)).filter(([, value]) => typeof value === 'string');
    const seen = new Set(all('[data-show-if][hidden] [name]', event.target).map((each) => each.name));
    this.look(sent.filter(([name]) => !seen.has(name)));
  }
}

const root = one('[data-form-editor]');
const given = parse(root?.dataset.page ?? 'null');
if (given?.data) new FormEditor(root);
else if (given) openPlain(root, given);
