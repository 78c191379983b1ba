/*
  Dates read 2026-11-23 whatever language the browser speaks: the native field becomes a text field with a calendar in Chinese.
  Typing stays possible (2026/11/3, 20261103 and 2026年11月3日 are put right); without script the native field remains.

  Keys in the calendar: arrows = days, Home/End = Monday/Sunday, PageUp/PageDown = months (with Shift: years), Esc = close.
*/
import { all, make, one, say } from './dom.js';

const WEEK = '一二三四五六日';
const WRITTEN = /^(\d{4})(?:[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?|(\d{2})(\d{2}))$/;

const iso = (day) => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
const spoken = (day) => `${day.getFullYear()}年${day.getMonth() + 1}月${day.getDate()}日 星期${WEEK[(day.getDay() + 6) % 7]}`;
const plus = (day, days) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);

/** The same day some months on; the last of the month where it has fewer days. */
function plusMonths(day, months) {
  const last = new Date(day.getFullYear(), day.getMonth() + months + 1, 0);
  return new Date(last.getFullYear(), last.getMonth(), Math.min(day.getDate(), last.getDate()));
}

/** A day as people write it, or null. */
export function read(text) {
  const found = WRITTEN.exec(text.normalize('NFKC').replace(/\s/g, ''));
  if (!found) return null;
  const [year, month, date] = [found[1], found[2] ?? found[4], found[3] ?? found[5]].map(Number);
  const day = new Date(year, month - 1, date);
  return day.getMonth() === month - 1 && day.getDate() === date ? day : null;
}

