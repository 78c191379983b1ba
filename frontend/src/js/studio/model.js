/*
  Reading and changing what a step says of itself, always through bpmn-js' command stack: one change, one undo.
  Values are texts, as in the file; null takes a setting away.
*/
import { isStandIn } from './keeping.js';

export const isKind = (element, ...kinds) => kinds.some((kind) => element?.businessObject?.$instanceOf?.(`bpmn:${kind}`));
export const isPerson = (element) => isKind(element, 'UserTask', 'ManualTask');

export class Model {
  constructor(modeler) {
    this.modeling = modeler.get('modeling');
    this.moddle = modeler.get('moddle');
    this.factory = modeler.get('bpmnFactory');
    this.registry = modeler.get('elementRegistry');
    this.canvas = modeler.get('canvas');
    this.stack = modeler.get('commandStack');
    this.modeler = modeler;
    // A step sent to a lane is not dropped on the flow that happens to run there: nobody asked to lead that one through it.
    modeler.get('eventBus').on('commandStack.elements.move.preExecute', 900, ({ context }) => {
      if (context.hints?.intoLane) delete context.targetFlow;
    });
  }

  // -- plain attributes and documentation

  put(element, values) {
    this.modeling.updateProperties(element, values);
  }

  documentation(element) {
    return element.businessObject.get('documentation')[0]?.text ?? '';
  }

  document(element, text) {
    const said = text.trim() ? [this.moddle.create('bpmn:Documentation', { text })] : [];
    this.put(element, { documentation: said });
  }

  rename(element, name) {
    if (element.labelTarget || isKind(element, 'TextAnnotation', 'Group')) this.modeling.updateLabel(element, name);
    else if (element.businessObject.name !== name) this.modeling.updateLabel(element, name);
  }

  // -- the engine's own extensions

  extension(element, type) {
    const values = element.businessObject.get('extensionElements')?.get('values') ?? [];
    return values.find((each) => each.$type === type);
  }

  /** Replace, add or (null) take away the one extension of a type; those of other tools stay. */
  extend(element, type, made) {
    const owner = element.businessObject;
    const around = owner.get('extensionElements');
    const others = (around?.get('values') ?? []).filter((each) => each.$type !== type);
    const values = made ? [...others, made] : others;
    if (!around) {
      if (!values.length) return;
      const holder = this.moddle.create('bpmn:ExtensionElements', { values });
      holder.$parent = owner;
      for (const each of values) each.$parent = holder;
      this.put(element, { extensionElements: holder });
    } else if (!values.length) {
      this.put(element, { extensionElements: undefined });
    } else {
      for (const each of values) each.$parent = around;
      this.modeling.updateModdleProperties(element, around, { values });
    }
  }

  settings(element) {
    const listed = this.extension(element, 'spiffworkflow:Properties')?.get('properties') ?? [];
    return Object.fromEntries(listed.map((each) => [each.name, each.value ?? '']));
  }

  /** Change some settings of a step: name -> text, or null. Their order in the file stays. */
  set(element, changes) {
    const now = this.settings(element);
    const wanted = { ...now, ...changes };
    const kept = Object.entries(wanted).filter(([, value]) => value !== null && value !== '');
    if (JSON.stringify(kept) === JSON.stringify(Object.entries(now))) return;
    const properties = kept.map(([name, value]) => this.moddle.create('spiffworkflow:Property', { name, value }));
    const made = properties.length ? this.moddle.create('spiffworkflow:Properties', { properties }) : null;
    for (const each of properties) each.$parent = made;
    this.extend(element, 'spiffworkflow:Properties', made);
  }

  action(element) {
    const operator = this.extension(element, 'spiffworkflow:ServiceTaskOperator');
    const listed = operator?.get('parameterList')?.get('parameters') ?? [];
    return {
      name: operator?.get('id') ?? '',
      result: operator?.get('resultVariable') ?? '',
      params: Object.fromEntries(listed.map((each) => [each.id, each.value ?? ''])),
    };
  }

