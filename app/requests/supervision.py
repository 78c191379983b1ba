"""督办: requests whose reply is late, as the 督查岗 sees them, also those of other organs (条例47①; domain.md 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.actor import Actor
from app.core.db import Base, BigId, UtcDateTime, table_of
from app.core.errors import NotFound
from app.requests.models import Request

PAGE = 50


class Supervision(Base):
    """督办 of a request whose reply is late: what the 督查岗 of another organ may see of it (条例47①).

    One row per missed day: `due_on`; `times` counts how often the 督查岗 was told, `last_on` when. `office_id` is the organ
    whose 督查岗 (`post_id`) it is. Whether it is over, the request says (`answered_on`).
    """

    __tablename__ = "supervisions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("requests.id"), index=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    office_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    post_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("posts.id"))
    due_on: Mapped[date]
    times: Mapped[int]
    last_on: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("request_id", "due_on"),
        sa.Index("ix_supervisions_office", "office_id", "id"),
    )


s, r = table_of(Supervision), table_of(Request)


@dataclass(frozen=True)
class Page:
    """Rows of supervision with what of the request its supervisor may know; `next_key` leads on."""

    rows: Sequence[Any]
    next_key: str | None


def watched(actor: Actor) -> list[int]:
    """The organs whose 督查岗 the person is."""
    return sorted({post.organ_id for post in actor.posts if post.kind == "supervisor"})


def page(session: Session, actor: Actor, *, open_only: bool, before: str | None) -> Page:
    """Late replies told to this person's 督查岗, newest first: number and dates, never who applied nor for what."""
    query = (
        sa.select(s, r.c.number, r.c.case_id, r.c.state, r.c.answered_on, r.c.due_on.label("due_now"))
        .join(r, r.c.id == s.c.request_id)
        .where(s.c.office_id.in_(watched(actor)))
    )
    if open_only:
        query = query.where(r.c.state == "open")
    if before:
        if not before.isdecimal():
            raise NotFound()
        query = query.where(s.c.id < int(before))
    rows = session.execute(query.order_by(s.c.id.desc()).limit(PAGE + 1)).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)
