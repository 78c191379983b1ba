"""Drafts of processes: what 流程管理员 are drawing, part by part, until it becomes an immutable version."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Draft(Base):
    """A process being redrawn. It may be broken at any moment; only a submitted one has passed its checks.

    `base_id` is the version it began from, None for a new or imported process. `status`: `open` → `submitted` (a
    version was made of it and waits for 复核 in case `case_id`) → `released`, or back to `open`; or `discarded`.
    """

    __tablename__ = "process_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.String(40), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    base_id: Mapped[int | None] = mapped_column(sa.ForeignKey("process_versions.id"))
    status: Mapped[str] = mapped_column(sa.String(10), default="open")
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("process_versions.id"))
    case_id: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int]

    __table_args__ = (
        sa.CheckConstraint("status IN ('open','submitted','released','discarded')", name="status"),
    )


class DraftPart(Base):
    """One file of a draft. `revision` counts its savings: whoever saves says which one he began from."""

    __tablename__ = "process_draft_parts"

    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("process_drafts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    revision: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int]


class DraftPresence(Base):
    """Who has a draft open, and which part of it; a row older than a minute says nothing any more."""

    __tablename__ = "process_draft_presence"

    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("process_drafts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(120), default="")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
