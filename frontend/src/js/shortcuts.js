/*
  "/" goes to the search box, "g" and a letter to a page of the navigation (data-key), "?" lists them. They do nothing while
  somebody is writing, and can be switched off (WCAG 2.1.4).
*/
import { all, make, one } from './dom.js';
import { store } from './page.js';

const OFF = 'gongkai:keys-off';
const writing = (element) => element.closest('input, textarea, select, [contenteditable]');

export function startShortcuts(root) {
  const dialog = one('#shortcuts-dialog', root);
  if (!dialog?.showModal) return;
  const pages = new Map();
  const links = all('.sidenav a[href]', root).filter((link) => !link.matches('[data-nav-close]'));
  links.forEach((link, index) => {
    const key = link.dataset.key ?? (index < 9 ? String(index + 1) : '');
    if (key && !pages.has(key)) pages.set(key, link);
  });
  const row = (keys, words) => make('div', {}, make('dt', {}, ...keys.map((key) => make('kbd', {}, key))), make('dd', {}, words));
  one('[data-keys]', dialog).replaceChildren(
    ...(one('#search-box', root) ? [row(['/'], '检索')] : []),
    ...Array.from(pages, ([key, link]) => row(['g', key], one('.nav-label', link).textContent)),
    row(['?'], '本说明'),
  );
  const off = one('[data-keys-off]', dialog);
  off.checked = store.get(OFF) === '1';
  off.addEventListener('change', () => store.set(OFF, off.checked ? '1' : '0'));
  const open = () => {
    for (const pop of all('details[data-pop][open]')) pop.open = false;
    dialog.showModal();
  };
  for (const button of all('[data-shortcuts-open]', root)) button.addEventListener('click', open);

  let since = 0;
  root.addEventListener('keydown', (event) => {
    if (off.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (writing(event.target) || one('dialog[open]')) return;
    const now = Date.now();
    if (event.key === '/') {
      const box = one('#search-box');
      if (box && box.offsetParent) {
        event.preventDefault();
        box.focus();
        box.select();
      }
    } else if (event.key === '?') open();
    else if (event.key === 'g') since = now;
    else if (now - since < 1500 && pages.has(event.key)) {
      event.preventDefault();
      location.href = pages.get(event.key).href;
    }
  });
}
