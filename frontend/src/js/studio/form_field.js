/* The settings of one question of a form. `ask` is the editor: change(fn, redraw), facts, words, elsewhere, taken. */
import { make } from '../dom.js';
import { conditionBuilder } from './asking.js';
import { button, check, field as labelled, select, text } from './controls.js';
import { choosing, freeKey, retyped } from './form_data.js';

const TEXTS = ['text', 'textarea', 'phone', 'opinion'];
const CONDITIONS = { show_if: '只在符合条件时显示', required_if: '符合条件时必填', readonly_if: '符合条件时只能看不能改' };
const BOUNDS = {
  integer: ['最小', '最大'], checks: ['最少选几项', '最多选几项'], files: ['最少几个文件', '最多几个文件'], group: ['最少几行', '最多几行'],
  text: ['最少几个字', '最多几个字'], textarea: ['最少几个字', '最多几个字'], opinion: ['最少几个字', '最多几个字'],
};

/** A line of small controls. */
const row = (...children) => make('div', { class: 'fe-row' }, ...children.filter(Boolean));

function whole(value, changed) {
  const control = text(value ?? '', (said) => {
    const number = Number.parseInt(said.replace(/[^\d-]/g, ''), 10);
    changed(Number.isNaN(number) ? null : number);
  });
  control.inputMode = 'numeric';
  return control;
}

export function optionRows(owner, ask, { decision = false, key = '' } = {}) {
  owner.options ??= [];
  const rows = owner.options.map((option, at) => {
    const set = (name) => (value) => ask.change(() => (option[name] = value));
    const label = text(option.label, set('label'));
    label.setAttribute('aria-label', `第 ${at + 1} 个选项的名称`);
    label.dataset.key = `${key}option-${at}`;
    const value = text(option.value, set('value'));
    value.setAttribute('aria-label', `第 ${at + 1} 个选项的编号`);
    value.classList.add('fe-code');
    const away = button('删除', () => ask.change(() => owner.options.splice(at, 1), true));
    away.setAttribute('aria-label', `删除选项「${option.label}」`);
    const up = at > 0 && button('上移', () => ask.change(() => owner.options.splice(at - 1, 0, owner.options.splice(at, 1)[0]), true));
    if (up) up.setAttribute('aria-label', `上移选项「${option.label}」`);
    const more = decision
      ? row(
          check('须写意见', Boolean(option.opinion_required), set('opinion_required')),
          check('只写意见，不填其他', Boolean(option.opinion_only), set('opinion_only')),
          labelled('按钮样式', select([{ value: 'primary', label: '主要' }, { value: 'secondary', label: '普通' }, { value: 'danger', label: '慎重' }], option.style ?? '', set('style'), { none: '自动' })),
        )
      : null;
    const help = text(option.help ?? '', set('help'), { placeholder: '说明（可不写）' });
    help.setAttribute('aria-label', `第 ${at + 1} 个选项的说明`);
    return make('div', { class: 'fe-option' }, row(label, value, up, away), decision ? null : row(help), more);
  });
  const add = button('加一个选项', () => {
    const values = new Set(owner.options.map((each) => each.value));
    let number = 1;
    while (values.has(`o${number}`)) number += 1;
    ask.change(() => owner.options.push({ value: `o${number}`, label: `选项${owner.options.length + 1}` }), true, `${key}option-${owner.options.length}`);
  });
  return make('fieldset', { class: 'fe-options' }, make('legend', { class: 'field-label' }, '选项'), make('p', { class: 'help' }, '左边是经办人看到的，右边是编号，供条件判断用。'), ...rows, add);
}

function bounds(field, ask) {
  if (field.type === 'date') return dayBounds(field, ask);
  const names = BOUNDS[field.type];
  if (!names) return null;
  return row(...['min', 'max'].map((name, at) => labelled(names[at], whole(field[name], (value) => ask.change(() => (field[name] = value))), { key: `${field._id}-${name}` })));
}

