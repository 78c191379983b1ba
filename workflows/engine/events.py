"""Events without a clock and without surprises.

Timers never look at a clock (engine.md 14a): a row fires them, and what they wait for is text that the caller
turns into a due date. Messages carry facts straight into the flow. Errors and escalations are caught by the
activity they happened in, not by whoever else listens for the same code.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Literal

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import DefinitionRefused, EngineRefused
from workflows.engine.merging import overlay

TIMERS = "timers"  # internal data of a waiting task: {timer name: what it waits for}
FIRED = "fired"  # internal data: the name of the timer a row fired

#: no part longer than centuries, so that no due date leaves the calendar
_DURATION = re.compile(
    r"P(?!\Z)(\d{1,2}Y)?(\d{1,3}M)?(\d{1,4}W)?(\d{1,5}D)?(T(?!\Z)(\d{1,6}H)?(\d{1,7}M)?(\d{1,9}S)?)?\Z"
)


class RowTimer(TimerEventDefinition):  # type: ignore[misc]
    """A timer that fires when a row says so."""

    def __init__(self, name: str, expression: str, kind: Literal["duration", "date"]) -> None:
        super().__init__(name, expression)
        self.kind = kind

    def has_fired(self, my_task: Task) -> bool:
        waiting = my_task.internal_data.setdefault(TIMERS, {})
        if self.name not in waiting:
            waiting[self.name] = timer_text(my_task.workflow.script_engine.evaluate(my_task, self.expression))
        return bool(my_task.internal_data.get(FIRED) == self.name)

    def reset(self, my_task: Task) -> None:
        my_task.internal_data.pop(FIRED, None)


class RowMessage(MessageEventDefinition):  # type: ignore[misc]
    """A message that brings facts; there is one case per instance, so nothing is correlated."""

    def update_task_data(self, my_task: Task) -> None:
        overlay(my_task.data, my_task.internal_data.pop(self.name, None) or {})


class _ThrownUp:
    """Throwing looks for a boundary event on the enclosing activities only, from the inside out."""

    name: str

    def throw(self, my_task: Task) -> None:
        event = BpmnEvent(self, payload={})
        for activity in _enclosing(my_task):
            listeners = _listeners(activity, event)
            for listener in listeners:
                listener.task_spec.catch(listener, event)
                listener.task_spec._update(listener)
            if listeners:
                return
        self._uncaught(my_task)

    def _uncaught(self, my_task: Task) -> None:
        """BPMN 2.0, 13.5.3: an escalation that nobody catches goes unnoticed."""


class RowError(_ThrownUp, ErrorEventDefinition):  # type: ignore[misc]
    def _uncaught(self, my_task: Task) -> None:
        raise EngineRefused(
            f"流程抛出了错误“{self.name}”，但没有环节处理它，请联系流程管理员修改流程", "uncaught_error"
        )


class RowEscalation(_ThrownUp, EscalationEventDefinition):  # type: ignore[misc]
    pass


def replaced(definition: Any) -> Any:
    """Our definition in place of the library's; refuses cycle timers."""
    if isinstance(definition, MultipleEventDefinition):
        definition.event_definitions = [replaced(part) for part in definition.event_definitions]
    elif isinstance(definition, DurationTimerEventDefinition):
        return RowTimer(definition.name, definition.expression, "duration")
    elif isinstance(definition, TimeDateEventDefinition):
        return RowTimer(definition.name, definition.expression, "date")
    elif isinstance(definition, TimerEventDefinition):
        raise DefinitionRefused(f"定时器“{definition.name}”不能按周期重复，请改用时长或日期", "cycle_timer")
    elif isinstance(definition, MessageEventDefinition):
        return RowMessage(definition.name)
    elif isinstance(definition, ErrorEventDefinition):
        return RowError(definition.name, definition.code)
    elif isinstance(definition, EscalationEventDefinition):
        return RowEscalation(definition.name, definition.code)
    return definition


def parts(definition: Any) -> list[Any]:
    """The single events a definition consists of."""
    return list(getattr(definition, "event_definitions", None) or [definition])


def timer_text(value: object) -> str:
    """What a timer waits for as ISO 8601 text; raises EngineRefused when it is neither duration nor date."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta) and abs(value.days) < 100_000:
        return f"P{value.days}D" if not value.seconds else f"PT{int(value.total_seconds())}S"
    if isinstance(value, str) and (_DURATION.match(value) or _is_date(value)):
        return value
    raise EngineRefused(
        f"定时器的值“{value}”不是 ISO 8601 时长（如 P7D）或日期，请联系流程管理员修改流程", "expression"
    )


def _is_date(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _enclosing(task: Task) -> Iterator[Task]:
    """The activities `task` is inside of, from the inside out; a multi-instance as one activity."""
    workflow = task.workflow
    while workflow.parent_task_id is not None:
        activity = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        workflow = activity.workflow
        yield activity.parent if isinstance(activity.parent.task_spec, LoopTask) else activity


def _listeners(activity: Task, event: BpmnEvent) -> list[Task]:
    split = activity.parent
    if split is None or not isinstance(split.task_spec, BoundaryEventSplit):
        return []
    return [
        child for child in split.children
        if isinstance(child.task_spec, BoundaryEvent) and child.state == TaskState.WAITING
        and child.task_spec.catches(child, event)
    ]  # fmt: skip
