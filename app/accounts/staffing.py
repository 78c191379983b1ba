"""Changes of organs, units, posts, people and holdings as ordinary functions of an open transaction.

The commands of service.py authorise and then call these; `flask office init`, the demonstration and the
import
build whole offices of them inside one command of their own. Each writes its record; the caller has called
`directory.changed(tx)` first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.accounts import kinds, sessions
from app.accounts.models import Holding, Installation, Officer, Organ, Person, Post, Unit
from app.core.command import Tx
from app.core.errors import Refused

SETTINGS: dict[str, Any] = {"secrecy_levels": 3}


def found(tx: Tx, *, kind: str, name: str, sign_in_note: str = "") -> Installation:
    """Make the installation row; `kind` is `demo` or `office`. Refused when it is there already."""
    if tx.session.get(Installation, 1) is not None:
        raise Refused("本系统已经初始化过，不能再次初始化。")
    row = Installation(id=1, kind=kind, name=name, org_version=1, sign_in_note=sign_in_note)
    tx.session.add(row)
    tx.session.flush()
    tx.record("system", "installation.founded", f"初始化「{name}」", kind=kind)
    return row


def add_organ(
    tx: Tx,
    *,
    code: str,
    name: str,
    short_name: str,
    kind: str,
    office_id: int | None = None,
    doc_prefix: str = "",
    settings: Mapping[str, Any] | None = None,
    position: int = 0,
) -> Organ:
    """A new organ. `doc_prefix` is the 机关代字 of its document numbers (「云政办」)."""
    if tx.session.scalar(sa.select(Organ.id).where(Organ.code == code)):
        raise Refused(
            f"机关代码「{code}」已经有了，请换一个。", fields={"code": "这个代码已经有了，请换一个。"}
        )
    organ = Organ(
        code=code,
        name=name,
        short_name=short_name,
        kind=kind,
        office_id=office_id,
        doc_prefix=doc_prefix,
        settings=SETTINGS | dict(settings or {}),
        position=position,
        active=True,
    )
    tx.session.add(organ)
    tx.session.flush()
    tx.record("organ", "organ.added", f"设立机关「{name}」", stream_id=organ.id, code=code, kind=kind)
    return organ


def add_unit(tx: Tx, organ_id: int, name: str, *, position: int = 0, posts: bool = True) -> Unit:
    """A new unit of an organ, with its own 承办人 and 科室负责人 posts unless `posts=False`."""
    taken = sa.select(Unit.id).where(Unit.organ_id == organ_id, Unit.name == name)
    if tx.session.scalar(taken):
        raise Refused(f"本机关已有科室「{name}」。", fields={"name": "这个科室已经有了，请换一个名称。"})
    unit = Unit(organ_id=organ_id, name=name, position=position, active=True)
    tx.session.add(unit)
    tx.session.flush()
    tx.record("organ", "unit.added", f"设立科室「{name}」", stream_id=organ_id, unit=unit.id)
    for kind, (_, level) in kinds.POST_KINDS.items():
        if posts and level == kinds.UNIT:
            add_post(tx, organ_id, kind, unit)
    return unit


def add_post(tx: Tx, organ_id: int, kind: str, unit: Unit | None = None, name: str = "") -> Post:
    """Set up a post.

    One of a kind per unit, or per organ for organ-wide kinds. A closed one is opened again.
    """
    label, level = kinds.POST_KINDS[kind]
    if (level == kinds.UNIT) != (unit is not None):
        where = "某个科室" if level == kinds.UNIT else "全机关（不属于某个科室）"
        raise Refused(
            f"「{label}」是设在{where}的岗位，请改选。", fields={"unit_id": f"这个岗位设在{where}。"}
        )
    seat = Post.unit_id == unit.id if unit else sa.and_(Post.organ_id == organ_id, Post.unit_id.is_(None))
    post = tx.session.scalars(sa.select(Post).where(seat, Post.kind == kind)).first()
    if post is not None and post.active:
        raise Refused(f"「{post.name}」已经设了，不必再设。", fields={"kind": "这个岗位已经设了。"})
    if post is None:
        default = f"{unit.name} {label}" if unit else label
        post = Post(
            organ_id=organ_id, unit_id=unit.id if unit else None, kind=kind, level=level, name=name or default
        )
        tx.session.add(post)
    post.active = True
    tx.session.flush()
    tx.record("organ", "post.added", f"设岗「{post.name}」", stream_id=organ_id, post=post.id, kind=kind)
    return post


def find_or_add_post(tx: Tx, organ_id: int, kind: str, unit: Unit | None = None) -> Post:
    """The active post of that kind in the unit (or organ), set up when it is missing."""
    seat = Post.unit_id == unit.id if unit else sa.and_(Post.organ_id == organ_id, Post.unit_id.is_(None))
    post = tx.session.scalars(sa.select(Post).where(seat, Post.kind == kind, Post.active.is_(True))).first()
    return post or add_post(tx, organ_id, kind, unit)


def add_person(
    tx: Tx,
    *,
    organ_id: int,
    name: str,
    login: str | None = None,
    unit_id: int | None = None,
    password_hash: str | None = None,
    must_change: bool = True,
    nature: str = "business",
    email: str = "",
    phone: str = "",
    note: str = "",
) -> Person:
    """A new person; without `login` one who only signs on paper. `password_hash` from `passwords`."""
    if login and tx.session.scalar(sa.select(Person.id).where(Person.login == login)):
        raise Refused(
            f"登录名「{login}」已有人使用，请换一个。", fields={"login": "这个登录名已有人使用，请换一个。"}
        )
    person = Person(
        organ_id=organ_id,
        unit_id=unit_id,
        name=name,
        login=login or None,
        password_hash=password_hash,
        must_change=must_change,
        active=True,
        nature=nature,
        version=1,
        email=email,
        phone=phone,
        note=note,
    )
    tx.session.add(person)
    tx.session.flush()
    how = f"登录名 {login}" if login else "不登录，只在纸上签批"
    tx.record(
        "organ",
        "person.added",
        f"增加人员「{name}」（{how}）",
        stream_id=organ_id,
        person=person.id,
        nature=nature,
    )
    return person


def grant(tx: Tx, post: Post, person: Person) -> bool:
    """Let the person hold the post; False when he already does."""
    if person.nature != "business":
        raise Refused(f"{person.name} 是三员专用账号，不能担任业务岗位。请另选一位业务人员。")
    if not person.active:
        raise Refused(f"{person.name} 的账号已停用，请先启用，再授予岗位。")
    if not post.active:
        raise Refused(f"岗位「{post.name}」已撤销，请先重新设岗。")
    if tx.session.get(Holding, (post.id, person.id)):
        return False
    tx.session.add(Holding(post_id=post.id, person_id=person.id, since=tx.now, granted_by=tx.actor.person_id))
    tx.session.flush()
    tx.record(
        "organ",
        "post.granted",
        f"{person.name} 任「{post.name}」",
        stream_id=post.organ_id,
        post=post.id,
        person=person.id,
    )
    return True


def revoke(tx: Tx, post: Post, person: Person) -> bool:
    """End the holding and the person's sign-ins; False when he did not hold it."""
    holding = tx.session.get(Holding, (post.id, person.id))
    if holding is None:
        return False
    tx.session.delete(holding)
    tx.session.flush()
    sessions.end_all(tx, person, "post_ended")
    tx.record(
        "organ",
        "post.ended",
        f"{person.name} 不再任「{post.name}」",
        stream_id=post.organ_id,
        post=post.id,
        person=person.id,
    )
    return True


