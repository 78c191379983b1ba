/* 流程设置: package.toml as a form. Lanes of the diagram stand first, each with who receives its steps. */
import { all, make, one, parse } from '../dom.js';
import { button, check, checks, field as labelled, note, ordered, part, select, text } from './controls.js';
import { clean } from './form_data.js';
import { openPlain } from './plain_part.js';
import { openHistory, openPart } from './part.js';

const row = (...children) => make('div', { class: 'fe-row' }, ...children.filter(Boolean));
const codes = (text) => make('span', { translate: 'no' }, text);
const listOf = (said) => said.split(/[、,，;；\n]+/).map((each) => each.trim()).filter(Boolean);

class SettingsEditor {
  constructor(root) {
    this.root = root;
    const page = parse(root.dataset.page);
    Object.assign(this, { words: page.words, fields: page.fields, notes: page.notes, problems: page.problems, editable: page.editable });
    this.data = this.whole(page.data ?? {});
    this.history = openHistory({ now: () => this.data, put: (data) => this.put(data), bar: page.editable ? one('[data-part-bar]') : null });
    this.part = openPart({
      saveUrl: root.dataset.saveUrl, presenceUrl: root.dataset.presenceUrl, name: page.name, revision: page.revision, editable: page.editable,
      body: () => ({ data: this.sent() }),
      saved: (answer) => {
        Object.assign(this, { notes: answer.notes, problems: answer.problems });
        this.showNotes();
      },
      told: (theirs) => make('ul', {}, ...this.differences(theirs.data ?? {}).map((each) => make('li', {}, each))),
      replaced: (theirs) => (theirs.data ? this.put(theirs.data, false) : window.location.reload()),
    });
    this.draw();
  }

  whole(data) {
    for (const name of ['start_posts', 'calls', 'given', 'legal_basis', 'print']) data[name] = Array.isArray(data[name]) ? data[name] : [];
    for (const name of ['facts', 'lanes']) data[name] = data[name] && typeof data[name] === 'object' ? data[name] : {};
    return data;
  }

  /** As the file says it: what is empty is left out, but for what must stand there. */
  sent() {
    const { title = '', summary = '', calls = [], startable = false } = this.data;
    const lanes = Object.fromEntries(Object.entries(this.data.lanes).map(([name, lane]) => [name, clean(lane)]));
    return { ...clean(this.data), title, summary, calls, startable, lanes, facts: { ...this.data.facts }, legal_basis: this.data.legal_basis };
  }

  change(act, redraw = false, focus = '') {
    act();
    if (!this.history.noted() && !redraw) return;
    if (redraw) this.draw(focus);
    this.part.changed();
  }

  put(data, save = true) {
    this.data = this.whole(data);
    this.history?.noted?.();
    this.draw();
    if (save) this.part.changed();
  }

  differences(theirs) {
    const names = { name: '名称', summary: '说明', owner: '主管', startable: '能否发起', start_posts: '谁可以发起', title: '标题', number: '编号', calls: '调用的流程', legal_basis: '依据', facts: '流程事实', lanes: '泳道和岗位', print: '打印件' };
    const said = Object.entries(names).filter(([key]) => JSON.stringify(clean(this.data[key] ?? '')) !== JSON.stringify(clean(theirs[key] ?? ''))).map(([key, label]) => `「${label}」不同：对方写的是 ${this.say(theirs[key])}`);
    return said.length ? said : ['内容相同'];
  }

  say(value) {
    if (typeof value === 'string') return value || '（空）';
    return Array.isArray(value) || (value && typeof value === 'object') ? `${Object.keys(value).length} 项` : value ? '是' : '否';
  }

  // -- drawing

