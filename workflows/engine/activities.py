"""Activities as this system means them: actions, decision tables, calls, multi-instances, and no scripts."""

from __future__ import annotations

import re
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins import ParallelMultiInstanceTaskMixin, SequentialMultiInstanceTaskMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.spiff.specs.defaults import CallActivity, ScriptTask, ServiceTask
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine import expressions
from workflows.engine.countersign import AGREE, SETTING, Rule, result_name
from workflows.engine.errors import DefinitionRefused, EngineRefused
from workflows.engine.facts import COUNTS
from workflows.engine.merging import clone, plain
from workflows.engine.model import CELL_NAME

MAX_INSTANCES = 200
_CELL_OPERATOR = re.compile(r"(==|!=|<=|>=|<|>|in\b|not\s+in\b)")
_QUESTION_MARK = re.compile(r"""\?(?=(?:[^'"]|'[^']*'|"[^"]*")*\Z)""")


class Action(ServiceTask):  # type: ignore[misc]
    """A service task: calls an action; the result is kept only where a variable is named."""

    def _execute(self, task: Task) -> bool:
        engine = task.workflow.script_engine
        params = {name: engine.evaluate(task, each["value"]) for name, each in self.operation_params.items()}
        result = engine.act(task, self.operation_name, params)
        if self.named_result:
            task.data[self.result_variable] = clone(result)
        return True

    @property
    def named_result(self) -> bool:
        """Whether the author named a variable (the library invents one otherwise)."""
        return not str(self.result_variable).startswith("spiff__")


class Call(CallActivity):  # type: ignore[misc]
    """A call of another process. Declared inputs and outputs that are absent are None on the other side."""

    def copy_data(self, my_task: Task, subworkflow: Any) -> None:
        inputs = _declared(subworkflow, "data_inputs")
        data = my_task.data if inputs is None else {name: my_task.data.get(name) for name in inputs}
        subworkflow.task_tree.data.update(clone(dict(data)))

    def update_data(self, my_task: Task, subworkflow: Any) -> None:
        final, outputs = subworkflow.last_task.data, _declared(subworkflow, "data_outputs")
        if outputs is None:
            my_task.data = clone(final)
        else:
            my_task.data.update({name: clone(final.get(name)) for name in outputs})


def _declared(subworkflow: Any, direction: str) -> list[str] | None:
    specification = subworkflow.spec.io_specification
    declared = getattr(specification, direction, None)
    return [reference.bpmn_id for reference in declared] if declared else None


#: internal data of a 会签 step: how many were asked, agreed, did not agree
ASKED, AGREED, REFUSED = "asked", "agreed", "refused"


class _Instances(MultiInstanceTask):  # type: ignore[misc]
    """A multi-instance that can be entered again in a loop (engine.md 15) and whose size is bounded.

    A person's step with the setting `countersign` is a 会签: each instance answers with its `decision`, the rule says when
    nobody need answer any more, and the fact `<step>_agreed` what came of it. The counts are kept here, because the
    library sees only the last instance (engine.md 6).
    """

    def _rule(self, my_task: Task) -> Rule | None:
        each = my_task.workflow.spec.task_specs[self.task_spec]
        text = getattr(each, "extensions", {}).get("properties", {}).get(SETTING)
        return Rule.read(text) if text and each.manual else None

    def _count(self, my_task: Task, child: Task) -> None:
        word = AGREED if child.data.get("decision") == AGREE else REFUSED
        my_task.internal_data[word] = my_task.internal_data.get(word, 0) + 1

    def _counts(self, my_task: Task) -> tuple[int, int, int]:
        data = my_task.internal_data
        return data.get(ASKED, 0), data.get(AGREED, 0), data.get(REFUSED, 0)

    def check_completion_condition(self, my_task: Task) -> bool:
        rule = self._rule(my_task)
        if rule is not None:
            return rule.over(*self._counts(my_task))
        merged = my_task.internal_data.get("merged", [])
        if not merged or self.condition is None:
            return False
        last = next(child for child in my_task.children if str(child.id) == merged[-1])
        known = self._gathered(my_task) | self._numbers(my_task, len(merged))
        return bool(my_task.workflow.script_engine.evaluate(last, self.condition, known))

    def _numbers(self, my_task: Task, completed: int) -> dict[str, Any]:
        """The counts of BPMN 2.0, table 10.31; in sequence at most one instance is active."""
        asked = my_task.internal_data.get(ASKED, 0)
        left = asked - completed
        active = min(left, 1) if isinstance(self, SequentialInstances) else left
        return dict(zip(COUNTS, (asked, completed, active, 0), strict=True))

    def _gathered(self, my_task: Task) -> dict[str, Any]:
        """What the instances have answered so far, by its name."""
        output = self.data_output
        return {} if output is None else {output.bpmn_id: my_task.data.get(output.bpmn_id)}

    def _conclude(self, my_task: Task) -> None:
        """Say what came of a 会签 that is over."""
        rule = self._rule(my_task)
        if rule is not None and (my_task.state == TaskState.READY or not self._counts(my_task)[0]):
            my_task.data[result_name(self.name)] = bool(rule.verdict(*self._counts(my_task)))

    def _forget_last_round(self, my_task: Task) -> None:
        """Before the instances exist, drop what an earlier round left under the names of items and output."""
        for reference in (self.input_item, self.output_item, self.data_output):
            if reference is not None and not self._is_input(reference):
                my_task.data.pop(reference.bpmn_id, None)
        my_task.data.pop(result_name(self.name), None)

    def create_child(self, my_task: Task, item: Any, key_or_index: Any = None) -> None:
        """In sequence the library merges a finished instance, its item too, and then refuses to make the next one."""
        if self.input_item is not None and not self._is_input(self.input_item):
            my_task.data.pop(self.input_item.bpmn_id, None)
        super().create_child(my_task, item, key_or_index)

    def _is_input(self, reference: Any) -> bool:
        return self.data_input is not None and reference.bpmn_id == self.data_input.bpmn_id

    def _check_size(self, my_task: Task) -> None:
        size = my_task.internal_data[ASKED] = self._size(my_task)
        if size > MAX_INSTANCES:
            raise EngineRefused(
                f"“{self._label}”一次要分给 {size} 方办理，最多 {MAX_INSTANCES} 方", "too_many_instances"
            )

    def _size(self, my_task: Task) -> int:
        if self.data_input is None:
            number = my_task.workflow.script_engine.evaluate(my_task, self.cardinality)
            if type(number) is int and number >= 0:
                return number
            raise EngineRefused(f"“{self._label}”的办理份数不是整数，请联系流程管理员修改流程", "expression")
        items = self.data_input.get(my_task)
        if not isinstance(items, list | dict):
            raise EngineRefused(
                f"“{self._label}”缺少名单“{self.data_input.bpmn_id}”，无法分给各方办理", "expression"
            )
        return len(items)

    @property
    def _label(self) -> str:
        return str(self.bpmn_name or self.name)

    def merge_child(self, workflow: Any, child: Task) -> None:
        item = self.output_item
        if self.data_output is not None and item is not None and not item.exists(child):
            raise EngineRefused(
                f"“{self._label}”办理后没有给出“{item.bpmn_id}”，请补充后再提交", "missing_output"
            )
        if self._rule(child.parent) is not None:
            self._count(child.parent, child)
        super().merge_child(workflow, child)
        self._conclude(child.parent)
        if self.input_item is not None and not self._is_input(self.input_item):
            child.parent.data.pop(self.input_item.bpmn_id, None)


