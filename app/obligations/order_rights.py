"""Who gives orders, whom they bind, and who reads them.

The 督查岗 of the government's office watches every organ (条例第四十七条), that of another organ its own and those it handles
for. Of another organ's case it learns number and dates; what it writes into its order is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import Directory, PostInfo, directory
from app.core.actor import Actor
from app.core.db import table_of
from app.obligations.order_models import Order

SUPERVISOR = "supervisor"
#: posts of the organ under supervision that read every order on it
READERS = ("disclosure_head", "principal", SUPERVISOR)

o = table_of(Order)


def is_supervisor(actor: Actor) -> bool:
    """Whether the person holds a 督查岗 at all."""
    return actor.officer is None and SUPERVISOR in actor.kinds


def supervised(actor: Actor) -> frozenset[int]:
    """Ids of the organs this person may give orders to."""
    people, found = directory(), set[int]()
    for post in actor.posts:
        if post.kind != SUPERVISOR or actor.officer:
            continue
        if people.organ(post.organ_id).kind == "office":
            found |= {organ.id for organ in people.organs.values() if organ.active}
        else:
            found |= {organ.id for organ in people.handled_by(post.organ_id)}
    return frozenset(found)


def gives(actor: Actor, order: Mapping[Any, Any]) -> bool:
    """Whether the person runs this order: a 督查岗 of the organ that gave it."""
    return actor.officer is None and actor.holds(SUPERVISOR, order["organ_id"])


def owes(actor: Actor, order: Mapping[Any, Any]) -> bool:
    """Whether this person has to report: the person named, or whoever holds the post named."""
    if actor.person_id is None or actor.officer:
        return False
    if order["person_id"] is not None:
        return bool(order["person_id"] == actor.person_id)
    return order["post_id"] in actor.post_ids


def sees(actor: Actor, order: Mapping[Any, Any]) -> bool:
    """Whether the person may read the order."""
    if actor.person_id is None or actor.officer:
        return False
    if gives(actor, order) or owes(actor, order) or order["target_id"] in supervised(actor):
        return True
    return any(actor.holds(kind, order["target_id"]) for kind in READERS)


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """The orders this person may read, as a condition."""
    given = {post.organ_id for post in actor.posts if post.kind == SUPERVISOR}
    bound = supervised(actor) | {post.organ_id for post in actor.posts if post.kind in READERS}
    return sa.or_(o.c.organ_id.in_(given), o.c.target_id.in_(bound), owed(actor))


def owed(actor: Actor) -> sa.ColumnElement[bool]:
    """The orders this person has to report on, as a condition."""
    return sa.or_(
        o.c.person_id == actor.person_id,
        sa.and_(o.c.person_id.is_(None), o.c.post_id.in_(sorted(actor.post_ids))),
    )


def addressee(people: Directory, target: str) -> tuple[int, int | None, PostInfo | None, int | None] | None:
    """(organ, unit, post, person) of a choice: `o<organ>`, `u<unit>` or `p<person>`; None when nobody is behind it."""
    kind, number = target[:1], int(target[1:]) if target[1:].isdecimal() else 0
    if kind == "p" and (person := people.person(number)) is not None:
        return person.organ_id, person.unit_id, None, person.id
    if kind == "u" and (unit := people.unit(number)) is not None:
        heads = (
            people.post_in_unit(unit.id, "unit_head"),
            people.post_in_organ(unit.organ_id, "disclosure_head"),
        )
        post = next((each for each in heads if each is not None and people.holders(each.id)), None)
        return (unit.organ_id, unit.id, post, None) if post else None
    if kind == "o" and number in people.organs:
        organ = people.organ(number)
        places = (organ.id, organ.office_id or organ.id)
        posts = [
            people.post_in_organ(place, kind) for place in places for kind in ("disclosure_head", "registrar")
        ]
        post = next((each for each in posts if each is not None and people.holders(each.id)), None)
        return (organ.id, None, post, None) if post else None
    return None


def addressees(actor: Actor) -> list[tuple[str, str]]:
    """Whom this person may give an order to: organs by name; of his own organ also units and people."""
    people, own = directory(), {post.organ_id for post in actor.posts if post.kind == SUPERVISOR}
    found: list[tuple[str, str]] = []
    for organ_id in sorted(supervised(actor), key=lambda each: (each not in own, each)):
        organ = people.organ(organ_id)
        if addressee(people, f"o{organ_id}"):
            found.append((f"o{organ_id}", f"{organ.name}（政府信息公开工作机构）"))
        if organ_id not in own:
            continue
        for unit in people.units_of(organ_id):
            if addressee(people, f"u{unit.id}"):
                found.append((f"u{unit.id}", f"{unit.name}（科室负责人）"))
        for person in people.people_of(organ_id):
            if person.login and person.id != actor.person_id:
                place = people.unit(person.unit_id) if person.unit_id else None
                found.append((f"p{person.id}", f"{place.name if place else organ.short_name} {person.name}"))
    return found


def duty_name(people: Directory, order: Mapping[Any, Any]) -> str:
    """「市住建局 政府信息公开工作机构负责人」「政务公开科 文承远」"""
    organ, unit = (
        people.organ(order["target_id"]),
        people.unit(order["unit_id"]) if order["unit_id"] else None,
    )
    place = unit.name if unit else organ.short_name
    if order["person_id"]:
        return f"{place} {people.name_of(order['person_id'])}"
    post = people.post(order["post_id"]) if order["post_id"] else None
    return f"{place} {post.name.removeprefix(place).strip()}" if post else place
