/*
  Saving one part of a draft: a little after the last change and on Ctrl+S, at the revision it was opened at. When somebody
  else was faster, nothing is lost: the person looks at theirs, then keeps one of the two. Says who else is here.

    const part = openPart({ saveUrl, presenceUrl, name, revision, editable, body, saved, replaced, told, met })
      body()          what is sent beside the revision
      saved(result)   after saving: problems, findings, …
      told(theirs)    a node that tells the other's content; replaced(answer) puts it into the editor; met(answer): before either
    part.changed()    part.save()
*/
import { clock, csrf, make, one, say } from '../dom.js';

const PAUSE = 1500;
const WATCH = 15000;

export async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf(), Accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const json = (answer.headers.get('Content-Type') ?? '').includes('json') ? await answer.json() : {};
  return { status: answer.status, ...json };
}

export function openPart({ saveUrl, presenceUrl, name, revision, editable, body, saved, replaced, told, met }) {
  const bar = one('[data-part-bar]');
  const state = make('p', { class: 'draft-state', role: 'status' });
  const button = make('button', { type: 'button', class: 'btn btn-primary btn-act', 'data-part-save': true }, make('span', {}, '保存'));
  const clash = one('[data-part-conflict]');
  let at = revision;
  let timer = 0;
  let dirty = false;
  let busy = false;
  let theirs = null;

  const tell = (text) => (state.textContent = text);

  async function save() {
    clearTimeout(timer);
    if (!editable || busy || theirs) return;
    busy = true;
    dirty = false;
    tell('正在保存……');
    let answer;
    try {
      answer = await post(saveUrl, { ...(await body()), revision: at });
    } catch {
      answer = { status: 0, said: '网络不通，没有保存。联网后会自动重试。' };
    }
    busy = false;
    if (answer.status === 200) {
      at = answer.revision;
      tell(`已保存 ${clock()}`);
      saved?.(answer);
      if (dirty) changed();
      return;
    }
    dirty = true;
    tell('没有保存');
    if (answer.status === 409) return conflict(answer);
    tell(answer.said ?? '没有保存。请稍后重试，或刷新页面后重做。');
    if (!answer.status) timer = setTimeout(save, WATCH);
  }

  function changed() {
    if (!editable) return;
    dirty = true;
    tell('有修改，即将保存');
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  function conflict(answer) {
    theirs = answer;
    one('[data-said]', clash).textContent = answer.said;
    one('[data-theirs]', clash).hidden = true;
    one('[data-keep-mine] span, [data-keep-mine]', clash).textContent = '用我的覆盖';
    delete clash.dataset.sure;
    clash.hidden = false;
    clash.focus();
  }

  clash?.addEventListener('click', (event) => {
    const pressed = event.target.closest('button');
    if (!pressed || !theirs) return;
    if (pressed.hasAttribute('data-show-theirs')) {
      const place = one('[data-theirs]', clash);
      place.replaceChildren(told?.(theirs) ?? make('pre', {}, theirs.text ?? ''));
      place.hidden = false;
      return;
    }
    if (pressed.hasAttribute('data-keep-mine') && !clash.dataset.sure) {
      clash.dataset.sure = 'yes';
      pressed.textContent = '确认覆盖对方的修改';
      say('再按一次，就用您的内容覆盖对方的修改');
      return;
    }
    at = theirs.revision;
    const answer = theirs;
    met?.(answer);
    theirs = null;
    clash.hidden = true;
    if (pressed.hasAttribute('data-keep-mine')) save();
    else {
      dirty = false;
      replaced?.(answer);
      tell('已换成对方保存的内容');
    }
  });

  async function watch() {
    if (document.hidden) return;
    const others = one('[data-part-others]');
    try {
      const answer = await post(presenceUrl, { part: name });
      if (!others || !answer.others) return;
      const here = answer.others.filter((each) => each.part === name).map((each) => each.name);
      const newer = (answer.revisions?.[name] ?? at) > at && !busy;
      others.hidden = !here.length && !newer;
      one('p', others).textContent = [here.length ? `${here.join('、')}也在修改这一部分。` : '', newer ? '对方已保存新的内容，刷新页面可以看到。' : ''].join('');
    } catch {
      /* the next round asks again */
    }
  }

  button.addEventListener('click', save);
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      document.activeElement?.blur?.();
      save();
    }
  });
  window.addEventListener('beforeunload', (event) => {
    document.activeElement?.blur?.(); // what is being typed counts
    if (dirty || busy) event.preventDefault();
  });
  if (bar && editable) bar.append(button, state);
  if (presenceUrl && editable) {
    watch();
    setInterval(watch, WATCH);
  }
  return { changed, save, revision: () => at };
}

/** 删除: pressed twice; `parts()` gives [removing address, revision] in order, then the page goes `home`. */
export function openRemoval({ label, parts, home }) {
  const button = make('button', { type: 'button', class: 'btn btn-warn' }, make('span', {}, label));
  let sure = false;
  button.addEventListener('click', async () => {
    if (!sure) {
      sure = true;
      button.firstChild.textContent = `确认${label}`;
      say(`再按一次就${label}`);
      return;
    }
    button.disabled = true;
    for (const [url, revision] of parts()) {
      const answer = await post(url, { revision }).catch(() => ({ said: '网络不通，没有删除。' }));
      if (answer.status !== 200) {
        button.disabled = sure = false;
        button.firstChild.textContent = label;
        one('[data-part-bar] .draft-state').textContent = answer.said ?? '没有删除。请刷新页面后重试。';
        return;
      }
    }
    window.location.assign(home);
  });
  one('[data-part-bar]')?.append(button);
}

/** Undo and redo of plain data: `now()` reads it, `put(data)` puts it back. */
export function openHistory({ now, put, bar }) {
  const past = [];
  const future = [];
  let last = JSON.stringify(now());
  const made = (label, key, act) => {
    const button = make('button', { type: 'button', class: 'btn btn-plain', 'aria-keyshortcuts': key }, make('span', {}, label));
    button.addEventListener('click', act);
    return button;
  };
  const step = (from, to) => {
    if (!from.length) return;
    to.push(last);
    last = from.pop();
    put(JSON.parse(last));
    draw();
  };
  const back = made('撤销', 'Control+Z', () => step(past, future));
  const forth = made('重做', 'Control+Y', () => step(future, past));
  const draw = () => {
    back.disabled = !past.length;
    forth.disabled = !future.length;
  };
  bar?.prepend(back, forth);
  draw();
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches?.('input:not([type="checkbox"]):not([type="radio"]), textarea')) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) step(past, future);
    else if (key === 'y' || (key === 'z' && event.shiftKey)) step(future, past);
    else return;
    event.preventDefault();
  });
  return {
    noted() {
      const text = JSON.stringify(now());
      if (text === last) return false;
      past.push(last);
      if (past.length > 100) past.shift();
      future.length = 0;
      last = text;
      draw();
      return true;
    },
  };
}
