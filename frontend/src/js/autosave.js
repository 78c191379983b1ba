/*
  Saves a step's form as a draft while the person writes. The server's draft is the truth; the copy in the tab (keep.js)
  stands in while the line is down, and is offered again when the page is opened with other text in it.
*/
import { all, clock, csrf, make, one, say } from './dom.js';
import { copyOf, dropCopy, keepCopy, read, signature, write } from './keep.js';

const PAUSE = 1500;
const RETRY = 15000;
const WORDS = {
  saving: '正在保存草稿……',
  offline: '网络不通，内容暂存在本机，联网后自动保存',
  401: '登录已过期，草稿没有存上；内容还在本页，请在新窗口登录后再存',
  403: '没有权限保存草稿；内容还在本页，可以复制',
  404: '这一件已经不在您这里；内容还在本页，可以复制',
  409: '这一环节已由他人办理；内容还在本页，可以复制',
  413: '内容太长，草稿没有存上；请先复制留存',
  other: '草稿没有存上，稍后自动再试；内容还在本页',
};

class Draft {
  constructor(form) {
    this.form = form;
    this.place = one('[data-draft-state]', form) ?? one('[data-draft-state]');
    this.saved = signature(read(form));
    this.timer = 0;
    this.stopped = false;
    const since = form.dataset.draftSavedAt;
    if (since) this.show(`已保存草稿 ${since}`, 'ok');
    form.addEventListener('input', () => this.changed());
    form.addEventListener('change', () => this.changed());
    window.addEventListener('online', () => this.soon(0));
    window.addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && this.soon(0));
    this.offer();
  }

  show(text, kind) {
    if (!this.place) return;
    this.place.textContent = text;
    this.place.dataset.kind = kind;
  }

  changed() {
    keepCopy(this.form, clock());
    this.soon(PAUSE);
  }

  soon(wait) {
    clearTimeout(this.timer);
    if (!this.stopped && this.form.dataset.draftUrl) this.timer = setTimeout(() => this.save(), wait);
  }

  body() {
    const data = new FormData(this.form);
    for (const [name, value] of Array.from(data)) if (value instanceof File) data.delete(name);
    for (const control of all('input[type="password"]', this.form)) data.delete(control.name);
    return data;
  }

  async save() {
    const now = signature(read(this.form));
    if (now === this.saved || this.stopped) return;
    if (this.form.dataset.sending) return this.soon(RETRY); // it is being sent whole: a draft would come too late
    if (navigator.onLine === false) return this.show(WORDS.offline, 'offline');
    this.show(WORDS.saving, 'busy');
    try {
      const answer = await fetch(this.form.dataset.draftUrl, {
        method: 'POST',
        body: this.body(),
        headers: { 'X-CSRFToken': csrf(), 'X-Requested-With': 'fetch', Accept: 'application/json' },
        credentials: 'same-origin',
        redirect: 'manual',
      });
      if (answer.type === 'opaqueredirect') return this.refused(401);
      if (!answer.ok) return this.refused(answer.status);
      const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
      this.saved = now;
      this.show(`已保存草稿 ${told.saved_at ?? clock()}`, 'ok');
      document.dispatchEvent(new CustomEvent('gongkai:line', { detail: true }));
    } catch {
      this.show(WORDS.offline, 'offline');
      document.dispatchEvent(new CustomEvent('gongkai:line', { detail: false }));
      this.soon(RETRY);
    }
  }

  refused(status) {
    this.show(WORDS[status] ?? WORDS.other, 'bad');
    say(WORDS[status] ?? WORDS.other);
    if (status >= 500 || status === 429) this.soon(RETRY);
    else if (status !== 401) this.stopped = true;
  }

  leave() {
    if (this.stopped || this.form.dataset.sending || signature(read(this.form)) === this.saved) return;
    const data = this.body();
    if (!data.has('csrf_token')) data.set('csrf_token', csrf());
    navigator.sendBeacon?.(this.form.dataset.draftUrl, data);
  }

  offer() {
    const copy = copyOf(this.form);
    if (!copy || signature(copy.entries) === this.saved) return;
    if (this.form.hasAttribute('data-has-errors')) return dropCopy(this.form);
    const yes = make('button', { type: 'button', class: 'btn btn-plain' }, '恢复');
    const no = make('button', { type: 'button', class: 'btn btn-quiet' }, '不要了');
    const bar = make(
      'div',
      { class: 'note note-info restore', role: 'status' },
      make('div', { class: 'note-text' }, make('p', {}, `本机还留有您 ${copy.at} 写的内容，没有提交。`)),
      yes,
      no,
    );
    yes.addEventListener('click', () => {
      write(this.form, copy.entries);
      bar.remove();
      say('已恢复');
    });
    no.addEventListener('click', () => {
      dropCopy(this.form);
      bar.remove();
    });
    this.form.prepend(bar);
  }
}

export function startAutosave(root) {
  for (const form of all('form[data-draft-url]', root)) new Draft(form);
  for (const form of all('form[data-keep]:not([data-draft-url])', root)) {
    form.addEventListener('input', () => keepCopy(form, clock()));
  }
}
