/* What stands around the questions of a form: its title, sections, rules, what is known already, what is hidden. */
import { make } from '../dom.js';
import { conditionBuilder } from './asking.js';
import { button, check, field as labelled, part, select, text } from './controls.js';
import { freeKey } from './form_data.js';

const row = (...children) => make('div', { class: 'fe-row' }, ...children.filter(Boolean));
const problemsOf = (ask, at) => ask.problems.filter((each) => each.at === at).map((each) => make('p', { class: 'field-error' }, make('span', {}, each.message)));

export function head(ask) {
  const set = (name) => (value) => ask.change(() => (ask.data[name] = value));
  return make('div', { class: 'fe-head' },
    labelled('表单标题', text(ask.data.title ?? '', set('title')), { key: 'title' }), ...problemsOf(ask, 'title'),
    labelled('表单说明', text(ask.data.help ?? '', set('help'), { rows: 2 }), { key: 'help', help: '显示在表单最上面，写依据和要点。' }));
}

function listed(ask, name, title, empty, one, add, open) {
  const list = ask.data[name];
  const items = list.map((each, at) => {
    const away = button('删除', () => ask.change(() => list.splice(at, 1), true, `${name}-add`));
    const up = at > 0 ? button('上移', () => ask.change(() => list.splice(at - 1, 0, list.splice(at, 1)[0]), true)) : null;
    return make('div', { class: 'fe-option' }, ...one(each, at), row(up, away), ...problemsOf(ask, `${name}.${at}`));
  });
  const plus = button(add.label, () => ask.change(() => list.push(add.make()), true, `${name}-${list.length}`));
  plus.dataset.key = `${name}-add`;
  return part(`${title}（${list.length}）`, open, list.length ? null : make('p', { class: 'help' }, empty), ...items, plus);
}

export function sections(ask) {
  const taken = () => new Set(ask.data.section.map((each) => each.key));
  return listed(ask, 'section', '分节', '字段多时分成几节，每节一个标题。', (each, at) => [
    labelled('节名', text(each.title, (value) => ask.change(() => (each.title = value))), { key: `section-${at}` }),
    labelled('说明', text(each.help ?? '', (value) => ask.change(() => (each.help = value)))),
  ], { label: '加一节', make: () => ask.marked({ key: freeKey('section', taken()), title: `第 ${ask.data.section.length + 1} 节` }) }, false);
}

export function rules(ask) {
  const fields = () => ask.data.field.map((each) => ({ value: each.key, label: each.label }));
  return listed(ask, 'rule', '提交时核对', '符合条件就不让提交，并在字段上说明怎么改。', (each, at) => [
    make('p', { class: 'field-label' }, '什么情况下不能提交'),
    conditionBuilder(each.when ?? '', ask.facts(null), null, (value) => ask.change(() => ask.condition(each, 'when', value))),
    labelled('提示写在哪个字段', select(fields(), each.field ?? '', (value) => ask.change(() => (each.field = value)), { none: '请选择' }), { key: `rule-${at}` }),
    labelled('提示的话', text(each.message ?? '', (value) => ask.change(() => (each.message = value))), { help: '写清怎么改，以句号结尾。' }),
  ], { label: '加一条核对', make: () => ask.marked({ when: '', field: ask.data.field[0]?.key ?? '', message: '' }) }, false);
}

export function known(ask) {
  const offered = ask.elsewhere.map((each) => ({ value: each.key, label: `${each.label}（${each.from}）` }));
  const pick = (each, key) => {
    const found = ask.elsewhere.find((one) => one.key === key);
    Object.assign(each, { key, label: found?.label ?? each.label });
    if (found) each.as = { date: 'date', boolean: 'boolean', files: 'files' }[found.type] ?? (found.options.length ? 'choices' : 'text');
  };
  return listed(ask, 'known', '先给经办人看的内容', '把前面环节填过的内容列在表单上面，不用再问。', (each, at) => [
    row(labelled('哪一项', select(offered, each.key ?? '', (value) => ask.change(() => pick(each, value), true, `known-${at}`), { none: '请选择' }), { key: `known-${at}` }),
      labelled('显示为', text(each.label ?? '', (value) => ask.change(() => (each.label = value)))),
      labelled('怎么显示', select(ask.words.shown_as, each.as ?? 'text', (value) => ask.change(() => (each.as = value))))),
    labelled('没有内容时写', text(each.missing ?? '', (value) => ask.change(() => (each.missing = value))), { help: '不写就不显示这一行。' }),
  ], { label: '加一项', make: () => ask.marked({ key: '', label: '' }) }, false);
}

export function rights(ask) {
  const asked = new Set([...ask.data.field, ...ask.data.known].map((each) => each.key));
  const rest = ask.elsewhere.filter((each) => each.type !== 'files' && !asked.has(each.key));
  const boxes = rest.map((each) => check(`${each.label}（${each.from}）`, ask.data.hidden.includes(each.key), (yes) => ask.change(() => {
    ask.data.hidden = yes ? [...ask.data.hidden, each.key] : ask.data.hidden.filter((key) => key !== each.key);
  })));
  return part(`字段权限：这个环节看不到的内容（${ask.data.hidden.length}）`, false, ...problemsOf(ask, 'hidden'),
    make('p', { class: 'help' }, rest.length ? '勾选的内容，办理这个环节的人在环节打开期间看不到。附件不能按环节隐藏。' : '别的环节还没有可以隐藏的内容。'), ...boxes);
}
