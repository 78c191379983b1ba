"""The day the law sets for a case, on its work: `cases.due_on`, and `work_items.due_on` where that is the sooner one.

`work_items.due_at` is the end of the step's own day and never moves with the law; `due_on` orders the inbox and is the
earlier of both. Rooms above say the day (`registry.STATUTORY`); it is followed in the transaction that moved it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa

from app.cases.models import NO_DUE, Case, WorkItem
from app.cases.registry import STATUTORY
from app.core.command import Tx
from app.core.db import table_of
from app.core.now import SHANGHAI, business_date

__all__ = ["day_end", "due_moved", "follow", "own_day", "soonest"]

c, w = table_of(Case), table_of(WorkItem)
#: the date in Shanghai of `due_at`, and the smaller of two dates, as each database says it
_OWN: dict[str, Any] = {
    "sqlite": sa.func.date(w.c.due_at, "+8 hours", type_=sa.String),
    "postgresql": sa.cast(sa.func.timezone("Asia/Shanghai", w.c.due_at), sa.Date),
}
_LEAST: dict[str, Any] = {"sqlite": sa.func.min, "postgresql": sa.func.least}
_WAITING = sa.or_(w.c.status == "open", w.c.status == "queued")


def _follow(dialect: str) -> Any:
    day = sa.bindparam("due", type_=sa.Date)
    own = sa.func.coalesce(_OWN[dialect], sa.literal(NO_DUE, sa.Date))
    sooner = sa.type_coerce(_LEAST[dialect](own, day), sa.Date)
    return sa.update(w).where(w.c.case_id == sa.bindparam("k"), _WAITING).values(due_on=sooner)


_moves = {name: _follow(name) for name in _OWN}
_put = sa.update(c).where(c.c.id == sa.bindparam("k")).values(due_on=sa.bindparam("day"))


def day_end(day: date) -> datetime:
    """The last second of a business day: a step's own limit."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI).astimezone(UTC)


def own_day(item: Mapping[str, Any]) -> date:
    """The step's own day; NO_DUE when it has none."""
    return business_date(item["due_at"]) if item["due_at"] is not None else NO_DUE


def soonest(own: date, case: Mapping[str, Any]) -> date:
    """What an item of the case is sorted by: its own day or the law's, whichever comes first."""
    return min(own, case["due_on"] or NO_DUE)


def follow(tx: Tx, case: dict[str, Any], *, alone: bool = False) -> None:
    """Take over the day that rooms above now say; open items move with it. One statement, when it changed.

    `alone`: the step being completed was the only one, so that no other has to move. What stands beside the flow (an
    extension that is asked for) keeps its place in the inbox then; the day itself is told from the request.
    """
    for say in STATUTORY:
        told = say(tx, case)
        if told != case["due_on"]:
            case["due_on"] = told
            if not alone:
                _move(tx, [{"k": case["id"], "due": told or NO_DUE}])


def due_moved(tx: Tx, days: Mapping[int, date | None]) -> None:
    """The same for many locked cases at once, `days` by case id. Two statements."""
    if days:
        tx.session.execute(_put, [{"k": case_id, "day": day} for case_id, day in days.items()])
        _move(tx, [{"k": case_id, "due": day or NO_DUE} for case_id, day in days.items()])


def _move(tx: Tx, rows: list[dict[str, Any]]) -> None:
    tx.session.execute(_moves[tx.session.get_bind().dialect.name], rows)
