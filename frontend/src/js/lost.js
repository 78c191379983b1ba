/* On an error page: shows what the person had sent, from the copy in this tab. */
import { make, one } from './dom.js';
import { lastSent, settle } from './keep.js';

export function startLost(root) {
  settle();
  const place = one('[data-lost]', root);
  const sent = lastSent();
  if (!place || !sent) return;
  const entries = sent.entries.filter((entry) => entry.text.length);
  if (!entries.length) return;
  // The server gave back what it received; this copy has the same text with the words the person saw.
  const items = one('[data-lost-items]', place);
  items.replaceChildren();
  entries.forEach((entry, index) => {
    const text = entry.text.join('\n');
    const area = make('textarea', { class: 'form-control', id: `kept-${index}`, readonly: true, rows: Math.min(12, Math.max(1, Math.ceil(text.length / 32))) });
    area.value = text;
    items.append(
      make(
        'div',
        { class: 'lost-item' },
        make('label', { class: 'field-label', for: `kept-${index}` }, entry.label),
        area,
        make('button', { type: 'button', class: 'btn-mini', 'data-copy-from': `kept-${index}` }, make('span', {}, '复制')),
      ),
    );
  });
  place.hidden = false;
}
