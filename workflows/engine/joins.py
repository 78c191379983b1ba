"""Joins that count tokens (engine.md 14b, 14c).

The library's parallel join counts arrivals that an earlier round of a loop has used up, its inclusive join
looks only at the first round, and all of them let the last arriver overwrite values it merely inherited, in
the order of the clock. Here an arrival is used once, arrivals are numbered, and the data of the branches is
merged three-way against the data at the split.

A join keeps, as the library does, one waiting task per gateway; the tasks of earlier arrivals are cancelled
and marked `HELD` until their token is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway, InclusiveGateway, ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import EngineRefused
from workflows.engine.merging import join_branches

ARRIVED = "arrived"  # the number of this arrival among those of the same gateway
HELD = "held"  # this arrival gave up its place as the waiting task, its token is still there
TAKEN = "taken"  # this arrival's token was used

_SETTLED = TaskState.FINISHED_MASK | TaskState.PREDICTED_MASK


def is_held(task: Task) -> bool:
    """Whether `task` is an arrival whose token waits for a join although the task itself is over."""
    return HELD in task.internal_data and TAKEN not in task.internal_data


class TokenJoin(UnstructuredJoin):  # type: ignore[misc]
    """What the three joins share; `_choose` says which arrivals fire."""

    def _choose(self, my_task: Task, arrivals: list[Task]) -> list[Task]:
        """The arrivals to use now, `my_task` among them, or [] while tokens are missing."""
        raise NotImplementedError

    def _update_hook(self, my_task: Task) -> bool:
        if TAKEN in my_task.internal_data:
            return True
        tasks = [task for task in my_task.workflow.tasks.values() if task.task_spec is self]
        self._arrive(my_task, tasks)
        chosen = self._choose(my_task, _waiting_tokens(my_task, tasks))
        if my_task not in chosen:
            my_task._set_state(TaskState.WAITING)
            return False
        for task in chosen:
            task.internal_data[TAKEN] = True
        my_task.data = _joined_data(chosen)
        return True

    def _arrive(self, my_task: Task, tasks: list[Task]) -> None:
        if ARRIVED not in my_task.internal_data:
            my_task.internal_data[ARRIVED] = 1 + max(task.internal_data.get(ARRIVED, 0) for task in tasks)
        for task in tasks:
            if task is not my_task and task.state == TaskState.WAITING:
                task.internal_data[HELD] = True
                task.cancel()

    def _run_hook(self, my_task: Task) -> bool:
        return True

    def _predict_hook(self, my_task: Task) -> None:
        """Predict past a gateway only when it is reached: ten splits in a row would predict 2^10 futures."""
        if my_task.has_state(TaskState.WAITING | TaskState.READY):
            super()._predict_hook(my_task)


class ParallelJoin(TokenJoin, ParallelGateway):  # type: ignore[misc]
    """Fires when every incoming flow has a token; uses one of each, the earliest, and leaves the rest."""

    def _choose(self, my_task: Task, arrivals: list[Task]) -> list[Task]:
        missing: Counter[str] = Counter(self._inputs)
        chosen = _one_per_flow(arrivals, missing)
        return [] if missing.total() else chosen


class InclusiveJoin(TokenJoin, InclusiveGateway):  # type: ignore[misc]
    """Fires when no other token can still reach an empty incoming flow (BPMN 2.0, 13.4.4)."""

    def _choose(self, my_task: Task, arrivals: list[Task]) -> list[Task]:
        full = {task.parent.task_spec.name for task in arrivals}
        empty = set(self._inputs) - full
        if empty and any(self._blocks(spec, empty, full) for spec in _tokens(my_task.workflow, self)):
            return []
        return _one_per_flow(arrivals, Counter(self._inputs))

    def _blocks(self, spec: TaskSpec, empty: set[str], full: set[str]) -> bool:
        reached = _reachable(spec, self)
        return bool(reached & empty) and not reached & full

    def _run_hook(self, my_task: Task) -> bool:
        matches, defaults = self._get_matching_outputs(my_task)
        if not matches and not defaults:
            raise no_match(my_task)
        my_task._sync_children(matches or defaults, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class EndJoin(TokenJoin, BpmnTaskSpec):  # type: ignore[misc]
    """Where all end events of a process meet: fires when nothing else is left, with everyone's changes."""

    def _arrive(self, my_task: Task, tasks: list[Task]) -> None:
        """A branch that ended without changing anything is forgotten: a loop may end one in every round."""
        super()._arrive(my_task, tasks)
        held = [task for task in tasks if is_held(task)]
        active = [task for task in my_task.workflow.tasks.values() if task.has_state(TaskState.DEFINITE_MASK)]
        for task in held:
            others = [my_task, *active, *(each for each in held if each is not task and is_held(each))]
            if _split_from(task, others).data == task.parent.data:
                del task.internal_data[HELD]

    def _choose(self, my_task: Task, arrivals: list[Task]) -> list[Task]:
        own = {self.name, *self._outputs}
        tasks = my_task.workflow.tasks.values()
        busy = any(not task.has_state(_SETTLED) and task.task_spec.name not in own for task in tasks)
        return [] if busy else arrivals

    def _run_hook(self, my_task: Task) -> bool:
        my_task.workflow.data.update(my_task.data)
        return True


