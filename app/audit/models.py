"""Seals of the record, and the runs of its verification."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


class Seal(Base):
    """A batch of record rows under one Merkle root; the same line stands in the auditor's file. Append-only.

    `spans` are the ids of the rows (1-40,43), `leaves` the first eight bytes of each leaf in that order, in
    base64 (they tell *which* row was changed; the root proves *that* one was), `heads` the last row per
    stream of this batch: {"case:7": [seq, first 32 digits of its mac]}. `prev` is the mac of the seal before.
    """

    __tablename__ = "seals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_id: Mapped[int] = mapped_column(BigId)
    last_id: Mapped[int] = mapped_column(BigId)
    count: Mapped[int]
    root: Mapped[str] = mapped_column(sa.String(64))
    spans: Mapped[str] = mapped_column(sa.Text)
    leaves: Mapped[str] = mapped_column(sa.Text)
    heads: Mapped[str] = mapped_column(sa.Text)
    prev: Mapped[str] = mapped_column(sa.String(64), unique=True)
    mac: Mapped[str] = mapped_column(sa.String(64))


class AuditRun(Base):
    """One verification of the whole record, asked for by a person or by the daily round (wall times)."""

    __tablename__ = "audit_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    asked_by: Mapped[str] = mapped_column(sa.String(60))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problems: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)

    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'running', 'clean', 'tampered', 'unchecked')", name="state"),
    )
