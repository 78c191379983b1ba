/*
  The diagram saves itself a moment after every change, at the revision it was opened at. Nobody overwrites silently: where
  somebody was faster, the person decides. What could not be sent stays in this browser until it could.
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

/** {status, said} of a POST of JSON. */
export async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'error',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf(), Accept: 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  return { status: answer.status, said };
}

export class Saving {
  /** `write()` gives the text; on: {state(kind, words), findings(list), conflict(theirs), others(list), newer()}. */
  constructor({ partUrl, presenceUrl, part, revision, write, on }) {
    Object.assign(this, { partUrl, presenceUrl, part, revision, write, on });
    this.key = `gongkai:draft:${partUrl}`;
    this.dirty = false;
    this.busy = false;
    this.stopped = false;
    window.addEventListener('beforeunload', (event) => {
      if (this.dirty) event.preventDefault();
    });
    window.addEventListener('online', () => this.dirty && this.soon(0));
  }

  /** What an earlier visit could not send, if it began from this very revision or an older one. */
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

  async save() {
    clearTimeout(this.timer);
    if (this.busy || this.stopped || !this.dirty) return;
    this.busy = true;
    this.dirty = false;
    const text = await this.write();
    memory.put(this.key, { text, revision: this.revision });
    this.on.state('saving', '正在保存……');
    try {
      const { status, said } = await post(this.partUrl, { text, revision: this.revision });
      this.answered(status, said, text);
    } catch {
      this.dirty = true;
      this.on.state('error', '未保存：网络不通，稍后会再试');
      this.soon(AGAIN);
    }
    this.busy = false;
    if (this.dirty && !this.stopped && !this.waiting) this.soon(PAUSE);
  }

  answered(status, said, text) {
    if (status === 200) {
      this.revision = said.revision;
      if (!this.dirty) this.forget();
      this.on.state(this.dirty ? 'dirty' : 'saved', this.dirty ? '未保存' : '已保存');
      if (said.findings) this.on.findings(said.findings);
      return;
    }
    this.dirty = true;
    this.stopped = true;
    if (status === 409) {
      this.on.state('error', '未保存：别人刚刚保存过');
      this.on.conflict({ ...said, mine: text });
    } else {
      this.on.state('error', `未保存：${said.said ?? said.message ?? '系统没有收下，请刷新页面后重试'}`);
      setTimeout(() => (this.stopped = false), 0);
    }
  }

  /** 用我的覆盖: from the revision that stands now. */
  overwrite(revision) {
    this.revision = revision;
    this.resume();
    this.changed();
    return this.save();
  }

  /** 放弃我的: what stands now is what is shown. */
  take(revision) {
    this.revision = revision;
    this.dirty = false;
    this.forget();
    this.resume();
    this.on.state('saved', '已载入最新内容');
  }

  resume() {
    this.stopped = false;
  }

  watch() {
    const look = async () => {
      if (document.visibilityState !== 'visible') return;
      try {
        const { status, said } = await post(this.presenceUrl, { part: this.part });
        if (status !== 200) return;
        this.on.others(said.others);
        const theirs = said.revisions?.[this.part];
        if (theirs > this.revision && !this.busy) this.on.newer(theirs);
      } catch {
        /* the next round will tell */
      }
    };
    look();
    setInterval(look, PRESENCE);
  }
}

// -- what somebody else changed, in words

const LABELS = { userTask: '环节', manualTask: '环节', serviceTask: '系统动作', businessRuleTask: '决策', callActivity: '调用流程', sequenceFlow: '连线', lane: '泳道' };

function elements(xml) {
  const found = new Map();
  const root = new DOMParser().parseFromString(xml, 'application/xml');
  for (const each of root.querySelectorAll('process *[id]')) {
    const own = [...each.attributes].map((one) => `${one.name}=${one.value}`).sort().join(' ');
    const inside = [...each.children].filter((one) => !one.id && !/^(incoming|outgoing|flowNodeRef)$/.test(one.localName)).map((one) => one.textContent.trim() + [...one.querySelectorAll('*')].map((part) => [...part.attributes].map((attribute) => attribute.value).join()).join()).join('|');
    found.set(each.id, { said: `${own}|${inside}`, name: each.getAttribute('name') || each.id, kind: LABELS[each.localName] ?? '图形' });
  }
  return found;
}

/** Sentences about how `theirs` differs from `base`. */
export function differences(base, theirs) {
  const [before, after] = [elements(base), elements(theirs)];
  const lines = [];
  for (const [id, each] of after) {
    if (!before.has(id)) lines.push(`增加了${each.kind}“${each.name}”`);
    else if (before.get(id).said !== each.said) lines.push(`修改了${each.kind}“${each.name}”`);
  }
  for (const [id, each] of before) if (!after.has(id)) lines.push(`删除了${each.kind}“${each.name}”`);
  return lines.length ? lines : ['只移动了图形的位置'];
}
