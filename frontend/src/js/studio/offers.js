/*
  What may be drawn: the kinds the engine runs (workflows/engine/check_drawing.py), once, for palette, append menu and change
  menu. Whatever is not listed cannot be drawn here; an imported diagram that has it says so when it is checked.
*/
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';

const event = (type, definition) => ({ type, eventDefinitionType: `bpmn:${definition}EventDefinition` });

/** id: as bpmn-js names it; group: where it stands in the menus; append: may follow a step. */
export const KINDS = [
  { id: 'user-task', label: '人工环节', hint: '由人填表、审核或签发', icon: 'user-task', group: 'step', target: { type: 'bpmn:UserTask' }, append: true, palette: true },
  { id: 'service-task', label: '系统动作', hint: '编号、起算、登记等由系统完成', icon: 'service-task', group: 'step', target: { type: 'bpmn:ServiceTask' }, append: true, palette: true },
  { id: 'rule-task', label: '决策', hint: '按决策表得出结果', icon: 'business-rule-task', group: 'step', target: { type: 'bpmn:BusinessRuleTask' }, append: true, palette: true },
  { id: 'call-activity', label: '调用流程', hint: '转入另一个流程，办完回来', icon: 'call-activity', group: 'step', target: { type: 'bpmn:CallActivity' }, append: true, palette: true },
  { id: 'expanded-subprocess', label: '子流程', hint: '把几个环节围在一起', icon: 'subprocess-expanded', group: 'step', target: { type: 'bpmn:SubProcess', isExpanded: true }, append: true, palette: true },
  { id: 'receive-task', label: '等待消息', hint: '等到一个消息再往下走', icon: 'receive-task', group: 'step', target: { type: 'bpmn:ReceiveTask' }, append: true },
  { id: 'manual-task', label: '线下环节', hint: '在系统外办理，办完在系统里确认', icon: 'manual-task', group: 'step', target: { type: 'bpmn:ManualTask' }, append: true },

  { id: 'exclusive-gateway', label: '排他网关', hint: '按条件只走一条', icon: 'gateway-xor', group: 'gateway', target: { type: 'bpmn:ExclusiveGateway' }, append: true, palette: true },
  { id: 'parallel-gateway', label: '并行网关', hint: '同时走全部，再等齐', icon: 'gateway-parallel', group: 'gateway', target: { type: 'bpmn:ParallelGateway' }, append: true, palette: true },
  { id: 'inclusive-gateway', label: '包容网关', hint: '符合条件的都走', icon: 'gateway-or', group: 'gateway', target: { type: 'bpmn:InclusiveGateway' }, append: true },
  { id: 'event-based-gateway', label: '事件网关', hint: '哪个事件先到走哪条', icon: 'gateway-eventbased', group: 'gateway', target: { type: 'bpmn:EventBasedGateway' }, append: true },

  { id: 'none-start', label: '开始', hint: '流程从这里开始', icon: 'start-event-none', group: 'event', target: { type: 'bpmn:StartEvent' }, palette: true },
  { id: 'timer-intermediate-catch', label: '定时器', hint: '等一段时间或等到某日', icon: 'intermediate-event-catch-timer', group: 'event', target: event('bpmn:IntermediateCatchEvent', 'Timer'), append: true, palette: true },
  { id: 'message-intermediate-catch', label: '等待消息的事件', hint: '等到一个消息', icon: 'intermediate-event-catch-message', group: 'event', target: event('bpmn:IntermediateCatchEvent', 'Message'), append: true },
  { id: 'signal-intermediate-catch', label: '等待信号的事件', hint: '等本流程别处发出信号', icon: 'intermediate-event-catch-signal', group: 'event', target: event('bpmn:IntermediateCatchEvent', 'Signal'), append: true },
  { id: 'signal-intermediate-throw', label: '发出信号', hint: '通知本流程里等待它的事件', icon: 'intermediate-event-throw-signal', group: 'event', target: event('bpmn:IntermediateThrowEvent', 'Signal'), append: true },
  { id: 'escalation-intermediate-throw', label: '发出升级', hint: '告诉外层有情况', icon: 'intermediate-event-throw-escalation', group: 'event', target: event('bpmn:IntermediateThrowEvent', 'Escalation'), append: true },
  { id: 'none-end', label: '结束', hint: '这条路走完', icon: 'end-event-none', group: 'event', target: { type: 'bpmn:EndEvent' }, append: true, palette: true },
  { id: 'error-end', label: '以错误结束', hint: '交给外层的错误事件处理', icon: 'end-event-error', group: 'event', target: event('bpmn:EndEvent', 'Error'), append: true },
  { id: 'escalation-end', label: '以升级结束', hint: '结束并告诉外层', icon: 'end-event-escalation', group: 'event', target: event('bpmn:EndEvent', 'Escalation'), append: true },
  { id: 'terminate-end', label: '全部终止', hint: '其余还没走完的路一并停止', icon: 'end-event-terminate', group: 'event', target: event('bpmn:EndEvent', 'Terminate'), append: true },
];