class ExclusiveChoice(ExclusiveGateway):  # type: ignore[misc]
    """An exclusive gateway that says in Chinese when none of its conditions holds."""

    def _run_hook(self, my_task: Task) -> bool:
        try:
            return bool(super()._run_hook(my_task))
        except WorkflowException as error:
            raise no_match(my_task) from error


def no_match(task: Task) -> EngineRefused:
    """The refusal of a gateway none of whose conditions holds and that has no default flow."""
    label = task.task_spec.bpmn_name or task.task_spec.name
    return EngineRefused(
        f"网关“{label}”的所有条件都不满足，也没有默认流向，请联系流程管理员修改流程", "no_match"
    )


def _waiting_tokens(my_task: Task, tasks: list[Task]) -> list[Task]:
    tokens = [task for task in tasks if task is my_task or is_held(task)]
    return sorted(tokens, key=_arrival_number)


def _arrival_number(task: Task) -> int:
    number: int = task.internal_data[ARRIVED]
    return number


def _one_per_flow(arrivals: list[Task], missing: Counter[str]) -> list[Task]:
    """The earliest arrival of every incoming flow; `missing` keeps the flows without one."""
    chosen = []
    for task in arrivals:
        flow = task.parent.task_spec.name
        if missing[flow] > 0:
            missing[flow] -= 1
            chosen.append(task)
    return chosen


def _tokens(workflow: Any, join: TaskSpec) -> Iterable[TaskSpec]:
    """The specs at which a token is, apart from `join` itself and from events that merely listen."""
    for task in workflow.tasks.values():
        if task.task_spec is join or task.has_state(_SETTLED) or isinstance(task.task_spec, BoundaryEvent):
            continue
        if task.has_state(TaskState.FUTURE) and not (
            task.parent and task.parent.state == TaskState.COMPLETED
        ):
            continue
        yield task.task_spec


def _reachable(spec: TaskSpec, join: TaskSpec) -> set[str]:
    """Names of the specs on any path from `spec`, itself included, that does not pass `join`."""
    seen, todo = {spec.name}, [spec]
    while todo:
        for follower in todo.pop().outputs:
            if follower is not join and follower.name not in seen:
                seen.add(follower.name)
                todo.append(follower)
    return seen


def _joined_data(arrivals: list[Task]) -> dict[str, Any]:
    """The data of all arrivals: branches of an inner split are joined first, against the data at that split.

    One base for all would let an inner branch overwrite its sibling with what it merely inherited.
    """
    if len(arrivals) == 1:
        return join_branches(arrivals[0].parent.data, [])
    split = _common_ancestor(arrivals)
    groups: dict[UUID, list[Task]] = {}
    for task in arrivals:
        groups.setdefault(_child_towards(split, task), []).append(task)
    branches = sorted(groups.values(), key=lambda group: _arrival_number(group[-1]))
    return join_branches(split.data, [_joined_data(group) for group in branches])


def _child_towards(ancestor: Task, task: Task) -> UUID:
    """The child of `ancestor` that `task` hangs on, or `task` itself."""
    while task.parent is not ancestor:
        task = task.parent
    child: UUID = task.id
    return child


def _common_ancestor(tasks: list[Task]) -> Task:
    """The last task all of `tasks` come from: the data there is what the branches started with."""
    others = [{ancestor.id for ancestor in _ancestors(task)} for task in tasks[1:]]
    return next(task for task in _ancestors(tasks[0]) if all(task.id in ids for ids in others))


def _split_from(task: Task, others: Iterable[Task]) -> Task:
    """The last task that `task` has in common with any of the others."""
    known: set[UUID] = set()
    for other in others:
        for ancestor in _ancestors(other):
            if ancestor.id in known:
                break
            known.add(ancestor.id)
    return next(ancestor for ancestor in _ancestors(task) if ancestor.id in known)


def _ancestors(task: Task) -> Iterable[Task]:
    ancestor = task.parent
    while ancestor is not None:
        yield ancestor
        ancestor = ancestor.parent