  draw(focus = '') {
    const held = focus || document.activeElement?.dataset?.key || '';
    const top = window.scrollY;
    this.top = make('div', {});
    this.root.replaceChildren(this.top, this.panel('泳道和岗位', ...this.lanes()), this.panel('名称和发起', ...this.basics()), this.panel('依据', ...this.basis()), this.panel('标题和编号', ...this.titles()), this.panel('与其他流程', ...this.outside()), ...(this.data.print.length ? [this.panel('打印件', ...this.prints())] : []));
    if (!this.editable) for (const each of all('input, select, textarea, button', this.root)) each.disabled = true;
    this.showNotes();
    window.scrollTo(0, top);
    if (held) one(`[data-key="${CSS.escape(held)}"]`, this.root)?.focus({ preventScroll: !focus });
  }

  panel(title, ...children) {
    return make('section', { class: 'panel' }, make('header', { class: 'panel-head' }, make('h2', { class: 'panel-title' }, title)), make('div', { class: 'panel-body' }, ...children.filter(Boolean)));
  }

  showNotes() {
    const line = (each) => make('li', {}, each.message);
    this.top.replaceChildren(...(this.problems.length ? [make('div', { class: 'note note-warning' }, make('div', { class: 'note-text' }, make('p', { class: 'note-title' }, `有 ${this.problems.length} 处要改`), make('ul', {}, ...this.problems.map(line))))] : []));
    for (const place of all('[data-lane-notes]', this.root)) {
      const own = this.notes.filter((each) => each.lane === place.dataset.laneNotes);
      place.replaceChildren(...own.map((each) => make('p', { class: each.severity === 'error' ? 'field-error' : 'help' }, make('span', {}, each.message))));
    }
  }

  input(owner, name, label, { rows = 0, help = '' } = {}) {
    return labelled(label, text(owner[name] ?? '', (value) => this.change(() => (owner[name] = value)), { rows }), { key: `in-${label}`, help });
  }

  lanes() {
    const drawn = this.words.drawn;
    const names = [...drawn.map((each) => each.name), ...Object.keys(this.data.lanes).filter((name) => !drawn.some((each) => each.name === name))];
    if (!names.length) return [note('流程图里还没有泳道。请先在流程图里画出来。')];
    return [note('每条泳道的环节送给谁。泳道在流程图里增减和改名。'), ...[...new Set(names)].map((name) => this.lane(name, drawn.find((each) => each.name === name)))];
  }

  lane(name, drawn) {
    const lane = this.data.lanes[name] ?? {};
    const set = (key, redraw = false) => (value) => this.change(() => {
      this.data.lanes[name] = { ...lane, ...this.data.lanes[name], [key]: value };
    }, redraw, `lane-${name}-${key}`);
    const scope = select(this.words.scopes, lane.scope ?? '', (value) => this.change(() => (this.data.lanes[name] = this.rescoped(lane, value)), true, `lane-${name}`), { none: '请选择谁来办' });
    const posts = (level) => this.words.posts.filter((each) => !level || each.level === level);
    const post = (level) => labelled('岗位', select(posts(level), lane.post ?? '', set('post'), { none: '请选择岗位' }), { key: `lane-${name}-post` });
    const fields = this.fields.filter((each) => each.type !== 'brought').map((each) => ({ value: each.key, label: `${each.label}（${each.from}）` }));
    const asked = {
      unit: () => [post('unit'), labelled('哪个科室', select(fields, lane.unit_field ?? '', set('unit_field'), { none: '办件的承办科室' }), { help: '分送几个科室时，选存放科室的那一项。' })],
      organ: () => [post('organ'), labelled('哪个机关', select(fields, lane.organ_field ?? '', set('organ_field'), { none: '本机关' }), { help: '要送其他机关时，选存放机关的那一项；没有填就是本机关。' })],
      did: () => [labelled('哪个环节', select(this.words.drawn.flatMap((each) => each.steps), lane.step ?? '', set('step'), { none: '请选择环节' }), { key: `lane-${name}-step` })],
      expression: () => [
        labelled('算出来的是', select(this.words.gives, lane.gives ?? '', set('gives', true), { none: '请选择' }), { key: `lane-${name}-gives` }),
        labelled('表达式', text(lane.expression ?? '', set('expression'), { rows: 2 }), { help: codes('供熟悉的人使用，例：doers.head_review（办过科室负责人审核的人）。') }),
        lane.gives === 'unit' ? post('unit') : null,
      ],
    }[lane.scope]?.() ?? [];
    const away = drawn ? null : button('删除这条设置', () => this.change(() => delete this.data.lanes[name], true));
    return make('div', { class: 'fe-option' },
      make('h3', { class: 'fe-lane' }, name, make('span', { class: 'fe-marks' }, drawn ? drawn.steps.map((each) => each.label).join('、') || '没有人工环节' : '流程图里没有')),
      row(labelled('谁来办', scope, { key: `lane-${name}` }), ...asked), away, make('div', { 'data-lane-notes': name }));
  }

