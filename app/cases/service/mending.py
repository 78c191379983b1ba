"""Mending what cannot go on by itself: steps that reach nobody, and timers that are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts.directory import directory
from app.cases import road, stream
from app.cases.models import CaseTimer, WorkItem
from app.cases.reaching import locked_item, name_of, reaches_nobody
from app.cases.road import arrive, closing, lock_case, set_out, travel
from app.cases.routing import JUDGING, Target, known_at, route, to_post
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.processes import Runtime
from workflows.engine import EngineRefused, flow

_mend = (
    sa.update(table_of(WorkItem))
    .where(table_of(WorkItem).c.id == sa.bindparam("k"), table_of(WorkItem).c.status == "open")
    .values(
        post_id=sa.bindparam("post"),
        holder_id=sa.bindparam("holder"),
        organ_id=sa.bindparam("organ"),
        incident=sa.bindparam("why"),
    )
)


@command
def redirect_item(tx: Tx, *, item_id: int, person_id: int | None, reason: str) -> dict[str, Any]:
    """改派 a step that nobody can receive: to a person of the organ, or (None) to its lane again.

    Only the unit administrator of the organ the step lies in; the reason stands in the record. Refused where
    somebody can do the step: an administrator does not choose who reviews.
    """
    item, case = locked_item(tx, item_id)
    if item["status"] != "open" or not tx.actor.holds("unit_admin", item["organ_id"]):
        raise NotFound()
    if not reaches_nobody(item):
        raise Refused(_not_stuck(item))
    if not reason.strip():
        raise Refused("请写明改派的原因。", fields={"reason": "必填。"})
    target = _new_target(item, case, person_id)
    if target.incident:
        raise Refused(f"还不能送出：{target.incident}。请先在「人员与岗位」中补上，或指定一个人办理。")
    was = case["lock"]
    tx.session.execute(
        _mend,
        {
            "k": item["id"],
            "post": target.post_id,
            "holder": target.person_id,
            "organ": target.organ_id,
            "why": None,
        },
    )
    summary = f"{tx.actor.name} 将「{item['label']}」改派给 {target.sentence}：{reason.strip()}"
    case.update(stream.write(tx, case, "case.redirect", summary, item=item["id"], reason=reason.strip()))
    road.save_case(tx, case, was)
    road.tell(tx, case, item["id"], item["label"], target, repeat=case["record_seq"])
    return {"case": case["id"], "said": f"已送 {target.sentence}。"}


def _not_stuck(item: Mapping[str, Any]) -> str:
    post = directory().post(item["post_id"]) if item["post_id"] else None
    who = name_of(item["holder_id"]) if item["holder_id"] else f"岗位「{post.name if post else ''}」的人员"
    return f"「{item['label']}」正由{who}办理，没有卡住，不能改派。确需换人的，请先调整岗位人员，或请其放回。"


def _new_target(item: Mapping[str, Any], case: Mapping[str, Any], person_id: int | None) -> Target:
    people = directory()
    authors = frozenset(case["authors"])
    if person_id is None:
        if item["round_id"] is not None:
            raise Refused("请指定一个人来答复。", fields={"person": "请选择本机关在岗的人员。"})
        if item["post_id"]:
            post = people.post(item["post_id"])
            return to_post(post, item["role"], authors, people) if post else _no_post(item)
        runtime = processes.runtime(case["version_id"])
        info = runtime.spec.steps[(item["process_key"], item["step"])]
        lane = runtime.lane(item["process_key"], info.lane)
        known = _known(runtime, item, case)
        return route(lane, info.lane or "", item["role"], case, known, people)
    person = people.person(person_id)
    if person is None or person.organ_id != item["organ_id"]:
        raise Refused("请选择本机关在岗的人员。", fields={"person": "请选择本机关在岗的人员。"})
    if item["role"] in JUDGING and person.id in authors:
        raise Refused(
            "拟稿人不能审核、签发自己拟的稿。请选择其他人。", fields={"person": "请选择拟稿人以外的人。"}
        )
    return Target(person.organ_id, item["post_id"], person.id, "经办人", (person.name,), (person.id,))


def _known(runtime: Runtime, item: Mapping[str, Any], case: Mapping[str, Any]) -> Mapping[str, Any]:
    """What names the organ or unit of the step, as when it was opened."""
    waiting = flow.look(runtime.spec, case["state"]).open
    place = next((each for each in waiting if each.address == item["address"]), None)
    return case["data"] if place is None else known_at(place, case["data"])


def _no_post(item: Mapping[str, Any]) -> Target:
    return Target(item["organ_id"], None, None, item["label"], incident="原岗位已撤销")


@command
def fire_timer(tx: Tx, *, case_id: int, address: str, name: str) -> dict[str, Any]:
    """A due BPMN timer enters the flow. Safe to repeat: one that no longer waits, or whose case rests, does nothing."""
    case = lock_case(tx, case_id)
    if case is None or case["status"] != "open" or case["suspended_at"] is not None:
        return {"fired": False}
    runtime = processes.runtime(case["version_id"])
    journey = set_out(tx, runtime, case)
    call = road.actions_of(journey, case["data"], address)
    state = case["state"]
    try:
        travel(journey, lambda seq: flow.fire(runtime.spec, state, seq, address, name, call))
    except EngineRefused:
        gone = sa.delete(CaseTimer).where(
            CaseTimer.case_id == case_id, CaseTimer.address == address, CaseTimer.name == name
        )
        tx.session.execute(gone)
        return {"fired": False}
    arrive(
        journey,
        action="case.timer",
        summary=f"内部时限「{name}」到期，系统推进流程",
        came_from="内部时限到期",
        address=address,
        flow_row=journey.rows[0]["seq"],
    )
    return {"fired": True, "said": closing(journey)}
