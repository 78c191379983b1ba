/* 批量办理: rows ticked on the inbox are of one step; the page of a run works it off slice by slice. */
import { all, csrf, one } from './dom.js';

function chosen(desk) {
  const bar = one('[data-bulk-bar]', desk);
  if (!bar) return;
  const ticks = all('input[data-step]', desk);
  const show = () => {
    const on = ticks.filter((tick) => tick.checked);
    const step = on[0]?.dataset.step;
    for (const tick of ticks) tick.disabled = Boolean(step) && tick.dataset.step !== step;
    bar.hidden = !on.length;
    one('[data-bulk-count]', bar).textContent = String(on.length);
    const whole = one('button[name="all"]', bar);
    whole.value = step ?? '';
    one('[data-bulk-label]', whole).textContent = on[0]?.dataset.label ?? '';
  };
  for (const tick of ticks) tick.addEventListener('change', show);
  one('[data-bulk-none]', bar).addEventListener('click', () => {
    for (const tick of ticks) tick.checked = false;
    show();
    ticks[0]?.focus();
  });
  show();
}

async function work(place) {
  const bar = one('progress', place);
  const words = one('[data-bulk-words]', place);
  for (;;) {
    let told;
    try {
      const answer = await fetch(place.dataset.bulk, { method: 'POST', headers: { 'X-CSRFToken': csrf(), Accept: 'application/json' }, credentials: 'same-origin', redirect: 'error' });
      if (!answer.ok) throw new Error(String(answer.status));
      told = await answer.json();
    } catch {
      words.textContent = '网络或登录断了，已办的都已保存。点「继续办理」接着办。';
      return;
    }
    bar.value = told.done + told.failed;
    words.textContent = `已办 ${told.done} 件，没办成 ${told.failed} 件，还有 ${told.left} 件。`;
    if (!told.left) break;
  }
  location.reload();
}

export function startBulk(root) {
  const desk = one('[data-desk]', root);
  if (desk) chosen(desk);
  document.addEventListener('gongkai:desk', (event) => chosen(event.detail));
  const run = one('[data-bulk]', root);
  if (run) work(run);
}
