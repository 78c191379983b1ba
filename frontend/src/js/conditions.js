/*
  Shows a field only while its condition holds. The nodes are those of forms/conditions.py:

    {"all": [n, …]}  {"any": [n, …]}  {"not": n}  {"const": true}  {"truthy": key}
    {"eq": {"field", "value"}}  {"in": {"field", "values"}}  {"has": {"field", "value"}}

  The server decides and drops what does not apply; the page only spares the person what is not asked. Values are compared
  as text, a hidden field counts as empty, a hidden field keeps its text (drafts lose nothing) and is left out when sent.
*/
import { all, parse } from './dom.js';

const text = (value) => (value == null ? '' : String(value));
const empty = (value) => (Array.isArray(value) ? value.length === 0 : value === false || text(value).trim() === '');

function equals(value, wanted) {
  if (Array.isArray(value)) return value.map(text).includes(text(wanted));
  if (wanted === false || wanted == null) return empty(value);
  return text(value) === text(wanted);
}

function has(value, part) {
  return Array.isArray(value) ? value.map(text).includes(text(part)) : text(value).includes(text(part));
}

export function holds(node, valueOf) {
  if (node == null || typeof node !== 'object') return node !== false;
  if ('const' in node) return Boolean(node.const);
  if (node.all) return node.all.every((part) => holds(part, valueOf));
  if (node.any) return node.any.some((part) => holds(part, valueOf));
  if ('not' in node) return !holds(node.not, valueOf);
  if (node.eq) return equals(valueOf(node.eq.field), node.eq.value);
  if (node.in) return node.in.values.some((wanted) => equals(valueOf(node.in.field), wanted));
  if (node.has) return has(valueOf(node.has.field), node.has.value);
  if ('truthy' in node) return !empty(valueOf(node.truthy));
  return true; // an unknown condition must not hide anything
}

/** What a form holds now under one name: text, true/false for a single checkbox, a list for several. */
export function valueIn(form, name) {
  const found = Array.from(form.elements).filter((element) => element.name === name);
  if (!found.length) return '';
  const first = found[0];
  if (['submit', 'button'].includes(first.type)) return ''; // the decision is only known when its button is pressed
  if (first.type === 'radio') return found.find((element) => element.checked)?.value ?? '';
  if (first.type === 'checkbox') {
    if (found.length === 1 && ['y', 'on', 'true', '1'].includes(first.value)) return first.checked;
    return found.filter((element) => element.checked).map((element) => element.value);
  }
  if (first.multiple && first.options) return Array.from(first.selectedOptions, (option) => option.value);
  if (first.type === 'file') return first.files.length ? first.files[0].name : found.slice(1).map((other) => other.value);
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
