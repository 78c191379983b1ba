/*
  流程图: the editor of one draft's diagram. Loaded on its own page only. The page says where everything is (data-…);
  this joins drawing, settings, findings and saving.
*/
import { clock, make, one, say } from './dom.js';
import { differences } from './studio/drawn_differences.js';
import { read, write } from './studio/expressions.js';
import { Findings } from './studio/findings.js';
import { Model } from './studio/model.js';
import { modelerIn, throughTheEditor } from './studio/modeler.js';
import { Panel } from './studio/panel.js';
import { Saving, post } from './studio/saving.js';
import { toolbar } from './studio/toolbar.js';

export { read, throughTheEditor, write };

/** What must be in sight around a chosen shape: the palette at the left, the shape's own buttons at the right. */
const AROUND = { top: 60, bottom: 120, left: 150, right: 150 };

async function json(url) {
  const answer = await fetch(url, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${url} ${answer.status}`);
  return answer.json();
}

export class Editor {
  constructor(root) {
    this.root = root;
    this.place = one('[data-canvas]', root);
    this.state = one('[data-state]', root);
    this.notice = one('[data-notice]', root);
  }

  async open() {
    const { partUrl, wordsUrl } = this.root.dataset;
    performance.mark('studio-start');
    document.body.classList.add('studio-open');
    const asked = json(wordsUrl);
    asked.catch(() => {}); // told where it is awaited; the drawing goes on meanwhile
    const part = await json(partUrl);
    this.modeler = modelerIn(this.place);
    this.base = part.text;
    await this.load(part.text);
    const words = await asked;
    this.words = words;
    this.model = new Model(this.modeler);
    this.findings = new Findings(this.modeler, this.model, one('[data-findings]', this.root), one('[data-findings-count]', this.root), (id) => this.pick(id), (name) => this.addressOf(name));
    this.panel = new Panel(one('[data-panel]', this.root), this.modeler, this.model, words, {
      findingsOf: (id) => this.findings.of(id),
      open: (url) => this.leaveTo(url),
      tell: (sentence) => this.tell(sentence, 'warning'),
    });
    this.saving = this.savingOf(part);
    toolbar(this);
    this.modeler.on('studio.appended', ({ element }) => this.modeler.get('canvas').scrollToElement(element, AROUND));
    this.modeler.on('commandStack.changed', () => {
      this.findings.guess();
      this.panel.retell();
      this.saving.changed();
    });
    one('[data-wait]', this.root)?.remove();
    this.fit();
    this.panel.draw();
    this.findings.guess();
    if (this.root.hasAttribute('data-readonly')) this.onlyShow();
    else {
      this.offerKept();
      this.saving.watch();
    }
    performance.mark('studio-ready');
    performance.measure('studio', 'studio-start', 'studio-ready');
    this.root.dataset.ready = String(Math.round(performance.now()));
    this.check();
    return this;
  }

  /** A draft that is not open any more: the drawing and the settings are looked at. The server refuses changes anyway. */
  onlyShow() {
    this.saving.stopped = true;
    this.root.classList.add('is-readonly');
    this.modeler.on('commandStack.canExecute', 20000, () => false);
    this.modeler.on('element.dblclick', 20000, () => false);
    one('[data-panel]', this.root).addEventListener('focusin', (event) => event.target.matches('input, select, textarea') && event.target.setAttribute('disabled', ''));
  }

  async load(text) {
    const { warnings } = await this.modeler.importXML(text);
    const drawn = this.modeler.get('canvas');
    drawn._svg.setAttribute('aria-label', '流程图画布');
    const mark = this.place.querySelector('.bjs-powered-by');
    mark?.setAttribute('translate', 'no');
    mark?.setAttribute('lang', 'en');
    mark?.setAttribute('title', 'bpmn.io');
    return warnings;
  }

  savingOf(part) {
    return new Saving({
      url: this.root.dataset.partUrl,
      presenceUrl: this.root.dataset.presenceUrl,
      part: part.name,
      revision: part.revision,
      write: async () => ({ text: (await this.modeler.saveXML({ format: true })).xml }),
      on: {
        state: (kind, words) => this.show(kind, words),
        saved: ({ findings }) => {
          if (findings) this.findings.show(findings);
          this.panel.retell();
        },
        conflict: (theirs) => this.conflict(theirs),
        others: (list) => this.others(list),
        newer: () => this.newer(),
      },
    });
  }

  show(kind, words) {
    this.state.textContent = kind === 'saved' ? `${words} ${clock()}` : words;
    this.state.className = `studio-state is-${kind}`;
  }

  tell(sentence, kind = 'info', ...acts) {
    const close = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, '知道了'));
    close.addEventListener('click', () => this.notice.replaceChildren());
    this.notice.replaceChildren(make('div', { class: `note note-${kind}` }, make('div', { class: 'note-text' }, make('p', {}, sentence)), ...acts, close));
    say(sentence);
  }

  /** Where another part of the draft is edited; null for the drawing itself. */
  addressOf(name) {
    const { urls } = this.words;
    const own = name.replace(/^.*\//, '').replace(/\.\w+$/, '');
    if (name.startsWith('forms/')) return urls.form.replace('__name__', own);
    if (name.endsWith('.dmn')) return urls.table.replace('__name__', own);
    return name === 'package.toml' ? urls.settings : null;
  }

  /** What the server finds in the saved draft. The drawing does not wait for it. */
  async check() {
    const { revision } = this.saving;
    try {
      const answer = await post(this.root.dataset.checkUrl, {});
      if (answer.status !== 200) throw new Error(String(answer.status));
      // What was saved meanwhile was checked with its saving.
      if (this.saving.revision === revision && !this.saving.dirty && !this.saving.busy) this.findings.show(answer.findings);
      this.panel.retell();
    } catch {
      this.tell('检查没有完成，请稍后点“检查”再试。', 'warning');
    }
  }

  pick(id) {
    const element = this.panel.pick(id);
    if (!element) return;
    const canvas = this.modeler.get('canvas');
    canvas.scrollToElement(element, AROUND);
    this.place.querySelector('svg')?.focus?.({ preventScroll: true });
  }

  /** All of it; at the opening, where that would be too small to read, its beginning. */
  fit(whole = false) {
    const canvas = this.modeler.get('canvas');
    canvas.resized();
    const { inner, outer } = canvas.viewbox();
    const beside = outer.width > 600 ? 120 : 10; // the palette's place
    const zoom = Math.min((outer.width - beside - 20) / inner.width, (outer.height - 80) / inner.height, 1);
    const wanted = !whole && zoom < 0.55 ? 0.8 : zoom;
    canvas.viewbox({ x: inner.x - beside / wanted, y: inner.y - 20, width: outer.width / wanted, height: outer.height / wanted });
  }

  async leaveTo(url) {
    await this.saving.save();
    location.href = url;
  }

  // -- several people

  others(list) {
    const place = one('[data-others]', this.root);
    place.hidden = !list.length;
    place.textContent = list.length ? `${list.map((each) => each.name).join('、')}也打开了这份草稿。各自保存时会提醒，不会悄悄覆盖。` : '';
  }

  newer() {
    if (this.saving.dirty || this.asked) return;
    this.asked = true;
    const act = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, '载入最新内容'));
    act.addEventListener('click', async () => {
      const part = await json(this.root.dataset.partUrl);
      await this.take(part.text, part.revision);
      this.notice.replaceChildren();
      this.asked = false;
    });
    this.tell('别人保存了新的流程图，您看到的不是最新的。', 'warning', act);
  }

  async take(text, revision) {
    this.base = text;
    this.saving.take(revision);
    await this.load(text);
    this.saving.take(revision);
    this.fit();
  }

  conflict({ said, text, revision }) {
    const dialog = one('[data-conflict]', this.root);
    one('[data-conflict-said]', dialog).textContent = said;
    const list = one('[data-conflict-list]', dialog);
    list.hidden = true;
    const acts = {
      view: () => {
        list.replaceChildren(...differences(this.base, text).map((line) => make('li', {}, line)));
        list.hidden = false;
      },
      mine: () => {
        if (!dialog.dataset.sure) {
          dialog.dataset.sure = '1';
          one('[data-conflict-mine] span', dialog).textContent = '确定：用我的覆盖对方的修改';
          return;
        }
        dialog.close();
        this.base = text;
        this.saving.overwrite(revision);
      },
      theirs: async () => {
        dialog.close();
        await this.take(text, revision);
      },
    };
    delete dialog.dataset.sure;
    one('[data-conflict-mine] span', dialog).textContent = '用我的覆盖';
    for (const [name, act] of Object.entries(acts)) one(`[data-conflict-${name}]`, dialog).onclick = act;
    // Closing without a choice keeps both: nothing is saved until one is made.
    dialog.onclose = () => {
      if (this.saving.stopped) {
        const act = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, '再选一次'));
        act.addEventListener('click', () => this.conflict({ said, text, revision }));
        this.tell('您的修改还没有保存。', 'warning', act);
      }
    };
    dialog.showModal();
  }

  offerKept() {
    const { kept } = this.saving;
    if (!kept?.body || kept.body.text === this.base) return this.saving.forget();
    const act = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, '恢复'));
    act.addEventListener('click', async () => {
      await this.load(kept.body.text);
      this.saving.restored(kept);
      this.notice.replaceChildren();
    });
    this.tell('上次有修改没有送到系统，还留在本机。', 'warning', act);
  }
}

const root = one('[data-studio]');
if (root) {
  const editor = new Editor(root);
  editor.open().catch((error) => {
    console.error(error);
    one('[data-wait]', root)?.replaceChildren(
      '流程图没有打开。请刷新本页再试；仍打不开的，请到草稿页导出后请人检查。',
    );
  });
  root.editor = editor;
}
