/*
  Rows of a repeated group: add, remove, number. Without this script the page shows room for a few more rows, and the server
  takes what was filled in; with it there is one empty row, and a button for the next.
*/
import { all, one, say } from './dom.js';

const rowsIn = (group) => all('[data-group-row]', group);
const filled = (row) => all('input, select, textarea', row).some((each) => (['checkbox', 'radio'].includes(each.type) ? each.checked : each.value.trim()));

function number(group) {
  const rows = rowsIn(group);
  const label = one('legend', group)?.firstChild?.textContent.trim() ?? '';
  rows.forEach((row, place) => {
    one('[data-group-number]', row).textContent = place + 1;
    row.setAttribute('aria-label', `${label}第 ${place + 1} 行`);
    one('[data-group-remove]', row).hidden = rows.length < 2 && !filled(row);
  });
  one('[data-group-add]', group).hidden = rows.length >= Number(group.dataset.most);
}

function next(group) {
  const used = all('[name]', group).map((each) => Number(/-(\d+)-[a-z0-9_]+$/.exec(each.name)?.[1] ?? -1));
  return Math.max(-1, ...used) + 1;
}

function add(group) {
  const row = one('[data-group-template]', group).content.firstElementChild.cloneNode(true);
  const at = String(next(group));
  for (const each of [row, ...all('*', row)]) {
    for (const name of ['id', 'name', 'for', 'data-field', 'aria-describedby', 'data-counter']) {
      if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replaceAll('__n__', at));
    }
  }
  one('[data-group-rows]', group).append(row);
  number(group);
  one('input, select, textarea', row)?.focus();
  say(`已增加第 ${rowsIn(group).length} 行`);
}

function remove(group, row) {
  const rows = rowsIn(group);
  const beside = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
  if (beside) row.remove();
  else all('input, select, textarea', row).forEach((each) => (['checkbox', 'radio'].includes(each.type) ? (each.checked = false) : (each.value = '')));
  number(group);
  one('input, select, textarea', beside ?? row)?.focus();
  group.dispatchEvent(new Event('input', { bubbles: true }));
  say('已删除一行');
}

export function startGroups(root) {
  for (const group of all('[data-group]', root)) {
    const empty = rowsIn(group).filter((row) => !filled(row));
    const most = rowsIn(group).length - 1;
    for (const row of empty.slice(0, Math.max(0, Math.min(most, empty.length - 1)))) row.remove();
    number(group);
    group.addEventListener('click', (event) => {
      if (event.target.closest('[data-group-add]')) add(group);
      const button = event.target.closest('[data-group-remove]');
      if (button) remove(group, button.closest('[data-group-row]'));
    });
    group.addEventListener('input', () => number(group));
  }
}
