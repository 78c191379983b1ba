/* The two builders: a condition in rows, a timer in words. Both write the engine's language and give up gracefully. */
import { make } from '../dom.js';
import { button, field, note, number, select, text } from './controls.js';
import { RELATIONS, other, read, readTimer, write, writeTimer } from './expressions.js';

const fitting = (fact) => Object.entries(RELATIONS).filter(([, rule]) => !fact || fact.type === 'unknown' || rule.types.includes(fact.type));

function valueControls(row, fact, told) {
  const rule = RELATIONS[row.relation];
  if (!rule?.values) return [];
  const options = fact?.options ?? [];
  if (rule.values === 2 && options.length) {
    const boxes = options.map((each) => {
      const box = make('input', { type: 'checkbox', class: 'form-check-input' });
      box.checked = row.values.includes(each.value);
      box.addEventListener('change', () => {
        row.values = options.filter((one, at) => boxes[at].querySelector('input').checked).map((one) => one.value);
        told();
      });
      return make('label', { class: 'choice-item' }, box, make('span', { class: 'choice-text' }, each.label));
    });
    return [make('div', { class: 'studio-values', role: 'group', 'aria-label': '哪些' }, ...boxes)];
  }
  const put = (value) => {
    row.values = rule.values === 2 ? value.split(/[，,]\s*/).filter(Boolean) : [value];
    told();
  };
  const control = options.length
    ? select(options, row.values[0], put, { none: '请选择' })
    : text(row.values.join('，'), put, { placeholder: rule.values === 2 ? '用逗号隔开' : '' });
  if (!options.length && fact?.type === 'integer') control.inputMode = 'numeric';
  if (!options.length && fact?.type === 'date') control.type = 'date';
  control.setAttribute('aria-label', '值');
  return [control];
}

/** Rows that are not finished yet, by flow: the panel is drawn anew after every change, and nothing begun is lost by that. */
const begun = new WeakMap();

const emptyRow = () => ({ field: '', relation: '', values: [] });

/** The rows that say something already, groups with those of theirs. */
function finished(rows) {
  return rows.flatMap((row) => {
    if (row.rows) {
      const inside = finished(row.rows);
      return inside.length ? [{ rows: inside }] : [];
    }
    return row.field && row.relation && (RELATIONS[row.relation].values === 0 || row.values.some(Boolean)) ? [row] : [];
  });
}

/** One row among `rows`: what is looked at, the relation, the values. `at` names its controls, `word` says which it is. */
function line(row, rows, at, word, { facts, element, told, act, redraw }) {
  const fact = facts.named(row.field, element);
  const put = (values) => {
    Object.assign(row, values);
    redraw();
    told();
  };
  const which = select(facts.offered(element), row.field, (name) => put({ field: name, relation: fitting(facts.named(name, element))[0]?.[0] ?? 'is', values: [] }), { none: '选一项……' });
  which.setAttribute('aria-label', `${word}看什么`);
  which.dataset.key = `condition-${at}-field`;
  const relation = select(fitting(fact).map(([value, rule]) => ({ value, label: rule.label })), row.relation, (value) => put({ relation: value }));
  relation.setAttribute('aria-label', `${word}的关系`);
  relation.dataset.key = `condition-${at}-relation`;
  const values = valueControls(row, fact, told);
  values.forEach((each) => (each.dataset.key = `condition-${at}-value`));
  const away = button('去掉', act(() => rows.splice(rows.indexOf(row), 1)));
  away.setAttribute('aria-label', `去掉${word}`);
  return make('div', { class: 'studio-row' }, which, row.field ? relation : null, ...(row.field ? values : []), rows.length > 1 || row.field ? away : null);
}

/** Rows in brackets, joined by the other word. */
function group(row, at, rows, join, asks) {
  const word = `第 ${at + 1} 项`;
  const leave = asks.act(() => rows.splice(rows.indexOf(row), 1));
  const within = { ...asks, act: (change) => asks.act(() => {
    change();
    if (!row.rows.length) rows.splice(rows.indexOf(row), 1);
  }) };
  const add = button('组里加一项', () => {
    row.rows.push(emptyRow());
    asks.redraw();
  });
  const away = button('去掉这组', leave);
  away.setAttribute('aria-label', `去掉${word}这一组`);
  return make('fieldset', { class: 'studio-group' },
    make('legend', {}, `${word}：一组，${other(join) === 'or' ? '符合其中一项即可' : '其中都要符合'}`),
    ...row.rows.map((each, inner) => line(each, row.rows, `${at}-${inner}`, `${word}里的第 ${inner + 1} 个`, within)),
    make('div', { class: 'studio-acts' }, add, away));
}

