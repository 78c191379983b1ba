"""通知: the outbox. A row stands between the act and whatever tells people of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


class Notice(Base):
    """One notice, to a person or to a post (then to whoever holds the post when reading).

    `dedupe` makes telling twice impossible. `mailed_at` (wall time) is when the e-mails were worked out; NULL
    while that is still to be done. `url` is a path of this site. `item_id` is what the notice asks for: a work item, or
    what `about` names (督办单, a case). Whether it still asks anybody, that says (`queries.still_asks`), not this row.
    `process` is the key of the process whose case it is about: a 代理 may be limited to some.
    """

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.String(400))
    url: Mapped[str] = mapped_column(sa.String(300))
    person_id: Mapped[int | None] = mapped_column(BigId)
    post_id: Mapped[int | None] = mapped_column(BigId)
    item_id: Mapped[int | None] = mapped_column(BigId)
    about: Mapped[str | None] = mapped_column(sa.String(10))
    process: Mapped[str | None] = mapped_column(sa.String(40))
    dedupe: Mapped[str] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (post_id IS NULL)", name="one_target"),
        sa.Index(
            "ix_notices_person",
            "person_id",
            "id",
            sqlite_where=sa.text("person_id IS NOT NULL"),
            postgresql_where=sa.text("person_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_notices_post",
            "post_id",
            "id",
            sqlite_where=sa.text("post_id IS NOT NULL"),
            postgresql_where=sa.text("post_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_notices_unmailed",
            "id",
            sqlite_where=sa.text("mailed_at IS NULL"),
            postgresql_where=sa.text("mailed_at IS NULL"),
        ),
    )


class NoticeRead(Base):
    """A person has read a notice newer than his `NoticeReader.read_up_to`."""

    __tablename__ = "notice_reads"

    person_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(BigId, primary_key=True)


class NoticeReader(Base):
    """How far a person has read everything, and how he wants to be told.

    `by_email`, `by_webhook`: the channels. `off` holds the kinds he does not want there: {"email": ["due"], …}. `quiet`:
    nothing at night or on days off. `digest`: one message a working morning instead of one per notice.
    """

    __tablename__ = "notice_readers"

    person_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    read_up_to: Mapped[int] = mapped_column(BigId, default=0)
    by_email: Mapped[bool] = mapped_column(default=True)
    by_webhook: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    quiet: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    digest: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    off: Mapped[dict[str, list[str]]] = mapped_column(sa.JSON, default=dict, server_default="{}")


class Webhook(Base):
    """The gateway of this installation, one row; `secret` is encrypted under the installation's key."""

    __tablename__ = "notice_webhook"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[bool] = mapped_column(default=False)
    url: Mapped[str] = mapped_column(sa.String(500))
    hosts: Mapped[list[str]] = mapped_column(sa.JSON)
    secret: Mapped[bytes] = mapped_column(sa.LargeBinary)
    private: Mapped[bool] = mapped_column(default=False)
    with_text: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)


class Delivery(Base):
    """One e-mail or webhook message to one person about one notice. All times are wall times.

    A `digest` waits for the working morning, and takes the others of that person and channel with it: they are merged,
    it counts them (`merged`).

    waiting -> claimed (until `lease_until`) -> sent, waiting again (`next_at`), failed, or dropped (nobody to
    send it to any more). A claim whose lease has run out is claimed again: its worker died.
    """

    __tablename__ = "notice_deliveries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notices.id"))
    person_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(sa.String(10), default="email", server_default="email")
    digest: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    merged: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(sa.String(120), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'sent', 'failed', 'dropped', 'merged')", name="state"
        ),
        sa.UniqueConstraint("notice_id", "person_id", "channel"),
        sa.Index(
            "ix_notice_deliveries_open",
            "next_at",
            "id",
            sqlite_where=sa.text("state IN ('waiting', 'claimed')"),
            postgresql_where=sa.text("state IN ('waiting', 'claimed')"),
        ),
        sa.Index(
            "ix_notice_deliveries_failed",
            "id",
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        ),
    )