const boundary = (definition, interrupting) => ({ ...event('bpmn:BoundaryEvent', definition), cancelActivity: interrupting });

/** Events on the edge of a step; only the first of a pair stops the step. */
export const BOUNDARIES = [
  { id: 'timer-boundary', label: '到时打断', icon: 'intermediate-event-catch-timer', target: boundary('Timer', true) },
  { id: 'non-interrupting-timer-boundary', label: '到时提醒（不打断）', icon: 'intermediate-event-catch-non-interrupting-timer', target: boundary('Timer', false) },
  { id: 'message-boundary', label: '收到消息时打断', icon: 'intermediate-event-catch-message', target: boundary('Message', true) },
  { id: 'error-boundary', label: '出错时转走', icon: 'intermediate-event-catch-error', target: boundary('Error', true) },
  { id: 'escalation-boundary', label: '升级时打断', icon: 'intermediate-event-catch-escalation', target: boundary('Escalation', true) },
  { id: 'non-interrupting-escalation-boundary', label: '升级时另走一路', icon: 'intermediate-event-catch-non-interrupting-escalation', target: boundary('Escalation', false) },
  { id: 'signal-boundary', label: '收到信号时打断', icon: 'intermediate-event-catch-signal', target: boundary('Signal', true) },
  { id: 'non-interrupting-signal-boundary', label: '收到信号时另走一路', icon: 'intermediate-event-catch-non-interrupting-signal', target: boundary('Signal', false) },
];

const FLOWS = { 'replace-with-sequence-flow': '普通连线', 'replace-with-default-flow': '设为默认流向' };
const REPLACED = new Map([...KINDS, ...BOUNDARIES].map((kind) => [`replace-with-${kind.id}`, kind]));
const GROUPS = { step: { id: 'step', name: '环节' }, gateway: { id: 'gateway', name: '网关' }, event: { id: 'event', name: '事件' }, edge: { id: 'edge', name: '附着在环节上的事件' } };
const LOOPS = { 'toggle-parallel-mi': '多人同时办', 'toggle-sequential-mi': '多人依次办', 'toggle-loop': '重复', 'toggle-non-interrupting': '是否打断环节' };

const icon = (kind) => `bpmn-icon-${kind.icon}`;
export const isHost = (element) => /^bpmn:(UserTask|ManualTask|ServiceTask|BusinessRuleTask|ReceiveTask|CallActivity|SubProcess)$/.test(element.type);
/** Whether something may follow it. */
export const mayContinue = (element) =>
  !element.labelTarget && element.businessObject?.$instanceOf?.('bpmn:FlowNode') && element.type !== 'bpmn:EndEvent';

const GAP = 50;
const isFrame = (element) => /^bpmn:(Participant|Lane|Process|Collaboration)$/.test(element.type);

/**
 * Following a step that already leads on, the new one comes in between: room is made to the right, the flow goes on from the new
 * step. One click, one undo, and nothing is left hanging.
 */
function Following(autoPlace, modeling, spaceTool, canvas) {
  const free = (area, except) =>
    !selfAndAllChildren(canvas.getRootElement(), false).some(
      (each) => !each.waypoints && !each.labelTarget && !isFrame(each) && each !== except && each !== canvas.getRootElement() && !isFrameOf(each, except) &&
        each.x < area.right && each.x + each.width > area.left && each.y < area.bottom && each.y + each.height > area.top,
    );
  const makeRoom = (source, shape) => {
    const left = source.x + source.width;
    const middle = source.y + source.height / 2;
    const area = { left: left + 5, right: left + GAP + shape.width + 15, top: middle - shape.height / 2 - 5, bottom: middle + shape.height / 2 + 5 };
    if (free(area, source)) return;
    const start = left + 5;
    const delta = { x: GAP + shape.width, y: 0 };
    const { movingShapes, resizingShapes } = spaceTool.calculateAdjustments(selfAndAllChildren(canvas.getRootElement(), true), 'x', delta.x, start);
    spaceTool.makeSpace(movingShapes, resizingShapes, delta, 'e', start);
  };
  this.preExecute = (context) => {
    const { source, shape } = context;
    const before = source.outgoing.filter((each) => each.type === 'bpmn:SequenceFlow');
    const between = before.length === 1 && !source.host && shape.type !== 'bpmn:EndEvent' && !source.businessObject.$instanceOf('bpmn:Gateway');
    if (!between) {
      context.made = autoPlace.append(source, shape);
      return;
    }
    makeRoom(source, shape);
    const at = { x: source.x + source.width + GAP + shape.width / 2, y: source.y + source.height / 2 };
    context.made = modeling.appendShape(source, shape, at, source.parent);
    const [flow] = before;
    modeling.reconnectStart(flow, context.made, { x: context.made.x + context.made.width, y: at.y });
    modeling.layoutConnection(flow);
  };
}
Following.$inject = ['autoPlace', 'modeling', 'spaceTool', 'canvas'];

