export const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
export const one = (selector, root = document) => root.querySelector(selector);

/** Elements are built here and never from strings of HTML: nothing a person typed is ever parsed as markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name === 'class') element.className = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Speaks to a screen reader without moving the focus. */
export function say(text) {
  const place = one('[data-say]');
  if (place) place.textContent = text;
}

export const clock = (time = new Date()) =>
  `${String(time.getHours()).padStart(2, '0')}:${String(time.getMinutes()).padStart(2, '0')}`;

export const csrf = () => one('meta[name="csrf-token"]')?.content ?? one('input[name="csrf_token"]')?.value ?? '';

export function parse(text, otherwise = null) {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}
