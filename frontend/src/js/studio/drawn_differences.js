/* What somebody else changed in a diagram, in words. */

const LABELS = { userTask: '环节', manualTask: '环节', serviceTask: '系统动作', businessRuleTask: '决策', callActivity: '调用流程', sequenceFlow: '连线', lane: '泳道' };

function elements(xml) {
  const found = new Map();
  const root = new DOMParser().parseFromString(xml, 'application/xml');
  for (const each of root.querySelectorAll('process *[id]')) {
    const own = [...each.attributes].map((one) => `${one.name}=${one.value}`).sort().join(' ');
    const inside = [...each.children].filter((one) => !one.id && !/^(incoming|outgoing|flowNodeRef)$/.test(one.localName)).map((one) => one.textContent.trim() + [...one.querySelectorAll('*')].map((part) => [...part.attributes].map((attribute) => attribute.value).join()).join()).join('|');
    found.set(each.id, { said: `${own}|${inside}`, name: each.getAttribute('name') || each.id, kind: LABELS[each.localName] ?? '图形' });
  }
  return found;
}

/** Sentences about how `theirs` differs from `base`. */
export function differences(base, theirs) {
  const [before, after] = [elements(base), elements(theirs)];
  const lines = [];
  for (const [id, each] of after) {
    if (!before.has(id)) lines.push(`增加了${each.kind}“${each.name}”`);
    else if (before.get(id).said !== each.said) lines.push(`修改了${each.kind}“${each.name}”`);
  }
  for (const [id, each] of before) if (!after.has(id)) lines.push(`删除了${each.kind}“${each.name}”`);
  return lines.length ? lines : ['只移动了图形的位置'];
}
