"""代理, AB岗, absences and handovers: who acts for whom, from when to when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime

#: how an arrangement works -> what people call it
KINDS: dict[str, str] = {"period": "代理", "standing": "AB岗", "handover": "交接"}
#: why somebody is away
ABSENCES: dict[str, str] = {"leave": "休假", "trip": "出差", "training": "学习培训", "other": "其他"}


class Deputy(Base):
    """One arrangement: `deputy_id` acts for `principal_id`.

    kind: `period` from a day to a day; `standing` (AB岗) on every day the principal is marked absent; `handover` the
    transition after a handover, in which both see the work. `posts` and `processes` limit it; empty lists limit
    nothing. `ended_at` ends it before its last day.
    """

    __tablename__ = "deputies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    principal_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    deputy_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    posts: Mapped[list[int]] = mapped_column(sa.JSON)
    processes: Mapped[list[str]] = mapped_column(sa.JSON)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    made_by: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("kind IN ('period','standing','handover')", name="kind"),
        sa.CheckConstraint("principal_id <> deputy_id", name="not_oneself"),
        sa.CheckConstraint("kind = 'standing' OR until_on IS NOT NULL", name="ends"),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name="order"),
        sa.Index("ix_deputies_organ", "organ_id", "id"),
        sa.Index("ix_deputies_principal", "principal_id", "id"),
        sa.Index("ix_deputies_deputy", "deputy_id", "id"),
    )


class Absence(Base):
    """A person is away from a day to a day: then his AB岗 acts."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    from_on: Mapped[date]
    until_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    made_by: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("kind IN ('leave','trip','training','other')", name="kind"),
        sa.CheckConstraint("until_on >= from_on", name="order"),
        sa.Index("ix_absences_organ", "organ_id", "id"),
        sa.Index("ix_absences_person", "person_id", "id"),
    )


class Handover(Base):
    """交接: what a person held, handed on in one act. `lines` is the list as it was then (app.cases.service.handing).

    `items` are the work items that went to others; until `until_on` the person still sees them. `successor_id` took what
    was not given to somebody else by name, and receives what would come back to the person once he has left.
    """

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    successor_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    until_on: Mapped[date | None]
    items: Mapped[list[int]] = mapped_column(sa.JSON)
    lines: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON)
    made_by: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("person_id <> successor_id", name="not_oneself"),
        sa.Index("ix_handovers_organ", "organ_id", "id"),
        sa.Index("ix_handovers_person", "person_id", "id"),
    )
