"""Lockout after repeated failures, per account and per address: rows, on wall time (security.md 4).

An account that does not exist is counted like one that does, so that the answer never tells which it is.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import SignInFailure
from app.core.keys import Keyring
from app.core.now import SHANGHAI, wall

WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
#: failures in a row that lock; an address is a whole office behind one router, so it may fail more often
MOST = {"account": 5, "address": 40}


@dataclass(frozen=True, slots=True)
class Lock:
    """Why and until when nobody can sign in; `scope` is `account` or `address`."""

    scope: str
    until: datetime

    @property
    def seconds(self) -> int:
        """Seconds until it ends, at least one."""
        return max(1, int((self.until - wall()).total_seconds()))

    @property
    def sentence(self) -> str:
        """What the sign-in page says."""
        what = "这个登录名" if self.scope == "account" else "这台电脑所在的网络"
        clock = self.until.astimezone(SHANGHAI).strftime("%H:%M")
        minutes = -(-self.seconds // 60)
        return (
            f"{what}连续登录失败次数过多，为安全起见暂停登录，{clock}（约 {minutes} 分钟后）可以再试。"
            "急用或忘记密码，请联系系统管理员解除锁定或重置密码。"
        )


def subjects(keys: Keyring, login: str, address: str) -> list[tuple[str, str]]:
    """(scope, keyed digest) of what an attempt counts against; accounts before addresses, always."""
    return [("account", _digest(keys, "account", login)), ("address", _digest(keys, "address", address))]


def _digest(keys: Keyring, scope: str, text: str) -> str:
    return hmac.new(keys.index, f"sign-in\0{scope}\0{text}".encode(), "sm3").hexdigest()


def find(session: Session, keys: Keyring, login: str, address: str) -> Lock | None:
    """The lock that stands against this attempt, the longer one."""
    pairs = subjects(keys, login, address)
    query = sa.select(SignInFailure.scope, SignInFailure.locked_until).where(
        sa.tuple_(SignInFailure.scope, SignInFailure.subject).in_(pairs), SignInFailure.locked_until > wall()
    )
    locks = [Lock(row.scope, row.locked_until) for row in session.execute(query)]
    return max(locks, key=lambda lock: lock.until, default=None)


def count(session: Session, keys: Keyring, login: str, address: str) -> Lock | None:
    """Count a failure against both, in the open transaction; the lock it caused, if any."""
    locks = [lock for pair in subjects(keys, login, address) if (lock := _count_one(session, *pair))]
    return max(locks, key=lambda lock: lock.until, default=None)


def _count_one(session: Session, scope: str, subject: str) -> Lock | None:
    moment = wall()
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(SignInFailure).on_conflict_do_nothing()
    session.execute(insert, {"scope": scope, "subject": subject, "failures": 0, "last_at": moment})
    row = session.get(SignInFailure, (scope, subject), with_for_update=True, populate_existing=True)
    assert row is not None
    if row.locked_until is not None and row.locked_until > moment:
        return Lock(scope, row.locked_until)
    fresh = moment - row.last_at <= WINDOW and row.locked_until is None
    row.failures = row.failures + 1 if fresh else 1
    row.last_at = moment
    row.locked_until = moment + LOCKED_FOR if row.failures >= MOST[scope] else None
    session.flush()
    return Lock(scope, row.locked_until) if row.locked_until else None


def forget_account(session: Session, keys: Keyring, login: str) -> bool:
    """Drop what was counted against an account; whether there was anything."""
    subject = _digest(keys, "account", login)
    one = sa.delete(SignInFailure).where(SignInFailure.scope == "account", SignInFailure.subject == subject)
    return bool(session.execute(one).rowcount)  # type: ignore[attr-defined]


def account_lock(session: Session, keys: Keyring, login: str) -> Lock | None:
    """The lock that stands against an account, for the administrator's page."""
    row = session.get(SignInFailure, ("account", _digest(keys, "account", login)))
    if row is None or row.locked_until is None or row.locked_until <= wall():
        return None
    return Lock("account", row.locked_until)


def sweep(session: Session) -> int:
    """Drop counters nobody touched for a day; returns how many."""
    old = sa.delete(SignInFailure).where(SignInFailure.last_at < wall() - timedelta(days=1))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