  /** Another scope keeps only what it can have. */
  rescoped(lane, scope) {
    const keeps = { unit: ['post', 'unit_field'], organ: ['post', 'organ_field'], did: ['step'], expression: ['expression', 'gives', 'post'] }[scope] ?? [];
    const kept = Object.fromEntries(Object.entries(lane).filter(([key]) => keeps.includes(key)));
    const level = { unit: 'unit', organ: 'organ' }[scope];
    if (kept.post && level && this.words.posts.find((each) => each.value === kept.post)?.level !== level) delete kept.post;
    return { scope, ...kept };
  }

  basics() {
    const data = this.data;
    return [
      row(this.input(data, 'name', '流程名称'), this.input(data, 'owner', '主管')),
      this.input(data, 'summary', '说明', { rows: 2, help: '办什么事、到哪里结束，一两句话。' }),
      labelled('编号', text(data.key, () => {}, { readonly: true }), { help: '启用以后不再改变。' }),
      check('可以由人发起', Boolean(data.startable), (value) => this.change(() => (data.startable = value), true, 'startable'), { key: 'startable', help: '不勾选的，由系统或者其他流程发起。可以发起的，要有发起表单。' }),
      data.startable ? checks('谁可以发起', this.words.posts, data.start_posts, (value) => this.change(() => (data.start_posts = value))) : null,
      check('办的是公文', Boolean(data.document), (value) => this.change(() => (data.document = value)), { help: '有正文和公开属性，办结后进公文台账。' }),
    ];
  }

  basis() {
    const list = this.data.legal_basis;
    return [
      ...list.map((each, at) => make('div', { class: 'fe-option' },
        labelled('文件', text(each.title ?? '', (value) => this.change(() => (each.title = value))), { key: `basis-${at}` }),
        labelled('条款', text((each.articles ?? []).join('、'), (value) => this.change(() => (each.articles = listOf(value)))), { help: '几条用顿号隔开，如：第三十三条、第三十六条' }),
        row(button('删除', () => this.change(() => list.splice(at, 1), true))))),
      button('加一项依据', () => this.change(() => list.push({ title: '', articles: [] }), true, `basis-${list.length}`)),
    ];
  }

  titles() {
    const asked = this.fields.filter((each) => ['text', 'textarea', 'date', 'integer'].includes(each.type)).map((each) => ({ value: each.key, label: `${each.label}（${each.from}）` }));
    const parts = [{ value: 'organ', label: '机关代字' }, { value: 'year', label: '年份' }, { value: 'n', label: '顺序号' }];
    return [
      this.template('title', '办件标题', asked),
      this.input(this.data, 'title_without', '缺项时的标题', { help: '上面写到的内容没有填时用这个；不写就用流程名称。' }),
      this.template('number', '办件编号', parts),
    ];
  }

