"""A new calendar: what it does to open requests is foreseen before it is confirmed, and computed batch by batch after.

Each request whose day moves has an entry with the old and the new day in the stream of its case; whoever has the work
of such cases gets one notice for all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import Directory, directory
from app.calendar import Batch, Foreseen, Moved, Recalculator
from app.cases import beside, statutory
from app.cases.models import WorkItem
from app.cases.recalculating import tell_moved
from app.core.command import Tx
from app.core.db import table_of
from app.core.now import business_date, today
from app.core.record import Entry
from app.requests import clocks, watching
from app.requests.models import Fee, Request
from workflows.law import clock
from workflows.law.calendar import Calendar
from workflows.law.events import Event

log = logging.getLogger("gongkai.requests")

PART = "requests"
LIVE = ("unconfirmed", "open")
#: requests computed for a preview at most: a page must not take longer than a page
LOOK = 1_000
#: how the law words that a deadline lies in a year whose notice is not there yet (`dues.not_imported`)
UNKNOWN_YEAR = "放假安排未导入"

r, f, w = table_of(Request), table_of(Fee), table_of(WorkItem)
_wanted: sa.BindParameter[Any] = sa.bindparam("requests", expanding=True)
_next = (
    sa.select(r.c.id, r.c.case_id)
    .where(r.c.state.in_(LIVE), r.c.id > sa.bindparam("after"))
    .order_by(r.c.id)
    .limit(sa.bindparam("most"))
)
COLUMNS = tuple(
    r.c[name]
    for name in (
        "id case_id organ_id number title state clock arrived_on received_on due_on due_why not_before sort_on "
        "next_threshold_on told"
    ).split()
)
_rows = sa.select(*COLUMNS).where(r.c.id.in_(_wanted), r.c.state.in_(LIVE)).order_by(r.c.id)
_fees = sa.select(f.c.id, f.c.request_id, f.c.due_on).where(f.c.request_id.in_(_wanted), f.c.state == "sent")
MOVED = ("clock", "due_on", "due_why", "not_before", "sort_on", "next_threshold_on")
_put = (
    sa.update(r)
    .where(r.c.id == sa.bindparam("k"))
    .values({name: sa.bindparam(f"v_{name}") for name in MOVED})
)
_put_fee = sa.update(f).where(f.c.id == sa.bindparam("k")).values(due_on=sa.bindparam("due"))


@dataclass(frozen=True)
class _Anew:
    """A request computed again: its columns, and what of them a person reads, before and after."""

    values: dict[str, Any]
    old: str
    new: str
    fee_due: date | None = None


def count(session: Session) -> int:
    """How many requests are open."""
    return session.scalar(sa.select(sa.func.count()).select_from(r).where(r.c.state.in_(LIVE))) or 0


def batch(tx: Tx, cause: str, after_id: int, most: int) -> Batch:
    """The next open requests: locked, computed, written where something moved. Twelve statements."""
    found = tx.session.execute(_next, {"after": after_id, "most": most}).all()
    if not found:
        return Batch(after_id, 0)
    heads = beside.lock(tx, [row.case_id for row in found], wait=True)
    ids = [row.id for row in found]
    rows = tx.session.execute(_rows, {"requests": ids}).mappings().all()
    happened = clocks.events_of_many(tx.session, ids)
    fees = {row.request_id: row for row in tx.session.execute(_fees, {"requests": ids})}
    days, people, on = calendar.current(), directory(), business_date(tx.now)
    put, put_fees, moved, entries = [], [], [], []
    law: dict[int, date | None] = {}
    for row in rows:
        anew = _anew(row, happened[row["id"]], days, people, on)
        if anew is None:
            moved.append(_moved(row, _words(row), "无法计算", failed=True))
            continue
        if any(anew.values[name] != row[name] for name in MOVED):
            put.append({"k": row["id"]} | {f"v_{name}": anew.values[name] for name in MOVED})
            law[row["case_id"]] = clocks.day_of(row["state"], anew.values["sort_on"])
        if anew.old != anew.new:
            moved.append(_moved(row, anew.old, anew.new))
            entries.append((heads[row["case_id"]], _entry(row, cause, "答复期限", anew.old, anew.new)))
        fee = fees.get(row["id"])
        if fee is not None and anew.fee_due is not None and fee.due_on != anew.fee_due:
            put_fees.append({"k": fee.id, "due": anew.fee_due})
            old, new = str(fee.due_on or "待定"), str(anew.fee_due)
            moved.append(_moved(row, f"缴费 {old}", f"缴费 {new}"))
            entries.append((heads[row["case_id"]], _entry(row, cause, "缴费期限", old, new)))
    for statement, values in ((_put, put), (_put_fee, put_fees)):
        if values:
            tx.session.execute(statement, values)
    statutory.due_moved(tx, law)
    beside.note_all(tx, entries)
    return Batch(ids[-1], len(ids), _once(moved))


def _once(moved: Sequence[Moved]) -> list[Moved]:
    """One per request: where fee and reply both move (they never run together) the later stands."""
    return list({each.ref_id: each for each in moved}.values())


def _anew(
    row: Mapping[Any, Any],
    happened: Callable[[], list[Event]],
    days: Calendar,
    people: Directory,
    on: date,
) -> _Anew | None:
    """The request by these days; None when its clock cannot be computed, which holds up nobody else."""
    try:
        law = clocks.law_settings(row["organ_id"], people)
        if row["state"] == "unconfirmed" or row["received_on"] is None:
            waits = watching.unconfirmed(row["arrived_on"], days, law, on)
            following = watching.following(waits, row["told"], on)
            kept = {name: row[name] for name in MOVED} | {"next_threshold_on": following}
            return _Anew(kept, "", "")
        state = clock.compute(row["received_on"], happened(), days, law, as_of=on)
        values = clocks.columns(state, live=True, told=row["told"], today=on)
    except Exception:
        log.exception("request %s: its clock cannot be computed", row["id"])
        return None
    fee = state.fee_due.date if state.state is clock.State.WAITING_FEE and state.fee_due else None
    return _Anew(values, _words(row), _words(values), fee)


def _words(values: Mapping[Any, Any]) -> str:
    """A deadline as people read it; one that lies in an unknown year with its bound, one that waits without."""
    if values["due_on"] is not None:
        return str(values["due_on"])
    why = values["due_why"] or ""
    bound = f"，不早于 {values['not_before']}" if UNKNOWN_YEAR in why else ""
    return f"待定（{why}）{bound}" if why else "不计期限"


def _moved(row: Mapping[Any, Any], old: str, new: str, *, failed: bool = False) -> Moved:
    return Moved(
        ref_id=row["id"],
        organ_id=row["organ_id"],
        case_id=row["case_id"],
        number=row["number"] or "待编号",
        url=f"/cases/{row['case_id']}",
        old=old,
        new=new,
        failed=failed,
    )


def _entry(row: Mapping[Any, Any], cause: str, what: str, old: str, new: str) -> Entry:
    summary = f"{cause}，{what}由 {old} 改为 {new}"
    return Entry("request.recalculated", summary, {"request": row["id"], "old": old, "new": new})


def finish(tx: Tx, run_id: int, cause: str) -> None:
    """One notice to everybody who has the work of a case that moved."""
    held = sa.func.count(sa.distinct(w.c.case_id))
    moved = (w.c.status == "open", w.c.case_id.in_(calendar.moved_cases(run_id)))
    tell_moved(tx, run_id, cause, moved, held, "件申请的期限有变化")


def foresee(session: Session, after: Calendar) -> Foreseen:
    """Which requests would move: only those are computed whose period reaches a day that changes, the nearest first."""
    first = calendar.current().first_difference(after)
    if first is None:
        return Foreseen("申请", [], 0)
    query = (
        sa.select(*COLUMNS)
        .where(r.c.state == "open", sa.or_(r.c.due_on.is_(None), r.c.due_on >= first))
        .order_by(r.c.sort_on, r.c.id)
        .limit(LOOK + 1)
    )
    rows = session.execute(query).mappings().all()
    looked, people, on = rows[:LOOK], directory(), today()
    happened = clocks.events_of_many(session, [row["id"] for row in looked])
    moved = []
    for row in looked:
        anew = _anew(row, happened[row["id"]], after, people, on)
        if anew is not None and anew.old != anew.new:
            moved.append(_moved(row, anew.old, anew.new))
    return Foreseen("申请", moved, len(looked), more=len(rows) > LOOK)


#: first: what citizens wait for
RECALCULATOR = Recalculator(PART, "申请", count, batch, finish, rank=10)