function dayBounds(field, ask) {
  const one = (name, label) => {
    const mode = field[name] === 'today' ? 'today' : field[name] ? 'day' : '';
    const which = select([{ value: 'today', label: name === 'min' ? '不早于今天' : '不晚于今天' }, { value: 'day', label: '指定日期' }], mode, (value) =>
      ask.change(() => (field[name] = value === 'today' ? 'today' : value === 'day' ? '2026-01-01' : null), true, `${field._id}-${name}`), { none: '不限' });
    const control = labelled(label, which, { key: `${field._id}-${name}` });
    if (mode !== 'day') return control;
    const day = text(field[name], (value) => ask.change(() => (field[name] = value || null)));
    day.type = 'date';
    day.setAttribute('aria-label', label);
    control.append(day);
    return control;
  };
  return row(one('min', '最早'), one('max', '最晚'));
}

/** Conditions that are ticked and not written: [words of the tick]. They have no place in the definition yet. */
export function unwritten(field) {
  return Object.entries(CONDITIONS).filter(([name]) => field._asks?.[name] && !field[name]).map(([, label]) => label);
}

function condition(field, name, help, ask, facts) {
  const label = CONDITIONS[name];
  const on = Boolean(field[name]);
  const box = check(label, on, (yes) => {
    if (yes) field._asks = { ...field._asks, [name]: true };
    ask.change(() => {
      if (!yes) {
        field[name] = '';
        field._asks = { ...field._asks, [name]: false };
      }
    }, true, `${field._id}-${name}`);
  }, { key: `${field._id}-${name}`, help });
  if (!on && !field._asks?.[name]) return box;
  box.querySelector('input').checked = true;
  const builder = conditionBuilder(field[name] ?? '', facts, null, (text) => ask.change(() => ask.condition(field, name, text)));
  return make('div', { class: 'fe-condition' }, box, builder);
}

function columns(field, ask) {
  field.field ??= [];
  const cards = field.field.map((each, at) => {
    const set = (name) => (value) => ask.change(() => (each[name] = value));
    const label = text(each.label, set('label'));
    label.dataset.key = `${field._id}-column-${at}`;
    const type = select(ask.words.types.filter((one) => ask.words.inner.includes(one.value)), each.type, (value) =>
      ask.change(() => (field.field[at] = retyped(each, value)), true, `${field._id}-type-${at}`));
    const away = button('删除这一栏', () => ask.change(() => field.field.splice(at, 1), true));
    return make('div', { class: 'fe-option' },
      row(labelled('栏名', label, { key: `${field._id}-column-${at}` }), labelled('类型', type, { key: `${field._id}-type-${at}` })),
      row(check('必填', Boolean(each.required), set('required')), away),
      choosing(each.type) ? optionRows(each, ask, { key: `${field._id}-${at}-` }) : null);
  });
  const add = button('加一栏', () => {
    const taken = new Set(field.field.map((each) => each.key));
    ask.change(() => field.field.push({ key: freeKey('text', taken), label: `第 ${field.field.length + 1} 栏`, type: 'text' }), true, `${field._id}-column-${field.field.length}`);
  });
  return make('fieldset', { class: 'fe-options' }, make('legend', { class: 'field-label' }, '每行问什么'), make('p', { class: 'help' }, '一组整体保存。个人信息和流转要用的内容不能放在组里，请单独加字段。'), ...cards, add);
}

/** Why an answer cannot decide where the case goes; empty when it can. */
function noRoute(field, words) {
  if (field.type === 'decision') return '办理决定总是供流转判断。';
  if (field.personal) return '个人信息不能供流转判断。';
  if (!words.routable.includes(field.type)) return '文字、附件和分组不能供流转判断，流转只用选项、数字、日期和是否。';
  return '';
}

function defaultValue(field, ask) {
  const set = (value) => ask.change(() => (field.default = value));
  if (field.type === 'boolean') return labelled('默认', select([{ value: 'yes', label: '已勾选' }], field.default === true ? 'yes' : '', (value) => set(value ? true : null), { none: '未勾选' }));
  if (field.type === 'date') return labelled('默认', select([{ value: 'today', label: '今天' }], field.default ?? '', (value) => set(value || null), { none: '没有' }));
  if (['choice', 'radio'].includes(field.type) && field.options?.length) return labelled('默认', select(field.options, field.default ?? '', (value) => set(value || null), { none: '没有' }));
  if (field.type === 'integer') return labelled('默认', whole(field.default, set));
  if (['text', 'textarea', 'opinion'].includes(field.type)) return labelled('默认', text(field.default ?? '', set));
  return null;
}

