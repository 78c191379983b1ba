/*
  How a form, a decision table and the settings show their saving: the bar with 保存 and its state, a clash of two savings, who
  else is here, what an earlier visit could not send. The rules are those of saving.js.

    const part = openPart({ saveUrl, presenceUrl, name, revision, editable, body, saved, replaced, told, met })
      body()          what is sent beside the revision
      saved(result)   after saving: problems, findings, …
      told(theirs)    a node that tells the other's content; replaced(answer) puts it into the editor; met(answer): before either
    part.changed()    part.revision()
*/
import { clock, make, one, say } from '../dom.js';
import { Saving, post } from './saving.js';

export function openPart({ saveUrl, presenceUrl, name, revision, editable, body, saved, replaced, told, met }) {
  const bar = one('[data-part-bar]');
  const state = make('p', { class: 'draft-state', role: 'status' });
  const button = make('button', { type: 'button', class: 'btn btn-primary btn-act', 'data-part-save': true }, make('span', {}, '保存'));
  const others = one('[data-part-others]');
  const here = { names: [], newer: false };

  const notice = (...children) => {
    one('p', others).replaceChildren(...children);
    others.hidden = !children.length;
  };
  const tellOthers = () => {
    const words = [here.names.length ? `${here.names.join('、')}也在修改这一部分。` : '', here.newer ? '对方已保存新的内容，刷新页面可以看到。' : ''].join('');
    if (!others?.dataset.kept) notice(...(words ? [words] : []));
  };

  const saving = new Saving({
    url: saveUrl, presenceUrl, part: name, revision, editable, write: body,
    on: {
      state: (kind, words) => (state.textContent = kind === 'saved' ? `${words} ${clock()}` : words),
      saved: (answer) => {
        here.newer = false;
        saved?.(answer);
      },
      conflict: (theirs) => openClash({ saving, theirs, replaced, told, met }),
      others: (list) => {
        here.names = list.filter((each) => each.part === name).map((each) => each.name);
        tellOthers();
      },
      newer: () => {
        here.newer = true;
        tellOthers();
      },
    },
  });

  /** What could not be sent is offered, never put back by itself. */
  async function offerKept() {
    const { kept } = saving;
    if (!kept?.body || JSON.stringify(kept.body) === JSON.stringify(await body())) return saving.forget();
    const done = (act) => () => {
      delete others.dataset.kept;
      tellOthers();
      act();
    };
    const choice = (label, act) => {
      const made = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, label));
      made.addEventListener('click', done(act));
      return made;
    };
    others.dataset.kept = 'yes';
    notice('上次有修改没有送到系统，还留在本机。', choice('恢复', () => {
      replaced?.(kept.body);
      saving.restored(kept);
    }), choice('不要了', () => saving.forget()));
  }

  button.addEventListener('click', () => saving.saveNow());
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      document.activeElement?.blur?.();
      saving.saveNow();
    }
  });
  if (bar && editable) bar.append(button, state);
  if (presenceUrl && editable) saving.watch();
  if (others && editable && saving.kept) setTimeout(offerKept);
  return { changed: () => editable && saving.changed(), revision: () => saving.revision };
}

/** Theirs and mine: looked at, then one of the two is kept; overwriting is pressed twice. */
function openClash({ saving, theirs, replaced, told, met }) {
  const clash = one('[data-part-conflict]');
  const [show, mine, drop] = ['[data-show-theirs]', '[data-keep-mine]', '[data-drop-mine]'].map((each) => one(each, clash));
  const place = one('[data-theirs]', clash);
  one('[data-said]', clash).textContent = theirs.said;
  place.hidden = true;
  mine.textContent = '用我的覆盖';
  let sure = false;
  const settled = () => {
    clash.hidden = true;
    met?.(theirs);
  };
  show.onclick = () => {
    place.replaceChildren(told?.(theirs) ?? make('pre', {}, theirs.text ?? ''));
    place.hidden = false;
  };
  mine.onclick = () => {
    if (sure) {
      settled();
      saving.overwrite(theirs.revision);
      return;
    }
    sure = true;
    mine.textContent = '确认覆盖对方的修改';
    say('再按一次，就用您的内容覆盖对方的修改');
  };
  drop.onclick = () => {
    settled();
    replaced?.(theirs);
    saving.take(theirs.revision);
  };
  clash.hidden = false;
  clash.focus();
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
