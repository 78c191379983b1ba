/*
  data-confirm on a button (or form): JSON {title, text, items, act, url}. With `url` the form's data is sent there first
  and the answer {title, text, items, act} names the next step and who receives it.
*/
import { all, csrf, make, one, parse } from './dom.js';

async function words(settings, form, submitter) {
  if (!settings.url) return settings;
  const body = new FormData(form);
  for (const [name, value] of Array.from(body)) if (value instanceof File) body.delete(name);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  try {
    const answer = await fetch(settings.url, {
      method: 'POST',
      body,
      headers: { 'X-CSRFToken': csrf(), Accept: 'application/json' },
      credentials: 'same-origin',
    });
    // A refusal here is not the place to explain it: send the form, and the page answers with its errors.
    return answer.ok ? { ...settings, ...(await answer.json()) } : null;
  } catch {
    return settings;
  }
}

function fill(dialog, told, submitter) {
  const act = told.act ?? submitter?.textContent.trim() ?? '确认';
  one('#confirm-title', dialog).textContent = told.title ?? '请确认';
  const text = one('[data-confirm-slot="text"]', dialog);
  text.textContent = told.text ?? '';
  text.hidden = !told.text;
  const items = one('[data-confirm-slot="items"]', dialog);
  items.replaceChildren(...(told.items ?? []).map((item) => make('li', {}, item)));
  items.hidden = !told.items?.length;
  one('[data-confirm-slot="act"]', dialog).textContent = act;
}

export function startConfirm(root) {
  const dialog = one('#confirm-dialog');
  if (!dialog?.showModal) return;
  for (const form of all('form', root)) {
    if (!form.matches('[data-confirm]') && !form.querySelector('[data-confirm]')) continue;
    let agreed = false;
    let asking = false;
    form.addEventListener('submit', async (event) => {
      const submitter = event.submitter;
      const source = submitter?.dataset.confirm ?? (submitter ? form.dataset.confirm : undefined);
      if (agreed || !source || form.dataset.sending) {
        agreed = false;
        return;
      }
      event.preventDefault();
      if (asking) return;
      asking = true;
      const told = await words(parse(source, { text: source }), form, submitter);
      asking = false;
      const go = () => {
        agreed = true;
        if (form.requestSubmit) form.requestSubmit(submitter);
        else submitter.click();
      };
      if (!told) return go();
      fill(dialog, told, submitter);
      dialog.returnValue = 'no';
      dialog.addEventListener('close', () => (dialog.returnValue === 'yes' ? go() : submitter?.focus()), { once: true });
      dialog.showModal();
    });
  }
}
