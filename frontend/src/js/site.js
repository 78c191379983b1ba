/*
  The public site: a draft that stays in this browser (localStorage, a week, never ID numbers or telephones), published items
  like what is being typed, larger type and higher contrast.
*/
import { all, csrf, make, one, parse } from './dom.js';
import { read, write } from './keep.js';

const PREFIX = 'gongkai-site:';
const WEEK = 7 * 24 * 3600 * 1000;
const PAUSE = 800;

const store = {
  get(key) {
    try {
      return parse(localStorage.getItem(PREFIX + key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      /* private windows keep nothing, the form works all the same */
    }
  },
  drop(key) {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      /* nothing to drop */
    }
  },
  keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}draft:`)).map((key) => key.slice(PREFIX.length));
    } catch {
      return [];
    }
  },
};

function draft(place) {
  const form = place.closest('form');
  const key = `draft:${place.dataset.siteDraft}`;
  const bar = one('[data-draft-bar]');
  const words = one('[data-draft-words]');
  const tell = (text) => {
    bar.hidden = false;
    words.textContent = text;
  };
  const kept = store.get(key);
  if (kept && Date.now() - kept.at > WEEK) store.drop(key);
  else if (kept && !form.hasAttribute('data-has-errors')) {
    write(form, kept.entries);
    tell('已填入上次在这台设备上写的草稿；证件号码、电话和文件没有保存，需要重新填写。');
  }
  let timer = 0;
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => store.set(key, { at: Date.now(), entries: read(form).map(({ name, value }) => ({ name, value })) }), PAUSE);
  });
  one('[data-draft-drop]')?.addEventListener('click', () => {
    clearTimeout(timer);
    store.drop(key);
    form.reset();
    form.dispatchEvent(new Event('input', { bubbles: true }));
    clearTimeout(timer);
    setTimeout(() => store.drop(key), PAUSE + 200);
    tell('草稿已清除。');
  });
}

function similar(place) {
  const list = one('[data-similar-list]', place);
  const field = one(`[name="${place.dataset.similarFrom}"]`, place);
  let timer = 0;
  let turn = 0;
  const ask = async () => {
    const mine = ++turn;
    const text = field.value.trim();
    if (text.length < 4) return show([]);
    const body = new FormData();
    body.append('content', text.slice(0, 1000));
    body.append('csrf_token', csrf());
    let found = null;
    try {
      const answer = await fetch(place.dataset.similar, { method: 'POST', body, headers: { Accept: 'application/json' } });
      found = parse(await answer.text());
    } catch {
      /* without a line the form goes on */
    }
    if (mine === turn) show(found?.items ?? []);
  };
  const show = (items) => {
    list.hidden = !items.length;
    list.replaceChildren(
      ...(items.length
        ? [
            make('p', { class: 'site-similar-title' }, '这些信息已经主动公开，可以直接查看，不必申请：'),
            make(
              'ul',
              {},
              ...items.map(({ title, url, number, published_on: on }) =>
                make('li', {}, make('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, title, make('span', { class: 'visually-hidden' }, '（在新窗口打开）')), make('span', { class: 'cell-note' }, [number, on].filter(Boolean).join('，'))),
              ),
            ),
          ]
        : []),
    );
  };
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  if (field.value.trim()) ask();
}

function looks(box) {
  box.hidden = false;
  for (const button of all('[data-look]', box)) {
    const name = `site-${button.dataset.look}`;
    const set = (on) => {
      document.documentElement.classList.toggle(name, on);
      button.setAttribute('aria-pressed', on ? 'true' : 'false');
    };
    set(store.get(name) === true);
    button.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') !== 'true';
      set(on);
      store.set(name, on);
    });
  }
}

export function startSite(root) {
  for (const box of all('[data-site-tools]', root)) looks(box);
  if (one('[data-site-draft-clear]', root)) for (const key of store.keys()) store.drop(key);
  for (const place of all('[data-site-draft]', root)) draft(place);
  for (const place of all('[data-similar]', root)) similar(place);
}
