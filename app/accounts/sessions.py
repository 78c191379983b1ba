"""Sign-in rows.

Opening, finding, ending (security.md 4). Wall time throughout: nothing may shift an expiry.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Installation, Person, SignIn
from app.core import versions
from app.core.command import Tx
from app.core.keys import sm3
from app.core.now import wall

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
#: how old `last_seen` may grow before it is written again, when reading and when submitting
SEEN_EVERY = {"GET": timedelta(minutes=5), "POST": timedelta(minutes=15)}

END_REASONS = {
    "": "使用中",
    "signed_out": "本人退出",
    "ended_by_self": "本人在另一处结束",
    "password": "密码已修改",
    "reset": "密码被重置",
    "post_ended": "岗位变动",
    "role_changed": "三员调整",
    "deactivated": "账号停用",
    "again": "同一浏览器重新登录",
    "expired": "超过 30 分钟未操作",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the one statement of the hot path tells.

    The sign-in, the person's state, the directory's version.
    """

    sign_in: int
    person_id: int
    last_seen: datetime
    began_at: datetime
    must_change: bool
    org_version: int
    riders: Mapping[str, Any]


@functools.cache
def _find() -> sa.Select[Any]:
    """Built once all rooms are there: their versions ride along (core/versions.py)."""
    return (
        sa.select(
            SignIn.id,
            SignIn.person_id,
            SignIn.last_seen,
            SignIn.began_at,
            Person.must_change,
            Installation.org_version,
            *(select.label(f"rider_{name}") for name, select in versions.RIDERS.items()),
        )
        .join(Person, Person.id == SignIn.person_id)
        .join(Installation, Installation.id == 1)
        .where(
            SignIn.key_hash == sa.bindparam("hash"),
            SignIn.ended_at.is_(None),
            SignIn.person_version == Person.version,
            Person.active.is_(True),
        )
    )


_seen = (
    sa.update(SignIn)
    .where(SignIn.id == sa.bindparam("row"), SignIn.ended_at.is_(None))
    .values(last_seen=sa.bindparam("at"))
)


def find(session: Session, key: str) -> Found | None:
    """The living sign-in of a cookie's key, or None."""
    row = session.execute(_find(), {"hash": sm3(key.encode())}).first()
    if row is None:
        return None
    riders = dict(zip(versions.RIDERS, row[6:], strict=True))
    found = Found(
        row.id, row.person_id, row.last_seen, row.began_at, row.must_change, row.org_version, riders
    )
    moment = wall()
    if moment - found.last_seen > IDLE or moment - found.began_at > LONGEST:
        return None
    return found


def open_one(tx: Tx, person: Person, *, address: str, agent: str) -> str:
    """Insert a sign-in row; returns the key for the cookie (256 random bits)."""
    key = secrets.token_urlsafe(32)
    moment = wall()
    tx.session.add(
        SignIn(
            key_hash=sm3(key.encode()),
            person_id=person.id,
            person_version=person.version,
            began_at=moment,
            last_seen=moment,
            address=address[:45],
            agent=agent[:200],
        )
    )
    tx.session.flush()
    return key


def end_all(tx: Tx, person: Person, reason: str) -> int:
    """End every living sign-in of a person.

    Returns how many. Raising the version kills one that is just being made.
    """
    person.version += 1
    tx.session.flush()
    living = sa.update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    result = tx.session.execute(living.values(ended_at=wall(), end_reason=reason))
    return int(result.rowcount)  # type: ignore[attr-defined]


def end_one(session: Session, sign_in: int, person_id: int, reason: str) -> bool:
    """End one sign-in of that person; False when it is not his or has ended."""
    living = sa.update(SignIn).where(
        SignIn.id == sign_in, SignIn.person_id == person_id, SignIn.ended_at.is_(None)
    )
    result = session.execute(living.values(ended_at=wall(), end_reason=reason))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def mark_seen(session: Session, sign_in: int) -> None:
    """Write the moment of the last request."""
    session.execute(_seen, {"row": sign_in, "at": wall()})


def living(row: SignIn) -> bool:
    """Whether a sign-in still opens the door, as far as its own row tells."""
    moment = wall()
    return row.ended_at is None and moment - row.last_seen <= IDLE and moment - row.began_at <= LONGEST
