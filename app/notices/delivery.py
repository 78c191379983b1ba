"""Delivery by e-mail and webhook: rows are claimed with a lease, sent, and settled; what a crash interrupts is done again.

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
from app.core.now import today, wall
from app.core.settings import Settings
from app.notices import choosing, gateway, mailer, queries, webhook
from app.notices.models import Delivery, Notice
from app.notices.service import KINDS

BATCH = 10  # mails under one lease
LEASE = timedelta(minutes=5)  # a batch takes at most 10 x 15 s
BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))  # after the last of them: failed
EXPAND = 200  # notices worked out at once

_deliveries: Any = Delivery.__table__


@dataclass(frozen=True, slots=True)
class Claim:
    """One message under a lease: to whom (an e-mail address, a login name), of what kind, where it leads."""

    id: int
    attempts: int
    to: str
    kind: str
    label: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claim: `problem` is empty when it was taken; `final` says that repeating is useless."""

    claim: Claim
    problem: str = ""
    final: bool = False


@dataclass
class Round:
    """What one round of delivery did."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def deliver(*, most: int = 1000) -> Round:
    """Work out and send what is due now, `most` messages at most. Does nothing without mail server and gateway."""
    settings: Settings = current_app.extensions["gongkai_settings"]
    done = Round()
    open_channels = channels()
    if not open_channels:
        return done
    if settings.smtp:
        mailer.read_server(
            settings.smtp
        )  # a setting that cannot be understood is told before anything is claimed
    while expand(SYSTEM) == EXPAND:
        pass
    for channel in open_channels:
        left = most
        while left > 0 and (claimed := claim(SYSTEM, channel=channel)):
            settle(SYSTEM, _send(settings, channel, claimed), done)
            left -= len(claimed)
    return done


def channels() -> tuple[str, ...]:
    """The ways out of the house that this installation has."""
    settings: Settings = current_app.extensions["gongkai_settings"]
    found = {"email": bool(settings.smtp), "webhook": gateway.active() is not None}
    return tuple(channel for channel, there in found.items() if there)


def _send(settings: Settings, channel: str, claimed: list[Claim]) -> list[Outcome]:
    """Send what was claimed; every claim gets an outcome, whatever happens."""
    if channel == "email":
        mails = [mailer.Mail(c.id, c.attempts, c.to, c.label, c.path) for c in claimed]
        sent = mailer.send(
            mailer.read_server(settings.smtp or ""), settings.mail_from, directory().name, mails
        )
        return [Outcome(c, each.problem, each.final) for c, each in zip(claimed, sent, strict=True)]
    found = gateway.active()
    if found is None:
        return [Outcome(c, "消息网关已停用") for c in claimed]
    outcomes = []
    for c in claimed:
        result = webhook.send(found, webhook.Message(c.id, c.attempts, c.to, c.kind, c.label, c.text, c.path))
        outcomes.append(Outcome(c, result.problem, result.final))
    return outcomes


@command
def expand(tx: Tx) -> int:
    """Turn notices into messages to those who are to have one; returns how many notices were looked at."""
    query = sa.select(
        Notice.id, Notice.kind, Notice.person_id, Notice.post_id, Notice.item_id, Notice.about, Notice.process
    ).where(Notice.mailed_at.is_(None))
    found = tx.session.execute(
        query.order_by(Notice.id).limit(EXPAND).with_for_update(skip_locked=True)
    ).all()
    if not found:
        return 0
    book, day = directory(), today()
    targets = [
        (row, person)
        for row in found
        for person in sorted(
            queries.reached(
                book,
                row.person_id,
                row.post_id,
                row.item_id is not None and row.about is None,
                row.process,
                day,
            )
        )
    ]
    known = choosing.readers(tx.session, {person for _, person in targets})
    rows = [
        {
            "notice_id": row.id,
            "person_id": person,
            "channel": channel,
            "digest": reader.choice.digest,
            "merged": 0,
            "state": "waiting",
            "attempts": 0,
            "next_at": choosing.when(reader),
            "problem": "",
        }
        for row, person in targets
        if (reader := known.get(person)) is not None
        for channel in channels()
        if reader.reachable(channel) and reader.choice.wants(channel, row.kind)
    ]
    if rows:
        dialect: Any = sqlite if tx.session.get_bind().dialect.name == "sqlite" else postgresql
        tx.session.execute(dialect.insert(_deliveries).on_conflict_do_nothing(), rows)
    ids = [row.id for row in found]
    tx.session.execute(sa.update(Notice).where(Notice.id.in_(ids)).values(mailed_at=wall()))
    return len(found)


@command
def claim(tx: Tx, *, channel: str = "email") -> list[Claim]:
    """Take up to ten messages that are due, or whose worker died, for the length of a lease."""
    at, d = wall(), _deliveries.c
    due = (
        sa.select(d.id)
        .where(
            d.state.in_(("waiting", "claimed")),
            d.channel == channel,
            d.next_at <= at,
            sa.or_(d.lease_until.is_(None), d.lease_until < at),
        )
        .order_by(d.next_at, d.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    take = (
        sa.update(_deliveries)
        .where(d.id.in_(due.scalar_subquery()))
        .values(state="claimed", attempts=d.attempts + 1, lease_until=at + LEASE)
        .returning(d.id, d.notice_id, d.person_id, d.attempts, d.digest, d.merged)
    )
    rows = sorted(tx.session.execute(take).all())
    claims, gone, merged = [], [], set[int]()
    for row in rows:
        if row.id in merged:
            continue
        count = row.merged
        if row.digest:
            others = _merge(tx, row, channel, at, [each.id for each in rows])
            merged |= others
            count += len(others)
        claimed = _claim(tx, row, channel, count)
        if claimed is None:
            gone.append(row.id)
        else:
            claims.append(claimed)
    if gone:
        dropped = sa.update(_deliveries).where(d.id.in_(gone))
        tx.session.execute(dropped.values(state="dropped", ended_at=at, lease_until=None))
    return claims


def _merge(tx: Tx, row: Any, channel: str, at: datetime, own: list[int]) -> set[int]:
    """Take the other messages of this person's digest into this one: those that wait, and those claimed with it."""
    d = _deliveries.c
    others = (
        sa.update(_deliveries)
        .where(
            d.person_id == row.person_id, d.channel == channel, d.digest.is_(True), d.id != row.id, d.next_at <= at,
            sa.or_(d.state == "waiting", d.id.in_(own)), d.merged == 0,
        )
        .values(state="merged", ended_at=at, lease_until=None)
        .returning(d.id)
    )  # fmt: skip
    found = set(tx.session.scalars(others))
    if found:
        tx.session.execute(sa.update(_deliveries).where(d.id == row.id).values(merged=d.merged + len(found)))
    return found


