"""The four changes to the library itself; everything else is done by subclasses.

`parser` applies them when it is imported. Each has a test in tests/engine/test_pitfalls.py that fails when
the library no longer needs it.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from uuid import UUID, uuid4

import SpiffWorkflow.bpmn.util.task as bpmn_iteration
import SpiffWorkflow.task as library_task
import SpiffWorkflow.util.task as iteration
import SpiffWorkflow.workflow as library_workflow
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from workflows.engine.merging import overlay

UNBOUNDED_DEPTH = 10**6
"""Depth of the task tree an iteration may reach; the steps of one advance are bounded elsewhere."""


class Numbering:
    """Deterministic task ids: the n-th task of an instance has the id n, live and replayed alike."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def next(self) -> UUID:
        self.last += 1
        return UUID(int=self.last)


_numbering: contextvars.ContextVar[Numbering | None] = contextvars.ContextVar("numbering", default=None)


@contextlib.contextmanager
def numbered(numbering: Numbering) -> Iterator[None]:
    """Tasks created inside take their ids from `numbering`; other threads are untouched."""
    token = _numbering.set(numbering)
    try:
        yield
    finally:
        _numbering.reset(token)


def _task_id() -> UUID:
    numbering = _numbering.get()
    return uuid4() if numbering is None else numbering.next()


walk_waiting_tasks = library_workflow.Workflow.update_waiting_tasks


def _update_waiting_tasks(workflow: library_workflow.Workflow) -> None:
    """As the library does it, where anything waits; every task of the tree is one of `tasks`."""
    if any(task.state == TaskState.WAITING for task in workflow.tasks.values()):
        walk_waiting_tasks(workflow)


def apply() -> None:
    """Apply all four; doing it twice changes nothing."""
    # engine.md 2: it gives up silently at a depth of 1,000 and a looping case reports itself complete.
    iteration.TaskIterator.__init__.__defaults__ = (None, UNBOUNDED_DEPTH, True, None)
    bpmn_iteration.BpmnTaskIterator.__init__.__defaults__ = (None, UNBOUNDED_DEPTH, True, False, None)
    # engine.md 8, 14d: nested values are shared between tasks and lists merged item by item.
    DeepMerge.merge = staticmethod(overlay)
    # engine.md 14: random ids make a replay differ from the live run.
    library_task.uuid4 = _task_id
    # It walks the whole tree after every task that was done, which makes a long advance quadratic.
    library_workflow.Workflow.update_waiting_tasks = _update_waiting_tasks