  act(element, { name, result, params }) {
    if (!name) return this.extend(element, 'spiffworkflow:ServiceTaskOperator', null);
    const operator = this.moddle.create('spiffworkflow:ServiceTaskOperator', { id: name });
    if (result) operator.resultVariable = result;
    const parameters = Object.entries(params)
      .filter(([, value]) => value !== '')
      .map(([id, value]) => this.moddle.create('spiffworkflow:Parameter', { id, type: 'str', value }));
    if (parameters.length) {
      operator.parameterList = this.moddle.create('spiffworkflow:Parameters', { parameters });
      operator.parameterList.$parent = operator;
      for (const each of parameters) each.$parent = operator.parameterList;
    }
    this.extend(element, 'spiffworkflow:ServiceTaskOperator', operator);
  }

  table(element) {
    return this.extension(element, 'spiffworkflow:CalledDecisionId')?.get('value')?.trim() ?? '';
  }

  decide(element, decision) {
    this.extend(element, 'spiffworkflow:CalledDecisionId', decision ? this.moddle.create('spiffworkflow:CalledDecisionId', { value: decision }) : null);
  }

  // -- conditions and timers

  condition(flow) {
    return flow.businessObject.get('conditionExpression')?.get('body') ?? '';
  }

  when(flow, text) {
    const body = text.trim();
    const made = body ? this.moddle.create('bpmn:FormalExpression', { body }) : undefined;
    if (made) made.$parent = flow.businessObject;
    this.put(flow, { conditionExpression: made });
  }

  definition(element) {
    return element.businessObject.get?.('eventDefinitions')?.[0];
  }

  /** {kind: duration | date, text} of a timer. */
  timer(element) {
    const definition = this.definition(element);
    const kind = definition?.get('timeDate') ? 'date' : 'duration';
    const held = definition?.get('timeDate') ?? definition?.get('timeDuration');
    return { kind, text: held?.get('body') ?? '', cycle: Boolean(definition?.get('timeCycle')) };
  }

  wait(element, { kind, text }) {
    const definition = this.definition(element);
    const made = text.trim() ? this.moddle.create('bpmn:FormalExpression', { body: text.trim() }) : undefined;
    if (made) made.$parent = definition;
    this.modeling.updateModdleProperties(element, definition, {
      timeDuration: kind === 'duration' ? made : undefined,
      timeDate: kind === 'date' ? made : undefined,
      timeCycle: undefined,
    });
  }

  // -- messages, signals, errors, escalations: named once per file

  roots(type) {
    return this.modeler.getDefinitions().get('rootElements').filter((each) => each.$type === `bpmn:${type}`);
  }

  /** Point an event (or a receiving task) at the thing of that name, which is made when it is new. */
  refer(element, holder, property, type, name) {
    const definitions = this.modeler.getDefinitions();
    let found = this.roots(type).find((each) => each.name === name);
    if (!found) {
      found = this.factory.create(`bpmn:${type}`, { name });
      if (type === 'Error') found.errorCode = found.id;
      if (type === 'Escalation') found.escalationCode = found.id;
      found.$parent = definitions;
      const root = this.canvas.getRootElement();
      this.modeling.updateModdleProperties(root, definitions, { rootElements: [...definitions.get('rootElements'), found] });
    }
    this.modeling.updateModdleProperties(element, holder, { [property]: found });
  }

  // -- several at once

  /** {mode: none | parallel | sequential | loop, list, count, item, output, outputItem, until, most}. */
  several(element) {
    const loop = element.businessObject.get('loopCharacteristics');
    if (!loop) return { mode: 'none' };
    if (loop.$type === 'bpmn:StandardLoopCharacteristics') {
      return { mode: 'loop', most: loop.get('loopMaximum') ?? '', until: loop.get('loopCondition')?.get('body') ?? '' };
    }
    return {
      mode: loop.get('isSequential') ? 'sequential' : 'parallel',
      list: loop.get('loopDataInputRef')?.id ?? '',
      count: loop.get('loopCardinality')?.get('body') ?? '',
      item: loop.get('inputDataItem')?.id ?? '',
      output: loop.get('loopDataOutputRef')?.id ?? '',
      outputItem: loop.get('outputDataItem')?.id ?? '',
      until: loop.get('completionCondition')?.get('body') ?? '',
    };
  }

