"""From a lane to the people who receive the step. Pure: everything known is passed in.

A lane names a post and a scope (design.md 3): `initiator`, `did` (whoever did a step), `unit` (the case's unit),
`organ` (the case's organ, or the one a fact names); `unit` too may be named by a fact, so that each part of a
multi-instance reaches its own. An `expression` lane works out whom it means. A unit where nobody is 承办人 works
through its head. A step that nobody can receive is an incident, never a lost case. The hard rule of domain.md 12.6
stands here: nobody reviews or signs what he drafted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts.directory import Directory, PersonInfo, PostInfo
from app.processes.lanes import Lane
from workflows.engine import ExpressionError, OpenStep, expressions

#: roles of steps that an author of the text may not do
JUDGING = frozenset({"review", "sign"})
#: key of `doers` for whoever took the beginning of a case over (交接)
START = "start"


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
    """Who receives a step in `lane`. `case` has organ_id, unit_id, started_by, authors, doers.

    `facts` are those that name organ or unit: what the open step shows, before what the case knows (`known_at`).
    Whoever took a case over from its initiator stands in `doers` under `START`; who left without that has his successor.
    A case that nobody in the office began (it came from the public) has its last author in place of the initiator.
    """
    if lane is None:
        return Target(
            case["organ_id"], None, None, lane_name, incident=f"流程没有说明「{lane_name}」由哪个岗位办理"
        )
    authors = frozenset(case["authors"])
    if lane.scope in ("initiator", "did"):
        begun = case["doers"].get(START) or case["started_by"] or next(reversed(case["authors"]), None)
        person_id = begun if lane.scope == "initiator" else case["doers"].get(lane.step or "")
        return _to_person(person_id, lane_name, role, case, authors, people)
    if lane.scope == "expression":
        return _worked_out(lane, lane_name, role, case, facts, people)
    organ_id = _organ(lane, case, facts, people)
    unit_id = _unit(lane, case, facts) if lane.scope == "unit" else None
    if lane.scope == "unit":
        post = _post_in_unit(unit_id, lane.post, people)
    else:
        post = people.post_in_organ(organ_id, lane.post) if lane.post else None
    if post is None:
        return Target(
            organ_id,
            None,
            None,
            lane_name,
            incident=f"{_place(unit_id, organ_id, people)}没有设「{lane_name}」岗位",
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
    person = (people.person(person_id) or people.successor(person_id)) if person_id else None
    if person is None:
        return Target(
            case["organ_id"], None, None, lane_name, incident=f"「{lane_name}」原来的经办人已不在岗"
        )
    if role in JUDGING and person.id in authors:
        return Target(person.organ_id, None, None, lane_name, incident="拟稿人不能审核自己拟的稿")
    return Target(person.organ_id, None, person.id, lane_name, (person.name,), (person.id,))


def _worked_out(
    lane: Lane,
    lane_name: str,
    role: str,
    case: Mapping[str, Any],
    facts: Mapping[str, Any],
    people: Directory,
) -> Target:
    """Whom the lane's expression names; what it does not give, or gives of another organ, is an incident."""
    names = {
        **facts,
        "initiator": case["doers"].get(START) or case["started_by"],
        "case_unit": case["unit_id"],
        "case_organ": people.organ(case["organ_id"]).code,
        "doers": dict(case["doers"]),
    }
    try:
        value = expressions.evaluate(lane.expression or "", names)
    except ExpressionError as error:
        return _nobody(case, lane_name, f"「{lane_name}」算不出由谁办理：{error}")
    number = _one_number(value)
    if number is None:
        return _nobody(case, lane_name, f"「{lane_name}」没有得出一个办理人（得出：{_shown(value)}）")
    authors = frozenset(case["authors"])
    if lane.gives == "person":
        person = people.person(number)
        if person is None or person.nature != "business" or person.organ_id != case["organ_id"]:
            return _nobody(case, lane_name, f"「{lane_name}」得出的人员（编号 {number}）不是本机关在岗的人")
        return _to_person(person.id, lane_name, role, case, authors, people)
    post = people.post(number) if lane.gives == "post" else _post_in_unit(number, lane.post, people)
    if post is None or post.organ_id != case["organ_id"]:
        what = "岗位" if lane.gives == "post" else "科室"
        return _nobody(case, lane_name, f"「{lane_name}」得出的{what}（编号 {number}）在本机关没有对应的岗位")
    return to_post(post, role, authors, people)


def _nobody(case: Mapping[str, Any], lane_name: str, why: str) -> Target:
    return Target(case["organ_id"], None, None, lane_name, incident=why[:200])


def _one_number(value: object) -> int | None:
    """A number, also as text or as the only entry of a list."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _shown(value: object) -> str:
    return "空" if value in (None, "", []) else str(value)[:40]


def _organ(lane: Lane, case: Mapping[str, Any], facts: Mapping[str, Any], people: Directory) -> int:
    """The organ a lane works in: named by a fact, else the case's own; a subject without staff works in its office."""
    code = facts.get(lane.organ_field) if lane.organ_field else None
    named = people.organ_by_code(str(code)) if code else None
    if named is None:
        return int(case["organ_id"])
    return named.office_id or named.id


def _unit(lane: Lane, case: Mapping[str, Any], facts: Mapping[str, Any]) -> int | None:
    """The unit a lane works in: the one whose id a fact holds as text, else the case's own."""
    named = facts.get(lane.unit_field) if lane.unit_field else None
    if lane.unit_field and named:
        return int(str(named)) if str(named).isdecimal() else None
    found: int | None = case["unit_id"]
    return found


def _post_in_unit(unit_id: int | None, kind: str | None, people: Directory) -> PostInfo | None:
    if unit_id is None or kind is None:
        return None
    found = people.post_in_unit(unit_id, kind)
    vacant = found is None or not people.holders(found.id)
    return (people.post_in_unit(unit_id, "unit_head") or found) if vacant and kind == "drafter" else found


def _place(unit_id: int | None, organ_id: int, people: Directory) -> str:
    unit = people.unit(unit_id) if unit_id else None
    return unit.name if unit else people.organ(organ_id).short_name


def known_at(place: OpenStep, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What names the organ or unit of an open step: its own facts, then what the case knows."""
    return {**data, **place.facts}
