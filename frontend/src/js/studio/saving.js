/*
  A part of a draft saves itself a moment after every change, at the revision it was opened at. Nobody overwrites silently:
  where somebody was faster, the person decides. What could not be sent stays in this browser until it could. The one home of
  these rules: the diagram (studio.js) and the other parts (part.js) only show what happens.
*/
import { csrf } from '../dom.js';

const PAUSE = 900; // ms of quiet before saving
const AGAIN = 6000; // ms until the next attempt when the line is down
const PRESENCE = 15000;

const memory = {
  get: (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  put: (key, value) => {
    try {
      if (value) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch {
      /* private windows forget */
    }
  },
};

/** {status, …} of a POST of JSON. */
export async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'error',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf(), Accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  return { ...said, status: answer.status };
}

export class Saving {
  /**
   * `write()` gives what is sent beside the revision; on: {state(kind, words), saved(answer), conflict(theirs), others(list), newer()}.
   * `editable` false: nothing is ever sent.
   */
  constructor({ url, presenceUrl, part, revision, write, on, editable = true }) {
    Object.assign(this, { url, presenceUrl, part, revision, write, on });
    this.key = `gongkai:draft:${url}`;
    this.dirty = false;
    this.busy = false;
    this.stopped = !editable;
    window.addEventListener('beforeunload', (event) => {
      document.activeElement?.blur?.(); // what is being typed counts
      if (this.dirty || this.busy) event.preventDefault();
    });
    window.addEventListener('online', () => this.dirty && this.soon(0));
  }

  /** What an earlier visit could not send: {body, revision}. */
  get kept() {
    return memory.get(this.key);
  }

  forget() {
    memory.put(this.key, null);
  }

  changed() {
    this.dirty = true;
    if (this.stopped) return;
    this.on.state('dirty', '未保存');
    this.soon(PAUSE);
  }

  soon(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  /** Whether anything changed or not: who presses 保存 is told that it is saved. */
  saveNow() {
    this.dirty = true;
    return this.save();
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy || this.stopped || !this.dirty) return;
    this.busy = true;
    this.dirty = false;
    this.on.state('saving', '正在保存……');
    let answer = null;
    try {
      const body = await this.write();
      memory.put(this.key, { body, revision: this.revision });
      answer = await post(this.url, { ...body, revision: this.revision });
    } catch {
      /* told below */
    }
    this.busy = false;
    if (answer?.status === 200) this.saved(answer);
    else this.unsaved(answer);
  }

  saved(answer) {
    this.revision = answer.revision;
    if (this.dirty) this.soon(PAUSE);
    else this.forget();
    this.on.state(this.dirty ? 'dirty' : 'saved', this.dirty ? '未保存' : '已保存');
    this.on.saved(answer);
  }

  unsaved(answer) {
    this.dirty = true;
    if (!answer) {
      this.on.state('error', '未保存：网络不通，稍后会再试');
      this.soon(AGAIN);
    } else if (answer.status === 409) {
      this.stopped = true;
      this.on.state('error', '未保存：别人刚刚保存过');
      this.on.conflict(answer);
    } else {
      this.on.state('error', `未保存：${answer.said ?? answer.message ?? '系统没有收下，请刷新页面后重试'}`);
    }
  }

  /** 用我的覆盖: from the revision that stands now. */
  overwrite(revision) {
    this.revision = revision;
    this.stopped = false;
    return this.saveNow();
  }

  /** 放弃我的: what stands now is what is shown. */
  take(revision) {
    this.revision = revision;
    this.dirty = false;
    this.forget();
    this.stopped = false;
    this.on.state('saved', '已载入最新内容');
  }

  /** What was kept is on the page again: it is saved from where it began, so that nobody is overwritten by it. */
  restored({ revision }) {
    this.revision = revision;
    this.changed();
  }

  watch() {
    const look = async () => {
      if (document.visibilityState !== 'visible') return;
      try {
        const answer = await post(this.presenceUrl, { part: this.part });
        if (answer.status !== 200) return;
        this.on.others(answer.others);
        if (answer.revisions?.[this.part] > this.revision && !this.busy) this.on.newer();
      } catch {
        /* the next round will tell */
      }
    };
    look();
    setInterval(look, PRESENCE);
  }
}