def _claim(tx: Tx, row: Any, channel: str, merged: int) -> Claim | None:
    """What goes to whom; None when there is nobody to send it to any more."""
    known = tx.session.execute(
        sa.select(Notice.kind, Notice.text, Person.email, Person.login)
        .join(Person, Person.id == row.person_id)
        .where(Notice.id == row.notice_id, Person.active.is_(True))
    ).first()
    to = (known.email if channel == "email" else known.login) if known is not None else None
    if known is None or not to:
        return None
    if row.digest:
        return Claim(row.id, row.attempts, to, "digest", f"每日汇总（{merged + 1} 条）", "", "/notices/")
    label = KINDS.get(known.kind, "通知")
    return Claim(
        row.id, row.attempts, to, known.kind, label, f"{label}：{known.text}", f"/notices/{row.notice_id}"
    )


@command
def settle(tx: Tx, outcomes: list[Outcome], done: Round) -> None:
    """Write what became of claims. A claim that another worker has taken over is left to it."""
    at = wall()
    for outcome in outcomes:
        mine = sa.update(_deliveries).where(
            _deliveries.c.id == outcome.claim.id,
            _deliveries.c.state == "claimed",
            _deliveries.c.attempts == outcome.claim.attempts,
        )
        values = _after(outcome, at)
        if tx.session.execute(mine.values(values)).rowcount:  # type: ignore[attr-defined]
            done.sent += values["state"] == "sent"
            done.later += values["state"] == "waiting"
            done.failed += values["state"] == "failed"


def _after(outcome: Outcome, at: datetime) -> dict[str, Any]:
    free: dict[str, Any] = {"lease_until": None, "problem": outcome.problem[:120]}
    if not outcome.problem:
        return free | {"state": "sent", "ended_at": at}
    if outcome.final or outcome.claim.attempts > len(BACKOFF):
        return free | {"state": "failed", "ended_at": at}
    return free | {"state": "waiting", "next_at": at + BACKOFF[outcome.claim.attempts - 1]}
