"""From a lane to the people who receive the step. Pure: everything known is passed in.

A lane names a post and a scope (design.md 3): `initiator`, `did` (whoever did a step), `unit` (the case's unit),
`organ` (the case's organ, or the one a fact names). A step that nobody can receive is an incident, never a lost
case. The hard rule of domain.md 12.6 stands here: nobody reviews or signs what he drafted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts.directory import Directory, PersonInfo, PostInfo
from app.processes.packages import Lane

#: roles of steps that an author of the text may not do
JUDGING = frozenset({"review", "sign"})


@dataclass(frozen=True)
class Target:
    """Where a step goes. `names` are the people it reaches now; `incident` says why it reaches nobody."""

    organ_id: int
    post_id: int | None
    person_id: int | None
    label: str
    names: tuple[str, ...] = ()
    people: tuple[int, ...] = ()
    incident: str | None = None

    @property
    def sentence(self) -> str:
        """「科室负责人（申牧之）」"""
        return f"{self.label}（{'、'.join(self.names)}）" if self.names else self.label


def eligible(holders: tuple[PersonInfo, ...], role: str, authors: frozenset[int]) -> tuple[PersonInfo, ...]:
    """Holders who may do a step of this role."""
    return tuple(p for p in holders if p.id not in authors) if role in JUDGING else holders


def route(
    lane: Lane | None,
    lane_name: str,
    role: str,
    case: Mapping[str, Any],
    facts: Mapping[str, Any],
    people: Directory,
) -> Target:
    """Who receives a step in `lane`. `case` has organ_id, unit_id, started_by, authors, doers."""
    if lane is None:
        return Target(
            case["organ_id"], None, None, lane_name, incident=f"流程没有说明「{lane_name}」由哪个岗位办理"
        )
    authors = frozenset(case["authors"])
    if lane.scope in ("initiator", "did"):
        person_id = case["started_by"] if lane.scope == "initiator" else case["doers"].get(lane.step or "")
        return _to_person(person_id, lane_name, role, case, authors, people)
    organ_id = _organ(lane, case, facts, people)
    if lane.scope == "unit":
        post = people.post_in_unit(case["unit_id"], lane.post) if case["unit_id"] and lane.post else None
    else:
        post = people.post_in_organ(organ_id, lane.post) if lane.post else None
    if post is None:
        return Target(
            organ_id,
            None,
            None,
            lane_name,
            incident=f"{_place(lane, case, organ_id, people)}没有设「{lane_name}」岗位",
        )
    return to_post(post, role, authors, people)


def to_post(post: PostInfo, role: str, authors: frozenset[int], people: Directory) -> Target:
    """A step for a post, with the incident when nobody there may do it."""
    holders = people.holders(post.id)
    able = eligible(holders, role, authors)
    incident = None
    if not holders:
        incident = f"岗位「{post.name}」现在没有人"
    elif not able:
        incident = f"岗位「{post.name}」只有拟稿人本人，拟稿人不能审核自己拟的稿"
    return Target(
        post.organ_id,
        post.id,
        None,
        post.name,
        tuple(p.name for p in able),
        tuple(p.id for p in able),
        incident,
    )


def _to_person(
    person_id: int | None,
    lane_name: str,
    role: str,
    case: Mapping[str, Any],
    authors: frozenset[int],
    people: Directory,
) -> Target:
    person = people.person(person_id) if person_id else None
    if person is None:
        return Target(
            case["organ_id"], None, None, lane_name, incident=f"「{lane_name}」原来的经办人已不在岗"
        )
    if role in JUDGING and person.id in authors:
        return Target(person.organ_id, None, None, lane_name, incident="拟稿人不能审核自己拟的稿")
    return Target(person.organ_id, None, person.id, lane_name, (person.name,), (person.id,))


def _organ(lane: Lane, case: Mapping[str, Any], facts: Mapping[str, Any], people: Directory) -> int:
    """The organ a lane works in: named by a fact, else the case's own; a subject without staff works in its office."""
    code = facts.get(lane.organ_field) if lane.organ_field else None
    named = people.organ_by_code(str(code)) if code else None
    if named is None:
        return int(case["organ_id"])
    return named.office_id or named.id


def _place(lane: Lane, case: Mapping[str, Any], organ_id: int, people: Directory) -> str:
    unit = people.unit(case["unit_id"]) if lane.scope == "unit" and case["unit_id"] else None
    return unit.name if unit else people.organ(organ_id).short_name
