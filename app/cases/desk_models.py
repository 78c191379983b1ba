"""What a person keeps at his desk: phrases, the image of his signature, saved filters, runs of 批量办理."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


def _of_person(**more: Any) -> Mapped[int]:
    return mapped_column(BigId, sa.ForeignKey("people.id"), **more)


class Phrase(Base):
    """常用语: a sentence this person often writes as an opinion."""

    __tablename__ = "phrases"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = _of_person()
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(200))

    __table_args__ = (sa.Index("ix_phrases_person", "person_id", "position", "id"),)


class Signature(Base):
    """签名图样: a PNG this system encoded itself; `width`, `height` in pixels."""

    __tablename__ = "signatures"

    person_id: Mapped[int] = _of_person(primary_key=True, autoincrement=False)
    png: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedFilter(Base):
    """A filter of the inbox under a name of the person's own; `asked` are the parameters of the page."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = _of_person()
    name: Mapped[str] = mapped_column(sa.String(30))
    asked: Mapped[dict[str, str]] = mapped_column(sa.JSON)

    __table_args__ = (sa.UniqueConstraint("person_id", "name"),)


class BulkRun(Base):
    """批量办理: one step of one process, one decision, one opinion. `chosen` until the person has decided."""

    __tablename__ = "bulk_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = _of_person()
    process_key: Mapped[str] = mapped_column(sa.String(40))
    step: Mapped[str] = mapped_column(sa.String(60))
    label: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(10))
    decision: Mapped[str | None] = mapped_column(sa.String(60))
    decision_label: Mapped[str | None] = mapped_column(sa.String(60))
    opinion: Mapped[str | None] = mapped_column(sa.Text)
    total: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("state IN ('chosen','running','done','dropped')", name="state"),
        sa.Index("ix_bulk_runs_person", "person_id", "id"),
    )


class BulkRow(Base):
    """One item of a run: `problem` says why it could not be done."""

    __tablename__ = "bulk_rows"

    run_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("bulk_runs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(BigId)
    case_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(sa.String(10))
    problem: Mapped[str | None] = mapped_column(sa.String(300))

    __table_args__ = (sa.CheckConstraint("state IN ('waiting','done','failed')", name="state"),)