class _Entered(SpiffBpmnTask):  # type: ignore[misc]
    """Runs once when a multi-instance is entered, after its data is there and before its instances are."""

    def _update_hook(self, my_task: Task) -> bool:
        super()._update_hook(my_task)
        self._forget_last_round(my_task)
        self._check_size(my_task)
        self._conclude(my_task)
        return True


class ParallelInstances(_Instances, ParallelMultiInstanceTaskMixin, _Entered):  # type: ignore[misc]
    """Every instance at once."""


class SequentialInstances(_Instances, SequentialMultiInstanceTaskMixin, _Entered):  # type: ignore[misc]
    """One instance after the other."""


class RefusedScript(ScriptTask):  # type: ignore[misc]
    """Scripts are not part of the language; a diagram that slipped through the checks stops here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise DefinitionRefused("流程图含有脚本任务，不予接受，请改用动作（服务任务）或决策表", "script")


class DecisionTable(DMNEngine):  # type: ignore[misc]
    """Our reading of a DMN table; every cell is an expression.

    An empty cell or `-` holds always; one that begins with an operator is compared with the column's input;
    one with a `?` is worked out with the input in its place; any other must equal the input. A table that
    matches nothing yields None for every output, so that no value of an earlier round survives.
    """

    def decide(self, task: Task) -> list[Any]:
        matched = [rule for rule in self.decision_table.rules if self._holds(rule, task)]
        policy = self.decision_table.hit_policy
        if policy == "UNIQUE" and len(matched) > 1:
            rows = "、".join(str(rule.row_number) for rule in matched)
            name = self.decision_table.name or self.decision_table.id
            raise EngineRefused(
                f"决策表“{name}”的第 {rows} 行同时符合，无法唯一决定，请联系流程管理员修改决策表",
                "ambiguous_table",
            )
        return matched if policy == "COLLECT" else matched[:1]

    def result(self, task: Task) -> dict[str, Any]:
        rows = [self._outputs(rule, task) for rule in self.decide(task)]
        names = [output.name or output.label for output in self.decision_table.outputs]
        if self.decision_table.hit_policy == "COLLECT":
            return {name: [row[name] for row in rows] for name in names}
        return rows[0] if rows else dict.fromkeys(names)

    def _holds(self, rule: Any, task: Task) -> bool:
        return all(_cell_holds(entry, task) for entry in rule.inputEntries)

    def _outputs(self, rule: Any, task: Task) -> dict[str, Any]:
        return {
            entry.output.name or entry.output.label: plain(_evaluate(task, entry.text))
            if entry.text
            else None
            for entry in rule.outputEntries
        }


def _evaluate(task: Task, text: str, names: dict[str, Any] | None = None) -> Any:
    return task.workflow.script_engine.evaluate(task, text, names)


def _cell_holds(entry: Any, task: Task) -> bool:
    cell = cell_expression(entry.lhs[0] if entry.lhs else None)
    if cell is None:
        return True
    return bool(_evaluate(task, cell, {CELL_NAME: _evaluate(task, entry.input.expression)}))


def cell_expression(cell: str | None) -> str | None:
    """The condition a cell stands for, over `CELL_NAME`; None when it always holds."""
    text = (cell or "").strip()
    if text in ("", "-"):
        return None
    if len(text) > expressions.MAX_TEXT:
        return text  # too long for the language, and for the pattern below
    marked = _QUESTION_MARK.sub(CELL_NAME, text)
    if marked != text:
        return marked
    if _CELL_OPERATOR.match(text):
        return f"{CELL_NAME} {text}"
    return f"{CELL_NAME} == ({text})"
