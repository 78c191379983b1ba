/* Lists what was chosen, with sizes, and lets the person take one back before it is sent. */
import { all, make, say } from './dom.js';

export const readable = (bytes) =>
  bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : bytes >= 1024 ? `${Math.round(bytes / 1024)} KB` : `${bytes} 字节`;

function list(input, place) {
  const most = Number(input.dataset.maxBytes || 0);
  place.replaceChildren();
  place.hidden = !input.files.length;
  Array.from(input.files).forEach((file, index) => {
    const over = most && file.size > most;
    const remove = make('button', { type: 'button', class: 'btn-mini' }, make('span', {}, '移除'), make('span', { class: 'visually-hidden' }, file.name));
    remove.addEventListener('click', () => {
      const rest = new DataTransfer();
      Array.from(input.files).forEach((other, at) => at !== index && rest.items.add(other));
      input.files = rest.files;
      say(`已移除 ${file.name}`);
      input.dispatchEvent(new Event('change', { bubbles: true }));
      input.focus();
    });
    place.append(
      make(
        'li',
        { class: over ? 'is-over' : null },
        make('span', { class: 'file-name' }, file.name),
        make('span', { class: 'file-size num' }, readable(file.size)),
        over ? make('span', { class: 'file-over' }, `超过 ${readable(most)}，传不上来`) : null,
        remove,
      ),
    );
  });
}

export function startFiles(root) {
  for (const input of all('input[type="file"]', root)) {
    const place = make('ul', { class: 'file-list', hidden: true });
    (input.closest('.file-pick') ?? input).append?.(place);
    if (!place.isConnected) input.after(place);
    input.addEventListener('change', () => list(input, place));
    list(input, place);
  }
}
