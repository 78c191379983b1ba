"""Signing in and out, passwords: the commands of the door.

Argon2 runs before the command, never under the writer's lock; the command then checks that the row it read is
still the row.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import locked, lockout, passwords, rights, sessions
from app.accounts.models import Person
from app.core import record
from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command, keyring
from app.core.db import db
from app.core.errors import NotFound, Refused, TooMany

WRONG = "登录名或密码不对。请检查大小写和输入法后再试；忘记密码请联系系统管理员重置。"


class Locked(TooMany):
    """Sign-in is locked; `lock` says until when."""

    def __init__(self, lock: lockout.Lock) -> None:
        super().__init__(lock.sentence)
        self.lock = lock


def stranger(address: str) -> Actor:
    """Somebody who has not signed in, for the record."""
    return Actor(person_id=None, name="未登录者", origin=address)


def clean_login(text: str) -> str:
    """How login names are compared: without blanks around them, in small letters."""
    return text.strip().lower()[:40]


def sign_in(login: str, password: str, *, address: str, agent: str = "", former: int | None = None) -> str:
    """Check and sign in; returns the key for the cookie. `former` is the sign-in this browser had, which
    ends.

    Raises `Refused` (wrong, the same sentence for an unknown login) or `Locked`.
    """
    session: Session = db.session()
    login = clean_login(login)
    if lock := lockout.find(session, keyring(), login, address):
        raise Locked(lock)
    person = session.scalars(sa.select(Person).where(Person.login == login, Person.active.is_(True))).first()
    stored = person.password_hash if person else None
    if not passwords.matches(stored, password) or person is None:
        if lock := refuse(stranger(address), login=login, address=address):
            raise Locked(lock)
        raise Refused(WRONG)
    return enter(stranger(address), person.id, stored=stored, address=address, agent=agent, former=former)


@command
def refuse(tx: Tx, *, login: str, address: str) -> lockout.Lock | None:
    """Count and record a failed sign-in; returns the lock it caused."""
    lock = lockout.count(tx.session, tx.keys, login, address)
    known = tx.session.execute(sa.select(Person.id, Person.name).where(Person.login == login)).first()
    who = (
        f"账号「{known.name}」" if known else "不存在的登录名"
    )  # what was typed may be a password: never kept
    told = f"登录失败：{who}" + ("，已锁定" if lock else "")
    body = {"person": known.id if known else None, "locked": lock.scope if lock else None}
    entry = record.Entry("sign_in.refused", told, body, "refused")
    record.append_to_stream(tx.session, tx.keys, "system", 0, tx.actor, tx.now, entry)
    return lock


@command
def enter(
    tx: Tx, person_id: int, *, stored: str | None, address: str, agent: str = "", former: int | None = None
) -> str:
    """Open the sign-in of a person whose password was just checked against `stored`."""
    person = locked.own_person(tx, person_id)
    if not person.active or not person.login or person.password_hash != stored:
        raise Refused(WRONG)
    if lock := lockout.find(tx.session, tx.keys, person.login, address):
        raise Locked(lock)
    lockout.forget_account(tx.session, tx.keys, person.login)
    if former is not None:
        sessions.end_one(tx.session, former, person.id, "again")
    key = sessions.open_one(tx, person, address=address, agent=agent)
    _record(tx, person, "sign_in", f"{person.name} 登录", address)
    return key


def _record(tx: Tx, person: Person, action: str, summary: str, address: str = "") -> None:
    """Into the organ's stream, or the system's for the 三员.

    The person himself is the actor of what he did.
    """
    official = person.nature == "officer"
    actor = tx.actor
    if actor.person_id is None and actor is not SYSTEM:
        actor = Actor(person.id, person.name, person.organ_id, origin=address)
    record.append_to_stream(
        tx.session,
        tx.keys,
        "system" if official else "organ",
        0 if official else person.organ_id,
        actor,
        tx.now,
        record.Entry(action, summary, {"person": person.id}),
    )


@command
def sign_out(tx: Tx) -> None:
    """End the sign-in the actor came with."""
    assert tx.actor.person_id is not None
    person = locked.own_person(tx, tx.actor.person_id)
    if tx.actor.sign_in is not None and sessions.end_one(
        tx.session, tx.actor.sign_in, person.id, "signed_out"
    ):
        _record(tx, person, "sign_out", f"{person.name} 退出")


@command
def end_sign_in(tx: Tx, sign_in: int) -> None:
    """End another of one's own sign-ins (a forgotten computer)."""
    assert tx.actor.person_id is not None
    person = locked.own_person(tx, tx.actor.person_id)
    if not sessions.end_one(tx.session, sign_in, person.id, "ended_by_self"):
        raise NotFound()
    _record(tx, person, "sign_in.ended", f"{person.name} 结束了自己的另一处登录")


