/* 决策表: dmn-js with plain text cells, findings at their cells, and rows to try it with. */
import EditingManager from 'dmn-js-shared/lib/base/EditingManager';
import { is } from 'dmn-js-shared/lib/util/ModelUtil';
import Editor from 'dmn-js-decision-table/lib/Editor';
import { HIT_POLICIES } from 'dmn-js-decision-table/lib/features/hit-policy/HitPolicies';
import simpleBoolean from 'dmn-js-decision-table/lib/features/simple-boolean-edit';
import simpleDate from 'dmn-js-decision-table/lib/features/simple-date-edit';
import simpleDateTime from 'dmn-js-decision-table/lib/features/simple-date-time-edit';
import simpleDuration from 'dmn-js-decision-table/lib/features/simple-duration-edit';
import simpleMode from 'dmn-js-decision-table/lib/features/simple-mode';
import simpleNumber from 'dmn-js-decision-table/lib/features/simple-number-edit';
import simpleString from 'dmn-js-decision-table/lib/features/simple-string-edit';
import simpleTime from 'dmn-js-decision-table/lib/features/simple-time-edit';
import Viewer from 'dmn-js-decision-table/lib/Viewer';
import { all, make, one, parse } from '../dom.js';
import { button, note } from './controls.js';
import { openPart, openRemoval } from './part.js';
import chinese from './table_chinese.js';
import { readCells } from './table_words.js';
import { Trial } from './table_trial.js';

// What the engine runs (check.py: hit_policy), and cells as text: the forms of dmn-js write FEEL, which it does not.
HIT_POLICIES.splice(0, HIT_POLICIES.length, ...HIT_POLICIES.filter((each) => ['UNIQUE', 'FIRST', 'COLLECT'].includes(each.value.hitPolicy) && !each.value.aggregation));
const FORMS = new Set([simpleMode, simpleBoolean, simpleDate, simpleDateTime, simpleDuration, simpleNumber, simpleString, simpleTime]);

class PlainEditor extends Editor {
  getModules() {
    return [...Viewer._getModules(), ...Editor._getModules()].filter((each) => !FORMS.has(each));
  }
}

class Tables extends EditingManager {
  _getViewProviders() {
    return [{ id: 'decisionTable', constructor: this.kind, opens: (element) => is(element, 'dmn:Decision') && is(element.decisionLogic, 'dmn:DecisionTable') }];
  }
}

class Editable extends Tables {
  get kind() {
    return PlainEditor;
  }
}

/** A draft that is not open any more: the table as it is, without anything that would change it. */
class Shown extends Tables {
  get kind() {
    return Viewer;
  }
}

class TableEditor {
  constructor(root) {
    this.root = root;
    this.page = parse(root.dataset.page);
    this.rowsRevision = this.page.rows_revision;
    this.tables = new (this.page.editable ? Editable : Shown)({
      container: one('[data-canvas]', root),
      common: {
        expressionLanguages: { options: [{ value: 'python', label: '表达式' }], defaults: { editor: 'python' } },
        dataTypes: ['string', 'boolean', 'number', 'date', 'Any'],
      },
      decisionTable: { additionalModules: [chinese] },
    });
    this.trial = new Trial(one('[data-trial]', root), {
      url: root.dataset.tryUrl, facts: this.page.facts, rows: this.page.rows, told: this.page.trial, editable: this.page.editable,
      text: () => this.text(), changed: () => this.part?.changed(), judged: (told) => this.judged(told),
    });
    this.part = openPart({
      saveUrl: root.dataset.saveUrl, presenceUrl: root.dataset.presenceUrl, name: this.page.name, revision: this.page.revision, editable: this.page.editable,
      body: async () => ({ text: await this.text(), rows: this.trial.sent(), rows_revision: this.rowsRevision }),
      saved: (answer) => {
        this.rowsRevision = answer.rows_revision;
        this.trial.show(answer.trial);
      },
      told: (theirs) => make('pre', { translate: 'no' }, theirs.text ?? ''),
      met: (theirs) => (this.rowsRevision = theirs.rows_revision),
      replaced: (theirs) => {
        if (theirs.rows) this.trial.take(theirs.rows);
        this.open(theirs.text).then(() => this.trial.soon());
      },
    });
    // two titles of dmn-js go past its translations
    new MutationObserver(() => {
      for (const each of all('[title^="Move "]', root)) each.title = each.title === 'Move Input' ? '移动条件列' : '移动结果列';
    }).observe(one('[data-canvas]', root), { childList: true, subtree: true });
    const { removeUrl, removeRowsUrl, homeUrl } = root.dataset;
    const parts = () => [...(this.rowsRevision ? [[removeRowsUrl, this.rowsRevision]] : []), [removeUrl, this.part.revision()]];
    if (this.page.editable) openRemoval({ label: '删除这张决策表', parts, home: homeUrl });
    this.undoButtons();
    this.values();
    this.open(this.page.text);
  }

