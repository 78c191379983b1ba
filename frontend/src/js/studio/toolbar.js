/* The buttons above the drawing, and the keys that do the same. */
import { all, one } from '../dom.js';

export function toolbar(editor) {
  const { modeler, root } = editor;
  const canvas = modeler.get('canvas');
  const stack = modeler.get('commandStack');
  const button = (name) => one(`[data-do="${name}"]`, root);
  const acts = {
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    nearer: () => canvas.zoom(Math.min(canvas.zoom() * 1.2, 4), 'auto'),
    farther: () => canvas.zoom(Math.max(canvas.zoom() / 1.2, 0.2), 'auto'),
    fit: () => editor.fit(true),
    find: () => setTimeout(() => modeler.get('searchPad').toggle()), // after this click, which would close it again
    map: () => modeler.get('minimap').toggle(),
    walk: () => modeler.get('toggleMode').toggleMode(),
    check: () => check(editor),
    save: () => editor.saving.save(),
    keys: () => one('[data-help]', root).showModal(),
  };
  for (const each of all('[data-do]', root)) each.addEventListener('click', () => acts[each.dataset.do]());
  const able = () => {
    button('undo').disabled = !stack.canUndo();
    button('redo').disabled = !stack.canRedo();
  };
  modeler.on('commandStack.changed', able);
  modeler.on('import.done', able);
  able();
  modeler.on('tokenSimulation.toggleMode', ({ active }) => {
    button('walk').setAttribute('aria-pressed', String(active));
    button('walk').querySelector('span').textContent = active ? '结束走一遍' : '走一遍';
    root.classList.toggle('is-walking', active);
    if (active) editor.fit();
  });
  modeler.on('minimap.toggle', ({ open }) => button('map').setAttribute('aria-pressed', String(open)));
  // In the panel the browser's own undo of what is typed comes first; everywhere else Ctrl+Z is the drawing's.
  root.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 's') {
      event.preventDefault();
      editor.saving.save();
    }
    if (event.target.closest('svg, input, textarea, [contenteditable]')) return;
    if (key === 'z' || key === 'y') {
      event.preventDefault();
      if (key === 'y' || event.shiftKey) stack.redo();
      else stack.undo();
    }
  });
}

async function check(editor) {
  await editor.saving.save();
  await editor.check();
  const fold = one('[data-findings-fold]', editor.root);
  fold.open = true;
  fold.scrollIntoView({ block: 'nearest' });
}
