"""The commands of the administration pages for organs, units, posts, holdings and the 三员 (people:
personnel.py).

Every command that changes what the directory holds begins with `locked.begin`, which lets one of them run
at a time and
refreshes every cache. Rows of organs the actor does not administer are NotFound, never "not allowed".
"""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts import kinds, locked, rights, staffing
from app.accounts.models import Holding, Organ, Person, Post, Unit
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused

# ------------------------------------------------------------------ organs and units


@command
def create_organ(
    tx: Tx,
    *,
    code: str,
    name: str,
    short_name: str,
    kind: str,
    office_id: int | None = None,
    doc_prefix: str = "",
    secrecy_levels: int = 3,
) -> dict[str, int]:
    """Set up an organ; returns its id."""
    locked.begin(tx)
    rights.require_organs(tx.actor)
    _check_office(tx, None, office_id)
    organ = staffing.add_organ(
        tx,
        code=code,
        name=name,
        short_name=short_name,
        kind=kind,
        office_id=office_id,
        doc_prefix=doc_prefix,
        settings={"secrecy_levels": secrecy_levels},
    )
    return {"id": organ.id}


@command
def change_organ(
    tx: Tx,
    organ_id: int,
    *,
    name: str,
    short_name: str,
    kind: str,
    office_id: int | None,
    doc_prefix: str,
    secrecy_levels: int,
    active: bool,
    withdraw_unopened: bool = False,
) -> None:
    """Change an organ; its code never changes, because documents and tables refer to it.

    `withdraw_unopened`: 取回 only while the receiver has not opened the step.
    """
    locked.begin(tx)
    rights.require_organs(tx.actor)
    organ = locked.organ(tx, organ_id)
    _check_office(tx, organ.id, office_id)
    if organ.active and not active and _anyone(tx, Person.organ_id == organ.id):
        raise Refused(
            "本机关还有在用的账号，不能停用。请先停用或调走这些人员。", fields={"active": "还有在用的账号。"}
        )
    old = {"name": organ.name, "kind": organ.kind, "office": organ.office_id, "active": organ.active}
    organ.name, organ.short_name, organ.kind = name, short_name, kind
    organ.office_id, organ.doc_prefix, organ.active = office_id, doc_prefix, active
    organ.settings = dict(organ.settings or {}) | {
        "secrecy_levels": secrecy_levels,
        "withdraw_unopened": withdraw_unopened,
    }
    tx.session.flush()
    new = {
        "withdraw_unopened": withdraw_unopened,
        "name": name,
        "kind": kind,
        "office": office_id,
        "active": active,
        "secrecy_levels": secrecy_levels,
    }
    tx.record("organ", "organ.changed", f"修改机关「{name}」", stream_id=organ.id, old=old, new=new)


def _check_office(tx: Tx, organ_id: int | None, office_id: int | None) -> None:
    if office_id is None:
        return
    office = tx.session.get(Organ, office_id)
    if office is None or office.id == organ_id or office.office_id is not None:
        sentence = "代办机关须是另一个自己办理的机关，请重新选择。"
        raise Refused(sentence, fields={"office_id": sentence})


def _anyone(tx: Tx, where: sa.ColumnElement[bool]) -> bool:
    return tx.session.scalar(sa.select(Person.id).where(where, Person.active.is_(True)).limit(1)) is not None


@command
def create_unit(tx: Tx, organ_id: int, *, name: str) -> dict[str, int]:
    """Set up a unit with its 承办人 and 科室负责人 posts."""
    locked.begin(tx)
    organ = locked.organ(tx, organ_id)
    rights.require_units(tx.actor, organ.id)
    last = tx.session.scalar(sa.select(sa.func.max(Unit.position)).where(Unit.organ_id == organ.id)) or 0
    return {"id": staffing.add_unit(tx, organ.id, name, position=last + 1).id}


