/* Drawing without a mouse: what the shape's own buttons do, as fields of the panel. */
import { button, field, part, select } from './controls.js';
import { isKind } from './model.js';
import { BOUNDARIES, KINDS, isHost, mayContinue } from './offers.js';

const GROUPS = { step: '环节', gateway: '网关', event: '事件' };
const STAYS = ['Collaboration', 'Process'];

export function drawingPart(element, { model, modeler, pick }) {
  if (isKind(element, ...STAYS)) return null;
  const offers = modeler.get('studioOffers');
  const fields = [];
  if (mayContinue(element)) {
    const kinds = KINDS.filter((each) => each.append).map((each) => ({ value: each.id, label: `${each.label}：${each.hint}`, group: GROUPS[each.group] }));
    const edges = isHost(element) ? BOUNDARIES.map((each) => ({ value: each.id, label: each.label, group: '附着在环节上的事件' })) : [];
    fields.push(field('在后面加', select([...kinds, ...edges], '', (id) => offers.follow(id, element), { none: '选一种图形……' }), { key: 'append', help: '后面已有连线的，加在中间。' }));
    const linked = new Set(element.outgoing.map((each) => each.target?.id));
    const others = model.registry
      .filter((each) => isKind(each, 'FlowNode') && !each.labelTarget && each !== element && !isKind(each, 'StartEvent', 'BoundaryEvent') && !linked.has(each.id))
      .map((each) => ({ value: each.id, label: each.businessObject.name || each.id }));
    fields.push(field('连线到', select(others, '', (id) => model.connect(element, id), { none: '选一个图形……' }), { key: 'connect' }));
  }
  if (isKind(element, 'SequenceFlow')) fields.push(button(`到“${element.businessObject.targetRef?.name || element.businessObject.targetRef?.id}”去`, () => pick(element.businessObject.targetRef.id)));
  fields.push(button('删除这个图形', () => model.remove(element), 'btn-mini studio-remove'));
  return part('画图', false, ...fields);
}
