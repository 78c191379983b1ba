"""How each person wants to be told: which kinds by which channel, not at night, once a day. In the system always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import directory
from app.accounts.models import Person
from app.calendar import hours as office
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.now import now, wall
from app.notices import service
from app.notices.models import NoticeReader

CHANNELS = {"email": "邮件", "webhook": "消息网关"}

n, p = table_of(NoticeReader), table_of(Person)


@dataclass(frozen=True)
class Choice:
    """What a person chose; these are the defaults of who chose nothing."""

    by_email: bool = True
    by_webhook: bool = True
    quiet: bool = True
    digest: bool = False
    off: Mapping[str, Sequence[str]] | None = None

    def wants(self, channel: str, kind: str) -> bool:
        """Whether a kind of notice is to come by that channel."""
        on = self.by_email if channel == "email" else self.by_webhook
        return on and kind not in (self.off or {}).get(channel, ())


@dataclass(frozen=True)
class Reader:
    """A person who can be told outside the system: where, and how he wants it."""

    id: int
    organ_id: int
    email: str
    login: str | None
    choice: Choice

    def reachable(self, channel: str) -> bool:
        """Whether there is an address for that channel."""
        return bool(self.email) if channel == "email" else bool(self.login)


_columns = (n.c.by_email, n.c.by_webhook, n.c.quiet, n.c.digest, n.c.off)
_readers = (
    sa.select(p.c.id, p.c.organ_id, p.c.email, p.c.login, n.c.person_id.label("chose"), *_columns)
    .join(n, n.c.person_id == p.c.id, isouter=True)
    .where(p.c.id.in_(sa.bindparam("people", expanding=True)), p.c.active.is_(True))
)


def readers(session: Session, people: set[int]) -> dict[int, Reader]:
    """The people of these who are here, by id."""
    found = {}
    for row in session.execute(_readers, {"people": sorted(people)}):
        choice = (
            Choice()
            if row.chose is None
            else Choice(row.by_email, row.by_webhook, row.quiet, row.digest, row.off)
        )
        found[row.id] = Reader(row.id, row.organ_id, row.email or "", row.login, choice)
    return found


def choice_of(session: Session, person_id: int) -> Choice:
    """What this person chose."""
    row = session.execute(sa.select(*_columns).where(n.c.person_id == person_id)).first()
    return Choice() if row is None else Choice(*row)


def when(reader: Reader) -> datetime:
    """The wall time at which a message may leave for this person: now, the end of the quiet hours, or the digest's morning.

    The business clock decides, which a demonstration may have shifted.
    """
    at, days = now(), calendar.current()
    hours = office.of(directory().organ(reader.organ_id).settings)
    if reader.choice.digest:
        send = office.awake(days, hours, at)
        send = office.next_morning(days, hours, at) if send == at else send
    elif reader.choice.quiet:
        send = office.awake(days, hours, at)
    else:
        send = at
    return wall() + (send - at)


@command
def choose(
    tx: Tx, *, by_email: bool, by_webhook: bool, quiet: bool, digest: bool, off: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Keep this person's choice; kinds and channels that do not exist are left out."""
    kept = {
        channel: sorted(set(off.get(channel, ())) & set(service.KINDS))
        for channel in CHANNELS
        if set(off.get(channel, ())) & set(service.KINDS)
    }
    reader = service.reader_of(tx)
    old = {key: getattr(reader, key) for key in ("by_email", "by_webhook", "quiet", "digest", "off")}
    new = {"by_email": by_email, "by_webhook": by_webhook, "quiet": quiet, "digest": digest, "off": kept}
    if old != new:
        for key, value in new.items():
            setattr(reader, key, value)
        tx.record(
            "organ",
            "notices.chosen",
            f"{tx.actor.name} 修改提醒方式",
            stream_id=tx.actor.organ_id or 0,
            old=old,
            new=new,
        )
    return {"said": "提醒方式已保存。系统内的通知照常都有。"}
