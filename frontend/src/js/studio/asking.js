/* The two builders: a condition in rows, a timer in words. Both write the engine's language and give up gracefully. */
import { make } from '../dom.js';
import { button, field, note, number, select, text } from './controls.js';
import { RELATIONS, read, readTimer, write, writeTimer } from './expressions.js';

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
    const rows = start.rows.length ? start.rows : [{ field: '', relation: '', values: [] }];
    let join = start.join;
    const keep = (text) => begun.set(owner, { expression: text, said: { join, rows } });
    let last = expression;
    const told = () => {
      const ready = rows.filter((row) => row.field && row.relation && (RELATIONS[row.relation].values === 0 || row.values.some(Boolean)));
      last = write({ join, rows: ready }, (name) => facts.named(name)?.type ?? 'unknown');
      keep(last);
      changed(last);
    };
    const draw = () => {
      keep(last);
      const lines = rows.map((row, at) => {
        const fact = facts.named(row.field, element);
        const which = select(facts.offered(element), row.field, (name) => {
          const next = facts.named(name, element);
          Object.assign(row, { field: name, relation: fitting(next)[0]?.[0] ?? 'is', values: [] });
          draw();
          told();
        }, { none: '选一项……' });
        which.setAttribute('aria-label', `第 ${at + 1} 项看什么`);
        which.dataset.key = `condition-${at}-field`;
        const relation = select(fitting(fact).map(([value, rule]) => ({ value, label: rule.label })), row.relation, (value) => {
          row.relation = value;
          draw();
          told();
        });
        relation.setAttribute('aria-label', `第 ${at + 1} 项的关系`);
        relation.dataset.key = `condition-${at}-relation`;
        const values = valueControls(row, fact, told);
        values.forEach((each) => (each.dataset.key = `condition-${at}-value`));
        const away = button('去掉', () => {
          rows.splice(at, 1);
          if (!rows.length) rows.push({ field: '', relation: '', values: [] });
          draw();
          told();
        });
        away.setAttribute('aria-label', `去掉第 ${at + 1} 项`);
        return make('div', { class: 'studio-row' }, which, row.field ? relation : null, ...(row.field ? values : []), rows.length > 1 || row.field ? away : null);
      });
      const joined = rows.length > 1 ? field('几项之间', select([{ value: 'and', label: '并且（都要符合）' }, { value: 'or', label: '或者（符合一项即可）' }], join, (value) => {
        join = value;
        told();
      }), { key: 'condition-join' }) : null;
      place.replaceChildren(
        ...[joined, ...lines].filter(Boolean),
        make('div', { class: 'studio-acts' }, button('加一项', () => {
          rows.push({ field: '', relation: '', values: [] });
          draw();
          place.querySelector('.studio-row:last-of-type select')?.focus();
        }), button('用文字写', () => byText('表达式，供熟悉的人使用。'))),
      );
    };
    draw();
  };
  if (said) byRows(said);
  else byText('这个条件较复杂，用文字表示。');
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
