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
    "obligations.orders": {
        "GET": cell(BUSINESS, relation="organ", note="督查岗看所督的机关，其他人看要自己办的")
    },
    "obligations.orders_export": {"POST": cell(BUSINESS, relation="organ", note="同上；导出留痕")},
    "obligations.orders_late": {
        "GET": cell("supervisor", relation="organ", note="督查岗；外机关的只见登记号和日期（条例第四十七条）")
    },
    "obligations.order_new": {
        "GET": cell("supervisor", relation="organ", note="督查岗；政府办公室督所有机关，其他机关督本机关"),
        "POST": cell("supervisor", relation="organ", note="同上"),
    },
    "obligations.order_settings_page": {
        "GET": cell(BUSINESS, relation="organ"),
        "POST": cell(
            BUSINESS, relation="organ", note="本机关的单位管理员、公开工作机构负责人、流程管理员；留痕"
        ),
    },
    "obligations.order": {
        "GET": cell(BUSINESS, relation="organ", note="下达的督查岗、责任单位、其机关的负责人和督查岗")
    },
    "obligations.order_print": {"GET": cell(BUSINESS, relation="organ", note="同上")},
    "obligations.order_act": {
        "POST": cell(
            BUSINESS, relation="organ", note="反馈、申请延期由责任单位；认定、销号由督查岗，不由反馈的人"
        )
    },
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
