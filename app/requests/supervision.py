"""督办: requests whose reply is late, as the 督查岗 sees them, also those of other organs (条例47①; domain.md 8)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


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
