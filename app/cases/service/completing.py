"""Completing a step: the one act everything else stands around (design.md 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from app import processes
from app.cases import preparing, road, skipping
from app.cases.models import WorkItem
from app.cases.reaching import (
    SUSPENDED,
    behalf,
    done_sentence,
    joint_step,
    joint_target,
    locked_item,
    may_enter_offline,
    name_of,
    near,
    receives,
    signers,
    stood_in,
)
from app.cases.registry import SIGNED, WRITTEN
from app.cases.returns import straight
from app.cases.road import Journey, arrive, closing, set_out, travel
from app.cases.routing import JUDGING
from app.cases.submitted import Filled, Offline, Submitted, lasting
from app.core import personal
from app.core.actor import StandIn
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotAllowed, NotFound, Refused
from app.documents import service as documents
from workflows.engine import EngineRefused, flow

_item_done = (
    sa.update(table_of(WorkItem))
    .where(table_of(WorkItem).c.id == sa.bindparam("k"), table_of(WorkItem).c.status == "open")
    .values(
        {
            name: sa.bindparam(f"v_{name}")
            for name in (
                "status holder_id closed_at done_by done_name capacity how entered_name decision opinion signed_on "
                "on_behalf_id"
            ).split()
        }
    )
)


@command
def complete(
    tx: Tx,
    *,
    item_id: int,
    submitted: Submitted,
    offline: Offline | None = None,
    joint: Submitted | None = None,
) -> dict[str, Any]:
    """Complete a step: one person's answers move the case on (design.md 2).

    `joint` are the answers to the adjacent step that the same person signs at once (domain.md 12.6). Raises
    NotFound (not yours), Refused (done by somebody else, author may not judge, state moved).
    """
    item, case = locked_item(tx, item_id)
    _may(tx, item, offline=offline is not None, case=case)
    return _complete(tx, item, case, Filled(submitted, joint, offline))


@command
def submit(
    tx: Tx, *, item_id: int, offline: bool, fill: Callable[[dict[str, Any], dict[str, Any]], Filled]
) -> dict[str, Any]:
    """`complete`, with the form read by `fill(item, case)` on the locked rows, once the person is known to be right.

    What `fill` raises (a form with errors) undoes everything and reaches the page.
    """
    item, case = locked_item(tx, item_id)
    _may(tx, item, offline=offline, case=case)
    return _complete(tx, item, case, fill(item, case))


def send_prepared(tx: Tx, item: dict[str, Any], case: dict[str, Any], filled: Filled) -> dict[str, Any]:
    """Complete a step with what its holder had answered before his signers did; `tx` acts for that holder."""
    return _complete(tx, item, case, filled)


def _complete(tx: Tx, item: dict[str, Any], case: dict[str, Any], filled: Filled) -> dict[str, Any]:
    """What rooms above change on their rows during the step is written once: when they say so, or at the end."""
    with tx.session.no_autoflush:
        return _completed(tx, item, case, filled)


def _completed(tx: Tx, item: dict[str, Any], case: dict[str, Any], filled: Filled) -> dict[str, Any]:
    submitted, joint, offline = filled.own, filled.joint, filled.offline
    if case["suspended_at"] is not None:
        raise Refused(SUSPENDED)
    signer = _signer_of(tx, item, case, offline)
    if item["waits_for"] and (held := preparing.hold(tx, item, case, filled)) is not None:
        return held
    preparing.check_signers(tx, item, case, submitted.decision)
    absent = _in_place_of(tx, item, case, offline)
    journey = set_out(tx, processes.runtime(case["version_id"]), case)
    capacity = _capacity(item, journey, absent)
    joint_post = _joint_post(journey, item, joint, signer)
    commitments = _apply(journey, item, submitted, signer, absent)
    files = _keep_files(journey, item, filled)
    _write_letter(journey, item, submitted)
    _advance(journey, item, submitted)
    if joint is not None and joint_post:
        capacity = f"{capacity}、{joint_post}"
        _advance_joint(journey, item, joint, signer)
    straight.go(journey, item)
    if offline is None and absent is None:
        skipping.go(journey, signer)
    _close_item(tx, item, submitted, offline, signer, capacity, absent)
    done = submitted.decision_label
    arrive(
        journey,
        action="case.complete",
        summary=_summary(tx, item, submitted, offline, signer, capacity),
        came_from=f"{item['label']} · {signer[1]}" + (f"（代 {absent.name}）" if absent else ""),
        item=item["id"],
        address=item["address"],
        flow_row=journey.rows[0]["seq"],
        decision=submitted.decision,
        opinion=submitted.opinion,
        how=offline.how if offline else "system",
        signer=signer[0],
        capacity=capacity,
        on_behalf=absent.person_id if absent else None,
        personal=commitments,
        files={name: list(ids) for name, ids in files.items() if ids},
        oa_number=offline.oa_number if offline else "",
        note=offline.note if offline else "",
    )
    said = closing(journey, f"「{item['label']}」已办{'：' + done if done else ''}。")
    return {"case": case["id"], "said": said}


def _may(tx: Tx, item: Mapping[str, Any], *, offline: bool, case: Mapping[str, Any]) -> None:
    """The locked row decides. A person who does not receive the item learns nothing of it."""
    actor = tx.actor
    if actor.person_id is None or item["kind"] != "step":
        raise NotFound()
    allowed = may_enter_offline(item, case, actor) if offline else receives(item, actor, case)
    at_my_post = near(item, actor, case)
    if item["status"] != "open":
        if allowed or at_my_post or item["done_by"] == actor.person_id:
            raise Refused(f"「{item['label']}」{done_sentence(item)}请从待办重新进入。")
        raise NotFound()
    if not allowed:
        if at_my_post:
            holder = name_of(item["holder_id"])
            raise Refused(f"「{item['label']}」已由{holder}认领。如需您来办，请先由其放回。")
        raise NotFound()


def _signer_of(
    tx: Tx, item: Mapping[str, Any], case: Mapping[str, Any], offline: Offline | None
) -> tuple[int, str]:
    """Who acts in law: (person id, name) of the actor, or of the person who signed on paper or in the OA.

    Nobody reviews or signs what he drafted (domain.md 12.6); this holds for paper as well.
    """
    signer = (tx.actor.person_id or 0, tx.actor.name) if offline is None else _signer(item, case, offline)
    if item["role"] in JUDGING and signer[0] in case["authors"]:
        raise NotAllowed(
            "拟稿人不能审核、签发自己拟的稿（先审查后公开，至少两人）。请由其他人办理，或联系单位管理员指定。"
        )
    return signer


def _signer(item: Mapping[str, Any], case: Mapping[str, Any], offline: Offline) -> tuple[int, str]:
    """The person who signed outside: holds the step's post, has the step, or stood in on the day of the signature."""
    names = signers(item, case, [offline.signed_on])
    if offline.signer_id not in names:
        raise Refused(
            "签批人不在本环节的岗位上，签批当日也没有代理。请重新选择签批人，或者核对签批日期。",
            fields={"signer": "请选择本环节岗位上的人，或签批当日的代理人。"},
        )
    return offline.signer_id, names[offline.signer_id]


