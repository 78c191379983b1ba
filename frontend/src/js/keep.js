/*
  A copy of what a person writes, in this tab only (sessionStorage), so that 403, 409, 413, 500, a lost line or an expired
  sign-in never costs the text. Passwords, files, tokens and fields marked data-no-keep are not copied. The copies go when
  the person signs out, and when another person signs in in the same tab.
*/
import { all, one, parse } from './dom.js';

const PREFIX = 'gongkai:';
const SENT = `${PREFIX}sent`;
const OWNER = `${PREFIX}owner`;

const box = {
  get(key) {
    try {
      return parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      /* a full or forbidden store must not stop the work */
    }
  },
  drop(key) {
    try {
      sessionStorage.removeItem(key);
    } catch {
      /* nothing to drop */
    }
  },
  keys() {
    try {
      return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
    } catch {
      return [];
    }
  },
};

const kept = (control) =>
  control.name &&
  !['hidden', 'password', 'file', 'submit', 'button', 'reset'].includes(control.type) &&
  !control.closest('[data-no-keep]');

function labelOf(control) {
  const group = control.closest('fieldset');
  const legend = group && ['radio', 'checkbox'].includes(control.type) ? group.querySelector('legend') : null;
  const label = legend ?? control.labels?.[0];
  if (!label) return control.name;
  const copy = label.cloneNode(true);
  for (const mark of copy.querySelectorAll('.must, .choice-help')) mark.remove();
  return copy.textContent.trim();
}

/** [{name, label, value, text}] — value restores the control, text is what a person reads. */
export function read(form) {
  const found = new Map();
  for (const control of form.elements) {
    if (!kept(control)) continue;
    const entry = found.get(control.name) ?? { name: control.name, label: labelOf(control), value: [], text: [] };
    if (control.type === 'radio' || control.type === 'checkbox') {
      if (control.checked) {
        entry.value.push(control.value);
        entry.text.push(control.labels?.[0]?.querySelector('.choice-text')?.firstChild?.textContent.trim() ?? control.value);
      }
    } else if (control.options) {
      for (const option of control.selectedOptions) {
        entry.value.push(option.value);
        if (option.value) entry.text.push(option.textContent.trim());
      }
    } else {
      entry.value.push(control.value);
      if (control.value.trim()) entry.text.push(control.value);
    }
    found.set(control.name, entry);
  }
  return Array.from(found.values());
}

export function write(form, entries) {
  const byName = new Map(entries.map((entry) => [entry.name, entry.value]));
  const seen = new Map();
  for (const control of form.elements) {
    if (!kept(control) || !byName.has(control.name)) continue;
    const values = byName.get(control.name);
    if (control.type === 'radio' || control.type === 'checkbox') control.checked = values.includes(control.value);
    else if (control.options) for (const option of control.options) option.selected = values.includes(option.value);
    else {
      const index = seen.get(control.name) ?? 0;
      if (values[index] !== undefined) control.value = values[index];
      seen.set(control.name, index + 1);
    }
  }
  form.dispatchEvent(new Event('input', { bubbles: true }));
  form.dispatchEvent(new CustomEvent('gongkai:restored'));
}

// Keyed by where the form is sent: two steps of one case stand at the same address of the page, but not of the form.
const keyOf = (form) => `${PREFIX}text:${form.getAttribute('action') || location.pathname}#${form.id}`;

export const signature = (entries) => JSON.stringify(entries.map((entry) => [entry.name, entry.value]));
export const keepCopy = (form, at) => box.set(keyOf(form), { at, entries: read(form) });
export const copyOf = (form) => box.get(keyOf(form));
export const dropCopy = (form) => box.drop(keyOf(form));
export const noteSent = (form) => box.set(SENT, { path: location.pathname, key: keyOf(form), entries: read(form) });
export const lastSent = () => box.get(SENT);

export function forgetAll() {
  for (const key of box.keys()) box.drop(key);
}

/** Called on every page: decides whether what was sent has arrived. */
export function settle() {
  const person = document.body.dataset.person;
  if (person) {
    const owner = box.get(OWNER);
    if (owner && owner !== person) forgetAll();
    box.set(OWNER, person);
  }
  const sent = lastSent();
  if (!sent) return;
  const failed = one('[data-fault]') || !person;
  const again = !one('[data-flash="success"]') && all('form[data-keep]').some((form) => keyOf(form) === sent.key);
  if (failed || again) return;
  box.drop(sent.key);
  box.drop(SENT);
}
