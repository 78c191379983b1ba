"""Between the rows and the law's clock: what happened goes in, dates and their derivation come out.

`refresh` is the one place that writes the due columns of a request; whoever adds an event calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import Directory, directory
from app.core.command import Tx
from app.core.db import table_of
from app.core.now import business_date
from app.requests import docket, watching
from app.requests.kinds import SILENT
from app.requests.models import NEVER, ClockEvent, Consultation, Request
from workflows.law import clock, events, settings

e, c = table_of(ClockEvent), table_of(Consultation)
_events = (
    sa.select(e.c.data)
    .where(e.c.request_id == sa.bindparam("request"), e.c.voided.is_(False))
    .order_by(e.c.on, e.c.id)
)
_asked = (
    sa.select(c.c.id, c.c.kind, c.c.party, c.c.opinion, c.c.sent_on, c.c.delivered_on, c.c.returned_on)
    .where(c.c.request_id == sa.bindparam("request"), c.c.sent_on.is_not(None))
    .order_by(c.c.id)
)
_of_many: sa.BindParameter[Any] = sa.bindparam("requests", expanding=True)
_events_of_many = (
    sa.select(e.c.request_id, e.c.data)
    .where(e.c.request_id.in_(_of_many), e.c.voided.is_(False))
    .order_by(e.c.request_id, e.c.on, e.c.id)
)
_asked_of_many = (
    sa.select(
        c.c.request_id,
        c.c.id,
        c.c.kind,
        c.c.party,
        c.c.opinion,
        c.c.sent_on,
        c.c.delivered_on,
        c.c.returned_on,
    )
    .where(c.c.request_id.in_(_of_many), c.c.sent_on.is_not(None))
    .order_by(c.c.request_id, c.c.id)
)
_add = sa.insert(e).returning(e.c.id)
_void = sa.update(e).where(e.c.id == sa.bindparam("k")).values(voided=True)


def law_settings(organ_id: int, people: Directory | None = None) -> settings.LawSettings:
    """What the handling organ chose where the law leaves it open."""
    chosen = (people or directory()).organ(organ_id).settings.get("law") or {}
    return settings.from_values(dict(chosen))


def events_of(session: Session, request_id: int) -> list[events.Event]:
    """Everything that touches the clock of a request; the law orders it. Two statements."""
    kept = [row.data for row in session.execute(_events, {"request": request_id})]
    return _read(kept, list(session.execute(_asked, {"request": request_id})))


def _consultation(row: Any) -> events.Consultation:
    return events.Consultation(
        on=row.sent_on,
        kind=events.ConsultationKind(row.kind),
        delivered=row.delivered_on,
        returned=row.returned_on,
        party=row.party,
        ref=row.id,
        answered=row.opinion not in SILENT,
        unreached=row.opinion == "unreached",
    )


def events_of_many(
    session: Session, request_ids: Sequence[int]
) -> dict[int, Callable[[], list[events.Event]]]:
    """`events_of` for many requests with two statements; read when asked for, so that one bad row spoils one request."""
    kept: dict[int, list[Any]] = {request_id: [] for request_id in request_ids}
    asked: dict[int, list[Any]] = {request_id: [] for request_id in request_ids}
    for row in session.execute(_events_of_many, {"requests": list(request_ids)}):
        kept[row.request_id].append(row.data)
    for each in session.execute(_asked_of_many, {"requests": list(request_ids)}):
        asked[each.request_id].append(each)
    return {number: partial(_read, kept[number], asked[number]) for number in request_ids}


def _read(kept: list[Any], asked: list[Any]) -> list[events.Event]:
    return [*events.from_json(kept), *(_consultation(row) for row in asked)]


def compute(session: Session, request: Request, today: date) -> clock.Clock | None:
    """The clock of a request as it stands on `today`; None before the day of receipt is known."""
    if request.received_on is None:
        return None
    return clock.compute(
        request.received_on,
        events_of(session, request.id),
        calendar.current(),
        law_settings(request.organ_id),
        as_of=today,
    )


def of_row(row: Any, today: date) -> clock.Clock:
    """The clock of a row of requests with `received_on`, `organ_id` and the columns `docket.CLOCKWORK`."""
    kept, parties = docket.clockwork(row)
    asked = [party for party in parties if party.sent_on is not None]
    happened = _read([event.data for event in kept], asked)
    return clock.compute(
        row.received_on, happened, calendar.current(), law_settings(row.organ_id), as_of=today
    )


def add(tx: Tx, request: Request, event: events.Event) -> None:
    """Keep an event; the caller refreshes and records. One statement."""
    known = docket.of_case(tx, request.case_id)
    (item,) = events.to_json([event])
    on = event.on or business_date(tx.now)
    row = {
        "request_id": request.id,
        "kind": event.name,
        "on": on,
        "data": item,
        "document": event.document[:120] or None,
        "voided": False,
        "by": tx.actor.person_id,
        "at": tx.now,
    }
    number = tx.session.execute(_add, row).scalar_one()
    known.add(docket.Event(number, event.name, on, item))


def replace(tx: Tx, request: Request, old: docket.Event, event: events.Event) -> None:
    """An event takes the place of another one, which stays as voided."""
    tx.session.execute(_void, {"k": old.id})
    docket.of_case(tx, request.case_id).events.remove(old)
    add(tx, request, event)


def now(tx: Tx, request: Request, *more: events.Event) -> clock.Clock | None:
    """The clock as this command has it, today; None before the day of receipt is known. `more`: if these happened too."""
    if request.received_on is None:
        return None
    known = docket.of_case(tx, request.case_id)
    asked = [party for party in known.parties if party.sent_on is not None]
    return clock.compute(
        request.received_on,
        [*_read([event.data for event in known.events], asked), *more],
        calendar.current(),
        law_settings(request.organ_id),
        as_of=business_date(tx.now),
    )


def refresh(tx: Tx, request: Request) -> clock.Clock | None:
    """Compute the clock again and write what lists and thresholds read."""
    state = now(tx, request)
    if state is None:
        return None
    write(request, state, business_date(tx.now))
    return state


def write(request: Request, state: clock.Clock, today: date) -> None:
    """Put the columns that follow from its clock on a request."""
    follow = columns(state, live=request.state == "open", told=request.told or (), today=today)
    for name, value in follow.items():
        setattr(request, name, value)


def columns(state: clock.Clock, *, live: bool, told: Sequence[str], today: date) -> dict[str, Any]:
    """The columns of a request that follow from its clock; `told` are the occasions told already (`watching`)."""
    due = state.reply_due
    ahead = watching.following(watching.occasions(state, today), told, today) if live else None
    return {
        "clock": _from_now(state, today).value if live else clock.State.ENDED.value,
        "due_on": due.date if due else None,
        "due_why": due.cause[:200] if due and due.cause else None,
        "not_before": due.not_before if due else None,
        "sort_on": (due.date or due.not_before) if due else NEVER,
        "next_threshold_on": ahead,
    }


def statutory_day(tx: Tx, case: Mapping[str, Any]) -> date | None:
    """What `cases.registry.STATUTORY` asks: the day by which the request must be answered, while it is not.

    The earliest it can be while its year is unknown. What this command has not looked at has not moved.
    """
    known: docket.Docket | None = tx.memo.get((docket.Docket, case["id"]))
    if known is None:
        day: date | None = case["due_on"]
        return day
    return day_of(known.request.state, known.request.sort_on)


def day_of(state: str, sort_on: date) -> date | None:
    """The day a request in `state` puts on its case: none before its clock runs and after the answer."""
    return sort_on if state == "open" and sort_on != NEVER else None


def _from_now(state: clock.Clock, today: date) -> clock.State:
    """How the clock stands once today is over: the day a letter of consultation goes out still counts, and the day
    after the last opinion came counts again (1.11-6)."""
    if state.state not in (clock.State.RUNNING, clock.State.PAUSED):
        return state.state
    paused = any(a <= today < b for a, b in state.segment.pauses)
    return clock.State.PAUSED if paused else clock.State.RUNNING


def confirm_on(organ_id: int, arrived_on: date) -> date | None:
    """The first day on which an arrival that waits to be confirmed is looked at."""
    waits = watching.unconfirmed(arrived_on, calendar.current(), law_settings(organ_id), arrived_on)
    return watching.following(waits, (), arrived_on)


def said(state: clock.Clock | None) -> str:
    """「答复期限 2026-12-11（星期五），剩 14 个工作日」 for a confirmation."""
    if state is None or state.reply_due is None:
        return ""
    due = state.reply_due
    if due.date is None:
        return f"答复期限{due.reason}，不早于 {due.not_before:%Y-%m-%d}。"
    return f"答复期限 {due.date:%Y-%m-%d}。"


def cautions(state: clock.Clock | None, on: date) -> Sequence[str]:
    """What the clock says of what just happened on that day."""
    return [each.text for each in state.cautions if each.on == on] if state is not None else ()