def _in_place_of(
    tx: Tx, item: Mapping[str, Any], case: Mapping[str, Any], offline: Offline | None
) -> StandIn | None:
    """In whose place the signer acted: today, or on the day a sheet was signed."""
    if offline is None:
        return behalf(item, tx.actor, case)
    return stood_in(item, case, offline.signed_on).get(offline.signer_id)


def _capacity(item: Mapping[str, Any], journey: Journey, absent: StandIn | None) -> str:
    """The post the act is done from; a stand-in names for whom: 「科室负责人（代 江维公）」."""
    post = journey.people.post(item["post_id"]) if item["post_id"] else None
    info = journey.runtime.spec.steps.get((item["process_key"], item["step"]))
    name = post.name if post is not None else (info.lane if info else None) or "经办人"
    return f"{name}（代 {absent.name}）" if absent else name


def _apply(
    journey: Journey,
    item: Mapping[str, Any],
    submitted: Submitted,
    signer: tuple[int, str],
    absent: StandIn | None,
) -> dict[str, str]:
    """Answers into the case's data; who did what; personal values sealed: their commitments are given back.

    What a stand-in did comes back to the person he acted for; who drafted is the person who did.
    """
    case, tx = journey.case, journey.tx
    case["data"] = {**case["data"], **lasting(submitted.answers, case["data"])}
    case["doers"] = {**case["doers"], item["step"]: absent.person_id if absent else signer[0]}
    if item["role"] == "draft":
        _note_author(case, signer[0], submitted.answers.get("title"))
    if not submitted.personal:
        return {}
    return personal.keep(tx.session, tx.keys, case["id"], dict(submitted.personal))


