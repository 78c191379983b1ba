"""Rows of the room: what was asked from where (rate limits), partners and their keys, applications of a city platform.

Nothing here holds a person's data in clear: subjects of limits are keyed digests, waiting rows of an import are sealed.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


class Allowance(Base):
    """How often one subject did one kind of thing since `since` (wall time): an address, a number that was asked for.

    `subject` is a keyed digest, never what was typed.
    """

    __tablename__ = "portal_counts"

    scope: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    n: Mapped[int]


class Partner(Base):
    """A platform that may hand in applications and fetch states for an organ. `sealed` is its key, encrypted."""

    __tablename__ = "portal_partners"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    key_id: Mapped[str] = mapped_column(sa.String(20), unique=True)
    sealed: Mapped[bytes | None]
    by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PartnerNonce(Base):
    """A call that was answered: the same one is never answered again."""

    __tablename__ = "portal_nonces"

    partner_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("portal_partners.id"), primary_key=True)
    nonce: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class PlatformApplication(Base):
    """An application that came from a platform under its number; the same number is registered once.

    `digest` is a keyed digest of what was said, so that the same number with other words is noticed.
    """

    __tablename__ = "platform_applications"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    number: Mapped[str] = mapped_column(sa.String(80))
    request_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("requests.id"), unique=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    partner_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("portal_partners.id"))
    import_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("platform_imports.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("organ_id", "number"),)


class PlatformImport(Base):
    """A table of applications that was uploaded, checked and perhaps imported. `state`: checked | done | dropped.

    `sealed` holds the rows while they wait (they carry ID numbers), encrypted; it is emptied when they are decided on.
    """

    __tablename__ = "platform_imports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(160))
    sealed: Mapped[bytes | None]
    rows: Mapped[int]
    errors: Mapped[int]
    fresh: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10))
    by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("state IN ('checked', 'done', 'dropped')", name="state"),)
