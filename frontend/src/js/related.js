// Beside a form: what is related to what is being typed, asked of the server when the person pauses.
// <div data-related="/url" data-related-into="#id" data-related-fields="name,phone">: the answer is a fragment of HTML of our own.

const PAUSE = 500;

export function startRelated(root) {
  for (const part of root.querySelectorAll('[data-related]')) watch(part);
}

/** The server has escaped every text in it; it is parsed apart and moved in. */
function show(into, html) {
  into.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
}

function watch(part) {
  const form = part.closest('form');
  const into = document.querySelector(part.dataset.relatedInto);
  if (!form || !into) return;
  const names = part.dataset.relatedFields.split(',');
  let timer = 0;
  let last = '';
  let asked = 0;

  async function ask() {
    const said = new FormData();
    for (const name of names) said.set(name, form.elements[name]?.value ?? '');
    const now = JSON.stringify([...said]);
    if (now === last) return;
    last = now;
    const number = ++asked;
    said.set('csrf_token', form.elements.csrf_token.value);
    try {
      const response = await fetch(part.dataset.related, { method: 'POST', body: said });
      if (response.ok && number === asked) show(into, await response.text());
    } catch {
      last = ''; // asked again at the next pause
    }
  }

  form.addEventListener('input', (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  if (names.some((name) => form.elements[name]?.value.trim())) ask();
}
