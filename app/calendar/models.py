"""放假安排: years that count, their special days, and uploads that wait to be confirmed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


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
    """An uploaded year, row by row as `table.py` read it; `based_on` is the version it was compared with."""

    __tablename__ = "calendar_uploads"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int]
    file_name: Mapped[str] = mapped_column(sa.String(200))
    sm3: Mapped[str] = mapped_column(sa.String(64))
    source: Mapped[str] = mapped_column(sa.String(300))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    based_on: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    person_id: Mapped[int | None] = mapped_column(BigId)
    by: Mapped[str] = mapped_column(sa.String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("state IN ('waiting', 'confirmed', 'dropped')", name="state"),)
