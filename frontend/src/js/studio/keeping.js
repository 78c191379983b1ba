/*
  Saving loses nothing. Left alone, bpmn-js drops a reference whose target is not in the file (the data name of a list, a type
  of another schema) and the second element of an id (our data are named by their id, so what goes in and comes out under one
  name has one id twice); both are kept here and written back.
*/
const AGAIN = '..again';

/** Gives every further element of an id a name of its own while it is edited. */
function apart(xml) {
  const read = new DOMParser().parseFromString(xml, 'application/xml');
  if (read.querySelector('parsererror')) return xml;
  const seen = new Set();
  let doubled = 0;
  for (const element of read.querySelectorAll('[id]')) {
    if (element.closest('extensionElements')) continue;
    const id = element.getAttribute('id');
    if (seen.has(id)) element.setAttribute('id', `${id}${AGAIN}${(doubled += 1)}`);
    seen.add(id);
  }
  return doubled ? new XMLSerializer().serializeToString(read) : xml;
}

const together = (xml) => xml.replace(/\.\.again\d+(?=["'<])/g, '');

/** A stand-in with the id that is written: enough for the writer, and for every reader that asks a name. */
function standIn(moddle, descriptor, id) {
  let made;
  try {
    made = moddle.create(descriptor.type, { id });
  } catch {
    /* a type that cannot stand alone */
  }
  if (!made?.$descriptor?.propertiesByName?.id) made = moddle.create('bpmn:BaseElement', { id });
  Object.defineProperty(made, '$standIn', { value: true });
  return made;
}

export const isStandIn = (element) => Boolean(element?.$standIn);

/** What a stand-in would have to be drawn for: bpmn-js goes into these while importing. */
const WALKED = new Set(['processRef', 'flowNodeRef', 'sourceRef', 'targetRef', 'attachedToRef', 'dataObjectRef', 'bpmnElement', 'default']);

function Keeping(eventBus, moddle) {
  let later = [];

  // The only elements whose name bpmn-js writes wrongly: by their type instead of by what they are called there.
  for (const [type, property] of [['bpmn:CorrelationPropertyRetrievalExpression', 'messagePath'], ['bpmn:Assignment', 'from'], ['bpmn:Assignment', 'to']]) {
    const described = moddle.getType(type).prototype.$descriptor.propertiesByName[property];
    described.xml = { ...described.xml, serialize: described.xml?.serialize ?? 'property' };
  }

  const put = ({ element, property, value }) => {
    const descriptor = element.$descriptor.propertiesByName[property];
    const made = standIn(moddle, descriptor, value);
    if (descriptor.isMany) element.get(descriptor.name).push(made);
    else if (!element.get(descriptor.name)) element.set(descriptor.name, made);
  };

  eventBus.on('import.parse.start', ({ xml }) => apart(xml));
  eventBus.on('saveXML.serialized', ({ xml }) => together(xml));

  eventBus.on('import.parse.complete', ({ warnings }) => {
    const lost = (warnings ?? []).filter((each) => each.property && each.element?.$descriptor && each.value);
    later = lost.filter((each) => WALKED.has(each.property.replace(/^.*:/, '')));
    for (const each of lost) if (!later.includes(each)) put(each);
  });

  // Only put back for writing: nothing that draws or edits ever meets them.
  eventBus.on('saveXML.start', () => {
    for (const each of later) put(each);
  });
  eventBus.on('saveXML.done', () => {
    for (const { element, property, value } of later) {
      const descriptor = element.$descriptor.propertiesByName[property];
      if (!descriptor.isMany) {
        if (isStandIn(element.get(descriptor.name))) delete element[descriptor.name];
        continue;
      }
      const list = element.get(descriptor.name);
      const at = list.findIndex((other) => isStandIn(other) && other.id === value);
      if (at >= 0) list.splice(at, 1);
    }
  });
}
Keeping.$inject = ['eventBus', 'moddle'];

export default { __init__: ['keeping'], keeping: ['type', Keeping] };
