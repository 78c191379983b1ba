/*
  Conditions as people say them: rows of (field, relation, value), joined by 并且 or 或者; a row may be a group of rows, which
  are joined by the other word. `read` understands what `write` writes and the same said a little otherwise; anything else
  stays text. The server alone decides what is allowed.
*/
const NAME = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/;
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_.]*)|(==|!=|<=|>=|<|>|\(|\)|\[|\]|,))/y;

/** Relations by type of the field; `many`: several values. */
export const RELATIONS = {
  yes: { label: '为“是”', types: ['boolean'], values: 0 },
  no: { label: '为“否”', types: ['boolean'], values: 0 },
  is: { label: '是', types: ['choice', 'text', 'date', 'integer'], values: 1, sign: '==' },
  isnt: { label: '不是', types: ['choice', 'text', 'date', 'integer'], values: 1, sign: '!=' },
  in: { label: '是其中之一', types: ['choice', 'text'], values: 2, sign: 'in' },
  notin: { label: '不是其中任何一个', types: ['choice', 'text'], values: 2, sign: 'not in' },
  more: { label: '大于', types: ['integer', 'date'], values: 1, sign: '>' },
  least: { label: '不小于', types: ['integer', 'date'], values: 1, sign: '>=' },
  less: { label: '小于', types: ['integer', 'date'], values: 1, sign: '<' },
  most: { label: '不大于', types: ['integer', 'date'], values: 1, sign: '<=' },
  has: { label: '包含', types: ['list'], values: 1 },
  hasnt: { label: '不包含', types: ['list'], values: 1 },
  filled: { label: '已填写', types: ['choice', 'text', 'date', 'list', 'integer'], values: 0 },
  empty: { label: '没有填写', types: ['choice', 'text', 'date', 'list', 'integer'], values: 0 },
};
const BY_SIGN = { '==': 'is', '!=': 'isnt', '>': 'more', '>=': 'least', '<': 'less', '<=': 'most' };

const quoted = (text) => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
const isNumber = (value) => /^-?\d+(\.\d+)?$/.test(value.trim());

function written({ field, relation, values, numeric }, type) {
  const rule = RELATIONS[relation];
  const counted = type === 'integer' || (type === 'unknown' && (numeric || /^(more|least|less|most)$/.test(relation)));
  const literal = (value) => (counted && isNumber(value) ? value.trim() : quoted(value));
  if (relation === 'yes' || relation === 'filled') return field;
  if (relation === 'no' || relation === 'empty') return `not ${field}`;
  if (relation === 'has') return `${literal(values[0] ?? '')} in ${field}`;
  if (relation === 'hasnt') return `${literal(values[0] ?? '')} not in ${field}`;
  if (rule.values === 2) return `${field} ${rule.sign} [${values.map((each) => literal(each)).join(', ')}]`;
  return `${field} ${rule.sign} ${literal(values[0] ?? '')}`;
}

/** The word that joins the rows of a group. */
export const other = (join) => (join === 'or' ? 'and' : 'or');

/** The expression of {join: and | or, rows}, a row being one or a group {rows}; `typeOf(name)` gives the type of a field. */
export function write({ join, rows }, typeOf) {
  const said = rows.map((row) => {
    if (!row.rows) return row.field && row.relation ? written(row, typeOf(row.field)) : '';
    const inside = write({ join: other(join), rows: row.rows }, typeOf);
    return inside && row.rows.length > 1 ? `(${inside})` : inside;
  });
  return said.filter(Boolean).join(join === 'or' ? ' or ' : ' and ');
}

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    if (!text.slice(TOKEN.lastIndex).trim()) break;
    const match = TOKEN.exec(text);
    if (!match) return null;
    const [, string, number, word, sign] = match;
    if (string !== undefined) found.push({ kind: 'value', value: string.slice(1, -1).replace(/\\(.)/g, (_, each) => (each === 'n' ? '\n' : each)) });
    else if (number !== undefined) found.push({ kind: 'value', value: number, numeric: true });
    else if (word !== undefined) found.push(word === 'and' || word === 'or' || word === 'not' || word === 'in' ? { kind: word } : { kind: 'name', value: word });
    else found.push({ kind: sign });
  }
  return found;
}

class Reader {
  constructor(found, typeOf) {
    this.found = found;
    this.typeOf = typeOf;
    this.at = 0;
  }

  next(kind) {
    if (this.found[this.at]?.kind !== kind) return null;
    this.at += 1;
    return this.found[this.at - 1];
  }

  /** 或者 binds less than 并且, as in the engine. */
  any() {
    return this.joined('or', () => this.joined('and', () => this.row()));
  }

