"""The live road: one input in, one row and a new state out.

A state that goes in is never changed: the instance is loaded from it, moved and dumped again, so whatever is
raised, the caller's state is still good. No clock, no database: the caller stores the row and the state.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.task import Task

from workflows.engine import expressions, state
from workflows.engine.activities import CELL_NAME
from workflows.engine.errors import EngineRefused
from workflows.engine.events import FIRED, RowMessage, RowTimer, parts
from workflows.engine.loading import Spec
from workflows.engine.merging import clone, overlay
from workflows.engine.model import KEY, Actions, Facts, Outcome, Row, View
from workflows.engine.patches import Numbering
from workflows.engine.running import Engine, Flow, addressed, moving, run, seen_digest, settle, view

RESERVED_NAMES = frozenset(
    {*expressions.FUNCTIONS, CELL_NAME, "typename", "data_objects", "True", "False", "None"}
)
MAX_FACT_DEPTH = 12
MAX_FACT_VALUES = 5_000
MAX_FACT_TEXT = 10_000
_BIG = 2**63


def start(spec: Spec, seq: int, facts: Facts, actions: Actions | None) -> Outcome:
    """Begin an instance with `facts`."""
    return _live(spec, None, Row(seq, "start", facts=_checked(facts)), actions)


def complete(
    spec: Spec, blob: bytes, seq: int, address: str, facts: Facts, actions: Actions | None
) -> Outcome:
    """A person finished the step at `address` and gave `facts`. Refused `not_open` when it does not wait."""
    return _live(spec, blob, Row(seq, "complete", at=(address,), facts=_checked(facts)), actions)


def fire(spec: Spec, blob: bytes, seq: int, address: str, name: str, actions: Actions | None) -> Outcome:
    """The timer `name` at `address` is due. Refused `not_open` / `no_timer` when it does not wait."""
    return _live(spec, blob, Row(seq, "timer", at=(address,), name=name), actions)


def send(spec: Spec, blob: bytes, seq: int, message: str, facts: Facts, actions: Actions | None) -> Outcome:
    """A message arrives; every place that waits for it takes it. Refused `not_caught` when there is none."""
    return _live(spec, blob, Row(seq, "message", name=message, facts=_checked(facts)), actions)


def look(spec: Spec, blob: bytes) -> View:
    """What a stored state shows."""
    return view(state.load(spec, blob))


def _live(spec: Spec, blob: bytes | None, row: Row, actions: Actions | None) -> Outcome:
    flow = None if blob is None else state.load(spec, blob)
    if flow is not None and row.kind == "message":
        row = replace(row, at=catchers(flow, row.name))
    before = {} if flow is None else addressed(flow)
    row = replace(row, seen=seen_of(before, row))
    engine = Engine(row.seq, actions)
    flow = advance(spec, flow, row, engine)
    return outcome(flow, effect(row, frozenset(before), flow, engine))


# -- one advance, live and replayed alike -------------------------------------------------------------


def advance(spec: Spec, flow: Flow | None, row: Row, engine: Engine) -> Flow:
    """Apply one row to `flow` (None for a start) and settle.

    The flow is changed in place; when this raises EngineRefused it is half moved and must be thrown away.
    """
    moved = flow or Flow(spec, None, Numbering())
    with moving(moved, engine):
        if flow is None:
            moved.workflow = BpmnWorkflow(spec.main, spec.called, script_engine=engine)
            moved.workflow.task_tree.data.update(clone(dict(row.facts)))
        else:
            _APPLY[row.kind](addressed(flow), row)
        settle(moved, row.seq)
    return moved


def _apply_complete(waiting: dict[str, Task], row: Row) -> None:
    task = _waiting_at(waiting, row.at[0])
    if not task.task_spec.manual:
        raise _not_open()
    overlay(task.data, row.facts)
    run(task)


def _apply_timer(waiting: dict[str, Task], row: Row) -> None:
    task = _waiting_at(waiting, row.at[0])
    if row.name not in [part.name for part in _events(task) if isinstance(part, RowTimer)]:
        raise EngineRefused("这里没有等待中的这个定时器，可能已被处理", "no_timer")
    task.internal_data[FIRED] = row.name
    task.task_spec._update(task)


def _apply_message(waiting: dict[str, Task], row: Row) -> None:
    if not row.at:
        raise EngineRefused(f"办件现在没有环节在等待“{row.name}”，请刷新页面查看当前进度", "not_caught")
    event = BpmnEvent(RowMessage(row.name), payload=clone(dict(row.facts)))
    for task in [_waiting_at(waiting, address) for address in row.at]:
        task.task_spec.catch(task, event)
        task.task_spec._update(task)


_APPLY = {"complete": _apply_complete, "timer": _apply_timer, "message": _apply_message}


def _waiting_at(waiting: dict[str, Task], address: str) -> Task:
    if address not in waiting:
        raise _not_open()
    return waiting[address]


def _not_open() -> EngineRefused:
    return EngineRefused("这个环节已经办完或不再需要办理，请刷新页面查看当前进度", "not_open")


def _events(task: Task) -> list[Any]:
    return parts(getattr(task.task_spec, "event_definition", None))


def catchers(flow: Flow, message: str) -> tuple[str, ...]:
    """Addresses that wait for `message`."""
    event = BpmnEvent(RowMessage(message), payload={})
    return tuple(
        address for address, task in addressed(flow).items()
        if isinstance(task.task_spec, CatchingEvent) and task.task_spec.catches(task, event)
    )  # fmt: skip


def seen_of(waiting: dict[str, Task], row: Row) -> str:
    """The digest of what the addresses of `row` show before it; empty for a start or where one does not wait."""
    if row.kind == "start" or any(address not in waiting for address in row.at):
        return ""
    return seen_digest(waiting[address] for address in row.at)


def effect(row: Row, before: frozenset[str], flow: Flow, engine: Engine) -> Row:
    """`row` with what it did: the addresses it opened and closed and the actions it called."""
    after = frozenset(addressed(flow))
    return replace(
        row, acts=tuple(engine.acts), opened=tuple(sorted(after - before)),
        closed=tuple(sorted(before - after - frozenset(row.at))),
    )  # fmt: skip


def outcome(flow: Flow, row: Row, closed: tuple[str, ...] | None = None) -> Outcome:
    """What the caller gets to store and show."""
    shown = view(flow)
    return Outcome(
        row=row, state=state.dump(flow), open=shown.open,
        opened=tuple(step for step in shown.open if step.address in row.opened),
        closed=closed if closed is not None else (*_left(row, shown), *row.closed),
        timers=shown.timers, messages=shown.messages, finished=shown.finished, facts=shown.facts,
    )  # fmt: skip


def _left(row: Row, shown: View) -> tuple[str, ...]:
    """The addresses acted on that no longer wait (a non-interrupting event leaves others alone)."""
    waiting = shown.addresses()
    return tuple(address for address in row.at if address not in waiting)


# -- facts --------------------------------------------------------------------------------------------


def check_facts(facts: Facts) -> None:
    """Refuse facts that are not plain JSON under plain names (engine.md 7, 8), or too many of them."""
    for name, value in facts.items():
        if not isinstance(name, str) or not KEY.match(name) or name in RESERVED_NAMES:
            raise EngineRefused(
                f"数据名“{name}”不可用：须以字母开头，只含字母、数字和下划线，且不是保留名称", "facts"
            )
        budget = [MAX_FACT_VALUES]
        if not _is_plain(value, MAX_FACT_DEPTH, budget):
            raise EngineRefused(f"数据“{name}”不是普通数据，或者过大、嵌套过深", "facts")


def _is_plain(value: object, depth: int, budget: list[int]) -> bool:
    budget[0] -= 1
    if depth < 0 or budget[0] < 0:
        return False
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return -_BIG <= value < _BIG
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return len(value) <= MAX_FACT_TEXT
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item, depth - 1, budget) for key, item in value.items())
    return isinstance(value, list) and all(_is_plain(item, depth - 1, budget) for item in value)


def _checked(facts: Facts) -> Facts:
    check_facts(facts)
    copied: Facts = clone(dict(facts))
    return copied
