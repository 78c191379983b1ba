"""A new calendar: what it does to the internal limits of open steps, foreseen before and computed batch by batch after.

Every step whose moment moves has an entry with the old and the new one in the stream of its case; whoever has such
steps gets one notice for all of them. Sub-items have days that a person chose: these stay.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar, processes
from app.audit import ACTION_LABELS
from app.calendar import Batch, Foreseen, Moved, Recalculator
from app.cases import beside, deadlines, statutory
from app.cases.models import Case, WorkItem
from app.core.command import Tx
from app.core.db import table_of
from app.core.now import SHANGHAI, local_text
from app.core.record import Entry
from app.notices.service import Note, enqueue
from app.processes import limits
from app.processes.limits import Office
from workflows.law.calendar import Calendar

log = logging.getLogger("gongkai.cases")
ACTION_LABELS["case.limit_recalculated"] = "重算内部时限"

PART = "limits"
LABEL = "环节（内部时限）"
#: steps computed for a preview at most: a page must not take longer than a page
LOOK = 1_000

c, w = table_of(Case), table_of(WorkItem)
#: steps with a limit, those among them that wait for a year included; how a sub-item's day came about only its room knows
_OPEN = (
    w.c.status == sa.literal_column("'open'"),
    w.c.kind == "step",
    sa.or_(w.c.due_at.is_not(None), w.c.limit_from.is_not(None)),
)
_some = sa.select(w, c.c.number, c.c.version_id, c.c.due_on.label("law")).join(c, c.c.id == w.c.case_id)
_next = _some.where(*_OPEN, w.c.id > sa.bindparam("after")).order_by(w.c.id).limit(sa.bindparam("most"))
_again = _some.where(*_OPEN, w.c.id.in_(sa.bindparam("items", expanding=True))).order_by(w.c.id)
_near = (
    _some.where(*_OPEN, w.c.check_at.is_not(None), w.c.due_at >= sa.bindparam("first", type_=w.c.due_at.type))
    .order_by(w.c.check_at)
    .limit(LOOK + 1)
)
_without = _some.where(*_OPEN, w.c.due_at.is_(None)).order_by(w.c.id).limit(LOOK)
_put = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values({name: sa.bindparam(f"v_{name}") for name in ("due_at", "check_at", "told", "due_on")})
)


def count(session: Session) -> int:
    """How many open steps have a limit."""
    return session.scalar(sa.select(sa.func.count()).select_from(w).where(*_OPEN)) or 0


def batch(tx: Tx, cause: str, after_id: int, most: int) -> Batch:
    """The next open steps; the cases of those that move are locked, and what moves is computed again under the lock."""
    rows = tx.session.execute(_next, {"after": after_id, "most": most}).mappings().all()
    if not rows:
        return Batch(after_id, 0)
    moving = [row for row in rows if _anew(row, calendar.current()) != row["due_at"]]
    heads = beside.lock(tx, [row["case_id"] for row in moving], wait=True) if moving else {}
    under = (
        tx.session.execute(_again, {"items": [row["id"] for row in moving]}).mappings().all() if heads else []
    )
    put, moved, entries = [], [], []
    for row in under:
        due_at = _anew(row, calendar.current())
        if due_at == row["due_at"]:
            continue
        put.append(_values(row, due_at, tx.now))
        moved.append(_moved(row, due_at))
        summary = f"{cause}，「{row['label']}」内部时限由 {moved[-1].old} 改为 {moved[-1].new}"
        body = {"item": row["id"], "old": row["due_at"], "new": due_at}
        entries.append((heads[row["case_id"]], Entry("case.limit_recalculated", summary, body)))
    if put:
        tx.session.execute(_put, put)
    beside.note_all(tx, entries)
    return Batch(rows[-1]["id"], len(rows), moved)


def _settings(row: Mapping[Any, Any]) -> Mapping[str, str]:
    info = processes.runtime(row["version_id"]).spec.steps.get((row["process_key"], row["step"]))
    return info.settings if info is not None else {}


def _anew(row: Mapping[Any, Any], days: Calendar) -> datetime | None:
    """The moment by these days; the one it has where there is no limit or none can be worked out for another reason."""
    try:
        settings = _settings(row)
        if limits.limit_of(settings) is None:
            due_at: datetime | None = row["due_at"]
            return due_at
        return deadlines.again(settings, row, Office(days, deadlines.where(row["organ_id"]).hours))
    except Exception:
        log.exception("work item %s: its limit cannot be worked out", row["id"])
        kept: datetime | None = row["due_at"]
        return kept


def _values(row: Mapping[Any, Any], due_at: datetime | None, now: datetime) -> dict[str, Any]:
    told, check_at = deadlines.ahead(_settings(row), row, due_at, now, deadlines.where(row["organ_id"]))
    day = statutory.soonest(statutory.own_day({"due_at": due_at}), {"due_on": row["law"]})
    return {"k": row["id"], "v_due_at": due_at, "v_check_at": check_at, "v_told": told, "v_due_on": day}


def _moved(row: Mapping[Any, Any], due_at: datetime | None) -> Moved:
    return Moved(
        ref_id=row["id"],
        organ_id=row["organ_id"],
        case_id=row["case_id"],
        number=f"{row['number']} {row['label']}",
        url=f"/cases/{row['case_id']}",
        old=_words(row["due_at"]),
        new=_words(due_at),
    )


def _words(due_at: datetime | None) -> str:
    return local_text(due_at) if due_at is not None else "待定（放假安排未导入）"


def finish(tx: Tx, run_id: int, cause: str) -> None:
    """One notice to everybody who has a step that moved."""
    moved = (*_OPEN, w.c.id.in_(calendar.moved_refs(run_id, PART)))
    tell_moved(tx, run_id, cause, moved, sa.func.count(), "个环节的内部时限有变化", f":{PART}")


def tell_moved(
    tx: Tx,
    run_id: int,
    cause: str,
    moved: Sequence[sa.ColumnElement[bool]],
    counted: sa.ColumnElement[int],
    words: str,
    mark: str = "",
) -> None:
    """One notice to everybody who has work that moved: to the person, or to the post it waits at.

    moved: which work items. counted: what is counted of them, `words` says it. mark: tells several kinds of one run apart.
    """
    post = sa.case((w.c.holder_id.is_(None), w.c.post_id))
    query = (
        sa.select(w.c.holder_id, post.label("post_id"), counted.label("number"))
        .where(*moved)
        .group_by(w.c.holder_id, post)
    )
    notes = [
        Note(
            kind="calendar",
            text=f"{cause}，{'您手上' if row.holder_id else '岗位上'} {row.number} {words}",
            url=f"/calendar/runs/{run_id}",
            person_id=row.holder_id,
            post_id=row.post_id if row.holder_id is None else None,
            dedupe=f"recalculated:{run_id}{mark}:{'p' if row.holder_id else 'o'}{row.holder_id or row.post_id}",
        )
        for row in tx.session.execute(query)
        if row.holder_id is not None or row.post_id is not None
    ]
    enqueue(tx, notes)


def foresee(session: Session, after: Calendar) -> Foreseen:
    """Which steps would move: those whose limit reaches a day that changes, the soonest first, and those that wait for a year."""
    first = calendar.current().first_difference(after)
    if first is None:
        return Foreseen(LABEL, [], 0)
    begins = datetime.combine(first, time(), SHANGHAI)
    rows = session.execute(_near, {"first": begins}).mappings().all()
    looked = [*rows[:LOOK], *session.execute(_without).mappings()]
    anew = [(row, _anew(row, after)) for row in looked]
    moved = [_moved(row, due_at) for row, due_at in anew if due_at != row["due_at"]]
    return Foreseen(LABEL, moved, len(looked), more=len(rows) > LOOK)


#: after what citizens wait for and before duties
RECALCULATOR = Recalculator(PART, LABEL, count, batch, finish, rank=15)
calendar.previews.append(foresee)
calendar.recalculate_with(RECALCULATOR)
