/* Settings of a person's step: nature, lane, form, internal deadline, 会签, operations. Names of settings: bpmn/README.md. */
import { make } from '../dom.js';
import { check, checks, field, link, note, number, part, select, stretch, text } from './controls.js';

const url = (template, name) => template.replace('__name__', encodeURIComponent(name));

export function personParts(element, { model, words, facts, open }) {
  const settings = model.settings(element);
  const set = (changes) => model.set(element, changes);
  return [
    part('由谁办', true, ...who(element, model, words), roleField(settings, set, words)),
    part('表单', true, ...form(element, settings, set, words, open)),
    part('内部时限', Boolean(settings.internal_days || settings.internal_hours), ...limits(settings, set)),
    part('会签与多人', model.several(element).mode !== 'none', ...together(element, settings, model, facts)),
    part('可以做的操作', false, ...operations(settings, set, words)),
    part('其他', false, ...others(element, settings, set, model, words)),
  ];
}

function who(element, model, words) {
  const lanes = model.lanes();
  if (!lanes.length) return [note('图上还没有泳道。请先画泳池和泳道，泳道写明岗位。')];
  const about = (name) => words.lanes.find((each) => each.name === name);
  const options = lanes.map((lane) => {
    const name = lane.businessObject.name || lane.id;
    const post = about(name)?.who;
    return { value: lane.id, label: post ? `${name}：${post}` : `${name}（还没有指定岗位）` };
  });
  const now = model.laneOf(element);
  const move = (id) => model.toLane(element, lanes.find((lane) => lane.id === id));
  return [
    field('泳道（岗位）', select(options, now?.id ?? '', move, { none: now ? undefined : '不在泳道内' }), { key: 'lane', help: '选别的泳道，环节就移过去。' }),
    link('指定泳道的岗位', words.urls.settings),
  ];
}

function roleField(settings, set, words) {
  return field('性质', select(words.roles, settings.role, (value) => set({ role: value }), { none: settings.role ? undefined : '请选择' }), { key: 'role' });
}

function form(element, settings, set, words, open) {
  const own = element.id;
  const chosen = settings.form || (words.forms.some((each) => each.name === own) ? own : '');
  const options = words.forms.filter((each) => each.name !== 'start').map((each) => ({ value: each.name, label: each.title }));
  const change = (value) => set({ form: value && value !== own ? value : null });
  const parts = [field('表单', select(options, chosen, change, { none: chosen ? undefined : '还没有表单' }), { key: 'form', help: '填什么、看什么、哪些人看不到，都在表单里定。' })];
  if (chosen) parts.push(link(`设计表单「${words.forms.find((each) => each.name === chosen)?.title ?? chosen}」`, url(words.urls.form, chosen)));
  if (!words.forms.some((each) => each.name === own)) {
    const made = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, '新建这个环节的表单'));
    made.addEventListener('click', () => open(url(words.urls.new_form, own)));
    parts.push(made);
  }
  parts.push(field('提交按钮上的字', text(settings.button, (value) => set({ button: value.trim() || null }), { placeholder: '提交' }), { key: 'button', help: '表单没有办理决定时用。' }));
  return parts;
}

function limits(settings, set) {
  const now = settings.internal_days ?? (settings.internal_hours ? `${settings.internal_hours}h` : '');
  const put = (value) => {
    const hours = /h$/.test(value ?? '');
    const none = value ? {} : { remind_before: null, escalate_after: null, reassign_after: null };
    set({ internal_days: value && !hours ? value : null, internal_hours: hours ? value.replace('h', '') : null, ...none });
  };
  const rung = (key, label, help) => {
    const [amount, unit] = stretch(settings[key], (value) => set({ [key]: value }), key);
    return field(label, amount, { key, help, unit });
  };
  const [amount, unit] = stretch(now, put, 'internal');
  const parts = [field('收到后多久办完', amount, { key: 'internal', unit, help: '办公室内部的要求，不是法定期限。' })];
  if (now) {
    parts.push(
      rung('remind_before', '到期前多久提醒'),
      rung('escalate_after', '超期多久报告科室负责人'),
      rung('reassign_after', '超期多久转出', '转回本岗位或转科室负责人；起草、审核、签发不转出本岗位。'),
    );
  }
  return parts;
}

const RULES = [
  { value: 'all', label: '全部同意才通过' },
  { value: 'ratio', label: '按比例通过' },
  { value: 'veto', label: '一票否决' },
  { value: 'first', label: '或签：第一个人定' },
  { value: 'sequence', label: '依次会签' },
];

/** 会签 and 多人: the rule is a setting, for whom it is done is the multi-instance. */
function together(element, settings, model, facts) {
  const several = model.several(element);
  const [rule, ratio] = (settings.countersign ?? '').split(':');
  const put = (kind, percent = '60') => {
    if (kind) {
      const mode = kind === 'sequence' ? 'sequential' : 'parallel';
      if (several.mode !== mode) model.repeat(element, { ...several, mode, until: '', item: several.item || itemName(element), list: several.list, count: several.list ? '' : several.count || '2' });
    }
    model.set(element, { countersign: kind ? (kind === 'ratio' ? `ratio:${percent}` : kind) : null });
  };
  const parts = [field('会签', select(RULES, rule, (value) => put(value), { none: '不会签' }), { key: 'countersign', help: '表单的办理决定编号须为 decision，其中一项为 agree。结果可用作后面的条件。' })];
  if (rule === 'ratio') parts.push(field('同意的比例', number(ratio, (value) => put('ratio', value || '60'), { max: 100 }), { key: 'ratio', unit: make('span', {}, '%') }));
  return [...parts, ...severalFields(element, model, facts, Boolean(rule))];
}