/** Asks for the condition of a flow. `changed(text)` gets the expression. */
export function conditionBuilder(expression, facts, element, changed) {
  const place = make('div', { class: 'studio-condition' });
  const typeOf = (name) => facts.typeOf(name);
  const owner = element?.businessObject ?? {}; // a form has no drawn element
  const kept = begun.get(owner)?.expression === expression ? begun.get(owner) : null;
  const said = kept ? kept.said : read(expression, typeOf);
  const byText = (sentence) => {
    begun.set(owner, { expression, said: null });
    const control = text(expression, changed, { rows: 3 });
    place.replaceChildren(
      field('条件（表达式）', control, { key: 'condition-text', help: sentence }),
      note('例：conclusion == "closed" and attribute != "withheld"。写错会在上面提示。'),
      button('改回逐项选择', () => (read(control.value, typeOf) ? byRows(read(control.value, typeOf)) : byText('这个写法只能用文字表示，请先改简单些，或继续用文字。'))),
    );
  };
  const byRows = (start) => {
    const rows = start.rows.length ? start.rows : [emptyRow()];
    let join = start.join;
    const keep = (text) => begun.set(owner, { expression: text, said: { join, rows } });
    let last = expression;
    const told = () => {
      last = write({ join, rows: finished(rows) }, (name) => facts.named(name)?.type ?? 'unknown');
      keep(last);
      changed(last);
    };
    const act = (change) => () => {
      change();
      if (!rows.length) rows.push(emptyRow());
      draw();
      told();
    };
    const asks = { facts, element, told, act, redraw: () => draw() };
    const draw = () => {
      keep(last);
      const lines = rows.map((row, at) => (row.rows ? group(row, at, rows, join, asks) : line(row, rows, `${at}`, `第 ${at + 1} 项`, asks)));
      const words = rows.some((row) => row.rows) ? { and: '并且（都要符合；组里符合一项即可）', or: '或者（符合一项即可；组里都要符合）' } : { and: '并且（都要符合）', or: '或者（符合一项即可）' };
      const joined = rows.length > 1 ? field('几项之间', select(Object.entries(words).map(([value, label]) => ({ value, label })), join, (value) => act(() => (join = value))()), { key: 'condition-join' }) : null;
      const more = (label, made) => button(label, () => {
        rows.push(made());
        draw();
        place.querySelector(':scope > :nth-last-child(2) select')?.focus();
      });
      place.replaceChildren(
        ...[joined, ...lines].filter(Boolean),
        make('div', { class: 'studio-acts' }, more('加一项', emptyRow), more('加一组', () => ({ rows: [emptyRow(), emptyRow()] })), button('用文字写', () => byText('表达式，供熟悉的人使用。'))),
      );
    };
    draw();
  };
  if (said) byRows(said);
  else byText('这个条件逐项选择表示不了（例如组里还有组、有计算），所以用文字表示。');
  return place;
}

const MODES = [
  { value: 'days', label: '等若干天' },
  { value: 'hours', label: '等若干小时' },
  { value: 'minutes', label: '等若干分钟' },
  { value: 'field', label: '等到某一项填写的日期' },
  { value: 'day', label: '等到指定的日期' },
  { value: 'text', label: '用表达式写' },
];

/** Asks how long to wait. `changed({kind, text})`. */
export function timerBuilder(timer, facts, element, changed) {
  const said = readTimer(timer);
  const place = make('div', {});
  const draw = (mode, value) => {
    const tell = (next) => changed(writeTimer({ mode, value: next }, timer.kind));
    const which = select(MODES, mode, (next) => draw(next, ''));
    const asked = {
      days: () => field('几天', number(value, tell), { key: 'timer-value', help: '从走到这里起算，按自然日。法定期限由时钟管，不用定时器。' }),
      hours: () => field('几小时', number(value, tell), { key: 'timer-value' }),
      minutes: () => field('几分钟', number(value, tell), { key: 'timer-value' }),
      day: () => {
        const control = text(value, tell);
        control.type = 'date';
        return field('哪一天', control, { key: 'timer-value' });
      },
      field: () => field('哪一项', select(facts.offered(element, (each) => each.type === 'date' || each.type === 'unknown'), value, tell, { none: '请选择' }), { key: 'timer-value' }),
      text: () => field('表达式', text(value, tell, { rows: 2 }), { key: 'timer-value', help: '得出时长（如 "P7D"）或日期。' }),
    }[mode]();
    place.replaceChildren(field('等到什么时候', which, { key: 'timer-mode' }), asked);
  };
  if (timer.cycle) place.append(note('按周期重复的定时器不能用，请改为等若干天。'));
  draw(said.mode, said.value);
  return place;
}
