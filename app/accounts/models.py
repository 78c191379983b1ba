"""Organs, units, posts, people, who holds which post, the 三员 and the sign-ins.

The separations that the law of the house demands are constraints of the database, so that no code and no hand
at the console can break them: a person is of one `nature`, holdings accept only `business`, officers only
`officer`, each role exists once and each person in one role (security.md 6).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.kinds import NATURES, OFFICERS, ORGAN_KINDS
from app.core.db import Base, BigId, UtcDateTime


def _one_of(column: str, values: Any) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Installation(Base):
    """The one installation. `org_version` is raised by every change of what the directory holds."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(60))
    org_version: Mapped[int] = mapped_column(default=1)
    #: a sentence shown on the sign-in page (a demonstration tells its first password here)
    sign_in_note: Mapped[str] = mapped_column(sa.String(200), default="")

    __table_args__ = (
        sa.CheckConstraint("id = 1", name="only_one"),
        sa.CheckConstraint("kind IN ('demo', 'office')", name="kind"),
    )


class Organ(Base):
    """机关.

    An answering subject or a duty organ. `office_id` is the organ that handles for it (市府办 for 市政府).
    """

    __tablename__ = "organs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    short_name: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(12))
    office_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organs.id"))
    doc_prefix: Mapped[str] = mapped_column(sa.String(40), default="")
    settings: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (sa.CheckConstraint(_one_of("kind", ORGAN_KINDS), name="kind"),)


class Unit(Base):
    """科室 of an organ."""

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (sa.UniqueConstraint("organ_id", "name"), sa.UniqueConstraint("id", "organ_id"))


class Post(Base):
    """岗位: what lanes name and work waits for. One of a kind per unit, or one of a kind per organ."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(sa.String(20))
    level: Mapped[str] = mapped_column(sa.String(5))
    name: Mapped[str] = mapped_column(sa.String(80))
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(["unit_id", "organ_id"], ["units.id", "units.organ_id"]),
        sa.CheckConstraint(
            "(level = 'unit' AND unit_id IS NOT NULL) OR (level = 'organ' AND unit_id IS NULL)", name="level"
        ),
        sa.UniqueConstraint("unit_id", "kind"),
        sa.Index(
            "uq_posts_organ_kind",
            "organ_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("unit_id IS NULL"),
            postgresql_where=sa.text("unit_id IS NULL"),
        ),
    )


class Person(Base):
    """A person. Without `login` only a name that papers are signed with (线下签批).

    `version` is raised by whatever ends this person's sign-ins; a sign-in row of another version is dead.
    `note` is what the sign-in page of a demonstration says about the person.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(sa.String(40))
    login: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    nature: Mapped[str] = mapped_column(sa.String(10), default="business")
    version: Mapped[int] = mapped_column(default=1)
    email: Mapped[str] = mapped_column(sa.String(120), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    note: Mapped[str] = mapped_column(sa.String(200), default="")

    __table_args__ = (
        sa.ForeignKeyConstraint(["unit_id", "organ_id"], ["units.id", "units.organ_id"]),
        sa.UniqueConstraint("id", "nature"),
        sa.CheckConstraint(_one_of("nature", NATURES), name="nature"),
        sa.Index("ix_people_organ", "organ_id", "id"),
    )


class Holding(Base):
    """Who holds which post. Only people of business nature can: the composite key refuses everybody else."""

    __tablename__ = "holdings"

    post_id: Mapped[int] = mapped_column(sa.ForeignKey("posts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    nature: Mapped[str] = mapped_column(sa.String(10), default="business")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by: Mapped[int | None] = mapped_column(BigId)

    __table_args__ = (
        sa.ForeignKeyConstraint(["person_id", "nature"], ["people.id", "people.nature"]),
        sa.CheckConstraint("nature = 'business'", name="business_only"),
        sa.Index("ix_holdings_person", "person_id"),
    )


class Officer(Base):
    """三员: one row per role, one role per person, only people of officer nature."""

    __tablename__ = "officers"

    role: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, unique=True)
    nature: Mapped[str] = mapped_column(sa.String(10), default="officer")
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.ForeignKeyConstraint(["person_id", "nature"], ["people.id", "people.nature"]),
        sa.CheckConstraint("nature = 'officer'", name="officer_only"),
        sa.CheckConstraint(_one_of("role", OFFICERS), name="role"),
    )


class SignIn(Base):
    """One sign-in.

    The cookie holds a random key, this row only its SM3 digest; times are wall times (UTC).
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    person_version: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(sa.String(20), default="")
    address: Mapped[str] = mapped_column(sa.String(45))
    agent: Mapped[str] = mapped_column(sa.String(200), default="")

    __table_args__ = (sa.Index("ix_sign_ins_person", "person_id", "id"),)


class SignInFailure(Base):
    """Failures in a row of one account or one address (`scope`).

    `subject` is a keyed digest, never the text typed.
    """

    __tablename__ = "sign_in_failures"

    scope: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PeopleImport(Base):
    """An uploaded list of people, checked and waiting to be confirmed.

    `rows` as app.accounts.sheets describes.
    """

    __tablename__ = "people_imports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(200))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