  joined(join, part) {
    const rows = [part()];
    while (this.next(join)) rows.push(part());
    return rows.length === 1 ? rows[0] : { join, rows };
  }

  row() {
    if (this.next('(')) {
      const inner = this.any();
      if (!this.next(')')) throw new Error('bracket');
      return inner;
    }
    if (this.next('not')) {
      const name = this.name();
      return { field: name, relation: this.typeOf(name) === 'boolean' ? 'no' : 'empty', values: [] };
    }
    const value = this.next('value');
    if (value) {
      const relation = this.next('not') ? 'hasnt' : 'has';
      if (!this.next('in')) throw new Error('in');
      return { field: this.name(), relation, values: [value.value] };
    }
    return this.compared(this.name());
  }

  name() {
    const found = this.next('name');
    if (!found || !NAME.test(found.value)) throw new Error('name');
    return found.value;
  }

  compared(field) {
    for (const [sign, relation] of Object.entries(BY_SIGN)) {
      if (!this.next(sign)) continue;
      const truth = this.next('name')?.value;
      if (truth === 'True' || truth === 'False') {
        const yes = (truth === 'True') === (relation === 'is');
        if (relation !== 'is' && relation !== 'isnt') throw new Error('truth');
        return { field, relation: yes ? 'yes' : 'no', values: [] };
      }
      const value = this.next('value');
      if (!value || truth) throw new Error('value');
      return { field, relation, values: [value.value], numeric: Boolean(value.numeric) };
    }
    const negated = Boolean(this.next('not'));
    if (this.next('in')) {
      const listed = this.list();
      return { field, relation: negated ? 'notin' : 'in', values: listed.map((each) => each.value), numeric: listed.some((each) => each.numeric) };
    }
    if (negated) throw new Error('not');
    return { field, relation: this.typeOf(field) === 'boolean' ? 'yes' : 'filled', values: [] };
  }

  list() {
    const close = this.next('[') ? ']' : this.next('(') ? ')' : null;
    if (!close) throw new Error('list');
    const values = [];
    while (!this.next(close)) {
      const value = this.next('value');
      if (!value) throw new Error('value');
      values.push(value);
      this.next(',');
    }
    return values;
  }
}

/** Rows joined by the same word are one list, whatever brackets stand around them. */
function flat(node) {
  if (!node.rows) return node;
  const rows = node.rows.map(flat).flatMap((each) => (each.rows && each.join === node.join ? each.rows : [each]));
  return { join: node.join, rows };
}

/** {join, rows}, or null when only the text says it: groups within groups among others. */
export function read(text, typeOf) {
  if (!text.trim()) return { join: 'and', rows: [] };
  const found = tokens(text);
  if (!found) return null;
  try {
    const reader = new Reader(found, typeOf);
    const said = flat(reader.any());
    if (reader.at !== found.length) return null;
    if (!said.rows) return { join: 'and', rows: [said] };
    return said.rows.some((row) => row.rows?.some((each) => each.rows)) ? null : said;
  } catch {
    return null;
  }
}

// -- how long to wait

const DURATION = /^(['"])P(?:(\d+)D|T(\d+)H|T(\d+)M)\1$/;
const DATE = /^(['"])(\d{4}-\d{2}-\d{2})\1$/;

/** A timer in words: {mode: days | hours | minutes | day | field | text, value}. */
export function readTimer({ kind, text }) {
  const said = text.trim();
  if (!said) return { mode: 'days', value: '' };
  const duration = said.match(DURATION);
  if (kind === 'duration' && duration) {
    const [, , days, hours, minutes] = duration;
    return days ? { mode: 'days', value: days } : hours ? { mode: 'hours', value: hours } : { mode: 'minutes', value: minutes };
  }
  const day = said.match(DATE);
  if (kind === 'date' && day) return { mode: 'day', value: day[2] };
  if (kind === 'date' && NAME.test(said)) return { mode: 'field', value: said };
  return { mode: 'text', value: said };
}

export function writeTimer({ mode, value }, kind) {
  if (!value) return { kind: mode === 'day' || mode === 'field' ? 'date' : mode === 'text' ? kind : 'duration', text: '' };
  if (mode === 'days') return { kind: 'duration', text: `"P${Number(value)}D"` };
  if (mode === 'hours') return { kind: 'duration', text: `"PT${Number(value)}H"` };
  if (mode === 'minutes') return { kind: 'duration', text: `"PT${Number(value)}M"` };
  if (mode === 'day') return { kind: 'date', text: `"${value}"` };
  if (mode === 'field') return { kind: 'date', text: value };
  return { kind, text: value };
}
