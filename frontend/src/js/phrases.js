/* 常用语 under an opinion field: one press writes it where the cursor is. They are buttons, so the keyboard reaches them. Where they come from, the page says (body data-phrases-url). */
import { all, make } from './dom.js';

function write(field, text) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const most = field.maxLength > 0 ? field.maxLength : Infinity;
  const next = value.slice(0, start) + text + value.slice(end);
  if (next.length > most) return;
  field.value = next;
  field.focus();
  field.setSelectionRange(start + text.length, start + text.length);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

async function offer(field) {
  let texts;
  try {
    const answer = await fetch(document.body.dataset.phrasesUrl, { headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' });
    if (!answer.ok) return;
    texts = await answer.json();
  } catch {
    return;
  }
  const buttons = texts.map((text) => {
    const button = make('button', { type: 'button', class: 'btn-mini phrase', title: text }, text.length > 16 ? `${text.slice(0, 15)}…` : text);
    button.addEventListener('click', () => write(field, text));
    return button;
  });
  field.after(make('div', { class: 'phrases', role: 'group', 'aria-label': '常用语' }, make('span', {}, '常用语'), ...buttons, make('a', { href: document.body.dataset.phrasesOwn, class: 'phrases-own' }, '管理')));
}

export function startPhrases(root) {
  if (!document.body.dataset.phrasesUrl) return;
  for (const field of all('textarea[data-phrases]', root)) offer(field);
}
