/* What a cell says, below it: the names of options instead of their codes. The cell itself stays as the engine reads it. */
import { one } from '../dom.js';

const QUOTED = /"((?:[^"\\]|\\.)*)"/g;

/** The words for a cell, '' where they would say nothing new. */
export function reading(text, options) {
  const said = text.trim();
  if (said === 'True') return '是';
  if (said === 'False') return '否';
  const named = new Map(options.filter((each) => each.label !== each.value).map((each) => [each.value, each.label]));
  const codes = Array.from(said.matchAll(QUOTED), (found) => found[1]);
  if (!codes.some((code) => named.has(code))) return '';
  const words = codes.map((code) => named.get(code) ?? code);
  if (/^"[^"]*"$/.test(said)) return words[0];
  if (/^\?\s*in\s*\[[^\]]*\]$/.test(said)) return words.join('、');
  if (/^\?\s*not\s+in\s*\[[^\]]*\]$/.test(said)) return `除${words.join('、')}以外`;
  return said.replace(QUOTED, (all, code) => `“${named.get(code) ?? code}”`).replace(/^\?\s*/, '').replace(/!=\s*/g, '不是').replace(/==\s*/g, '是');
}

/** Keeps the words under the cells while the table is drawn and changed; `codes` are those of the law. */
export function readCells(tableNow, canvas, facts, codes) {
  const named = new Map(facts.filter((each) => each.options.some((one) => one.label !== one.value)).map((each) => [each.name, each.options]));
  const draw = () => {
    const table = tableNow();
    for (const rule of table.rule ?? []) {
      const tell = (cell, name) => {
        const place = one(`td[data-element-id="${CSS.escape(cell.id)}"]`, canvas);
        const words = reading(cell.text ?? '', named.get(name) ?? codes);
        if (!place || (place.dataset.reads ?? '') === words) return;
        if (words) place.dataset.reads = words;
        else delete place.dataset.reads;
      };
      table.input?.forEach((column, at) => tell(rule.inputEntry[at], column.inputExpression?.text?.trim()));
      table.output?.forEach((column, at) => tell(rule.outputEntry[at], column.name));
    }
  };
  new MutationObserver(draw).observe(canvas, { childList: true, subtree: true, characterData: true });
  draw();
}