def appoint(tx: Tx, role: str, person: Person) -> Person | None:
    """Make the person one of the 三员.

    Returns whom he replaces. His own and the former holder's sign-ins end.
    """
    label = kinds.OFFICERS[role]
    if person.nature != "officer":
        raise Refused(f"{person.name} 是业务人员，不能担任{label}。请先由系统管理员为其另建三员专用账号。")
    if not person.active:
        raise Refused(f"{person.name} 的账号已停用，请先启用，再指定为{label}。")
    other = tx.session.scalar(sa.select(Officer.role).where(Officer.person_id == person.id))
    if other == role:
        raise Refused(f"{person.name} 现在就是{label}，不必再指定。")
    if other is not None:
        raise Refused(f"{person.name} 已是{kinds.OFFICERS[other]}，三员不得互相兼任。请另选一位。")
    row = tx.session.get(Officer, role)
    former = tx.session.get(Person, row.person_id) if row else None
    if row is None:
        tx.session.add(Officer(role=role, person_id=person.id, since=tx.now))
    else:
        row.person_id, row.since = person.id, tx.now
    tx.session.flush()
    for one in (former, person):
        if one is not None:
            sessions.end_all(tx, one, "role_changed")
    instead = f"，接替 {former.name}" if former else ""
    tx.record(
        "system",
        "officer.appointed",
        f"{person.name} 任{label}{instead}",
        role=role,
        person=person.id,
        former=former.id if former else None,
    )
    return former
