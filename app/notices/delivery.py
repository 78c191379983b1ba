"""Delivery of e-mails: rows are claimed with a lease, sent, and settled; what a crash interrupts is done again.

A worker killed between claim and send loses nothing: the lease runs out and the row is claimed again. A worker
killed between send and settling sends that one mail twice, at most once more per crash, under the same
Message-ID. In-app notices need no delivery: the row is the notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.directory import directory
from app.accounts.models import Person
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.now import wall
from app.core.settings import Settings
from app.notices import mailer
from app.notices.models import Delivery, Notice, NoticeReader
from app.notices.service import KINDS

BATCH = 10  # mails under one lease
LEASE = timedelta(minutes=5)  # a batch takes at most 10 x 15 s
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))  # after the last of them: failed
EXPAND = 200  # notices worked out at once

_deliveries: Any = Delivery.__table__


@dataclass
class Round:
    """What one round of delivery did."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def deliver(*, most: int = 1000) -> Round:
    """Work out and send what is due now, `most` mails at most. Does nothing without a mail server."""
    settings: Settings = current_app.extensions["gongkai_settings"]
    done = Round()
    if not settings.smtp:
        return done
    server = mailer.read_server(settings.smtp)
    while expand(SYSTEM) == EXPAND:
        pass
    while most > 0 and (mails := claim(SYSTEM)):
        outcomes = mailer.send(server, settings.mail_from, directory().name, mails)
        settle(SYSTEM, outcomes, done)
        most -= len(mails)
    return done


@command
def expand(tx: Tx) -> int:
    """Turn notices into e-mails to those who are to have one now; returns how many notices were looked at."""
    query = sa.select(Notice.id, Notice.person_id, Notice.post_id).where(Notice.mailed_at.is_(None))
    found = tx.session.execute(
        query.order_by(Notice.id).limit(EXPAND).with_for_update(skip_locked=True)
    ).all()
    if not found:
        return 0
    book = directory()
    targets = [
        (row.id, person)
        for row in found
        for person in (
            [row.person_id] if row.person_id else [holder.id for holder in book.holders(row.post_id)]
        )
    ]
    wanting = _wanting(tx, {person for _, person in targets})
    at = wall()
    rows = [
        {
            "notice_id": notice,
            "person_id": person,
            "state": "waiting",
            "attempts": 0,
            "next_at": at,
            "problem": "",
        }
        for notice, person in targets
        if person in wanting
    ]
    if rows:
        dialect: Any = sqlite if tx.session.get_bind().dialect.name == "sqlite" else postgresql
        tx.session.execute(dialect.insert(_deliveries).on_conflict_do_nothing(), rows)
    ids = [row.id for row in found]
    tx.session.execute(sa.update(Notice).where(Notice.id.in_(ids)).values(mailed_at=at))
    return len(found)


def _wanting(tx: Tx, people: set[int]) -> set[int]:
    """Those of the people who are here, have an address and want e-mail."""
    query = (
        sa.select(Person.id)
        .join(NoticeReader, NoticeReader.person_id == Person.id, isouter=True)
        .where(
            Person.id.in_(people),
            Person.active.is_(True),
            Person.email != "",
            sa.func.coalesce(NoticeReader.by_email, sa.true()).is_(True),
        )
    )
    return set(tx.session.scalars(query))


@command
def claim(tx: Tx) -> list[mailer.Mail]:
    """Take up to ten mails that are due, or whose worker died, for the length of a lease."""
    at = wall()
    due = (
        sa.select(_deliveries.c.id)
        .where(
            _deliveries.c.state.in_(("waiting", "claimed")),
            _deliveries.c.next_at <= at,
            sa.or_(_deliveries.c.lease_until.is_(None), _deliveries.c.lease_until < at),
        )
        .order_by(_deliveries.c.next_at, _deliveries.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    take = (
        sa.update(_deliveries)
        .where(_deliveries.c.id.in_(due.scalar_subquery()))
        .values(state="claimed", attempts=_deliveries.c.attempts + 1, lease_until=at + LEASE)
        .returning(_deliveries.c.id, _deliveries.c.notice_id, _deliveries.c.person_id, _deliveries.c.attempts)
    )
    rows = tx.session.execute(take).all()
    mails, gone = [], []
    for row in rows:
        known = tx.session.execute(
            sa.select(Notice.kind, Person.email)
            .join(Person, Person.id == row.person_id)
            .where(Notice.id == row.notice_id, Person.active.is_(True))
        ).first()
        if known is None or not known.email:
            gone.append(row.id)
            continue
        kind = KINDS.get(known.kind, "通知")
        mails.append(mailer.Mail(row.id, row.attempts, known.email, kind, f"/notices/{row.notice_id}"))
    if gone:
        dropped = sa.update(_deliveries).where(_deliveries.c.id.in_(gone))
        tx.session.execute(dropped.values(state="dropped", ended_at=at, lease_until=None))
    return mails


@command
def settle(tx: Tx, outcomes: list[mailer.Outcome], done: Round) -> None:
    """Write what became of claimed mails. A claim that another worker has taken over is left to it."""
    at = wall()
    for outcome in outcomes:
        mail = outcome.mail
        mine = sa.update(_deliveries).where(
            _deliveries.c.id == mail.delivery_id,
            _deliveries.c.state == "claimed",
            _deliveries.c.attempts == mail.attempts,
        )
        values = _after(outcome, at)
        if tx.session.execute(mine.values(values)).rowcount:  # type: ignore[attr-defined]
            done.sent += values["state"] == "sent"
            done.later += values["state"] == "waiting"
            done.failed += values["state"] == "failed"


def _after(outcome: mailer.Outcome, at: datetime) -> dict[str, Any]:
    free: dict[str, Any] = {"lease_until": None, "problem": outcome.problem[:120]}
    if not outcome.problem:
        return free | {"state": "sent", "ended_at": at}
    if outcome.final or outcome.mail.attempts > len(BACKOFF):
        return free | {"state": "failed", "ended_at": at}
    return free | {"state": "waiting", "next_at": at + BACKOFF[outcome.mail.attempts - 1]}
