/* What a condition, a timer or an action may read: from the forms and tables (the server's words) and from the drawing itself. */
const has = (list, name) => list.some((each) => each.name === name);

export class Facts {
  constructor(words, model) {
    this.words = words;
    this.model = model;
  }

  /** Every fact, those of earlier steps first. */
  all(element) {
    const before = element ? this.model.before(element) : new Set();
    const found = this.words.facts.map((each) => ({ ...each, early: !each.steps.length || each.steps.some((step) => before.has(step)) }));
    for (const each of this.drawn()) if (!has(found, each.name)) found.push({ options: [], ...each, early: !each.step || before.has(each.step) });
    return found.sort((one, other) => Number(other.early) - Number(one.early));
  }

  /** What the drawing gives: inputs, results of actions, whether a 会签 passed. */
  drawn() {
    const found = [];
    for (const element of this.model.registry.getAll()) {
      const owner = element.businessObject;
      if (element.labelTarget || !owner) continue;
      if (element.type === 'bpmn:ServiceTask') {
        const { result } = this.model.action(element);
        if (result) found.push({ name: result, label: `${owner.name || owner.id}的结果`, type: 'unknown', from: '系统动作', step: owner.id });
      }
      if (this.model.settings(element).countersign) {
        found.push({ name: `${owner.id}_agreed`, label: `“${owner.name || owner.id}”通过`, type: 'boolean', from: '会签', step: owner.id });
      }
    }
    for (const process of this.model.roots('Process')) {
      for (const input of process.get('ioSpecification')?.get('dataInputs') ?? []) {
        found.push({ name: input.id, label: input.name || input.id, type: 'unknown', from: '调用它的流程', step: '' });
      }
    }
    return found;
  }

  named(name, element) {
    return this.all(element).find((each) => each.name === name);
  }

  typeOf(name) {
    const type = this.named(name)?.type ?? 'unknown';
    return type === 'unknown' ? 'boolean' : type;
  }

  /** Options of a select, grouped by whether an earlier step gives them. */
  offered(element, fits = () => true) {
    return this.all(element)
      .filter(fits)
      .map((each) => ({ value: each.name, label: `${each.label}（${each.from}）`, group: each.early ? '这一步之前已有' : '别处填写，这时可能还没有' }));
  }
}
