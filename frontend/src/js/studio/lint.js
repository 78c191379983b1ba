/*
  What can be seen wrong without asking the server, while drawing. The server's check is the truth and replaces this with the
  next saving; the sentences are the same as in workflows/engine/check_drawing.py.
*/
import { spoken } from './kinds.js';
import { isKind, isPerson } from './model.js';


export function lint(model) {
  const found = [];
  const say = (element, rule, message, mend) => found.push({ element: element.id, rule, severity: 'error', message, mend, part: 'process.bpmn' });
  const laned = model.lanes().length > 0;
  for (const element of model.registry.getAll()) {
    if (element.labelTarget || !isKind(element, 'FlowNode')) continue;
    const owner = element.businessObject;
    const out = owner.get('outgoing') ?? [];
    if (!isKind(element, 'EndEvent') && !out.length) say(element, 'dead_end', `“${spoken(owner)}”之后没有连线，办件会停在这里`, '请连到下一步或结束事件');
    if (!isKind(element, 'StartEvent', 'BoundaryEvent') && !(owner.get('incoming') ?? []).length) say(element, 'unreachable', `从开始走不到“${spoken(owner)}”`, '请连上它或删除它');
    if (!isKind(element, 'Gateway') && out.length > 1) say(element, 'multiple_flows', `“${spoken(owner)}”有多条出口连线`, '请在它后面加一个网关');
    if (isKind(element, 'ExclusiveGateway', 'InclusiveGateway') && out.length > 1) choices(model, element, out, say);
    if (isPerson(element)) {
      if (laned && !model.laneOf(element)) say(element, 'no_lane', `环节“${spoken(owner)}”不在任何泳道内，没有人能办理`, '请把它放进一个泳道');
      if (!model.settings(element).role) say(element, 'step_settings', `环节“${spoken(owner)}”没有写清性质`, '请选择性质');
    }
    if (isKind(element, 'ServiceTask') && !model.action(element).name) say(element, 'no_action', `“${spoken(owner)}”没有选择动作`, '请从动作列表中选择');
    if (isKind(element, 'BusinessRuleTask') && !model.table(element)) say(element, 'unknown_decision', `“${spoken(owner)}”没有选择决策表`, '请选择本流程的决策表');
    if (isKind(element, 'CallActivity') && !owner.calledElement) say(element, 'unknown_callee', `“${spoken(owner)}”没有选择流程`, '请选择已启用的流程');
    if (model.definition(element)?.$type === 'bpmn:TimerEventDefinition' && !model.timer(element).text) say(element, 'timer_value', `定时器“${spoken(owner)}”没有写明时长或日期`, '请写一个时长或日期');
  }
  return found;
}

function choices(model, element, out, say) {
  const owner = element.businessObject;
  if (!owner.default) say(element, 'default_flow', `网关“${spoken(owner)}”没有默认流向，条件都不满足时办件会停住`, '请把一条连线设为默认流向');
  for (const flow of out) {
    const drawn = model.registry.get(flow.id);
    if (drawn && flow !== owner.default && !model.condition(drawn)) say(drawn, 'missing_condition', `网关“${spoken(owner)}”的连线没有条件`, '请写上条件或设为默认流向');
  }
}
