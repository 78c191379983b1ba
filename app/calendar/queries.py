"""Reading the calendar; `current()` costs one small statement per request and rebuilds only after a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app, g, has_request_context
from sqlalchemy.orm import Session

from app.calendar.models import (
    CalendarDay,
    CalendarMove,
    CalendarRun,
    CalendarState,
    CalendarUpload,
    CalendarYear,
)
from app.core import versions
from app.core.db import db, table_of
from app.core.errors import NotFound
from workflows.law.calendar import Calendar, DayKind, SpecialDay, YearTable

_version = sa.select(CalendarState.version).where(CalendarState.id == 1)
_years = sa.select(CalendarYear.year)
_days = sa.select(
    CalendarDay.year, CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.source
).order_by(CalendarDay.day)


versions.ride("calendar", _version)


def version(session: Session) -> int:
    """The version of the calendar; 0 before anything was imported."""
    return session.scalar(_version) or 0


def current() -> Calendar:
    """The calendar as it is now; within one request it is asked for once."""
    if has_request_context() and "gongkai_calendar" in g:
        found: Calendar = g.gongkai_calendar
        return found
    session = db.session()
    arrived = versions.known("calendar")
    number = version(session) if arrived is None else arrived
    kept: Calendar | None = current_app.extensions.get("gongkai_calendar")
    if kept is None or kept.version != number:
        kept = read(session)
        current_app.extensions["gongkai_calendar"] = kept
    if has_request_context():
        g.gongkai_calendar = kept
    return kept


def forget() -> None:
    """Within a command that has changed the calendar: read it anew at the next use."""
    if has_request_context():
        g.pop("gongkai_calendar", None)
        g.pop("gongkai_versions", None)
    current_app.extensions.pop("gongkai_calendar", None)


def read(session: Session) -> Calendar:
    """The calendar from its tables."""
    tables, number = _tables(session), version(session)
    return Calendar((YearTable(year, tuple(days)) for year, days in tables.items()), version=number)


def read_with(session: Session, year: int, days: Sequence[SpecialDay]) -> Calendar:
    """The calendar as it would be if this year were confirmed with these days."""
    tables = _tables(session) | {year: list(days)}
    return Calendar(YearTable(number, tuple(each)) for number, each in tables.items())


def _tables(session: Session) -> dict[int, list[SpecialDay]]:
    tables: dict[int, list[SpecialDay]] = {year: [] for year in session.scalars(_years)}
    for row in session.execute(_days):
        if row.year in tables:
            tables[row.year].append(SpecialDay(row.day, DayKind(row.kind), row.name, row.source))
    return tables


def year(number: int) -> CalendarYear | None:
    """A confirmed year."""
    return db.session().get(CalendarYear, number)


def years() -> list[int]:
    """The confirmed years in order."""
    return sorted(db.session().scalars(_years))


def days_of(session: Session, number: int) -> tuple[SpecialDay, ...]:
    """The special days of one year's notice."""
    rows = session.execute(_days.where(CalendarDay.year == number))
    return tuple(SpecialDay(row.day, DayKind(row.kind), row.name, row.source) for row in rows)


def upload(number: int) -> CalendarUpload | None:
    """An upload."""
    return db.session().get(CalendarUpload, number)


def waiting() -> Sequence[Any]:
    """Uploads that wait to be confirmed, newest first."""
    u = CalendarUpload
    query = sa.select(u.id, u.year, u.by, u.at, u.proposed)
    query = query.where(CalendarUpload.state == "waiting").order_by(CalendarUpload.id.desc()).limit(10)
    return db.session().execute(query).all()


def run(number: int) -> CalendarRun | None:
    """A recalculation."""
    return db.session().get(CalendarRun, number, populate_existing=True)


def unfinished() -> Sequence[CalendarRun]:
    """Recalculations that run or were stopped, newest first; at most one."""
    query = sa.select(CalendarRun).where(CalendarRun.state.in_(("running", "stopped")))
    return db.session().scalars(query.order_by(CalendarRun.id.desc()).limit(3)).all()


MOVES = 100


def moves(run_id: int, organ_id: int | None, after: str | None) -> tuple[Sequence[Any], str | None]:
    """What a run moved of one organ, a page of it, and the key `<part>_<ref>` of the next."""
    m = table_of(CalendarMove)
    query = sa.select(m).where(m.c.run_id == run_id, m.c.organ_id == organ_id)
    if after:
        part, _, ref = after.rpartition("_")
        if not ref.isdecimal():
            raise NotFound
        place = sa.tuple_(m.c.part, m.c.ref_id)
        query = query.where(place > sa.tuple_(sa.literal(part), sa.literal(int(ref))))
    rows = db.session().execute(query.order_by(m.c.part, m.c.ref_id).limit(MOVES + 1)).mappings().all()
    more = f"{rows[MOVES - 1]['part']}_{rows[MOVES - 1]['ref_id']}" if len(rows) > MOVES else None
    return rows[:MOVES], more


def moved_of(run_id: int) -> Sequence[Any]:
    """How many of each organ a run moved, and how many it could not compute: (organ_id, moved, failed)."""
    m = table_of(CalendarMove)
    failed = sa.func.count().filter(m.c.failed)
    query = sa.select(m.c.organ_id, (sa.func.count() - failed).label("moved"), failed.label("failed"))
    return db.session().execute(query.where(m.c.run_id == run_id).group_by(m.c.organ_id)).all()