  repeat(element, said) {
    if (said.mode === 'none') return this.put(element, { loopCharacteristics: undefined });
    const owner = element.businessObject;
    const expression = (body) => (body ? this.moddle.create('bpmn:FormalExpression', { body }) : undefined);
    let made;
    if (said.mode === 'loop') {
      made = this.moddle.create('bpmn:StandardLoopCharacteristics', { loopMaximum: Number(said.most) || undefined, loopCondition: expression(said.until) });
    } else {
      const named = (type, id) => (id ? this.moddle.create(type, { id }) : undefined);
      made = this.moddle.create('bpmn:MultiInstanceLoopCharacteristics', {
        isSequential: said.mode === 'sequential',
        loopCardinality: said.list ? undefined : expression(said.count),
        loopDataInputRef: named('bpmn:ItemAwareElement', said.list),
        inputDataItem: said.list ? named('bpmn:DataInput', said.item) : undefined,
        loopDataOutputRef: named('bpmn:ItemAwareElement', said.output),
        outputDataItem: named('bpmn:DataOutput', said.outputItem),
        completionCondition: expression(said.until),
      });
    }
    made.$parent = owner;
    for (const part of Object.values(made)) if (part?.$type && part !== owner && !isStandIn(part)) part.$parent = made;
    this.put(element, { loopCharacteristics: made });
  }

  // -- drawing

  connect(element, id) {
    this.modeling.connect(element, this.registry.get(id), { type: 'bpmn:SequenceFlow' });
  }

  remove(element) {
    this.modeling.removeElements([element]);
  }

  // -- lanes

  lanes() {
    return this.registry.filter((each) => isKind(each, 'Lane') && !each.labelTarget);
  }

  laneOf(element) {
    return this.lanes().find((lane) => lane.businessObject.get('flowNodeRef').includes(element.businessObject));
  }

  /** Move a step up or down into a lane, beside whatever stands there; its flows are drawn anew, no other is changed. */
  toLane(element, lane) {
    const dy = lane.y + lane.height / 2 - (element.y + element.height / 2);
    const near = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5].map((each) => each * 60);
    const places = near.flatMap((y) => near.map((x) => ({ x, y: dy + y })));
    const free = places.find((by) => this.isFree(element, by, lane));
    this.modeling.moveElements([element], free ?? { x: 0, y: dy }, element.parent, { intoLane: true });
  }

  isFree(element, by, lane) {
    const box = { x: element.x + by.x, y: element.y + by.y, width: element.width, height: element.height };
    const apart = (a, b, gap) => a.x >= b.x + b.width + gap || b.x >= a.x + a.width + gap || a.y >= b.y + b.height + gap || b.y >= a.y + a.height + gap;
    const inside = box.x >= lane.x + 30 && box.x + box.width <= lane.x + lane.width && box.y >= lane.y && box.y + box.height <= lane.y + lane.height;
    const others = this.registry.filter((each) => isKind(each, 'FlowNode') && !each.labelTarget && each.width && ![each, each.host, each.parent].includes(element) && each !== element.parent);
    return inside && others.every((each) => apart(each, box, 10));
  }

  // -- steps

  people() {
    return this.registry.filter((each) => isPerson(each) && !each.labelTarget);
  }

  flows() {
    return this.registry.filter((each) => isKind(each, 'SequenceFlow') && each.waypoints);
  }

  /** Ids of everything from which a way leads to this element. */
  before(element) {
    const seen = new Set();
    const todo = [element.businessObject.sourceRef ?? element.businessObject];
    while (todo.length) {
      const node = todo.pop();
      if (!node || seen.has(node.id)) continue;
      seen.add(node.id);
      for (const flow of node.get('incoming') ?? []) todo.push(flow.sourceRef);
      if (node.attachedToRef) todo.push(node.attachedToRef);
      if (node.$parent?.$type === 'bpmn:SubProcess') todo.push(node.$parent);
    }
    return seen;
  }
}
