"""Processes and their immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Process(Base):
    """A procedure the installation knows, with the version new cases start on."""

    __tablename__ = "processes"

    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    active_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("process_versions.id", name="fk_processes_active", use_alter=True)
    )


class ProcessVersion(Base):
    """One unit of diagram, tables, forms and settings, with the versions it calls locked in.

    `content` is the packed package (`packages.pack`), `hash` its content hash, `locks` maps a called process to
    the id of its version. Rows are never changed but for their status: `draft` → `active` → `retired`.
    `origin` is `shipped` (came with a release) or `office` (made here).
    """

    __tablename__ = "process_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.ForeignKey("processes.key"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    locks: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    status: Mapped[str] = mapped_column(sa.String(10))
    origin: Mapped[str] = mapped_column(sa.String(10))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None]
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    activated_by: Mapped[int | None]

    __table_args__ = (
        sa.UniqueConstraint("process_key", "number"),
        sa.CheckConstraint("status IN ('draft','active','retired')", name="status"),
        sa.CheckConstraint("origin IN ('shipped','office')", name="origin"),
    )
