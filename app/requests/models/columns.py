"""Columns that several tables of the room have."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import BigId


def of_request() -> Mapped[int]:
    """The request a row hangs on."""
    return mapped_column(BigId, sa.ForeignKey("requests.id"), index=True)


def by_person() -> Mapped[int | None]:
    """Who did it; None: the system or the public."""
    return mapped_column(BigId, sa.ForeignKey("people.id"))
