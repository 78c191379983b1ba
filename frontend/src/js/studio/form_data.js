/* A form definition as data: what a new field is, names nobody uses yet, what is sent, what differs between two. */

let count = 0;
/** Marks every item of the lists with a name of its own, so that moving it keeps what is open. */
export function mark(data) {
  for (const list of ['section', 'field', 'rule', 'known']) data[list] = Array.isArray(data[list]) ? data[list] : [];
  for (const list of ['uses', 'hidden']) data[list] = Array.isArray(data[list]) ? data[list] : [];
  for (const each of [...data.section, ...data.field, ...data.rule, ...data.known]) each._id ??= `i${(count += 1)}`;
  return data;
}

const KEPT = new Set(['fixed', 'default']); // here "no" is an answer
const nothing = (key, value) => value == null || value === '' || (value === false && !KEPT.has(key)) || (Array.isArray(value) && !value.length);

/** What is sent: without marks and without what says nothing. */
export function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([key, each]) => !key.startsWith('_') && !nothing(key, each)).map(([key, each]) => [key, clean(each)]));
}

/** A key that neither this form nor another has: `text_1`, `text_2`, … */
export function freeKey(type, taken) {
  const plain = type === 'decision' || type === 'opinion' ? type : null;
  if (plain && !taken.has(plain)) return plain;
  for (let number = 1; ; number += 1) if (!taken.has(`${type}_${number}`)) return `${type}_${number}`;
}

export const choosing = (type) => ['choice', 'radio', 'checks', 'organ', 'person', 'decision'].includes(type);
const ownOptions = (type) => ['choice', 'radio', 'checks'].includes(type);

export function newField(type, label, taken, section) {
  const made = { key: freeKey(type, taken), label, type };
  if (section) made.section = section;
  if (ownOptions(type)) made.options = [{ value: 'a', label: '选项一' }, { value: 'b', label: '选项二' }];
  if (type === 'decision') {
    made.label = '办理决定';
    made.options = [
      { value: 'agree', label: '同意', style: 'primary' },
      { value: 'return', label: '退回修改', style: 'secondary', opinion_required: true, opinion_only: true },
    ];
  }
  if (type === 'group') made.field = [{ key: 'text_1', label: '第一栏', type: 'text', required: true }];
  return made;
}

/** The field with another type: what the new type cannot have is left out, so that it stays a right one. */
export function retyped(field, type) {
  const kept = { ...field, type };
  for (const name of ['min', 'max', 'default', 'fixed']) delete kept[name];
  if (!choosing(type) || (!ownOptions(type) && type !== 'decision')) {
    delete kept.options;
    delete kept.options_from;
  } else if (!kept.options?.length && !kept.options_from) kept.options = newField(type, '', new Set()).options;
  if (type !== 'decision') kept.options = kept.options?.map(({ style, opinion_required, opinion_only, ...rest }) => rest);
  else kept.key = 'decision';
  if (type === 'group') kept.field ??= newField('group', '', new Set()).field;
  else delete kept.field;
  if (['text', 'textarea', 'phone', 'opinion', 'files', 'group'].includes(type)) delete kept.route;
  if (type === 'group') delete kept.personal;
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

/** Sentences about what theirs has otherwise than mine. */
export function differences(mine, theirs) {
  const said = [];
  const byKey = (data) => new Map((data.field ?? []).map((each) => [each.key, each]));
  const [own, other] = [byKey(mine), byKey(theirs)];
  if ((mine.title ?? '') !== (theirs.title ?? '')) said.push(`标题改为「${theirs.title ?? ''}」`);
  for (const [key, each] of other) {
    if (!own.has(key)) said.push(`有「${each.label}」，您的没有`);
    else if (JSON.stringify(clean(own.get(key))) !== JSON.stringify(clean(each))) said.push(`「${each.label}」的内容不同`);
  }
  for (const [key, each] of own) if (!other.has(key)) said.push(`没有「${each.label}」，您的有`);
  const order = (map) => [...map.keys()].join();
  if (!said.length && order(own) !== order(other)) said.push('字段的顺序不同');
  return said.length ? said : ['字段相同，分节、说明或规则不同'];
}
