/* 试算: rows of inputs, which rules they meet and what comes out; what should come out can be noted and is checked. */
import { make, say } from '../dom.js';
import { button, select, text } from './controls.js';
import { post } from './saving.js';

const shown = (value) => (value === null || value === undefined ? '（没有）' : value === true ? '是' : value === false ? '否' : Array.isArray(value) ? value.join('、') || '（空）' : String(value));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Trial {
  constructor(place, given) {
    Object.assign(this, given, { place });
    this.take(given.rows);
    this.show(given.told);
  }

  take(rows) {
    this.rows = rows.map((each) => ({ inputs: { ...each.inputs }, expect: each.expect ?? null }));
  }

  sent() {
    return this.rows.map(({ inputs, expect }) => ({ inputs, ...(expect ? { expect } : {}) }));
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 600);
  }

  async ask() {
    const round = (this.round = (this.round ?? 0) + 1);
    try {
      const answer = await post(this.url, { text: await this.text(), rows: this.sent() });
      if (round === this.round && answer.status === 200) this.show(answer);
    } catch {
      /* the next change asks again */
    }
  }

  show(told) {
    this.told = told;
    this.draw();
    this.judged(told);
  }

  edited(redraw = true) {
    if (redraw) this.draw();
    this.changed();
    this.soon();
  }

  add() {
    this.rows.push({ inputs: Object.fromEntries(this.told.reads.map((name) => [name, null])), expect: null });
    this.edited();
    this.place.querySelector('tbody tr:last-child :is(select, input)')?.focus();
    say(`已增加第 ${this.rows.length} 种情况`);
  }

  control(row, name, at) {
    const fact = this.facts.find((each) => each.name === name) ?? { label: name, type: 'text', options: [] };
    const put = (value) => {
      row.inputs[name] = value;
      this.edited(false);
    };
    const value = row.inputs[name];
    let made;
    if (fact.type === 'boolean') made = select([{ value: 'yes', label: '是' }, { value: 'no', label: '否' }], value === true ? 'yes' : value === false ? 'no' : '', (said) => put(said ? said === 'yes' : null), { none: '没有' });
    else if (fact.type === 'list') made = text((value ?? []).join('，'), (said) => put(said.split(/[，,、]\s*/).filter(Boolean)));
    else if (fact.options.length) made = select(fact.options, value ?? '', (said) => put(said || null), { none: '没有' });
    else made = text(value ?? '', (said) => put(said === '' ? null : fact.type === 'integer' || /^-?\d+$/.test(said) ? Number(said) : said));
    made.setAttribute('aria-label', `第 ${at + 1} 种情况：${fact.label}`);
    made.dataset.key = `try-${at}-${name}`;
    return made;
  }

  result(row, at) {
    const told = this.told.rows[at];
    if (!told) return [make('td', {}, '……'), make('td', {}, '')];
    const rules = told.rules.length ? `第 ${told.rules.join('、')} 行` : '没有一行符合';
    const outcome = told.refused || Object.values(told.outputs).map(shown).join('；');
    const wrong = row.expect && !told.refused && Object.keys(row.expect).some((name) => !same(row.expect[name], told.outputs[name]));
    const noted = row.expect ? (wrong ? `应当是 ${Object.values(row.expect).map(shown).join('；')}` : '和应当的一样') : '';
    const keep = button(row.expect ? '不再核对' : '记为应当的结果', () => {
      row.expect = row.expect ? null : { ...told.outputs };
      this.edited();
    });
    keep.setAttribute('aria-label', `${row.expect ? '不再核对' : '记为应当的结果'}：第 ${at + 1} 种情况`);
    return [
      make('td', { 'data-label': '符合' }, told.refused ? '' : rules),
      make('td', { 'data-label': '得出', class: wrong || told.refused ? 'is-wrong' : '' }, make('span', { translate: 'no' }, outcome), noted ? make('span', { class: 'cell-note' }, noted) : null, this.editable && !told.refused ? keep : null),
    ];
  }

  draw() {
    const held = document.activeElement?.dataset?.key;
    const reads = this.told.reads;
    const label = (name) => this.facts.find((each) => each.name === name)?.label ?? name;
    const head = [...reads.map(label), '符合', '得出', ...(this.editable ? [''] : [])].map((each) => make('th', { scope: 'col' }, each || make('span', { class: 'visually-hidden' }, '操作')));
    const body = this.rows.map((row, at) => {
      const away = button('删除', () => {
        this.rows.splice(at, 1);
        this.edited();
      });
      away.setAttribute('aria-label', `删除第 ${at + 1} 种情况`);
      return make('tr', {}, ...reads.map((name) => make('td', { 'data-label': label(name) }, this.control(row, name, at))), ...this.result(row, at), this.editable ? make('td', { class: 'act' }, away) : null);
    });
    const missed = this.told.missed.length;
    const cover = missed ? `还没有试到第 ${this.told.missed.join('、')} 行。` : this.rows.length ? '每一行都试到了。' : '';
    const plus = button('加一种情况', () => this.add(), 'btn btn-plain');
    this.place.replaceChildren(...[
      this.rows.length ? make('div', { class: 'table-scroll' }, make('table', { class: 'table cards trial-table' }, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body))) : make('p', { class: 'help' }, '还没有试过。加一种情况，看看哪一行符合。'),
      make('p', { class: 'help', role: 'status' }, cover), this.editable ? plus : null].filter(Boolean));
    if (!this.editable) for (const each of this.place.querySelectorAll('input, select')) each.disabled = true;
    if (held) this.place.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }
}
