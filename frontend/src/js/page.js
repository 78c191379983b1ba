/* Small habits of every page: folds that remember, copying, printing, messages, the bell, fresh counts, tables for readers. */
import { all, make, one, parse, say } from './dom.js';

const store = {
  get: (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set: (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* private windows forget */
    }
  },
};

function folds(root) {
  for (const fold of all('details[data-remember]', root)) {
    const key = `gongkai:fold:${fold.dataset.remember}`;
    const was = store.get(key);
    const holdsCurrent = fold.querySelector('[aria-current="page"]');
    if (was !== null) fold.open = was === '1' || Boolean(holdsCurrent);
    fold.addEventListener('toggle', () => store.set(key, fold.open ? '1' : '0'));
  }
}

async function copy(text, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Offices open the system over plain http inside their network, where the clipboard interface does not exist.
    const area = make('textarea', { class: 'visually-hidden', 'aria-hidden': 'true' });
    area.value = text;
    (button.closest('dialog') ?? document.body).append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
    button.focus();
  }
  const words = one('span', button);
  const before = words.textContent;
  words.textContent = done ? '已复制' : '请手动复制';
  say(words.textContent);
  setTimeout(() => {
    words.textContent = before;
  }, 2000);
}

function clicks(root) {
  root.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy], [data-copy-from], [data-print], [data-dismiss], [data-back]');
    if (!button) return;
    if (button.matches('[data-print]')) window.print();
    else if (button.matches('[data-dismiss]')) button.closest('.note').remove();
    else if (button.matches('[data-back]')) {
      if (history.length > 1 && document.referrer.startsWith(location.origin)) {
        event.preventDefault();
        history.back();
      }
    } else copy(button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).value, button);
  });
}

function pops(root) {
  const shut = (except) => {
    for (const pop of all('details[data-pop][open]')) if (pop !== except) pop.open = false;
  };
  root.addEventListener('click', (event) => shut(event.target.closest('details[data-pop]')));
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const open = event.target.closest?.('details[data-pop][open]');
    shut();
    open?.querySelector('summary').focus();
  });
}

function bell(root) {
  const place = one('[data-bell][data-feed]', root);
  if (!place) return;
  const link = one('.bell-link', place);
  const pop = one('.bell-pop', place);
  link.setAttribute('aria-expanded', 'false');
  const shut = () => {
    pop.hidden = true;
    link.setAttribute('aria-expanded', 'false');
  };
  link.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!pop.hidden) return shut();
    let items;
    try {
      const answer = await fetch(place.dataset.feed, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      items = await answer.json();
    } catch {
      location.href = link.href;
      return;
    }
    pop.replaceChildren(
      items.length
        ? make(
            'ul',
            { class: 'bell-list' },
            ...items.slice(0, 8).map((item) =>
              make('li', { class: item.unread ? 'is-unread' : null }, make('a', { href: item.url }, make('span', {}, item.text), make('time', { class: 'num' }, item.at ?? ''))),
            ),
          )
        : make('p', { class: 'quiet-line' }, '没有新通知。'),
      make('a', { class: 'bell-all', href: link.href }, '全部通知'),
    );
    pop.hidden = false;
    link.setAttribute('aria-expanded', 'true');
  });
  document.addEventListener('click', (event) => !place.contains(event.target) && shut());
  place.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !pop.hidden) {
      shut();
      link.focus();
    }
  });
}

const shown = (count, most) => (count > most ? `${most}+` : String(count));

function counts() {
  const url = document.body.dataset.countsUrl;
  if (!url) return;
  const put = (name, count) => {
    for (const place of all(`[data-count="${CSS.escape(name)}"]`)) {
      place.textContent = shown(count, name === 'bell' ? 99 : 999);
      place.hidden = !count;
    }
    for (const place of all(`[data-count-words="${CSS.escape(name)}"]`)) place.textContent = count ? '条未读' : '';
  };
  const refresh = async () => {
    if (document.visibilityState !== 'visible') return;
    try {
      const answer = await fetch(url, { headers: { Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' });
      if (!answer.ok) return;
      const told = await answer.json();
      put('bell', told.bell ?? 0);
      for (const [name, count] of Object.entries(told.nav ?? {})) put(name, count);
    } catch {
      /* the next round will tell */
    }
  };
  setInterval(refresh, 60000);
  document.addEventListener('visibilitychange', refresh);
}

/** On the phone a table is drawn as cards, and browsers then forget that it is a table: say it again. */
function tables(root) {
  for (const fold of all('details', root)) fold.addEventListener('toggle', () => fold.open && reach(fold));
  for (const table of all('table.cards', root)) {
    table.setAttribute('role', 'table');
    for (const part of all('thead, tbody', table)) part.setAttribute('role', 'rowgroup');
    for (const row of all('tr', table)) row.setAttribute('role', 'row');
    for (const cell of all('th', table)) cell.setAttribute('role', cell.scope === 'row' ? 'rowheader' : 'columnheader');
    for (const cell of all('td', table)) cell.setAttribute('role', 'cell');
  }
  reach(root);
}

/** A table too wide for its place scrolls by itself, and then the keyboard must reach it. */
function reach(root) {
  for (const wrap of all('.table-wrap', root)) {
    if (wrap.scrollWidth <= wrap.clientWidth + 1 || getComputedStyle(wrap).overflowX === 'visible') continue;
    wrap.tabIndex = 0;
    wrap.setAttribute('role', 'group');
    wrap.setAttribute('aria-label', one('caption', wrap)?.textContent ?? '表格');
  }
}

function line(root) {
  const bar = one('[data-offline]', root);
  if (!bar) return;
  const show = (up) => {
    bar.hidden = up;
  };
  window.addEventListener('offline', () => show(false));
  window.addEventListener('online', () => show(true));
  document.addEventListener('gongkai:line', (event) => show(event.detail));
  if (navigator.onLine === false) show(false);
}

/** The diagram's script is fetched only when its fold is open. */
function diagrams(root) {
  for (const place of all('[data-diagram]', root)) {
    const fold = place.closest('details');
    const open = async () => {
      if (place.dataset.opened) return;
      place.dataset.opened = '1';
      document.head.append(make('link', { rel: 'stylesheet', href: place.dataset.style }));
      try {
        const { show } = await import(place.dataset.script);
        await show(place, parse(place.dataset.marks, []));
      } catch (error) {
        console.error(error);
        place.replaceChildren(make('p', { class: 'diagram-wait' }, '流程图没有打开。下面的表里有同样的内容；也可以刷新本页再试。'));
      }
    };
    if (!fold || fold.open) open();
    else fold.addEventListener('toggle', () => fold.open && open());
  }
}

export function startPage(root) {
  folds(root);
  clicks(root);
  pops(root);
  bell(root);
  counts();
  tables(root);
  line(root);
  diagrams(root);
  one('[data-focus]', root)?.focus();
}

/** A part of the page that was replaced: what its tables need. */
export const freshen = (part) => tables(part);

export { store };
