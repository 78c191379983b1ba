/* Settings of everything that is drawn and is not a person's step. */
import { make } from '../dom.js';
import { conditionBuilder, timerBuilder } from './asking.js';
import { button, check, field, link, note, part, select, text } from './controls.js';
import { isKind } from './model.js';
import { severalFields } from './steps.js';

const CHOICES = ['ExclusiveGateway', 'InclusiveGateway'];
const url = (template, name) => template.replace('__name__', encodeURIComponent(name));
const label = (node) => node?.name || node?.id || '';

// -- system action

/** A parameter's value: a fact, a fixed text, or an expression for experts. */
function paramField(about, value, facts, element, put) {
  const fixed = value.match(/^(["'])(.*)\1$/);
  const options = facts.offered(element);
  const known = options.some((each) => each.value === value);
  const mode = known || !value ? value : fixed ? '=fixed' : '=text';
  const own = [{ value: '=fixed', label: '固定的内容' }, { value: '=text', label: '用表达式写' }];
  const place = make('div', {});
  const draw = (now) => {
    const which = select([...options, ...own], now, (next) => {
      if (next.startsWith('=')) draw(next);
      else put(next);
    }, { none: '不给' });
    const parts = [field(about.label, which, { key: `param-${about.name}` })];
    if (now === '=fixed') parts.push(field(`${about.label}：内容`, text(fixed?.[2] ?? '', (next) => put(next ? `"${next.replace(/"/g, '')}"` : '')), { key: `param-${about.name}-text` }));
    if (now === '=text') parts.push(field(`${about.label}：表达式`, text(value, put), { key: `param-${about.name}-text` }));
    place.replaceChildren(...parts);
  };
  draw(mode);
  return place;
}

function serviceParts(element, { model, words, facts }) {
  const now = model.action(element);
  const about = words.actions.find((each) => each.name === now.name);
  const put = (changes) => model.act(element, { ...now, ...changes });
  const options = words.actions.map((each) => ({ value: each.name, label: each.label, group: each.group }));
  const parts = [field('动作', select(options, now.name, (name) => put({ name, params: {} }), { none: now.name ? undefined : '请选择' }), { key: 'action', help: '由系统完成，没有人办。' })];
  for (const each of about?.params ?? []) {
    parts.push(paramField(each, now.params[each.name] ?? '', facts, element, (value) => put({ params: { ...now.params, [each.name]: value } })));
  }
  parts.push(field('结果记为', text(now.result, (result) => put({ result: result.trim() })), { key: 'result', help: '英文名称，供后面的条件使用；不用可以空着。' }));
  return [part('系统做什么', true, ...parts)];
}

// -- decision, call, receiving

function ruleParts(element, { model, words }) {
  const now = model.table(element);
  const about = words.tables.find((each) => each.decision === now);
  const options = words.tables.map((each) => ({ value: each.decision, label: each.label }));
  const parts = [field('决策表', select(options, now, (value) => model.decide(element, value), { none: now ? undefined : '请选择' }), { key: 'table' })];
  if (about) {
    parts.push(note(`依据：${about.inputs.map((each) => each.label).join('、') || '无'}。得出：${about.outputs.map((each) => each.label).join('、')}。`));
    parts.push(link('打开这张决策表', url(words.urls.table, about.name)));
  } else parts.push(link('到草稿页新建决策表', words.urls.draft));
  return [part('怎样决定', true, ...parts)];
}

function callParts(element, { model, words, facts }) {
  const now = element.businessObject.calledElement ?? '';
  const about = words.processes.find((each) => each.key === now);
  const options = words.processes.map((each) => ({ value: each.key, label: each.name }));
  const parts = [field('流程', select(options, now, (key) => model.put(element, { calledElement: key }), { none: now ? undefined : '请选择' }), { key: 'callee' })];
  if (about) {
    if (about.inputs.length) parts.push(note(`带去：${about.inputs.map((each) => each.label).join('、')}`));
    if (about.outputs.length) parts.push(note(`带回：${about.outputs.map((each) => each.label).join('、')}`));
    parts.push(note('流程设置里“调用的流程”随图改好，不用另外填写。'));
  }
  return [part('调用哪个流程', true, ...parts), part('分几份', model.several(element).mode !== 'none', ...severalFields(element, model, facts))];
}

// -- gateways and flows

function gatewayParts(element, { model, facts, pick }) {
  const owner = element.businessObject;
  const flows = owner.get('outgoing') ?? [];
  const gate = isKind(element, ...CHOICES);
  const parts = [];
  if (gate && flows.length > 1) {
    const options = flows.map((flow) => ({ value: flow.id, label: `${flow.name || '未命名的连线'} → ${label(flow.targetRef)}` }));
    const choose = (id) => model.put(element, { default: flows.find((flow) => flow.id === id) });
    parts.push(field('默认流向', select(options, owner.default?.id, choose, { none: owner.default ? undefined : '请选择' }), { key: 'default', help: '别的条件都不符合时走这条。' }));
  }
  if (gate) {
    const rows = flows.map((flow) => {
      const drawn = model.registry.get(flow.id);
      const said = flow === owner.default ? '默认流向' : drawn && model.condition(drawn) ? '有条件' : '还没有条件';
      return make('li', {}, button(`${flow.name || '连线'} → ${label(flow.targetRef)}`, () => pick(flow.id)), make('span', { class: 'studio-small' }, said));
    });
    parts.push(make('ul', { class: 'studio-list' }, ...rows));
  }
  if (isKind(element, 'ParallelGateway')) parts.push(note('从这里同时走每一条；几条汇到并行网关时，等齐了再往下走。'));
  if (isKind(element, 'EventBasedGateway')) parts.push(note('后面接几个等待的事件，哪个先到走哪条。'));
  return [part('往哪里走', true, ...parts)];
}

function flowParts(element, context) {
  const { model, facts } = context;
  const source = element.businessObject.sourceRef;
  if (!CHOICES.some((kind) => source?.$instanceOf(`bpmn:${kind}`))) {
    return [part('条件', true, note('只有从排他网关、包容网关出来的连线才有条件。'))];
  }
  const parts = [];
  const several = source.get('outgoing').length > 1;
  const usual = source.default === element.businessObject;
  if (several) {
    const toggle = (on) => model.put(model.registry.get(source.id), { default: on ? element.businessObject : undefined });
    parts.push(check('默认流向：别的条件都不符合时走这条', usual, toggle, { key: 'is-default' }));
  }
  if (!usual) parts.push(conditionBuilder(model.condition(element), facts, element, (said) => model.when(element, said)));
  return [part('条件', true, ...parts)];
}

// -- events

const REFERENCES = {
  'bpmn:MessageEventDefinition': ['messageRef', 'Message', '消息'],
  'bpmn:SignalEventDefinition': ['signalRef', 'Signal', '信号'],
  'bpmn:ErrorEventDefinition': ['errorRef', 'Error', '错误'],
  'bpmn:EscalationEventDefinition': ['escalationRef', 'Escalation', '升级'],
};

function referenceField(element, model, holder, [property, type, word]) {
  const listed = model.roots(type).map((each) => each.name || each.id);
  const now = holder.get(property);
  const id = `studio-names-${type}`;
  const control = text(now?.name || now?.id || '', (name) => name.trim() && model.refer(element, holder, property, type, name.trim()), { list: id });
  return [
    field(`哪个${word}`, control, { key: 'reference', help: `同名的就是同一个${word}；写新的名称就新建一个。` }),
    make('datalist', { id }, ...listed.map((each) => make('option', { value: each }))),
  ];
}

function eventParts(element, { model, facts }) {
  const definition = model.definition(element);
  const parts = [];
  if (definition?.$type === 'bpmn:TimerEventDefinition') {
    parts.push(timerBuilder(model.timer(element), facts, element, (said) => model.wait(element, said)));
  } else if (definition && REFERENCES[definition.$type]) {
    parts.push(...referenceField(element, model, definition, REFERENCES[definition.$type]));
  } else if (!definition && isKind(element, 'IntermediateCatchEvent', 'BoundaryEvent')) {
    parts.push(note('还没有说明等待什么。请用图形旁的扳手改成定时器、消息等事件。'));
  }
  if (isKind(element, 'BoundaryEvent') && definition?.$type !== 'bpmn:ErrorEventDefinition') {
    const stops = element.businessObject.cancelActivity !== false;
    parts.push(check('打断所在的环节', stops, (on) => model.put(element, { cancelActivity: on }), { key: 'interrupting', help: '不打断时，环节照办，另走一路。' }));
  }
  return parts.length ? [part('什么时候触发', true, ...parts)] : [];
}

// -- frames

function laneParts(element, { model, words }) {
  const name = element.businessObject.name ?? '';
  const about = words.lanes.find((each) => each.name === name);
  const options = words.lanes.map((each) => ({ value: each.name, label: `${each.name}：${each.who}` }));
  return [
    part('岗位', true,
      field('用已有的岗位', select(options, about ? name : '', (value) => model.rename(element, value), { none: about ? undefined : '不用，另起名称' }), { key: 'lane-name', help: '泳道按名称对应流程设置里的岗位。' }),
      about ? note(`这里的环节送：${about.who}`) : note(name ? `泳道“${name}”还没有指定谁来办，不能启用。` : '泳道还没有名称。请先写名称，再到流程设置里指定谁来办。'),
      link(about ? '在流程设置里修改这个岗位' : '到流程设置里指定谁来办', words.urls.settings)),
  ];
}

function processParts(element, { model, words, facts }) {
  const process = isKind(element, 'Participant') ? element.businessObject.processRef : isKind(element, 'Process') ? element.businessObject : model.roots('Process')[0];
  if (!process) return [part('流程', true, note('泳池里还没有流程。'))];
  const executable = check('由系统照图办理', process.isExecutable === true, (on) => model.modeling.updateModdleProperties(element, process, { isExecutable: on }), { key: 'executable', help: '不勾选的图只给人看，不能启用。' });
  return [note('点选图上的环节、连线或泳道，在这里设置。'), part('流程', true, field('编号', text(process.id, () => {}, { readonly: true }), { help: '建立以后不改。' }), executable, link('名称、编号规则、依据在流程设置里改', words.urls.settings))];
}

export function otherParts(element, context) {
  if (isKind(element, 'ServiceTask')) return serviceParts(element, context);
  if (isKind(element, 'BusinessRuleTask')) return ruleParts(element, context);
  if (isKind(element, 'CallActivity')) return callParts(element, context);
  if (isKind(element, 'ReceiveTask')) {
    return [part('等什么', true, ...referenceField(element, context.model, element.businessObject, REFERENCES['bpmn:MessageEventDefinition']))];
  }
  if (isKind(element, 'SubProcess')) return [part('分几份', true, ...severalFields(element, context.model, context.facts))];
  if (isKind(element, 'Gateway')) return gatewayParts(element, context);
  if (isKind(element, 'SequenceFlow')) return flowParts(element, context);
  if (isKind(element, 'Event')) return eventParts(element, context);
  if (isKind(element, 'Lane')) return laneParts(element, context);
  if (isKind(element, 'Participant', 'Process', 'Collaboration')) return processParts(element, context);
  return [];
}

const WORDS = {
  UserTask: '人工环节', ManualTask: '线下环节', ServiceTask: '系统动作', BusinessRuleTask: '决策', CallActivity: '调用流程', SubProcess: '子流程',
  ReceiveTask: '等待消息', ExclusiveGateway: '排他网关', ParallelGateway: '并行网关', InclusiveGateway: '包容网关', EventBasedGateway: '事件网关',
  StartEvent: '开始', EndEvent: '结束', IntermediateCatchEvent: '等待的事件', IntermediateThrowEvent: '发出的事件', BoundaryEvent: '环节上的事件',
  SequenceFlow: '连线', Lane: '泳道', Participant: '泳池', Process: '流程', Collaboration: '流程图', TextAnnotation: '文字注释', Group: '分组框',
  Association: '虚线', Task: '没有类型的任务',
};

/** What a shape is called in a sentence; one without a name as workflows/engine/drawn_words.py says it. */
export const spoken = (owner) => owner.name || `未命名的${WORDS[owner.$type?.replace('bpmn:', '')]?.replace('人工环节', '环节') ?? '图形'}`;

export const kindWord = (element) => WORDS[element.businessObject?.$type?.replace('bpmn:', '')] ?? '不支持的图形';