/** A sub-process around the step is no obstacle to it. */
function isFrameOf(element, inner) {
  for (let each = inner.parent; each; each = each.parent) if (each === element) return true;
  return false;
}

function Offers(palette, contextPad, popupMenu, create, elementFactory, appendPreview, modeling, lassoTool, handTool, spaceTool, globalConnect, commandStack, selection, directEditing, eventBus) {
  commandStack.registerHandler('studio.append', Following);
  const shapeOf = (kind) => {
    const shape = elementFactory.createShape({ ...kind.target });
    if (kind.group === 'step') shape.businessObject.name = `新的${kind.label}`;
    return shape;
  };
  const bring = (kind) => (happening) => create.start(happening, parts(kind, elementFactory));
  const append = (kind) => (_, element) => {
    const context = { source: element, shape: shapeOf(kind) };
    commandStack.execute('studio.append', context);
    selection.select(context.made);
    eventBus.fire('studio.appended', { element: context.made });
    if (kind.group === 'step') name(context.made);
  };
  /** Put a kind after an element, or an event on its edge: for whoever draws without a mouse. */
  this.follow = (id, element) => {
    const kind = [...KINDS, ...BOUNDARIES].find((each) => each.id === id);
    if (BOUNDARIES.includes(kind)) attach(kind, element);
    else append(kind)(null, element);
  };
  // The name it came with is replaced by the first letter typed.
  const name = (element) => {
    directEditing.activate(element);
    const box = document.querySelector('.djs-direct-editing-content');
    if (box) window.getSelection().selectAllChildren(box);
  };
  const drag = (kind) => (happening, element) => create.start(happening, shapeOf(kind), { source: element });
  const preview = (kind) => (_, element) => {
    const { type, ...options } = kind.target;
    appendPreview.create(element, type, options);
    return () => appendPreview.cleanUp();
  };
  const attach = (kind, element) => {
    const at = { x: element.x + element.width - 30, y: element.y + element.height };
    modeling.createShape(shapeOf(kind), at, element, { attach: true });
  };

  palette.registerProvider({
    getPaletteEntries() {
      const tool = (label, sign, act) => ({ group: 'tools', className: sign, title: label, action: { click: act } });
      const entries = {
        hand: tool('移动画布（H）', 'bpmn-icon-hand-tool', (each) => handTool.activateHand(each)),
        lasso: tool('框选（L）', 'bpmn-icon-lasso-tool', (each) => lassoTool.activateSelection(each)),
        space: tool('腾出或收回空间（S）', 'bpmn-icon-space-tool', (each) => spaceTool.activateSelection(each)),
        connect: tool('连线（C）', 'bpmn-icon-connection-multi', (each) => globalConnect.start(each)),
        line: { group: 'tools', separator: true },
      };
      for (const kind of KINDS.filter((each) => each.palette)) {
        const act = bring(kind);
        entries[kind.id] = { group: kind.group, className: icon(kind), title: `${kind.label}：${kind.hint}`, action: { click: act, dragstart: act } };
      }
      const pool = (each) => create.start(each, elementFactory.createParticipantShape());
      entries.pool = { group: 'frame', className: 'bpmn-icon-participant', title: '泳池：里面画泳道', action: { click: pool, dragstart: pool } };
      const note = bring({ target: { type: 'bpmn:TextAnnotation' } });
      entries.note = { group: 'frame', className: 'bpmn-icon-text-annotation', title: '文字注释', action: { click: note, dragstart: note } };
      const group = bring({ target: { type: 'bpmn:Group' } });
      entries.group = { group: 'frame', className: 'bpmn-icon-group', title: '分组框：只是标记，不影响流程', action: { click: group, dragstart: group } };
      return entries;
    },
  });

  // After bpmn-js' own entries: take away what cannot run, add what can.
  contextPad.registerProvider(600, {
    getContextPadEntries: (element) => (entries) => {
      for (const name of Object.keys(entries)) if (name.startsWith('append.') && name !== 'append.text-annotation') delete entries[name];
      if (!mayContinue(element)) return entries;
      const following =
        element.type === 'bpmn:EventBasedGateway'
          ? ['message-intermediate-catch', 'timer-intermediate-catch', 'signal-intermediate-catch', 'receive-task']
          : ['user-task', 'exclusive-gateway', 'service-task', 'none-end'];
      const added = {};
      for (const kind of KINDS.filter((each) => following.includes(each.id))) {
        added[`append.${kind.id}`] = { group: 'model', className: icon(kind), title: `后接${kind.label}`, action: { click: append(kind), dragstart: drag(kind), hover: preview(kind) } };
      }
      if (element.type !== 'bpmn:EventBasedGateway') {
        added['append.more'] = {
          group: 'model',
          className: 'studio-more',
          title: '后接其他……',
          action: {
            click: (happening, target) => {
              const at = { x: happening.clientX ?? happening.x, y: (happening.clientY ?? happening.y) + 12 };
              popupMenu.open(target, 'studio-append', at, { title: '后接', width: 300, search: true });
            },
          },
        };
      }
      return { ...added, ...entries };
    },
    getMultiElementContextPadEntries: () => (entries) => {
      const align = entries['align-elements'];
      if (align) entries['align-elements'] = { ...align, html: undefined, className: 'studio-align' };
      return entries;
    },
  });

  popupMenu.registerProvider('studio-append', {
    getPopupMenuEntries(element) {
      const entries = {};
      for (const kind of KINDS.filter((each) => each.append)) {
        entries[kind.id] = { label: kind.label, description: kind.hint, className: icon(kind), group: GROUPS[kind.group], action: (happening) => append(kind)(happening, element) };
      }
      if (isHost(element)) {
        for (const kind of BOUNDARIES) {
          entries[kind.id] = { label: kind.label, className: icon(kind), group: GROUPS.edge, action: () => attach(kind, element) };
        }
      }
      return entries;
    },
  });

  popupMenu.registerProvider('bpmn-replace', 600, {
    getPopupMenuEntries: () => (entries) => {
      const kept = {};
      for (const [name, entry] of Object.entries(entries)) {
        const kind = REPLACED.get(name);
        if (kind) kept[name] = { ...entry, label: kind.label, description: kind.hint };
        else if (FLOWS[name]) kept[name] = { ...entry, label: FLOWS[name] };
      }
      return kept;
    },
    getPopupMenuHeaderEntries: () => (entries) => {
      const kept = {};
      for (const [name, entry] of Object.entries(entries)) if (LOOPS[name]) kept[name] = { ...entry, title: LOOPS[name] };
      return kept;
    },
  });

  // bpmn-js draws these with styles written into the markup, which the page's policy refuses: words instead.
  const WORDS = { left: '靠左', center: '左右居中', right: '靠右', top: '靠上', middle: '上下居中', bottom: '靠下', horizontal: '左右等距', vertical: '上下等距' };
  const inWords = {
    getPopupMenuEntries: () => (entries) => {
      for (const [name, entry] of Object.entries(entries)) {
        const word = WORDS[name.replace(/^.*-/, '')];
        entries[name] = { ...entry, label: word, title: word, imageHtml: undefined, imageUrl: undefined };
      }
      return entries;
    },
  };
  popupMenu.registerProvider('align-elements', 600, inWords);
}

