"""Who sees duties, and who may say that something was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.core.access import BUSINESS, Table, cell
from app.core.actor import Actor
from app.documents.permissions import scope
from app.obligations.models import Obligation

#: posts that enter where something was published, besides the drafters of the unit
CLOSERS = ("publisher", "registrar")

ROUTES: Table = {
    "obligations.waiting": {
        "GET": cell(BUSINESS, relation="organ", note="全机关岗位看本机关，其他人看本科室")
    },
    "obligations.show": {"GET": cell(BUSINESS, relation="organ")},
    "obligations.close": {
        "POST": cell(BUSINESS, relation="organ", note="信息发布岗、受理登记岗，或拟稿科室的承办人")
    },
    "obligations.reopen": {"POST": cell(BUSINESS, relation="organ", note="同上")},
}


def may_close(actor: Actor, duty: Mapping[Any, Any]) -> bool:
    """Whether the person may enter (or take back) the publication of this duty: its columns organ_id, unit_id."""
    organ = directory().organ(duty["organ_id"])
    organs = {organ.id, organ.office_id}
    if any(post.kind in CLOSERS and post.organ_id in organs for post in actor.posts):
        return True
    return duty["unit_id"] is not None and any(
        post.kind == "drafter" and post.unit_id == duty["unit_id"] for post in actor.posts
    )


def closers(duty: Mapping[Any, Any]) -> list[str]:
    """Names of those who may enter the publication: publisher and registrar, else the drafters of the unit."""
    people = directory()
    organ = people.organ(duty["organ_id"])
    posts = [
        people.post_in_organ(place, kind)
        for kind in CLOSERS
        for place in (organ.id, organ.office_id)
        if place is not None
    ]
    found = [person.name for post in posts if post for person in people.holders(post.id)]
    unit = people.post_in_unit(duty["unit_id"], "drafter") if duty["unit_id"] and not found else None
    if unit is not None:
        found = [person.name for person in people.holders(unit.id)]
    return list(dict.fromkeys(found))


def closes_any(actor: Actor) -> bool:
    """Whether the person closes duties at all: for the count in the menu."""
    return bool(actor.kinds & {*CLOSERS, "drafter"})


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """The duties this person may see, as a condition."""
    mine = scope(actor)
    parts: list[sa.ColumnElement[bool]] = [sa.false()]
    if mine.organs:
        parts.append(Obligation.organ_id.in_(mine.organs))
    if mine.units:
        parts.append(Obligation.unit_id.in_(mine.units))
    return sa.or_(*parts)


def sees(actor: Actor, duty: Mapping[Any, Any]) -> bool:
    """Whether the person may see this duty."""
    if actor.officer or actor.person_id is None:
        return False
    mine = scope(actor)
    return duty["organ_id"] in mine.organs or (duty["unit_id"] is not None and duty["unit_id"] in mine.units)
