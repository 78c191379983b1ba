"""What pages read of duties: keyset pages over an index, bounded counts."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import NotFound
from app.documents.permissions import scope
from app.documents.queries import like
from app.obligations.models import Obligation
from app.obligations.permissions import may_close, sees, visible

PAGE = 50
COUNT_CAP = 1000

o = cast(sa.Table, Obligation.__table__)


@dataclass(frozen=True)
class Filter:
    """`state`: open (default) | late | closed | ended. `text` searches titles."""

    state: str = "open"
    text: str = ""


@dataclass(frozen=True)
class Page:
    """A page and the key `<sort_on>_<id>` of the next one."""

    rows: Sequence[RowMapping]
    next_key: str | None


_columns = tuple(column for column in o.columns if column.name != "derivation")


def duties(session: Session, actor: Actor, wanted: Filter, today: date, after: str | None = None) -> Page:
    """Duties this person may see: open ones by deadline, soonest first; closed ones latest first."""
    query = sa.select(*_columns).where(visible(actor))
    status = "open" if wanted.state in ("open", "late") else wanted.state
    query = query.where(o.c.status == status)
    if wanted.state == "late":
        query = query.where(o.c.due_on < today)
    if wanted.text:
        query = query.where(o.c.title.like(like(wanted.text), escape="\\"))
    place, backwards = sa.tuple_(o.c.sort_on, o.c.id), status != "open"
    if after:
        here = sa.tuple_(*_key(after))
        query = query.where(place < here if backwards else place > here)
    order = (o.c.sort_on.desc(), o.c.id.desc()) if backwards else (o.c.sort_on, o.c.id)
    rows = session.execute(query.order_by(*order).limit(PAGE + 1)).mappings().all()
    more = f"{rows[PAGE - 1]['sort_on']}_{rows[PAGE - 1]['id']}" if len(rows) > PAGE else None
    return Page(rows[:PAGE], more)


def _key(text: str) -> tuple[sa.ColumnElement[date], sa.ColumnElement[int]]:
    day, _, number = text.partition("_")
    try:
        return sa.literal(date.fromisoformat(day), sa.Date), sa.literal(int(number))
    except ValueError:
        raise NotFound() from None


def duty(session: Session, actor: Actor, duty_id: int) -> RowMapping:
    """One duty this person may see or close; else NotFound."""
    row = session.execute(sa.select(o).where(o.c.id == duty_id)).mappings().first()
    if row is None or actor.officer or not (sees(actor, row) or may_close(actor, row)):
        raise NotFound()
    return row


def counts(session: Session, actor: Actor, today: date) -> dict[str, int]:
    """How many duties of each filter, capped."""
    scoped = sa.select(o.c.due_on).where(visible(actor), o.c.status == "open").limit(COUNT_CAP).subquery()
    late = sa.func.coalesce(sa.func.sum(sa.case((scoped.c.due_on < today, 1), else_=0)), 0)
    row = session.execute(sa.select(sa.func.count().label("n"), late.label("late")).select_from(scoped)).one()
    return {"open": row.n, "late": row.late}


@functools.cache
def _open_of(organs: bool, units: bool) -> Any:
    """Counts to the cap; for whoever sees duties by his organs, by his units, or by both."""
    parts = [o.c.organ_id.in_(sa.bindparam("organs", expanding=True))] if organs else []
    parts += [o.c.unit_id.in_(sa.bindparam("units", expanding=True))] if units else []
    seen = sa.select(o.c.id).where(sa.or_(sa.false(), *parts), o.c.status == "open").limit(COUNT_CAP)
    return sa.select(sa.func.count()).select_from(seen.subquery())


def open_count(session: Session, actor: Actor) -> int:
    """Open duties for the menu; stops at the cap. Every page asks, so its statement is not built again."""
    mine = scope(actor)
    values = {"organs": sorted(mine.organs), "units": sorted(mine.units)}
    asked = {name: value for name, value in values.items() if value}
    return int(session.execute(_open_of(bool(mine.organs), bool(mine.units)), asked).scalar_one())
