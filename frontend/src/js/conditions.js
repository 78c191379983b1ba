/*
  Shows a field only while its condition holds. The server evaluates the same structure and drops what does not apply;
  the page only saves the person from reading what is not asked.

    {"all": [c, …]}   {"any": [c, …]}   {"not": c}
    {"eq": [field, value]}   {"in": [field, [value, …]]}   {"truthy": field}
    also accepted: {"ne": [field, value]}, true, false

  Values are compared as text. A group of checkboxes is a list: eq and in hold when any chosen value matches.
  A hidden field keeps its text (drafts lose nothing) and is left out when the form is sent.
*/
import { all, parse } from './dom.js';

export function holds(condition, valueOf) {
  if (condition === true || condition == null) return true;
  if (condition === false) return false;
  if (condition.all) return condition.all.every((part) => holds(part, valueOf));
  if (condition.any) return condition.any.some((part) => holds(part, valueOf));
  if ('not' in condition) return !holds(condition.not, valueOf);
  if (condition.eq) return matches(valueOf(condition.eq[0]), [condition.eq[1]]);
  if (condition.ne) return !matches(valueOf(condition.ne[0]), [condition.ne[1]]);
  if (condition.in) return matches(valueOf(condition.in[0]), condition.in[1]);
  if ('truthy' in condition) return truthy(valueOf(condition.truthy));
  return true; // an unknown condition must not hide anything
}

const text = (value) => (value == null ? '' : value === true ? 'true' : value === false ? 'false' : String(value));

function matches(value, wanted) {
  const have = Array.isArray(value) ? value.map(text) : [text(value)];
  return wanted.map(text).some((one) => have.includes(one));
}

const truthy = (value) => (Array.isArray(value) ? value.length > 0 : value === true || (value !== false && text(value).trim() !== ''));

/** What a form holds now under one name: text, true/false for a single checkbox, a list for several. */
export function valueIn(form, name) {
  const found = Array.from(form.elements).filter((element) => element.name === name);
  if (!found.length) return '';
  const [first] = found;
  if (first.type === 'radio') return found.find((element) => element.checked)?.value ?? '';
  if (first.type === 'checkbox') {
    if (found.length === 1 && ['y', 'on', 'true', '1'].includes(first.value)) return first.checked;
    return found.filter((element) => element.checked).map((element) => element.value);
  }
  if (first.multiple && first.options) return Array.from(first.selectedOptions, (option) => option.value);
  if (first.type === 'file') return first.files.length ? first.files[0].name : '';
  return first.value;
}

function apply(form) {
  // Conditions may hang on fields that are themselves hidden: a hidden field counts as empty, until nothing changes.
  const places = all('[data-show-if]', form);
  const valueOf = (name) => (places.some((place) => place.hidden && place.dataset.field === name) ? '' : valueIn(form, name));
  for (let round = 0; round < 5; round += 1) {
    let changed = false;
    for (const place of places) {
      const hide = !holds(parse(place.dataset.showIf, true), valueOf);
      if (hide !== place.hidden) {
        place.hidden = hide;
        changed = true;
      }
    }
    if (!changed) break;
  }
  for (const mark of all('[data-required-if]', form)) mark.hidden = !holds(parse(mark.dataset.requiredIf, false), valueOf);
  for (const part of all('.part', form)) {
    const inside = all('[data-field]', part);
    if (inside.length && all('[data-show-if]', part).length) part.hidden = inside.every((field) => field.hidden);
  }
}

/** Controls a person does not see; the guard leaves them out when the form is sent. */
export const unseen = (form) => all('[data-show-if][hidden] :is(input, select, textarea)', form);

export function startConditions(root) {
  for (const form of all('form', root)) {
    if (!form.querySelector('[data-show-if], [data-required-if]')) continue;
    const update = () => apply(form);
    form.addEventListener('input', update);
    form.addEventListener('change', update);
    form.addEventListener('gongkai:restored', update);
    update();
  }
}
