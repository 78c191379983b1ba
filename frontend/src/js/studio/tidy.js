/* A shape that becomes another kind leaves behind what only the old kind meant, in the same undo. */
const MEANT = {
  'spiffworkflow:Properties': ['bpmn:UserTask', 'bpmn:ManualTask'],
  'spiffworkflow:ServiceTaskOperator': ['bpmn:ServiceTask'],
  'spiffworkflow:CalledDecisionId': ['bpmn:BusinessRuleTask'],
};

function Tidy(eventBus, modeling) {
  eventBus.on('commandStack.shape.replace.postExecuted', ({ context: { newShape } }) => {
    const held = newShape.businessObject?.get?.('extensionElements');
    const values = held?.get('values') ?? [];
    const kept = values.filter((each) => !MEANT[each.$type] || MEANT[each.$type].includes(newShape.type));
    if (kept.length === values.length) return;
    if (kept.length) modeling.updateModdleProperties(newShape, held, { values: kept });
    else modeling.updateProperties(newShape, { extensionElements: undefined });
  });
}
Tidy.$inject = ['eventBus', 'modeling'];

export default { __init__: ['studioTidy'], studioTidy: ['type', Tidy] };
