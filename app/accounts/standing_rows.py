"""Arrangements and absences out of their rows: those in force, and those that were ended lately.

What was ended before its last day acts no more from that moment. That it acted until then is remembered for a while: what
somebody signed on paper in those days is entered later, and names both.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.deputy_models import Absence, Deputy
from app.accounts.standing import Arrangement, Away
from app.core.now import business_date, now, today

#: how long it is remembered who stood in: sheets signed on paper are entered until then
REMEMBERED = timedelta(days=60)

d, a = Deputy.__table__.c, Absence.__table__.c
_deputies = sa.select(
    d.id, d.principal_id, d.deputy_id, d.kind, d.from_on, d.until_on, d.posts, d.processes, d.ended_at
).order_by(d.id)
_absences = sa.select(a.id, a.person_id, a.from_on, a.until_on, a.ended_at).order_by(a.id)


def _last(until_on: date | None, ended_at: datetime | None) -> date | None:
    """The last day of what lasts until then, unless it was ended before."""
    if ended_at is None:
        return until_on
    day = business_date(ended_at)
    return day if until_on is None else min(until_on, day)


def _arrangement(row: Any) -> Arrangement:
    return Arrangement(
        id=row.id,
        principal_id=row.principal_id,
        deputy_id=row.deputy_id,
        kind=row.kind,
        from_on=row.from_on,
        until_on=_last(row.until_on, row.ended_at),
        posts=frozenset(row.posts),
        processes=frozenset(row.processes),
    )


def arrangements(session: Session) -> tuple[Arrangement, ...]:
    """Those that act, may act yet, or ran out lately."""
    lasting = sa.or_(d.until_on.is_(None), d.until_on >= today() - REMEMBERED)
    rows = session.execute(_deputies.where(d.ended_at.is_(None), lasting))
    return tuple(_arrangement(row) for row in rows)


def ended(session: Session) -> tuple[Arrangement, ...]:
    """Those that were ended lately, until the day of their end."""
    return tuple(
        _arrangement(row) for row in session.execute(_deputies.where(d.ended_at >= now() - REMEMBERED))
    )


def absences(session: Session) -> tuple[Away, ...]:
    """Who is away, will be, or was lately."""
    rows = session.execute(_absences.where(a.ended_at.is_(None), a.until_on >= today() - REMEMBERED))
    return tuple(Away(*row[:4]) for row in rows)


def returned(session: Session) -> tuple[Away, ...]:
    """Who came back early, away until that day."""
    rows = session.execute(_absences.where(a.ended_at >= now() - REMEMBERED))
    return tuple(Away(*row[:3], _last(row.until_on, row.ended_at) or row.until_on) for row in rows)
