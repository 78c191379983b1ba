"""Rate limits of the public site: rows in the database, on wall time, so that every server process counts together.

`take(scope, subject)` counts one act and says whether it was still allowed. The count stands whatever becomes of the
act, which is why it is a command of its own. An IPv6 address counts by its /64: whoever has one has all of them.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import request
from sqlalchemy.dialects import postgresql, sqlite

from app.core.actor import PUBLIC
from app.core.command import Tx, command
from app.core.errors import TooMany
from app.core.keys import Keyring
from app.core.now import wall
from app.portal.models import Allowance


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` acts in `window`; `what` ends the sentence of the refusal."""

    most: int
    window: timedelta
    what: str


_HOUR, _TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)
LIMITS = {
    "submit": Limit(20, _HOUR, "提交申请"),
    "query": Limit(60, _TEN_MINUTES, "查询"),
    # wrong answers: of one address, for one number, and by numbers from everywhere; the code stays usable
    "wrong": Limit(15, _HOUR, "查询"),
    "number": Limit(8, _HOUR, "查询"),
    "everywhere": Limit(400, _HOUR, "按编号查询"),
    "upload": Limit(20, _HOUR, "提交材料"),
    "similar": Limit(120, _TEN_MINUTES, "查找"),
    "call": Limit(600, _TEN_MINUTES, "调用"),
}


def here() -> str:
    """The address this request came from, an IPv6 one by its /64."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def check(scope: str, subject: str) -> None:
    """Count one act; raises TooMany (429) when it is one too many."""
    refuse_beyond(scope, count(PUBLIC, scope=scope, subject=subject))


def refuse_beyond(scope: str, n: int) -> None:
    """Raises TooMany when `n` is beyond the limit of the scope."""
    limit = LIMITS[scope]
    if n > limit.most:
        minutes = int(limit.window.total_seconds() // 60)
        raise TooMany(
            f"{limit.what}太频繁，为保护申请人的信息，暂停一会儿。请 {minutes} 分钟后再试；"
            "急需办理的，请按公开指南上的电话联系受理机构。"
        )


@command
def count(tx: Tx, *, scope: str, subject: str) -> int:
    """Count one act of a subject; how many it makes in this window."""
    key, moment = digest(tx.keys, scope, subject), wall()
    dialect = sqlite if tx.session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(Allowance).values(scope=scope, subject=key, since=moment, n=1)
    old = Allowance.since < moment - LIMITS[scope].window
    return int(
        tx.session.execute(
            insert.on_conflict_do_update(
                index_elements=["scope", "subject"],
                set_={
                    "n": sa.case((old, 1), else_=Allowance.n + 1),
                    "since": sa.case((old, moment), else_=Allowance.since),
                },
            ).returning(Allowance.n)
        ).scalar_one()
    )


def standing(session: sa.orm.Session, keys: Keyring, scope: str, subject: str) -> int:
    """How many acts stand in this window, counting none."""
    row = session.execute(
        sa.select(Allowance.n, Allowance.since).where(
            Allowance.scope == scope, Allowance.subject == digest(keys, scope, subject)
        )
    ).first()
    return row.n if row is not None and row.since >= wall() - LIMITS[scope].window else 0


def digest(keys: Keyring, scope: str, subject: str) -> str:
    """What is stored of a subject."""
    return hmac.new(keys.index, f"portal\0{scope}\0{subject}".encode(), "sm3").hexdigest()


def sweep(tx: Tx) -> int:
    """Drop counters whose longest window is over."""
    longest = max(limit.window for limit in LIMITS.values())
    old = sa.delete(Allowance).where(Allowance.since < wall() - longest)
    return int(tx.session.execute(old).rowcount)  # type: ignore[attr-defined]