  /** A text with places for what is filled in later: how it reads stands below it, what can be put in beside it. */
  template(name, label, parts) {
    const said = this.data[name] ?? '';
    const named = (code) => this.fields.find((each) => each.key === code)?.label ?? parts.find((each) => each.value === code)?.label;
    const control = text(said, (value) => this.change(() => (this.data[name] = value), true));
    control.setAttribute('translate', 'no');
    const put = select(parts, '', (code) => code && this.change(() => {
      const at = control.selectionStart ?? said.length;
      this.data[name] = `${control.value.slice(0, at)}{${code}}${control.value.slice(at)}`;
    }, true, `in-${label}`), { none: '插入一项…' });
    const reads = said.replace(/\{([a-z][a-z0-9_]*)\}/g, (all, code) => (named(code) ? `〈${named(code)}〉` : all));
    return make('div', {}, row(labelled(label, control, { key: `in-${label}` }), labelled(`在${label}里插入`, put, { key: `put-${name}` })), said ? note(`读作：${reads}`) : null);
  }

  outside() {
    const { data } = this;
    const facts = Object.entries(data.facts).map(([name, source], at) => row(
      labelled('编号', text(name, (value) => this.change(() => {
        data.facts = Object.fromEntries(Object.entries(data.facts).map(([key, each]) => [key === name ? value.trim() : key, each]));
      }, true)), { key: `fact-${at}` }),
      labelled('来源', select(this.words.sources, source, (value) => this.change(() => (data.facts[name] = value)))),
      button('删除', () => this.change(() => delete data.facts[name], true)),
    ));
    const free = () => {
      for (let number = 1; ; number += 1) if (!(`fact_${number}` in data.facts)) return `fact_${number}`;
    };
    return [
      ...this.calls(),
      labelled('调用它的流程给出的内容', text(data.given.join('、'), (value) => this.change(() => (data.given = listOf(value)))), { help: '写编号，用顿号隔开；没有就不写。' }),
      data.given.length ? note(`即：${data.given.map((key) => this.fields.find((each) => each.key === key)?.label ?? key).join('、')}。`) : null,
      part(`发起时由系统给出的事实（${facts.length}）`, facts.length > 0, note('网关和决策表可以用它作条件。'), ...facts, button('加一项', () => this.change(() => (data.facts[free()] = 'initiator.is_unit_head'), true))),
    ];
  }

  /** What the drawing calls is listed by its saving; only what is not drawn any more is taken out here. */
  calls() {
    const { data, words } = this;
    const named = (key) => words.processes.find((each) => each.value === key)?.label ?? key;
    const drawn = data.calls.filter((key) => words.called.includes(key));
    const loose = data.calls.filter((key) => !words.called.includes(key));
    return [
      make('p', { class: 'field-label' }, '调用的流程'),
      note(drawn.length ? `${drawn.map(named).join('、')}。` : '流程图里没有调用别的流程。', '在流程图的“调用流程”上选定或删去，这里随图改好。'),
      ...loose.map((key) => row(make('p', {}, `「${named(key)}」列在这里，流程图里没有调用。`), button('删去', () => this.change(() => (data.calls = data.calls.filter((each) => each !== key)), true)))),
    ];
  }

  prints() {
    const asked = this.fields.filter((each) => !['copy', 'given'].includes(each.type)).map((each) => ({ value: each.key, label: each.label }));
    const steps = this.words.drawn.flatMap((each) => each.steps);
    const set = (each, name) => (list, focus) => this.change(() => (each[name] = list), true, focus);
    return this.data.print.map((each, at) => make('div', { class: 'fe-option' },
      row(labelled('打印件', text(each.title ?? '', (value) => this.change(() => (each.title = value))), { key: `print-${at}` }), labelled('页脚', text(each.note ?? '', (value) => this.change(() => (each.note = value))))),
      ordered('栏目，按打印的顺序', asked, each.fields ?? [], set(each, 'fields'), { key: `print-${at}-fields`, none: '加一栏…' }),
      ordered('意见栏，按打印的顺序', steps, each.opinions ?? [], set(each, 'opinions'), { key: `print-${at}-opinions`, none: '加一个环节…' })));
  }
}

const root = one('[data-settings-editor]');
const given = parse(root?.dataset.page ?? 'null');
if (given?.data) new SettingsEditor(root);
else if (given) openPlain(root, given);
