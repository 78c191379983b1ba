"""The live road: one input in, one row and a new state out.

A state that goes in is never changed: the instance is loaded from it, moved and dumped again, so whatever is
raised, the caller's state is still good. No clock, no database: the caller stores the row and the state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.task import Task

from workflows.engine import state
from workflows.engine.errors import EngineRefused
from workflows.engine.events import FIRED, RowMessage, RowTimer, parts
from workflows.engine.facts import checked
from workflows.engine.loading import Spec
from workflows.engine.merging import clone, overlay
from workflows.engine.model import Actions, Facts, Outcome, Row, View
from workflows.engine.patches import Numbering
from workflows.engine.running import Engine, Flow, addressed, followed, moving, run, seen_digest, settle, view


def start(spec: Spec, seq: int, facts: Facts, actions: Actions | None) -> Outcome:
    """Begin an instance with `facts`."""
    return _live(spec, None, Row(seq, "start", facts=checked(facts)), actions)


def complete(
    spec: Spec, blob: bytes, seq: int, address: str, facts: Facts, actions: Actions | None
) -> Outcome:
    """A person finished the step at `address` and gave `facts`. Refused `not_open` when it does not wait."""
    return _live(spec, blob, Row(seq, "complete", at=(address,), facts=checked(facts)), actions)


def fire(spec: Spec, blob: bytes, seq: int, address: str, name: str, actions: Actions | None) -> Outcome:
    """The timer `name` at `address` is due. Refused `not_open` / `no_timer` when it does not wait."""
    return _live(spec, blob, Row(seq, "timer", at=(address,), name=name), actions)


def send(spec: Spec, blob: bytes, seq: int, message: str, facts: Facts, actions: Actions | None) -> Outcome:
    """A message arrives; every place that waits for it takes it. Refused `not_caught` when there is none."""
    return _live(spec, blob, Row(seq, "message", name=message, facts=checked(facts)), actions)


def look(spec: Spec, blob: bytes) -> View:
    """What a stored state shows."""
    return view(state.load(spec, blob))


def _live(spec: Spec, blob: bytes | None, row: Row, actions: Actions | None) -> Outcome:
    flow = None if blob is None else state.load(spec, blob)
    if flow is not None and row.kind == "message":
        row = replace(row, at=catchers(flow, row.name))
    engine = Engine(row.seq, actions)
    moved, done = step(spec, flow, row, engine)
    moved.trail = followed(moved.trail, done)
    return outcome(moved, done)


def step(spec: Spec, flow: Flow | None, row: Row, engine: Engine) -> tuple[Flow, Row]:
    """Advance by one row; the flow, and the row with what it saw and did filled in."""
    before = {} if flow is None else addressed(flow)
    seen, open_before = seen_of(before, row), frozenset(before)
    moved = advance(spec, flow, row, engine)
    after = frozenset(addressed(moved))
    return moved, replace(
        row, seen=seen, acts=tuple(engine.acts), opened=tuple(sorted(after - open_before)),
        closed=tuple(sorted(open_before - after - frozenset(row.at))),
    )  # fmt: skip


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
    """The digest of what the addresses of `row` show before it; empty where there is nothing to see."""
    if row.kind == "start" or any(address not in waiting for address in row.at):
        return ""
    return seen_digest(waiting[address] for address in row.at)


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
