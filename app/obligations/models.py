"""公开任务: duties to publish. One row per duty; what it owes to whom, until when, and how that came out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime

#: 自政府信息形成或者变更之日起20个工作日内及时公开
BASIS = "《政府信息公开条例》第二十六条"
WORKDAYS = 20


class Obligation(Base):
    """A duty. `key` makes opening safe to repeat: `publish:<document>:<case>`.

    `due_on` is NULL while the calendar does not reach it: then `due_unknown` is the sentence to show and
    `not_before` the certain bound. `sort_on` is `due_on` or `not_before`. `derivation` is the list of days
    [{day, number, kind, name}] that shows how the date came out. `status`: open | closed (published) | ended (the
    document is no longer 主动公开). `next_threshold_on` is the day on which somebody must be told; NULL for never.
    """

    __tablename__ = "obligations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20), default="publish", server_default="publish")
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId)
    document_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("documents.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(BigId, index=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    basis: Mapped[str] = mapped_column(sa.String(60), default=BASIS, server_default=BASIS)
    formed_on: Mapped[date]
    from_change: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    due_on: Mapped[date | None]
    due_unknown: Mapped[str | None] = mapped_column(sa.String(80))
    not_before: Mapped[date]
    sort_on: Mapped[date]
    derivation: Mapped[Any] = mapped_column(sa.JSON)
    status: Mapped[str] = mapped_column(sa.String(10), default="open")
    published_url: Mapped[str | None] = mapped_column(sa.String(500))
    published_on: Mapped[date | None]
    channel: Mapped[str | None] = mapped_column(sa.String(60))
    overdue_cause: Mapped[str | None] = mapped_column(sa.String(500))
    closed_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notified_on: Mapped[date | None]
    next_threshold_on: Mapped[date | None]
    created: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("status IN ('open', 'closed', 'ended')", name="status"),
        sa.CheckConstraint(
            "status <> 'closed' OR (published_on IS NOT NULL AND published_url IS NOT NULL)",
            name="closed_says_where_and_when",
        ),
        sa.Index(
            "ix_obligations_threshold",
            "next_threshold_on",
            "id",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        ),
        sa.Index("ix_obligations_list", "organ_id", "status", "sort_on", "id"),
        sa.Index("ix_obligations_unit", "unit_id", "status", "sort_on", "id"),
    )
