/* A part that no editor can show (somebody broke its file) is mended as text; nothing of it is thrown away. */
import { make } from '../dom.js';
import { note } from './controls.js';
import { openPart } from './part.js';

export function openPlain(root, page) {
  const area = make('textarea', { class: 'form-control', rows: 22, spellcheck: 'false', 'aria-label': '文件的文字', translate: 'no', readonly: !page.editable });
  area.value = page.text;
  const part = openPart({
    saveUrl: root.dataset.saveUrl, presenceUrl: root.dataset.presenceUrl, name: page.name, revision: page.revision, editable: page.editable,
    body: () => ({ text: area.value }),
    saved: (answer) => answer.data && window.location.reload(),
    told: (theirs) => make('pre', { translate: 'no' }, theirs.text ?? ''),
    replaced: (theirs) => (area.value = theirs.text ?? area.value),
  });
  area.addEventListener('change', () => part.changed());
  root.replaceChildren(note('这个文件的写法有问题，不能逐项修改。请在下面改正文字，或从版本重新建立草稿；改好保存后就能逐项修改。'), area);
}