def _note_author(case: dict[str, Any], person: int, title: Any) -> None:
    if person not in case["authors"]:
        case["authors"] = [*case["authors"], person]
    if isinstance(title, str) and title:
        case["title"] = title[:300]


def _keep_files(journey: Journey, item: Mapping[str, Any], filled: Filled) -> dict[str, tuple[int, ...]]:
    """The attachments this completion submits, kept in one statement.

    Fields whose files are those the case has already are left alone.
    """
    if filled.changed_files:
        documents.keep_attachments(journey.tx, journey.case["id"], item["id"], filled.changed_files)
    return filled.files


def _write_letter(journey: Journey, item: Mapping[str, Any], submitted: Submitted) -> None:
    """Letters of a step, for the room that keeps letters of this case.

    A step with the setting `letter` hands on what it said; one with `signs` has them approved when it agrees.
    """
    info = journey.runtime.spec.steps.get((item["process_key"], item["step"]))
    settings = info.settings if info else {}
    if settings.get("signs"):
        for sign in SIGNED if submitted.decision == AGREED else ():
            sign(journey.tx, journey.case, settings["signs"])
    elif settings.get("letter"):
        for write in WRITTEN:
            write(journey.tx, journey.case, item["step"], settings["letter"], submitted.answers)


#: the decision that signs
AGREED = "agree"


def _advance(journey: Journey, item: Mapping[str, Any], submitted: Submitted) -> None:
    """One completion into the engine; the row keeps every answer."""
    case = journey.case
    answers = {**case["data"], **submitted.answers}
    call = road.actions_of(journey, answers, item["step"])
    state, address = case["state"], item["address"]
    try:
        travel(
            journey,
            lambda seq: flow.complete(journey.runtime.spec, state, seq, address, submitted.facts, call),
            answers=submitted.answers,
            item_id=item["id"],
        )
    except EngineRefused as error:
        raise Refused(str(error)) from error


def _joint_post(
    journey: Journey, item: Mapping[str, Any], joint: Submitted | None, signer: tuple[int, str]
) -> str | None:
    """Name of the adjacent post the signer also holds, when he signs both at once."""
    if joint is None:
        return None
    target = joint_target(journey.runtime, item, journey.case)
    if target is None or signer[0] not in target.people:
        raise Refused("下一环节不由同一人办理，不能一并签署。请只签本环节。")
    return target.label


def _advance_joint(
    journey: Journey, item: Mapping[str, Any], joint: Submitted, signer: tuple[int, str]
) -> None:
    """Complete the adjacent step that the first completion opened; if it opened another one, nothing is signed twice."""
    step = joint_step(journey.runtime, item)
    place = next(
        (p for p in journey.opened.values() if p.step == step and p.process == item["process_key"]), None
    )
    if place is None:
        return
    case = journey.case
    case["data"] = {**case["data"], **lasting(joint.answers, case["data"])}
    case["doers"] = {**case["doers"], place.step: signer[0]}
    second = {**item, "address": place.address, "step": place.step}
    _advance(journey, second, joint)


def _close_item(
    tx: Tx,
    item: Mapping[str, Any],
    submitted: Submitted,
    offline: Offline | None,
    signer: tuple[int, str],
    capacity: str,
    absent: StandIn | None,
) -> None:
    values: dict[str, Any] = {
        "status": "done",
        "holder_id": signer[0],
        "closed_at": tx.now,
        "done_by": signer[0],
        "done_name": signer[1],
        "capacity": capacity,
        "how": offline.how if offline else "system",
        "entered_name": tx.actor.name if offline else None,
        "decision": submitted.decision_label or None,
        "opinion": submitted.opinion or None,
        "signed_on": offline.signed_on if offline else None,
        "on_behalf_id": absent.person_id if absent else None,
    }
    params = {f"v_{name}": value for name, value in values.items()} | {"k": item["id"]}
    if tx.session.execute(_item_done, params).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这个环节刚刚已被他人办理。请刷新页面。")


def _summary(
    tx: Tx,
    item: Mapping[str, Any],
    submitted: Submitted,
    offline: Offline | None,
    signer: tuple[int, str],
    capacity: str,
) -> str:
    act = f"「{item['label']}」{submitted.decision_label or '提交'}"
    if offline is None:
        return f"{signer[1]}（{capacity}）{act}"
    way = "线下" if offline.how == "paper" else "OA"
    return f"{signer[1]}（{capacity}）于 {offline.signed_on:%Y-%m-%d} {way}签批{act}，{tx.actor.name} 回填"
