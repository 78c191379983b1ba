"""What stands beside a step: rounds of asking colleagues, answers that wait for signers, 抄送."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


class Round(Base):
    """One asking of colleagues beside a step: 征求意见 (`consult`), 加签 (`sign`), 会签 (`cosign`).

    `item_id` is the step; the sub-items carry the round's id. `timing` of a 加签: before, beside or after the holder's own
    completion. `rule` is one of `workflows.engine.countersign`, `ratio` its percentage. How far it is, the sub-items say.
    """

    __tablename__ = "case_rounds"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("work_items.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    timing: Mapped[str | None] = mapped_column(sa.String(10))
    rule: Mapped[str] = mapped_column(sa.String(10))
    ratio: Mapped[int | None]
    question: Mapped[str] = mapped_column(sa.Text)
    opened_by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(sa.Text)


class Prepared(Base):
    """What the holder of a step has answered already; it moves the case when the last signer has agreed."""

    __tablename__ = "prepared_steps"

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("work_items.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    filled: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseCopy(Base):
    """抄送: a case shown to somebody who has nothing to do with it but to know (待阅, 已阅 once opened)."""

    __tablename__ = "case_copies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    sent_by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(sa.String(500))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.Index(
            "ix_case_copies_unread",
            "person_id",
            "id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
        sa.Index("ix_case_copies_person", "person_id", "id"),
    )