@command
def touch(tx: Tx, sign_in: int) -> None:
    """Write `last_seen`; exempt from the record (security.md 3)."""
    sessions.mark_seen(tx.session, sign_in)


def change_password(actor: Actor, *, current: str, new: str, again: str, agent: str = "") -> str:
    """Change one's own password; every sign-in ends, and the key of a fresh one is returned."""
    session: Session = db.session()
    person = session.get(Person, actor.person_id)
    if person is None or person.login is None:
        raise NotFound()
    if lock := lockout.account_lock(session, keyring(), person.login):
        raise Locked(lock)
    stored = person.password_hash
    if not passwords.matches(stored, current):
        if lock := refuse(actor, login=person.login, address=actor.origin):
            raise Locked(lock)
        raise Refused("现在的密码不对，请重新输入。", fields={"password": "现在的密码不对，请重新输入。"})
    why = passwords.fault(new, name=person.name, login=person.login)
    if why is None and passwords.normal(new) == passwords.normal(current):
        why = "新密码与现在的相同，请换一个。"
    if why:
        raise Refused(why, fields={"password_new": why})
    if passwords.normal(new) != passwords.normal(again):
        different = "两次输入的新密码不一样，请重新输入。"
        raise Refused(different, fields={"password_again": different})
    return _keep_password(actor, person.id, stored=stored, hashed=passwords.make_hash(new), agent=agent)


@command
def _keep_password(tx: Tx, person_id: int, *, stored: str | None, hashed: str, agent: str) -> str:
    person = locked.own_person(tx, person_id)
    if person.password_hash != stored or not person.active:
        raise Refused("密码刚刚在别处改过了。请用新密码重新登录。")
    person.password_hash, person.must_change = hashed, False
    sessions.end_all(tx, person, "password")
    key = sessions.open_one(tx, person, address=tx.actor.origin, agent=agent)
    _record(tx, person, "password.changed", f"{person.name} 修改了密码")
    return key


def reset_password(actor: Actor, person_id: int) -> str:
    """Give a person a one-time password, shown once and kept nowhere in clear; returns it."""
    text, hashed = passwords.one_time()
    _reset(actor, person_id, hashed)
    return text


@command
def _reset(tx: Tx, person_id: int, hashed: str) -> None:
    at_console = tx.actor is SYSTEM
    if not at_console:
        rights.require_passwords(tx.actor)
    person = locked.own_person(tx, person_id)
    if person.nature == "officer" and not at_console:
        raise Refused(
            "三员的密码不能由另一位三员在页面上重置。请在服务器上运行 flask accounts reset 登录名。"
        )
    if not person.login or not person.active:
        raise Refused(f"{person.name} 没有可以登录的账号。请先填写登录名或启用账号。")
    person.password_hash, person.must_change = hashed, True
    sessions.end_all(tx, person, "reset")
    lockout.forget_account(tx.session, tx.keys, person.login)
    _record(tx, person, "password.reset", f"重置 {person.name} 的密码")


@command
def unlock(tx: Tx, person_id: int) -> bool:
    """Drop the failures counted against an account; whether there were any."""
    if tx.actor is not SYSTEM:
        rights.require_passwords(tx.actor)
    person = locked.own_person(tx, person_id)
    if not person.login:
        raise Refused(f"{person.name} 没有登录名，不存在锁定。")
    found = lockout.forget_account(tx.session, tx.keys, person.login)
    _record(tx, person, "account.unlocked", f"解除 {person.name} 的登录锁定")
    return found
