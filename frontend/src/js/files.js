/*
  Choosing files. With data-upload-url each file goes up at once and the form sends its id (a lost line or an error in the form
  then costs no second upload); without it the browser sends the files with the form. Both list what was chosen, with sizes,
  and let the person take one back.
*/
import { all, csrf, make, one, parse, say } from './dom.js';

export const readable = (bytes) =>
  bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : bytes >= 1024 ? `${Math.round(bytes / 1024)} KB` : `${bytes} 字节`;

const remover = (name) =>
  make('button', { type: 'button', class: 'btn-mini', 'data-file-remove': true }, make('span', {}, '移除'), make('span', { class: 'visually-hidden', translate: 'no' }, name));

function line(name, size, ...more) {
  return make('li', {}, make('span', { class: 'file-name', translate: 'no' }, name), make('span', { class: 'file-size num' }, readable(size)), ...more);
}

class Chosen {
  /** Files that travel with the form. */
  constructor(input, box) {
    this.input = input;
    this.most = Number(box.dataset.maxBytes || 0);
    this.list = make('ul', { class: 'file-list', hidden: true });
    box.append(this.list);
    input.addEventListener('change', () => this.draw());
    this.draw();
  }

  draw() {
    const { input, list, most } = this;
    list.hidden = !input.files.length;
    list.replaceChildren(
      ...Array.from(input.files, (file, index) => {
        const over = most && file.size > most;
        const remove = remover(file.name);
        remove.addEventListener('click', () => this.without(index));
        const row = line(file.name, file.size, over ? make('span', { class: 'file-over' }, `超过 ${readable(most)}，传不上来，请移除`) : null, remove);
        row.classList.toggle('is-over', Boolean(over));
        return row;
      }),
    );
  }

  without(index) {
    const rest = new DataTransfer();
    const name = this.input.files[index].name;
    Array.from(this.input.files).forEach((file, at) => at !== index && rest.items.add(file));
    this.input.files = rest.files;
    say(`已移除 ${name}`);
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
    this.input.focus();
  }
}

class Uploads {
  /** Files that go up as soon as they are chosen. */
  constructor(input, box) {
    this.input = input;
    this.box = box;
    this.name = box.dataset.name;
    this.most = Number(box.dataset.maxBytes || 0);
    this.list = one('[data-kept]', box);
    input.removeAttribute('name'); // the ids are sent, not the files a second time
    input.addEventListener('change', () => {
      const files = Array.from(input.files);
      input.value = '';
      files.forEach((file) => this.take(file));
    });
    this.list.addEventListener('click', (event) => {
      const button = event.target.closest('[data-file-remove]');
      if (!button) return;
      const row = button.closest('li');
      say(`已移除 ${one('.file-name', row).textContent}`);
      row.remove();
      this.told();
      input.focus();
    });
  }

  told() {
    this.list.hidden = !this.list.children.length;
    this.input.dispatchEvent(new Event('input', { bubbles: true }));
  }

  take(file) {
    const state = make('span', { class: 'file-state', role: 'status' }, '正在上传……');
    const row = line(file.name, file.size, state, remover(file.name));
    if (!this.input.multiple) this.list.replaceChildren();
    this.list.append(row);
    this.list.hidden = false;
    if (this.most && file.size > this.most) this.failed(row, state, `超过 ${readable(this.most)}，没有上传`);
    else this.send(file, row, state);
  }

  failed(row, state, words) {
    row.classList.add('is-over');
    state.className = 'file-over';
    state.textContent = words;
    say(`${one('.file-name', row).textContent} ${words}`);
  }

  send(file, row, state) {
    const body = new FormData();
    body.append('file', file);
    body.append('field', this.name);
    body.append('csrf_token', csrf());
    // fetch cannot tell how much has gone up; XMLHttpRequest can.
    const call = new XMLHttpRequest();
    call.open('POST', this.box.dataset.uploadUrl);
    call.setRequestHeader('X-CSRFToken', csrf());
    call.setRequestHeader('Accept', 'application/json');
    call.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) state.textContent = event.loaded < event.total ? `已上传 ${Math.floor((100 * event.loaded) / event.total)}%` : '正在检查文件……';
    });
    call.addEventListener('error', () => this.failed(row, state, '网络不通，没有上传，请移除后重新选择'));
    call.addEventListener('load', () => {
      const told = parse(call.responseText, {}) ?? {};
      if (call.status >= 300 || !told.id) return this.failed(row, state, told.message ?? (call.status === 413 ? '文件太大，没有上传' : '没有上传成功，请移除后重新选择'));
      row.prepend(make('input', { type: 'hidden', name: this.name, value: told.id }));
      state.textContent = '已上传';
      state.className = 'file-state is-done';
      this.told();
    });
    call.send(body);
  }
}

export function startFiles(root) {
  for (const box of all('[data-upload]', root)) {
    const input = one('input[type="file"]', box);
    const pick = one('.file-pick', box);
    if (box.dataset.uploadUrl && one('[data-kept]', box)) new Uploads(input, box);
    else new Chosen(input, box);
    for (const event of ['dragenter', 'dragover']) pick.addEventListener(event, () => pick.classList.add('is-over'));
    for (const event of ['dragleave', 'drop']) pick.addEventListener(event, () => pick.classList.remove('is-over'));
  }
}