function more(field, ask) {
  const set = (name) => (value) => ask.change(() => (field[name] = value));
  const why = noRoute(field, ask.words);
  const route = check('供流转判断', field.type === 'decision' || Boolean(field.route && !why), (value) => ask.change(() => (field.route = value)), { help: why || '网关和泳道可以用它作条件，不能是自由填写的内容。' });
  route.querySelector('input').disabled = Boolean(why);
  const personal = check('个人信息', Boolean(field.personal), (value) => ask.change(() => {
    field.personal = value;
    if (value) field.route = false;
  }, true), { help: '加密保存，不进流转，列表上不显示。', key: `${field._id}-personal` });
  const key = labelled('编号', text(field.key, (value) => ask.rename(field, value)), { key: `${field._id}-key`, help: '条件、打印件里用的名字，小写字母、数字和下划线。两张表单用同一编号，就是同一项内容。' });
  const from = labelled('默认取自', select(ask.elsewhere.map((each) => ({ value: each.key, label: `${each.label}（${each.from}）` })), field.default_from ?? '', set('default_from'), { none: '不取' }), { help: '先填好别的环节写过的内容，可以改。' });
  const fixed = condition(field, 'readonly_if', '', ask, ask.facts(field));
  const refuse = field.show_if ? labelled('不该填写却填了时说', text(field.refuse_hidden ?? '', set('refuse_hidden')), { help: '不写就不保存那部分内容，也不提示。' }) : null;
  const box = make('details', { class: 'studio-part', open: Boolean(field._more) }, make('summary', {}, '更多设置'),
    field.type === 'decision' ? null : key, route, field.type === 'group' || field.type === 'decision' ? null : personal,
    check('每次重新填写', Boolean(field.once), set('once'), { help: '退回后再来时，不带出上次写的。' }),
    defaultValue(field, ask), field.type === 'decision' ? null : from, field.type === 'decision' ? null : fixed, refuse);
  box.addEventListener('toggle', () => (field._more = box.open));
  return box;
}

/** All controls of a field. */
export function fieldControls(field, ask) {
  const set = (name) => (value) => ask.change(() => (field[name] = value));
  const type = select(ask.words.types.map((each) => ({ value: each.value, label: each.label })), field.type, (value) => ask.change(() => ask.replace(field, retyped(field, value)), true, `${field._id}-type`));
  const sections = ask.data.section;
  const parts = [
    row(labelled('名称', text(field.label, (value) => ask.change(() => (field.label = value), 'head')), { key: `${field._id}-label` }), labelled('类型', type, { key: `${field._id}-type` })),
    labelled('填写说明', text(field.help ?? '', set('help'), { rows: TEXTS.includes(field.type) ? 2 : 0 }), { key: `${field._id}-help` }),
    field.type === 'decision' ? null : check('必填', Boolean(field.required), (value) => ask.change(() => (field.required = value), 'head')),
    sections.length && field.type !== 'decision' ? labelled('放在哪一节', select(sections.map((each) => ({ value: each.key, label: each.title })), field.section ?? '', set('section'), { none: '请选择' }), { key: `${field._id}-section` }) : null,
  ];
  if (choosing(field.type) && field.type !== 'decision') {
    const own = !field.options_from && !(field.type === 'organ' || field.type === 'person');
    parts.push(labelled('选项来自', select(ask.words.sources, field.options_from ?? '', (value) => ask.change(() => {
      field.options_from = value;
      if (value) field.options = [];
    }, true, `${field._id}-source`), { none: own || ['choice', 'radio', 'checks'].includes(field.type) ? '自己写' : '按类型' }), { key: `${field._id}-source` }));
    if (own) parts.push(optionRows(field, ask, { key: `${field._id}-` }));
  }
  if (field.type === 'decision') parts.push(optionRows(field, ask, { decision: true, key: `${field._id}-` }));
  if (field.type === 'group') parts.push(columns(field, ask));
  parts.push(bounds(field, ask));
  if (field.type !== 'decision') {
    parts.push(condition(field, 'show_if', '条件用排在前面的字段', ask, ask.facts(field)));
    if (!field.required) parts.push(condition(field, 'required_if', '', ask, ask.facts(null)));
  }
  parts.push(more(field, ask));
  return parts.filter(Boolean);
}