class DateField {
  constructor(input) {
    this.input = input;
    this.min = input.min;
    this.max = input.max;
    const label = one(`label[for="${CSS.escape(input.id)}"]`)?.firstChild?.textContent.trim() ?? '日期';
    input.type = 'text';
    input.inputMode = 'numeric';
    input.autocomplete = 'off';
    input.maxLength = 16;
    if (!input.placeholder) input.placeholder = '年-月-日';
    this.opener = make(
      'button',
      { type: 'button', class: 'btn-mini date-open', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' },
      make('span', { 'aria-hidden': 'true' }, '选日期'),
      make('span', { class: 'visually-hidden' }, `选日期：${label}`),
    );
    this.label = label;
    this.box = make('div', { class: 'date-field' });
    input.replaceWith(this.box);
    this.box.append(input, this.opener);
    this.opener.addEventListener('click', () => (this.pop ? this.shut(true) : this.open()));
    input.addEventListener('change', () => this.tidy());
    input.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' && event.altKey) {
        event.preventDefault();
        this.open();
      }
    });
  }

  tidy() {
    const day = read(this.input.value);
    if (day && this.input.value !== iso(day)) this.input.value = iso(day);
  }

  allowed(day) {
    const text = iso(day);
    return (!this.min || text >= this.min) && (!this.max || text <= this.max);
  }

  open() {
    if (this.pop) return;
    const chosen = read(this.input.value);
    this.day = chosen ?? new Date();
    if (!this.allowed(this.day)) this.day = read(this.max && iso(this.day) > this.max ? this.max : this.min);
    this.title = make('p', { class: 'date-title num', 'aria-live': 'polite' });
    this.body = make('tbody');
    const turn = (words, hidden, months) => {
      const button = make('button', { type: 'button', class: 'btn-mini' }, make('span', { 'aria-hidden': 'true' }, words), make('span', { class: 'visually-hidden' }, hidden));
      button.addEventListener('click', () => this.go(plusMonths(this.day, months), false));
      return button;
    };
    const today = make('button', { type: 'button', class: 'btn-mini' }, '今天');
    today.addEventListener('click', () => this.choose(new Date()));
    today.disabled = !this.allowed(new Date());
    const clear = make('button', { type: 'button', class: 'btn-mini' }, '清除');
    clear.addEventListener('click', () => this.choose(null));
    const shut = make('button', { type: 'button', class: 'btn-mini' }, '关闭');
    shut.addEventListener('click', () => this.shut(true));
    this.pop = make(
      'div',
      { class: 'date-pop', role: 'dialog', 'aria-label': `选日期：${this.label}` },
      make('div', { class: 'date-head' }, turn('«', '上一年', -12), turn('‹', '上个月', -1), this.title, turn('›', '下个月', 1), turn('»', '下一年', 12)),
      make(
        'table',
        { class: 'date-days num' },
        make('thead', {}, make('tr', {}, ...Array.from(WEEK, (name) => make('th', { scope: 'col', abbr: `星期${name}` }, name)))),
        this.body,
      ),
      make('div', { class: 'date-foot' }, today, clear, shut),
    );
    this.pop.addEventListener('keydown', (event) => this.key(event));
    this.box.append(this.pop);
    this.opener.setAttribute('aria-expanded', 'true');
    this.outside = (event) => !this.box.contains(event.target) && this.shut(false);
    document.addEventListener('pointerdown', this.outside);
    document.addEventListener('focusin', this.outside);
    this.go(this.day, true);
    const place = this.pop.getBoundingClientRect();
    if (place.right > document.documentElement.clientWidth) this.pop.classList.add('is-right');
    this.pop.scrollIntoView({ block: 'nearest' });
  }

  shut(back) {
    if (!this.pop) return;
    document.removeEventListener('pointerdown', this.outside);
    document.removeEventListener('focusin', this.outside);
    this.pop.remove();
    this.pop = null;
    this.opener.setAttribute('aria-expanded', 'false');
    if (back) this.opener.focus();
  }

  choose(day) {
    this.input.value = day ? iso(day) : '';
    for (const name of ['input', 'change']) this.input.dispatchEvent(new Event(name, { bubbles: true }));
    say(day ? `已选 ${spoken(day)}` : '已清除日期');
    this.shut(true);
  }

  go(day, focus) {
    this.day = day;
    this.title.textContent = `${day.getFullYear()}年${day.getMonth() + 1}月`;
    const chosen = this.input.value;
    const now = iso(new Date());
    const first = new Date(day.getFullYear(), day.getMonth(), 1);
    let at = plus(first, -((first.getDay() + 6) % 7));
    const weeks = [];
    while (at.getMonth() === day.getMonth() || at < first) {
      const cells = [];
      for (let number = 0; number < 7; number += 1, at = plus(at, 1)) cells.push(at.getMonth() === day.getMonth() ? this.cell(at, chosen, now) : make('td'));
      weeks.push(make('tr', {}, ...cells));
    }
    this.body.replaceChildren(...weeks);
    if (focus) one('[tabindex="0"]', this.body)?.focus();
  }

  cell(day, chosen, now) {
    const text = iso(day);
    const button = make(
      'button',
      { type: 'button', tabindex: text === iso(this.day) ? '0' : '-1', 'aria-label': spoken(day), 'aria-pressed': String(text === chosen), 'aria-current': text === now ? 'date' : null },
      String(day.getDate()),
    );
    button.disabled = !this.allowed(day);
    button.addEventListener('click', () => this.choose(day));
    return make('td', {}, button);
  }

  key(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.shut(true);
      return;
    }
    if (!this.body.contains(event.target)) return;
    const { day } = this;
    const weekday = (day.getDay() + 6) % 7;
    const to = {
      ArrowLeft: () => plus(day, -1),
      ArrowRight: () => plus(day, 1),
      ArrowUp: () => plus(day, -7),
      ArrowDown: () => plus(day, 7),
      Home: () => plus(day, -weekday),
      End: () => plus(day, 6 - weekday),
      PageUp: () => plusMonths(day, event.shiftKey ? -12 : -1),
      PageDown: () => plusMonths(day, event.shiftKey ? 12 : 1),
    }[event.key]?.();
    if (!to) return;
    event.preventDefault();
    if (this.allowed(to)) this.go(to, true);
  }
}

export function startDates(root) {
  for (const input of all('input[type="date"]', root)) if (!input.readOnly && !input.disabled) new DateField(input);
}
