"""Forget finished history, so that a long-running case stays as small and as fast as a young one.

The rows are the truth about what happened (design 3a); an instance keeps only what can still matter:

* tasks that wait or run, and their parents, whose data they take over;
* tokens held at a join, and their parents;
* the split and the siblings of an activity with boundary events, while any of them is undecided;
* the finished instances of an unfinished multi-instance;
* every point where two kept tasks part, because a later join merges against the data there;
* the root.

Everything between is taken out and its descendants are hung on the nearest kept ancestor. Predicted tasks
go too: `running.settle` predicts again before a task runs. Live and restored instances are pruned alike.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.joins import is_held

_ACTIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def prune(workflow: BpmnWorkflow) -> None:
    """Take everything out of `workflow` that it no longer needs. It must be settled."""
    _drop_finished_subprocesses(workflow)
    for part in [workflow, *workflow.subprocesses.values()]:
        _prune_part(part)
    _forget_dead_listeners(workflow)
    workflow.bpmn_events.clear()


def _drop_finished_subprocesses(workflow: BpmnWorkflow) -> None:
    alive = {id(workflow)}
    for task_id in sorted(workflow.subprocesses):
        subprocess = workflow.subprocesses[task_id]
        holder = workflow.get_task_from_id(task_id)
        if id(holder.workflow) in alive and not holder.has_state(TaskState.FINISHED_MASK):
            alive.add(id(subprocess))
    for task_id, subprocess in list(workflow.subprocesses.items()):
        if id(subprocess) not in alive:
            del workflow.subprocesses[task_id]


def _prune_part(part: Any) -> None:
    kept = _needed(part)
    kept |= _parting_points(part, kept)
    part.last_task = None
    parents = {task_id: _nearest_kept(part.tasks[task_id], kept) for task_id in kept}
    part.tasks = {task_id: part.tasks[task_id] for task_id in sorted(kept)}
    for task in part.tasks.values():
        task._children = []
    for task in part.tasks.values():
        task.parent = parents[task.id]
        if task.parent is not None:
            task.parent._child_added_notify(task)


def _needed(part: Any) -> set[UUID]:
    kept = {part.task_tree.id}
    for task in part.tasks.values():
        if task.has_state(_ACTIVE) or is_held(task):
            kept.add(task.id)
            if task.parent is not None:
                kept.add(task.parent.id)
            kept |= _instances(task) | _boundary_family(task)
    return kept


def _instances(task: Task) -> set[UUID]:
    if not isinstance(task.task_spec, LoopTask):
        return set()
    return {child.id for child in task.children if child.triggered}


def _boundary_family(task: Task) -> set[UUID]:
    """The split above an undecided activity, event or boundary join, and everything directly under it."""
    if isinstance(task.task_spec, BoundaryEventJoin):
        split = task.find_ancestor(task.task_spec.split_task)
    elif task.parent is not None and isinstance(task.parent.task_spec, BoundaryEventSplit):
        split = task.parent
    else:
        return set()
    return {split.id, *(child.id for child in split.children)}


def _parting_points(part: Any, kept: set[UUID]) -> set[UUID]:
    """Tasks under which two or more kept tasks hang on different children."""
    branches: dict[UUID, set[UUID]] = defaultdict(set)
    for task_id in kept:
        task = part.tasks[task_id]
        while task.parent is not None and task.id not in branches[task.parent.id]:
            branches[task.parent.id].add(task.id)
            task = task.parent
    return {task_id for task_id, children in branches.items() if len(children) > 1}


def _nearest_kept(task: Task, kept: set[UUID]) -> Task | None:
    ancestor = task.parent
    while ancestor is not None and ancestor.id not in kept:
        ancestor = ancestor.parent
    return ancestor


def _forget_dead_listeners(workflow: BpmnWorkflow) -> None:
    """engine.md 14e: the library leaves listeners of removed and cancelled tasks in its event manager."""
    alive = {task.id for part in [workflow, *workflow.subprocesses.values()] for task in part.tasks.values()
             if task.state == TaskState.WAITING}  # fmt: skip
    listeners = workflow.event_manager.tasks
    workflow.event_manager.tasks = {task_id: task for task_id, task in listeners.items() if task_id in alive}
