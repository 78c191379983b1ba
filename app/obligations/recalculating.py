"""A new calendar: which open duties it moves, foreseen before it is confirmed, and computed batch by batch after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar
from app.calendar import Batch, Foreseen, Moved, Recalculator
from app.core.command import Tx
from app.core.now import business_date
from app.obligations.models import Obligation
from app.obligations.planning import Plan, next_threshold, plan
from workflows.law.calendar import Calendar

PART = "obligations"
#: duties computed for a preview at most: a page must not take longer than a page
LOOK = 1_000

o = cast(sa.Table, Obligation.__table__)
_open = o.c.status == "open"
MOVED = ("due_on", "due_unknown", "not_before", "sort_on", "derivation", "next_threshold_on")
_put = (
    sa.update(o)
    .where(o.c.id == sa.bindparam("k"))
    .values({name: sa.bindparam(f"v_{name}") for name in MOVED})
)


def count(session: Session) -> int:
    """How many duties are open."""
    return session.scalar(sa.select(sa.func.count()).select_from(o).where(_open)) or 0


def batch(tx: Tx, cause: str, after_id: int, most: int) -> Batch:
    """The next open duties; one entry per organ in its stream, with the old and the new date of each that moved."""
    query = sa.select(o).where(_open, o.c.id > after_id).order_by(o.c.id).limit(most).with_for_update()
    rows = tx.session.execute(query).mappings().all()
    if not rows:
        return Batch(after_id, 0)
    days, on = calendar.current(), business_date(tx.now)
    put, moved = [], []
    for row in rows:
        planned = plan(days, row["formed_on"])
        if _same(planned, row):
            continue
        told = row["notified_on"] is not None
        following = next_threshold(days, planned.due_on, on) if told else row["next_threshold_on"]
        values = planned.columns() | {"next_threshold_on": following}
        put.append({"k": row["id"]} | {f"v_{name}": values[name] for name in MOVED})
        moved.append(_moved(row, planned))
    if put:
        tx.session.execute(_put, put)
    _record(tx, cause, moved)
    return Batch(rows[-1]["id"], len(rows), moved)


def _record(tx: Tx, cause: str, moved: list[Moved]) -> None:
    for organ_id in sorted({each.organ_id for each in moved}):
        duties = [
            {"duty": each.ref_id, "old": each.old, "new": each.new}
            for each in moved
            if each.organ_id == organ_id
        ]
        summary = f"{cause}，{len(duties)} 项公开任务的期限已重新计算"
        tx.record("organ", "publication.recalculate", summary, stream_id=organ_id, duties=duties)


def _same(planned: Plan, row: Mapping[Any, Any]) -> bool:
    before = (row["due_on"], row["due_unknown"], row["not_before"])
    return (planned.due_on, planned.due_unknown, planned.not_before) == before


def _moved(row: Mapping[Any, Any], planned: Plan) -> Moved:
    return Moved(
        ref_id=row["id"],
        organ_id=row["organ_id"],
        number=row["title"],
        url=f"/obligations/{row['id']}",
        old=_words(row["due_on"], row["due_unknown"], row["not_before"]),
        new=_words(planned.due_on, planned.due_unknown, planned.not_before),
    )


def _words(due_on: Any, why: str | None, not_before: Any) -> str:
    return str(due_on) if due_on is not None else f"待定（{why}），不早于 {not_before}"


def finish(tx: Tx, run_id: int, cause: str) -> None:
    """Nobody is told: duties are reminded of at their own thresholds."""


def foresee(session: Session, after: Calendar) -> Foreseen:
    """Which duties would move: only those whose period reaches a day that changes, the nearest first."""
    first = calendar.current().first_difference(after)
    if first is None:
        return Foreseen("公开任务", [], 0)
    reach = sa.or_(o.c.due_on.is_(None), o.c.due_on >= first)
    query = sa.select(o).where(_open, reach).order_by(o.c.sort_on, o.c.id).limit(LOOK + 1)
    rows = session.execute(query).mappings().all()
    planned = [(row, plan(after, row["formed_on"])) for row in rows[:LOOK]]
    moved = [_moved(row, fresh) for row, fresh in planned if not _same(fresh, row)]
    return Foreseen("公开任务", moved, len(planned), more=len(rows) > LOOK)


RECALCULATOR = Recalculator(PART, "公开任务", count, batch, finish, rank=20)
