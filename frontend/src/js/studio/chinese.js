/*
  Every word of the drawing parts that are not ours. bpmn-js asks for its words; the simulation and some menus write them into
  their markup, where they are replaced as they appear.
*/
const WORDS = {
  'Change element': '改成……',
  Delete: '删除',
  'Add text annotation': '加文字注释',
  'Connect to other element': '连线到……',
  'Connect using association': '用虚线连到……',
  'Connect using data input association': '用虚线连到……',
  'Add lane above': '在上面加一条泳道',
  'Add lane below': '在下面加一条泳道',
  'Divide into two lanes': '分成两条泳道',
  'Divide into three lanes': '分成三条泳道',
  'Align elements': '对齐',
  'Align elements left': '靠左对齐',
  'Align elements center': '左右居中',
  'Align elements right': '靠右对齐',
  'Align elements top': '靠上对齐',
  'Align elements middle': '上下居中',
  'Align elements bottom': '靠下对齐',
  'Distribute elements horizontally': '左右等距',
  'Distribute elements vertically': '上下等距',
  'Search in diagram': '在图中查找',
  'Open minimap': '打开缩略图',
  'Close minimap': '收起缩略图',
  'Open {element}': '打开{element}',
  'Toggle non-interrupting': '是否打断环节',
  'Parallel multi-instance': '多人同时办',
  'Sequential multi-instance': '多人依次办',
  'Participant multiplicity': '多个参与者',
  Loop: '重复',
  Collection: '集合',
  'flow elements must be children of pools/participants': '请画在泳池里面',
  'no diagram to display': '文件里没有可以显示的图',
  'no process or collaboration to display': '文件里没有流程',
  Search: '查找',
  'No matching entries': '没有找到',
  'No matching entries found.': '没有找到。',
  Back: '返回',
  Element: '图形',
};

function translate(template, replacements = {}) {
  return (WORDS[template] ?? template).replace(/{([^}]+)}/g, (_, key) => replacements[key] ?? `{${key}}`);
}

const WRITTEN = {
  'Token Simulation': '走一遍',
  'Play/Pause Simulation': '继续或暂停',
  'Pause Simulation': '已暂停',
  'Play Simulation': '继续',
  'Reset Simulation': '从头再走',
  'Trigger Event': '从这里触发',
  'Set Sequence Flow': '换一条出口',
  'Add pause point': '在这里停一下',
  'Remove pause point': '不在这里停',
  'Found unsupported elements': '有些图形不能演示',
  'Not supported': '不能演示',
  Finished: '走完了',
  Results: '可以选的',
  Search: '查找',
  Back: '返回',
};

const known = (text) => WRITTEN[text.trim()];

function reword(root) {
  for (const element of [root, ...root.querySelectorAll('*')]) {
    const title = element.getAttribute('title');
    if (title && known(title)) {
      element.setAttribute('title', known(title));
      if (!element.textContent.trim()) element.setAttribute('aria-label', known(title));
    }
    const label = element.getAttribute('aria-label');
    if (label && known(label)) element.setAttribute('aria-label', known(label));
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && known(node.data)) node.data = ` ${known(node.data)} `;
    }
  }
}

function Reworded(eventBus, canvas) {
  eventBus.on('diagram.init', () => {
    const place = canvas.getContainer();
    reword(place);
    // Menus look for what was typed at the release of a key; what an input method or a paste puts in releases none, and an
    // Enter that ends a composition chooses nothing.
    const searched = (event) => event.target.closest?.('.djs-popup') && event.target.matches('input');
    place.addEventListener('input', (event) => searched(event) && !event.isComposing && event.target.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true })));
    place.addEventListener('keydown', (event) => searched(event) && event.isComposing && event.stopPropagation(), true);
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        const own = target.closest?.('[class*="bts-"]');
        if (own) reword(own);
        for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE && node.querySelector) reword(node);
      }
    }).observe(place, { childList: true, subtree: true, attributes: true, attributeFilter: ['title'] });
  });
}
Reworded.$inject = ['eventBus', 'canvas'];

export default {
  __init__: ['reworded'],
  reworded: ['type', Reworded],
  translate: ['value', translate],
};