/** A sub-process comes with its start, so that it is complete when it lands. */
function parts(kind, elementFactory) {
  const shape = elementFactory.createShape({ ...kind.target });
  if (kind.group === 'step') shape.businessObject.name = `新的${kind.label}`;
  if (kind.target.type !== 'bpmn:SubProcess') return shape;
  return [shape, elementFactory.createShape({ type: 'bpmn:StartEvent', x: 40, y: 82, parent: shape })];
}

Offers.$inject = [
  'palette', 'contextPad', 'popupMenu', 'create', 'elementFactory', 'appendPreview', 'modeling', 'lassoTool', 'handTool',
  'spaceTool', 'globalConnect', 'commandStack', 'selection', 'directEditing', 'eventBus',
];

/** Identifiers are read by people in conditions, forms and scenarios: short, and in the small letters a form's file needs. */
const PREFIX = [
  ['bpmn:Activity', 'step_'], ['bpmn:Gateway', 'gw_'], ['bpmn:Event', 'event_'], ['bpmn:SequenceFlow', 'flow_'], ['bpmn:Lane', 'lane_'],
  ['bpmn:Participant', 'pool_'], ['bpmn:TextAnnotation', 'note_'], ['bpmn:Message', 'message_'], ['bpmn:Signal', 'signal_'],
  ['bpmn:Error', 'error_'], ['bpmn:Escalation', 'escalation_'],
];

function Names(bpmnFactory) {
  const usual = bpmnFactory._ensureId.bind(bpmnFactory);
  bpmnFactory._ensureId = (element) => {
    const found = !element.id && PREFIX.find(([type]) => element.$instanceOf(type));
    if (found) element.id = bpmnFactory._model.ids.nextPrefixed(found[1], element);
    else usual(element);
  };
}
Names.$inject = ['bpmnFactory'];

export default {
  __init__: ['studioNames', 'studioOffers'],
  studioNames: ['type', Names],
  studioOffers: ['type', Offers],
  paletteProvider: ['value', {}],
};
