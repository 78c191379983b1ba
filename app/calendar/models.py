"""放假安排: years that count, their special days, and uploads that wait to be confirmed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime
from app.core.runs import Run


class CalendarState(Base):
    """One row. `version` is raised by every change; what is worked out from the calendar is cached by it."""

    __tablename__ = "calendar_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]

    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)


class CalendarYear(Base):
    """A year that was imported and confirmed. A year without a row is unknown: deadlines in it are 待定."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(sa.String(300))
    confirmed_by: Mapped[str] = mapped_column(sa.String(60))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CalendarDay(Base):
    """A day that a year's notice names; `day` may lie in the last week of the year before."""

    __tablename__ = "calendar_days"

    year: Mapped[int] = mapped_column(
        sa.ForeignKey("calendar_years.year"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(40))
    source: Mapped[str] = mapped_column(sa.String(300))

    __table_args__ = (sa.CheckConstraint("kind IN ('OFF', 'WORK', 'REGIONAL')", name="kind"),)


class CalendarUpload(Base):
    """An uploaded year, row by row as `table.py` read it; `based_on` is the version it was compared with.

    `proposed`: nobody uploaded it, the library `holidays` did; confirming it takes the notice it was checked against.
    """

    __tablename__ = "calendar_uploads"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int]
    file_name: Mapped[str] = mapped_column(sa.String(200))
    sm3: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str] = mapped_column(sa.String(300))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    based_on: Mapped[int]
    proposed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    person_id: Mapped[int | None] = mapped_column(BigId)
    by: Mapped[str] = mapped_column(sa.String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("state IN ('waiting', 'confirmed', 'dropped')", name="state"),)


class CalendarRun(Run, Base):
    """重算: deadlines computed again after a change of the calendar, batch by batch (`recalculating`).

    `part` is the key of the recalculator at work, `after_id` the last row it has done: from there it goes on after a
    stop or a crash. `total` is what was open at the beginning; `replaced` means that a newer change took over.
    """

    __tablename__ = "calendar_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cause: Mapped[str] = mapped_column(sa.String(120))
    part: Mapped[str | None] = mapped_column(sa.String(20))
    after_id: Mapped[int] = mapped_column(BigId, default=0)
    done: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        sa.CheckConstraint("state IN ('running', 'stopped', 'done', 'replaced')", name="state"),
        sa.Index(
            "ix_calendar_runs_unfinished",
            "id",
            sqlite_where=sa.text("state IN ('running', 'stopped')"),
            postgresql_where=sa.text("state IN ('running', 'stopped')"),
        ),
    )


class CalendarMove(Base):
    """One deadline that a run has moved: old and new as words (a date, or 待定 with its reason). `failed`: not computed."""

    __tablename__ = "calendar_moves"

    run_id: Mapped[int] = mapped_column(
        BigId, sa.ForeignKey("calendar_runs.id"), primary_key=True, autoincrement=False
    )
    part: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    ref_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    case_id: Mapped[int | None] = mapped_column(BigId)
    number: Mapped[str] = mapped_column(sa.String(60))
    url: Mapped[str] = mapped_column(sa.String(120))
    old: Mapped[str] = mapped_column(sa.String(80))
    new: Mapped[str] = mapped_column(sa.String(80))
    failed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    __table_args__ = (sa.Index("ix_calendar_moves_organ", "run_id", "organ_id", "part", "ref_id"),)
