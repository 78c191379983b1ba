/* One submit per press: the buttons of a sent form wait, and come back when the browser shows the page again. */
import { all } from './dom.js';
import { unseen } from './conditions.js';
import { forgetAll, noteSent } from './keep.js';

function hold(form, submitter) {
  form.dataset.sending = '1';
  const hidden = unseen(form).filter((control) => !control.disabled);
  for (const control of hidden) {
    control.disabled = true;
    control.dataset.unseen = '1';
  }
  // After this turn the browser has already taken the form's data, the pressed button's name and value included.
  setTimeout(() => {
    for (const button of all('button[type="submit"]', form)) button.disabled = true;
    const words = submitter?.querySelector('span:last-child');
    if (words) {
      submitter.dataset.words = words.textContent;
      words.textContent = '正在提交……';
      submitter.setAttribute('aria-busy', 'true');
    }
  }, 0);
}

function release(form) {
  delete form.dataset.sending;
  for (const control of all('[data-unseen]', form)) {
    control.disabled = false;
    delete control.dataset.unseen;
  }
  for (const button of all('button[type="submit"]', form)) {
    button.disabled = false;
    button.removeAttribute('aria-busy');
    if (button.dataset.words) button.querySelector('span:last-child').textContent = button.dataset.words;
    delete button.dataset.words;
  }
}

export function startGuard(root) {
  for (const form of all('form[data-guard]', root)) {
    form.addEventListener('submit', (event) => {
      if (event.defaultPrevented) return;
      if (form.dataset.sending) {
        event.preventDefault();
        return;
      }
      if (form.hasAttribute('data-keep')) noteSent(form);
      hold(form, event.submitter);
    });
  }
  for (const form of all('form[data-sign-out]', root)) form.addEventListener('submit', forgetAll);
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) for (const form of all('form[data-guard]')) release(form);
  });
}
