"""The commands for people: accounts made, changed, closed and opened again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import kinds, locked, passwords, rights, sessions, staffing
from app.accounts.models import Holding, Officer, Person, Post
from app.accounts.signing import clean_login
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, Refused

#: `check(session, person_id)` -> Chinese sentences about work the person leaves behind; rooms above
#: register here
before_deactivate: list[Callable[[Session, int], Sequence[str]]] = []

#: fields of a person that pages may set; those whose values the record must not hold
CONTACT = ("email", "phone")


def create_person(
    actor: Actor,
    *,
    organ_id: int,
    name: str,
    login: str | None,
    unit_id: int | None,
    nature: str = "business",
    email: str = "",
    phone: str = "",
) -> tuple[int, str | None]:
    """Make an account; returns its id and the one-time password (None for people who only sign on paper)."""
    text, hashed = passwords.one_time() if login else (None, None)
    person_id = _create_person(
        actor,
        organ_id=organ_id,
        name=name,
        login=clean_login(login) if login else None,
        unit_id=unit_id,
        nature=nature,
        email=email,
        phone=phone,
        password_hash=hashed,
    )
    return person_id, text


@command
def _create_person(
    tx: Tx,
    *,
    organ_id: int,
    name: str,
    login: str | None,
    unit_id: int | None,
    nature: str,
    email: str,
    phone: str,
    password_hash: str | None,
) -> int:
    locked.begin(tx)
    organ = locked.organ(tx, organ_id)
    rights.require_people(tx.actor, organ.id, nature)
    if not organ.active:
        raise Refused("这个机关已停用，不能增加人员。", fields={"organ_id": "这个机关已停用。"})
    locked.unit(tx, unit_id, organ.id)
    person = staffing.add_person(
        tx,
        organ_id=organ.id,
        name=name,
        login=login,
        unit_id=unit_id,
        password_hash=password_hash,
        nature=nature,
        email=email,
        phone=phone,
    )
    return person.id


@command
def change_person(
    tx: Tx, person_id: int, *, name: str, login: str | None, unit_id: int | None, email: str, phone: str
) -> None:
    """Change a person's data. The organ of a person never changes: who moves gets a new account there."""
    locked.begin(tx)
    person = locked.person(tx, person_id)
    rights.require_people(tx.actor, person.organ_id, person.nature)
    locked.unit(tx, unit_id, person.organ_id)
    login = clean_login(login) if login else None
    taken = sa.select(Person.id).where(Person.login == login, Person.id != person.id)
    if login and tx.session.scalar(taken):
        raise Refused(
            f"登录名「{login}」已有人使用，请换一个。", fields={"login": "这个登录名已有人使用，请换一个。"}
        )
    if person.login and not login:
        raise Refused(
            "已有登录名的账号不能改为不登录；不再使用时请停用账号。", fields={"login": "请填写登录名。"}
        )
    new: dict[str, object] = {
        "name": name,
        "login": login,
        "unit_id": unit_id,
        "email": email,
        "phone": phone,
    }
    _write(tx, person, new, "修改人员")


@command
def change_contact(tx: Tx, *, email: str, phone: str) -> None:
    """Change one's own e-mail and phone."""
    assert tx.actor.person_id is not None
    person = locked.own_person(tx, tx.actor.person_id)
    _write(tx, person, {"email": email, "phone": phone}, "修改联系方式：")


def _write(tx: Tx, person: Person, new: dict[str, object], act: str) -> None:
    """Set the fields that differ and record them; contact data by name only, never by value."""
    different = {key: value for key, value in new.items() if getattr(person, key) != value}
    if not different:
        return
    old = {key: getattr(person, key) for key in different if key not in CONTACT}
    for key, value in different.items():
        setattr(person, key, value)
    tx.session.flush()
    shown = {key: value for key, value in different.items() if key not in CONTACT}
    tx.record(
        "organ",
        "person.changed",
        f"{act}「{person.name}」",
        stream_id=person.organ_id,
        person=person.id,
        fields=sorted(different),
        old=old,
        new=shown,
    )


def left_behind(session: Session, person_id: int) -> list[str]:
    """What the person leaves behind, as the rooms above report it."""
    return [sentence for check in before_deactivate for sentence in check(session, person_id)]


@command
def deactivate_person(tx: Tx, person_id: int, *, knowing: bool = False) -> dict[str, str]:
    """Close an account.

    Posts and sign-ins end. With open work only when the person who does it knows (`knowing`).
    """
    locked.begin(tx)
    person = locked.person(tx, person_id)
    rights.require_people(tx.actor, person.organ_id, person.nature)
    rights.require_not_self(tx.actor, person.id, "停用账号")
    if not person.active:
        raise Refused(f"{person.name} 的账号已经停用。")
    role = tx.session.scalar(sa.select(Officer.role).where(Officer.person_id == person.id))
    if role:
        raise Refused(f"{person.name} 现任{kinds.OFFICERS[role]}，请先由安全管理员指定接任者，再停用。")
    held = sa.select(Post).join(Holding, Holding.post_id == Post.id).where(Holding.person_id == person.id)
    posts = list(tx.session.scalars(held.order_by(Post.id)))
    if not tx.actor.officer and any(post.kind in kinds.GOVERNING for post in posts):
        raise NotAllowed(f"{person.name} 担任单位管理员或流程管理员，请由系统管理员停用。")
    left = left_behind(tx.session, person.id)
    if left and not knowing:
        raise Refused(
            f"{person.name} 还有未办完的事项：{'；'.join(left)}。请先转交，或勾选「已知悉，仍然停用」。"
        )
    tx.session.execute(sa.delete(Holding).where(Holding.person_id == person.id))
    person.active = False
    sessions.end_all(tx, person, "deactivated")
    tx.record(
        "organ",
        "person.deactivated",
        f"停用账号「{person.name}」",
        stream_id=person.organ_id,
        person=person.id,
        posts=[post.id for post in posts],
        left=left,
    )
    return {"person": person.name}


@command
def activate_person(tx: Tx, person_id: int) -> dict[str, str]:
    """Open a closed account again, without posts and with the password locked until it is reset."""
    locked.begin(tx)
    person = locked.person(tx, person_id)
    rights.require_people(tx.actor, person.organ_id, person.nature)
    if person.active:
        raise Refused(f"{person.name} 的账号正在使用，不必启用。")
    person.active, person.password_hash, person.must_change = True, None, True
    tx.session.flush()
    tx.record(
        "organ", "person.activated", f"启用账号「{person.name}」", stream_id=person.organ_id, person=person.id
    )
    return {"person": person.name}