  async open(text) {
    try {
      await this.tables.importXML(text);
    } catch {
      this.broken(text);
      return;
    }
    const viewer = this.tables.getActiveViewer();
    if (!viewer) return this.broken(text);
    this.root.dataset.ready = 'yes';
    one('.bjs-powered-by', this.root)?.setAttribute('title', 'bpmn.io');
    viewer.get('eventBus').on('commandStack.changed', () => this.changed());
    readCells(() => this.tables.getActiveView().element.decisionLogic, one('[data-canvas]', this.root), [...this.page.facts, ...this.page.results], this.page.codes);
    this.judged(this.page.trial);
  }

  /** A file that cannot be drawn is mended as text. */
  broken(text) {
    this.plain = make('textarea', { class: 'form-control', rows: 16, spellcheck: 'false', 'aria-label': '决策表的文字' });
    this.plain.value = text;
    this.plain.addEventListener('change', () => this.part.changed());
    one('[data-canvas]', this.root).replaceChildren(note('这张决策表画不出来，可以改下面的文字，或者删除后重新建立。'), this.plain);
  }

  async text() {
    if (!this.page.editable) return this.page.text;
    return this.plain ? this.plain.value : (await this.tables.saveXML({ format: true })).xml;
  }

  changed() {
    const stack = this.tables.getActiveViewer().get('commandStack');
    [this.back.disabled, this.forth.disabled] = [!stack.canUndo(), !stack.canRedo()];
    this.part.changed();
    this.trial.soon();
  }

  undoButtons() {
    const act = (name) => () => this.tables.getActiveViewer()?.get('commandStack')[name]();
    this.back = button('撤销', act('undo'), 'btn btn-plain');
    this.forth = button('重做', act('redo'), 'btn btn-plain');
    this.back.disabled = this.forth.disabled = true;
    if (this.page.editable) one('[data-part-bar]')?.prepend(this.back, this.forth);
  }

  judged(told) {
    const lines = [...(told.problems ?? []), ...(told.findings ?? []).map((each) => `${each.message}。${each.mend}`)];
    one('[data-findings]', this.root).replaceChildren(...(lines.length ? [make('div', { class: 'note note-warning' }, make('div', { class: 'note-text' }, make('p', { class: 'note-title' }, `有 ${lines.length} 处要改`), make('ul', {}, ...lines.map((each) => make('li', {}, each)))))] : []));
    for (const cell of all('.has-finding', this.root)) cell.classList.remove('has-finding');
    for (const each of told.findings ?? []) if (each.element) one(`[data-element-id="${CSS.escape(each.element)}"]`, this.root)?.classList.add('has-finding');
  }

  /** What may stand in the cells of each fact, by its label. */
  values() {
    const listed = this.page.facts.filter((each) => each.options.length && this.page.trial.reads.includes(each.name));
    if (!listed.length) return;
    one('[data-values]', this.root).replaceChildren(make('dl', { class: 'facts facts-1' }, ...listed.map((fact) => make('div', {}, make('dt', {}, fact.label), make('dd', { translate: 'no' }, fact.options.map((each) => `"${each.value}" ${each.label}`).join('　'))))));
  }
}

const root = one('[data-table-editor]');
if (root) new TableEditor(root);
