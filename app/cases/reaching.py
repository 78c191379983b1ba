"""Whose an item is: asked on the locked row by commands, and by pages before they show anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.accounts.directory import directory
from app.cases import road
from app.cases.routing import Target, route
from app.core.actor import Actor, StandIn
from app.core.command import Tx
from app.core.errors import NotFound
from app.processes import Runtime

#: what everybody reads who wants to complete a step of a case that rests
SUSPENDED = "本件已挂起，恢复办理以后才能办理。您填写的内容可以先存为草稿。"


def locked_item(tx: Tx, item_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    found = road.lock_item(tx, item_id)
    if found is None:
        raise NotFound()
    return found


def owns(item: Mapping[str, Any], actor: Actor) -> bool:
    """Whether the item is this person's own: held by him, or unclaimed at one of his posts."""
    if item["holder_id"] is not None:
        return bool(item["holder_id"] == actor.person_id)
    return item["post_id"] is not None and item["post_id"] in actor.post_ids


def behalf(item: Mapping[str, Any], actor: Actor, case: Mapping[str, Any] | None = None) -> StandIn | None:
    """In whose place this person may do an item that is not his own (代理, AB岗).

    What kind of process it is, the case says; without it the item's own process counts.
    """
    return actor.for_whom(item["holder_id"], item["post_id"], (case or item)["process_key"])


def receives(item: Mapping[str, Any], actor: Actor, case: Mapping[str, Any] | None = None) -> bool:
    """Whether the item is this person's to do: his own, or that of somebody he stands in for."""
    return owns(item, actor) or behalf(item, actor, case) is not None


def near(item: Mapping[str, Any], actor: Actor, case: Mapping[str, Any]) -> bool:
    """Whether the item lies at a post this person works for, be it claimed by somebody else."""
    return item["post_id"] is not None and (
        item["post_id"] in actor.post_ids
        or actor.for_whom(None, item["post_id"], case["process_key"]) is not None
    )


def empty_posts(organ_id: int) -> list[int]:
    """Posts of an organ that nobody holds now."""
    people = directory()
    return [
        post.id for post in people.posts.values() if post.organ_id == organ_id and not people.holders(post.id)
    ]


def gone_people() -> list[int]:
    """People whose accounts are closed."""
    return [person.id for person in directory().people.values() if not person.active]


def reaches_nobody(item: Mapping[str, Any]) -> bool:
    """Whether an open item is stuck: marked so, at a post without people, or held by who has left (`queries.stuck`)."""
    if item["incident"] is not None:
        return True
    if item["holder_id"] is not None:
        return item["holder_id"] in gone_people()
    return item["post_id"] in empty_posts(item["organ_id"])


def may_enter_offline(item: Mapping[str, Any], case: Mapping[str, Any], actor: Actor) -> bool:
    """Whether this person may enter what was signed on paper or in the OA: the receiver, the registrar of the organ
    the step lies in, or whoever started the case (domain.md 12.9; the scan is demanded, and the record names him)."""
    if actor.person_id is None or actor.officer:
        return False
    started_here = case["started_by"] == actor.person_id and item["organ_id"] == actor.organ_id
    return receives(item, actor, case) or actor.holds("registrar", item["organ_id"]) or started_here


def stood_in(item: Mapping[str, Any], case: Mapping[str, Any], day: date) -> dict[int, StandIn]:
    """Who stood in on a day for those whose item this is: person id -> for whom."""
    people, found = directory(), {}
    holders = people.holders(item["post_id"]) if item["post_id"] else ()
    absent = [item["holder_id"]] if item["holder_id"] else [person.id for person in holders]
    for deputy in {each.id for person_id in absent for each in people.stand_ins_of(person_id, day)}:
        stands_for = people.stands_for(deputy, day)
        actor = Actor(deputy, name_of(deputy), posts=people.posts_of(deputy), stands_for=stands_for)
        whom = behalf(item, actor, case)
        if whom is not None:
            found[deputy] = whom
    return found


def signers(item: Mapping[str, Any], case: Mapping[str, Any], days: Iterable[date]) -> dict[int, str]:
    """Who may have signed this step outside on one of these days: who holds its post, has it, or stood in then."""
    people = directory()
    found = {each.id: each.name for each in (people.holders(item["post_id"]) if item["post_id"] else ())}
    if item["holder_id"]:
        found.setdefault(item["holder_id"], name_of(item["holder_id"]))
    for day in days:
        for deputy in stood_in(item, case, day):
            found.setdefault(deputy, name_of(deputy))
    return found


def done_sentence(item: Mapping[str, Any]) -> str:
    if item["status"] == "gone" or not item["done_name"]:
        return "已不在等待办理。"
    return f"已由{item['done_name']}办理。"


def name_of(person_id: int | None) -> str:
    person = directory().person(person_id) if person_id else None
    return person.name if person else "他人"


def joint_step(runtime: Runtime, item: Mapping[str, Any]) -> str | None:
    """The step that `joint_with` names for this item, if any."""
    info = runtime.spec.steps.get((item["process_key"], item["step"]))
    return info.settings.get("joint_with") if info else None


def joint_target(runtime: Runtime, item: Mapping[str, Any], case: Mapping[str, Any]) -> Target | None:
    """Who would receive the adjacent step."""
    step = joint_step(runtime, item)
    info = runtime.spec.steps.get((item["process_key"], step)) if step else None
    if info is None:
        return None
    lane = runtime.lane(item["process_key"], info.lane)
    return route(lane, info.lane or "", info.settings.get("role", "work"), case, case["data"], directory())