export const itemName = (element) => `${element.id}_one`;

export function severalFields(element, model, facts, signed = false) {
  const now = model.several(element);
  const put = (changes) => model.repeat(element, { ...now, ...changes });
  const modes = [
    { value: 'none', label: '办一份' },
    { value: 'parallel', label: '分成几份，同时办' },
    { value: 'sequential', label: '分成几份，依次办' },
    { value: 'loop', label: '重复办，直到符合条件' },
  ];
  const begin = (mode) => put(mode === 'loop' ? { mode, most: '3', until: '' } : { mode, count: now.list ? '' : now.count || '2', item: now.item || itemName(element), until: '' });
  const parts = [field('分几份办', select(modes.filter((each) => !signed || /parallel|sequential/.test(each.value)), now.mode, begin), { key: 'several' })];
  if (now.mode === 'loop') {
    parts.push(field('最多几次', number(now.most, (most) => put({ most }), { max: 100 }), { key: 'most' }));
    parts.push(field('还要再办的条件', text(now.until, (until) => put({ until })), { key: 'until', help: '表达式；空着就办满次数。' }));
  } else if (now.mode !== 'none') {
    const lists = [...facts.offered(element, (each) => each.type === 'list'), ...facts.offered(element, (each) => each.type === 'unknown')];
    const by = now.list ? 'list' : 'count';
    parts.push(
      field('份数由什么定', select([{ value: 'list', label: '按名单，每人（每科室）一份', disabled: !lists.length }, { value: 'count', label: '固定份数' }], by, (value) =>
        put(value === 'list' ? { list: lists[0].value, count: '', item: now.item || itemName(element) } : { list: '', count: '2' })), { key: 'by' }),
    );
    if (by === 'count' && !lists.length) parts.push(note('要按名单办，先在前面环节的表单里加一个可以多选的人员或科室，并作为流转依据。'));
    if (by === 'list') {
      parts.push(
        field('名单', select(lists, now.list, (list) => put({ list })), { key: 'list', help: '表单里可多选的科室或人员字段，并作为流转依据。' }),
        field('每一份的名称', text(now.item, (item) => put({ item: item.trim() })), { key: 'item', help: '泳道按它送给那个科室或那个人。' }),
      );
    } else parts.push(field('几份', text(now.count, (count) => put({ count: count.trim() })), { key: 'count' }));
    if (!signed) parts.push(field('提前结束的条件', text(now.until, (until) => put({ until })), { key: 'until', help: '表达式，只看刚办完的那一份；空着就等全部办完。' }));
  }
  return parts;
}

function operations(settings, set, words) {
  const usual = words.operation_defaults[settings.role || 'work'] ?? [];
  const own = settings.operations !== undefined;
  const chosen = own ? settings.operations.split(/\s+/) : usual;
  const mode = select([{ value: 'usual', label: '按性质取缺省' }, { value: 'own', label: '由我选定' }], own ? 'own' : 'usual', (value) =>
    set({ operations: value === 'usual' ? null : usual.join(' ') || 'none' }));
  const offered = words.operations.filter((each) => !each.with);
  const parts = [field('提供哪些', mode, { key: 'operations-mode' })];
  if (own) parts.push(checks('操作', offered, chosen, (now) => set({ operations: now.join(' ') || 'none' })));
  else parts.push(note(`缺省：${offered.filter((each) => usual.includes(each.value)).map((each) => each.label).join('、') || '无'}`));
  parts.push(field('至少加签几人', number(settings.signers, (value) => set({ signers: value || null }), { max: 20 }), { key: 'signers', help: '空着不要求。' }));
  return parts;
}

function others(element, settings, set, model, words) {
  const steps = model.people().filter((each) => each !== element).map((each) => ({ value: each.id, label: each.businessObject.name || each.id }));
  return [
    check('可以线下、OA 签批后回填', settings.offline === 'true', (on) => set({ offline: on ? 'true' : null }), { key: 'offline' }),
    check('办过前一步的人不必再办', settings.skip_if === 'same_person', (on) => set({ skip_if: on ? 'same_person' : null }), { key: 'skip', help: '审核、签发不能跳过；要填内容的不能跳过。' }),
    field('与哪一步并签', select(steps, settings.joint_with, (value) => set({ joint_with: value || null }), { none: '不并签' }), { key: 'joint', help: '同一人兼两步的岗位时一次办完。' }),
    field('显示哪种文书的稿', select(words.letters, settings.letter, (value) => set({ letter: value || null }), { none: '不显示' }), { key: 'letter' }),
    field('同意即签发的文书', select(words.letters.filter((each) => each.value !== 'reply'), settings.signs, (value) => set({ signs: value || null }), { none: '无' }), { key: 'signs', help: '只用于签发环节。' }),
    field('归入哪个工作台', select(words.desks, settings.desk, (value) => set({ desk: value || null }), { none: '按性质' }), { key: 'desk' }),
  ];
}
