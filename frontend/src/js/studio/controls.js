/* The controls of the settings beside the drawing. Each says what it asks, and calls `changed` once when the person is done. */
import { make } from '../dom.js';

let count = 0;

/** A label with its control; `key` finds the control again after the panel was drawn anew. */
export function field(label, control, { help, key, unit } = {}) {
  count += 1;
  const id = `studio-${count}`;
  control.id = id;
  if (key) control.dataset.key = key;
  const explained = help ? make('p', { class: 'help', id: `${id}-help` }, help) : null;
  if (explained) control.setAttribute('aria-describedby', explained.id);
  const held = unit ? make('div', { class: 'studio-with-unit' }, control, unit) : control;
  return make('div', { class: 'field' }, make('label', { class: 'field-label', for: id }, label), explained, held);
}

export function text(value, changed, { rows = 0, placeholder, list, readonly = false } = {}) {
  const control = make(rows ? 'textarea' : 'input', { class: 'form-control', rows: rows || null, placeholder, list, readonly, autocomplete: 'off', spellcheck: 'false' });
  control.value = value ?? '';
  control.addEventListener('change', () => control.value !== value && changed(control.value));
  return control;
}

export function number(value, changed, { min = 1, max = 999 } = {}) {
  const control = make('input', { class: 'form-control', type: 'number', min, max, inputmode: 'numeric' });
  control.value = value ?? '';
  control.addEventListener('change', () => changed(control.value.replace(/\D/g, '')));
  return control;
}

/** options: [{value, label, [group]}]; a value that is not offered is shown as it stands. */
export function select(options, value, changed, { none } = {}) {
  const control = make('select', { class: 'form-select' });
  if (none !== undefined) control.append(make('option', { value: '' }, none));
  const groups = new Map();
  for (const each of options) {
    const option = make('option', { value: each.value, disabled: each.disabled }, each.label);
    if (!each.group) control.append(option);
    else {
      if (!groups.has(each.group)) {
        groups.set(each.group, make('optgroup', { label: each.group }));
        control.append(groups.get(each.group));
      }
      groups.get(each.group).append(option);
    }
  }
  if (value && !options.some((each) => each.value === value)) control.append(make('option', { value }, `${value}（现有写法）`));
  control.value = value ?? '';
  control.addEventListener('change', () => changed(control.value));
  return control;
}

export function check(label, on, changed, { help, key } = {}) {
  const box = make('input', { class: 'form-check-input', type: 'checkbox' });
  box.checked = on;
  if (key) box.dataset.key = key;
  box.addEventListener('change', () => changed(box.checked));
  return make('label', { class: 'choice-item' }, box, make('span', { class: 'choice-text' }, label, help ? make('span', { class: 'studio-small' }, help) : null));
}

export function checks(legend, options, chosen, changed) {
  const boxes = options.map((each) =>
    check(each.label, chosen.includes(each.value), () => {
      const now = Array.from(group.querySelectorAll('input'));
      changed(options.filter((_, at) => now[at].checked).map((one) => one.value));
    }, { key: `check-${each.value}` }),
  );
  const group = make('fieldset', { class: 'field studio-checks' }, make('legend', { class: 'field-label' }, legend), ...boxes);
  return group;
}

/** Some of `options` in an order of one's own: a line each, to move up and to take out, and a menu of the rest. */
export function ordered(legend, options, chosen, changed, { key, none }) {
  const named = (value) => options.find((each) => each.value === value)?.label ?? `${value}（现有写法）`;
  const act = (label, value, to, focus) => {
    const made = button(label, () => changed(to, focus));
    made.setAttribute('aria-label', `${label}「${named(value)}」`);
    made.dataset.key = `${key}-${label}-${value}`;
    return made;
  };
  const lines = chosen.map((value, at) => {
    const without = chosen.filter((_, other) => other !== at);
    return make('li', {}, make('span', { class: 'fe-chosen' }, named(value)),
      at ? act('上移', value, [...without.slice(0, at - 1), value, ...without.slice(at - 1)], `${key}-上移-${value}`) : null,
      act('移出', value, without, key));
  });
  const rest = options.filter((each) => !chosen.includes(each.value));
  const more = select(rest, '', (value) => value && changed([...chosen, value], key), { none });
  more.dataset.key = key;
  more.setAttribute('aria-label', `${legend}：${none}`);
  return make('fieldset', { class: 'field fe-options' }, make('legend', { class: 'field-label' }, legend), make('ol', { class: 'fe-ordered' }, ...lines), rest.length ? more : null);
}

export function button(label, act, kind = 'btn-mini') {
  const made = make('button', { type: 'button', class: kind }, make('span', {}, label));
  made.addEventListener('click', act);
  return made;
}

export const link = (label, href) => make('a', { class: 'studio-link', href }, label);
export const note = (...words) => make('p', { class: 'help' }, ...words);

const opened = new Map();

/** A part that folds and stays as the person left it. */
export function part(title, open, ...children) {
  const summary = make('summary', {}, title);
  const made = make('details', { class: 'studio-part', open: opened.get(title) ?? open }, summary, ...children.filter(Boolean));
  summary.addEventListener('click', () => opened.set(title, !made.open));
  return made;
}

/** 「2」 working days or 「4h」 working hours, as the engine's settings write them. */
export function stretch(value, changed, key) {
  const hours = /h$/.test(value ?? '');
  const amount = number((value ?? '').replace('h', ''), () => tell(), { max: 999 });
  const unit = select([{ value: '', label: '个工作日' }, { value: 'h', label: '个工作小时' }], hours ? 'h' : '', () => tell());
  amount.dataset.key = key;
  unit.dataset.key = `${key}-unit`;
  unit.setAttribute('aria-label', '单位');
  const tell = () => changed(amount.value ? `${Number(amount.value)}${unit.value}` : null);
  return [amount, unit];
}