@command
def change_unit(tx: Tx, unit_id: int, *, name: str, active: bool) -> None:
    """Rename or close a unit; a unit with people cannot be closed."""
    locked.begin(tx)
    unit = tx.session.get(Unit, unit_id, with_for_update=True, populate_existing=True)
    if unit is None or not rights.sees_organ(tx.actor, unit.organ_id):
        raise NotFound()
    rights.require_units(tx.actor, unit.organ_id)
    same = sa.select(Unit.id).where(Unit.organ_id == unit.organ_id, Unit.name == name, Unit.id != unit.id)
    if tx.session.scalar(same):
        raise Refused(f"本机关已有科室「{name}」。", fields={"name": "这个科室已经有了，请换一个名称。"})
    held = (
        sa.select(Holding.post_id)
        .join(Post, Post.id == Holding.post_id)
        .where(Post.unit_id == unit.id)
        .limit(1)
    )
    if unit.active and not active and (_anyone(tx, Person.unit_id == unit.id) or tx.session.scalar(held)):
        raise Refused(
            "这个科室还有人员或在岗人员，不能撤销。请先把人员调走。", fields={"active": "科室里还有人。"}
        )
    old = {"name": unit.name, "active": unit.active}
    for post in tx.session.scalars(sa.select(Post).where(Post.unit_id == unit.id)):
        post.name = post.name.replace(f"{unit.name} ", f"{name} ", 1)
    unit.name, unit.active = name, active
    tx.session.flush()
    new = {"name": name, "active": active}
    tx.record(
        "organ",
        "unit.changed",
        f"修改科室「{name}」",
        stream_id=unit.organ_id,
        unit=unit.id,
        old=old,
        new=new,
    )


# ------------------------------------------------------------------ posts and who holds them


@command
def create_post(tx: Tx, *, organ_id: int, kind: str, unit_id: int | None, name: str = "") -> dict[str, int]:
    """Set up a post (or open a closed one again)."""
    locked.begin(tx)
    organ = locked.organ(tx, organ_id)
    rights.require_grant(tx.actor, organ.id, kind)
    return {"id": staffing.add_post(tx, organ.id, kind, locked.unit(tx, unit_id, organ.id), name).id}


@command
def change_post(tx: Tx, post_id: int, *, name: str, active: bool) -> None:
    """Rename or close a post; one that somebody holds cannot be closed."""
    locked.begin(tx)
    post = locked.post(tx, post_id)
    rights.require_grant(tx.actor, post.organ_id, post.kind)
    if (
        post.active
        and not active
        and tx.session.scalar(sa.select(Holding.post_id).where(Holding.post_id == post.id))
    ):
        raise Refused("这个岗位还有人任职，不能撤销。请先免去任职人员，再撤销岗位。")
    old = {"name": post.name, "active": post.active}
    post.name, post.active = name, active
    tx.session.flush()
    new = {"name": name, "active": active}
    tx.record(
        "organ",
        "post.changed",
        f"修改岗位「{name}」",
        stream_id=post.organ_id,
        post=post.id,
        old=old,
        new=new,
    )


@command
def grant_post(tx: Tx, person_id: int, post_id: int) -> dict[str, str]:
    """Let a person hold a post; returns the names for the confirmation."""
    locked.begin(tx)
    person, post = locked.person(tx, person_id), locked.post(tx, post_id)
    rights.require_grant(tx.actor, post.organ_id, post.kind)
    rights.require_not_self(tx.actor, person.id, "授予岗位")
    if person.organ_id != post.organ_id and tx.actor.officer != "security_admin":
        raise Refused("只能任命本单位人员。外单位人员兼任岗位，请由安全管理员办理。")
    if not staffing.grant(tx, post, person):
        raise Refused(f"{person.name} 已经担任「{post.name}」，不必再次授予。")
    return {"person": person.name, "post": post.name}


@command
def revoke_post(tx: Tx, person_id: int, post_id: int) -> dict[str, str | bool]:
    """End a holding; `empty` says that nobody holds the post now."""
    locked.begin(tx)
    person, post = locked.person(tx, person_id), locked.post(tx, post_id)
    rights.require_grant(tx.actor, post.organ_id, post.kind)
    rights.require_not_self(tx.actor, person.id, "免去岗位")
    if not staffing.revoke(tx, post, person):
        raise Refused(f"{person.name} 现在不担任「{post.name}」，页面可能已过时。请刷新后查看。")
    empty = tx.session.scalar(sa.select(Holding.post_id).where(Holding.post_id == post.id).limit(1)) is None
    return {"person": person.name, "post": post.name, "empty": empty}


@command
def appoint_officer(tx: Tx, role: str, person_id: int) -> dict[str, str]:
    """Appoint one of the 三员, replacing the former."""
    locked.begin(tx)
    rights.require_officers(tx.actor)
    if role not in kinds.OFFICERS:
        raise NotFound()
    person = locked.person(tx, person_id)
    staffing.appoint(tx, role, person)
    return {"person": person.name, "role": kinds.OFFICERS[role]}
