/*
  The inbox stays fresh by itself: twice a minute it asks whether its list is still the newest (an ETag, mostly 304), and takes
  over the new one in place. It waits while somebody types, chooses rows or has a dialog open, and while the page is hidden.
*/
import { all, one, say } from './dom.js';
import { startConfirm } from './confirm.js';
import { startGuard } from './guard.js';
import { freshen } from './page.js';

const EVERY = 30000;

function busy(desk) {
  return (
    one('dialog[open]') ||
    one('form[data-sending]', desk) ||
    all('input[type="checkbox"]:checked', desk).length > 0 ||
    (desk.contains(document.activeElement) && document.activeElement.matches('input, textarea, select'))
  );
}

async function takeOver(desk, stamp) {
  const answer = await fetch(desk.dataset.fresh, { credentials: 'same-origin', redirect: 'error' });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-desk]');
  if (!fresh || busy(desk)) return;
  const at = document.activeElement?.closest?.('tr[id]')?.id;
  const label = document.activeElement?.textContent;
  desk.replaceChildren(...fresh.childNodes);
  desk.dataset.stamp = fresh.dataset.stamp ?? stamp;
  freshen(desk);
  startConfirm(desk);
  startGuard(desk);
  document.dispatchEvent(new CustomEvent('gongkai:desk', { detail: desk }));
  const row = at && document.getElementById(at);
  if (row) all('a, button', row).find((each) => each.textContent === label)?.focus();
  say('待办列表已更新。');
}

export function startDesk(root) {
  const desk = one('[data-desk]', root);
  if (!desk) return;
  let tag = '';
  const ask = async () => {
    if (document.visibilityState !== 'visible' || busy(desk)) return;
    try {
      const headers = { Accept: 'application/json', ...(tag ? { 'If-None-Match': tag } : {}) };
      const answer = await fetch(desk.dataset.pulse, { headers, credentials: 'same-origin', redirect: 'error', cache: 'no-store' });
      if (answer.status === 304 || !answer.ok) return;
      tag = answer.headers.get('ETag') ?? '';
      const { stamp } = await answer.json();
      if (stamp !== desk.dataset.stamp) await takeOver(desk, stamp);
    } catch {
      /* the next round will tell */
    }
  };
  setInterval(ask, Number(desk.dataset.every) || EVERY);
  document.addEventListener('visibilitychange', ask);
}
