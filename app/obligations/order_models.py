"""督办: an order to get something done by a day, and everything said about it until it is 销号."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime

STATUSES = {"open": "办理中", "reported": "已反馈待认定", "closed": "已销号", "void": "已撤销"}
ACTS = {
    "issued": "下达督办",
    "feedback": "办理反馈",
    "returned": "退回补充",
    "asked": "申请延期",
    "granted": "同意延期",
    "refused": "不同意延期",
    "closed": "销号",
    "void": "撤销督办",
}


class Order(Base):
    """督办单: on a case, on a duty to publish, or on anything at all.

    `organ_id` gives the order, `target_id` is the organ that has to do it: its unit's head, its 工作机构 (`post_id`) or a
    person. `asked_due` is an extension nobody has decided yet. `status`: open (with the duty side), reported (with the
    supervisor), closed (销号), void. `look_on` is the day on which somebody must be told; NULL for never.
    """

    __tablename__ = "supervision_orders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    number: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200))
    demand: Mapped[str] = mapped_column(sa.Text)
    case_id: Mapped[int | None] = mapped_column(BigId, index=True)
    duty_id: Mapped[int | None] = mapped_column(BigId, index=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    unit_id: Mapped[int | None]
    post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("posts.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(sa.String(10), default="open")
    asked_due: Mapped[date | None]
    asked_reason: Mapped[str | None] = mapped_column(sa.Text)
    issued_by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    look_on: Mapped[date | None]

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "number"),
        sa.CheckConstraint("status IN ('open','reported','closed','void')", name="status"),
        sa.CheckConstraint("(post_id IS NULL) <> (person_id IS NULL)", name="one_target"),
        sa.Index("ix_supervision_orders_organ", "organ_id", "id"),
        sa.Index("ix_supervision_orders_target", "target_id", "id"),
        sa.Index("ix_supervision_orders_post", "post_id", "status", "due_on"),
        sa.Index("ix_supervision_orders_person", "person_id", "status", "due_on"),
        sa.Index(
            "ix_supervision_orders_look",
            "look_on",
            sqlite_where=sa.text("status = 'open' AND look_on IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND look_on IS NOT NULL"),
        ),
    )


class OrderAct(Base):
    """One thing said or decided about an order, append-only. `old_due` and `new_due` where a day was at stake.

    `files` are the attachments that came with it: [{id, name, hash}].
    """

    __tablename__ = "supervision_acts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("supervision_orders.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    capacity: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    old_due: Mapped[date | None]
    new_due: Mapped[date | None]
    files: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, server_default="[]")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
