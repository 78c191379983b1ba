"""Commands of the case road: start, complete, claim, put back, redirect, fire a timer, keep a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts.directory import directory
from app.cases import road, stream
from app.cases.models import Case, CaseTimer, Draft, WorkItem
from app.cases.road import Journey, arrive, closing, lock_case, lock_item, set_out, travel
from app.cases.routing import JUDGING, Target, to_post
from app.core import personal
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.documents import numbering
from app.documents import service as documents
from app.processes import Runtime
from workflows.engine import EngineRefused, flow
from workflows.law.grounds import STATE_SECRET


@dataclass(frozen=True)
class Offline:
    """線下签批回填 / OA签批回填: who signed on paper (`how` paper) or in the OA (`oa`), when, and the proof."""

    how: str
    signer_id: int
    signed_on: date
    oa_number: str = ""
    note: str = ""
    scans: tuple[int, ...] = ()


@dataclass(frozen=True)
class Submitted:
    """What a step's form said, validated by the form.

    `answers` go into the case's data, `facts` to the flow, `personal` is stored sealed, `files` are the kept
    attachments per field.
    """

    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    decision: str = ""
    decision_label: str = ""
    opinion: str = ""


_item_done = (
    sa.update(WorkItem.__table__)
    .where(WorkItem.__table__.c.id == sa.bindparam("k"), WorkItem.__table__.c.status == "open")
    .values(
        {
            name: sa.bindparam(f"v_{name}")
            for name in (
                "status holder_id closed_at done_by done_name capacity how entered_name decision opinion signed_on"
            ).split()
        }
    )
)
_draft_gone = sa.delete(Draft.__table__).where(Draft.__table__.c.item_id == sa.bindparam("k"))


# --- start -------------------------------------------------------------------------------------------------


@command
def start(
    tx: Tx,
    *,
    process: str,
    submitted: Submitted,
    title: str,
    document_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Start a case of `process` in the actor's own organ and unit; returns case and first item of the starter.

    Raises NotAllowed when none of the actor's posts may start this process, Refused when it is not active.
    """
    runtime = processes.active(process)
    person = _starter(tx.actor, runtime)
    organ = directory().organ(tx.actor.organ_id or 0)
    year = business_date(tx.now).year
    count = numbering.assign(tx, process, organ.id, year)
    case: dict[str, Any] = {
        "number": runtime.number(organ.short_name, year, count),
        "title": title[:300],
        "process_key": process,
        "version_id": runtime.version_id,
        "organ_id": organ.id,
        "unit_id": tx.actor.unit_id,
        "subject_id": organ.id,
        "office_id": organ.id,
        "document_id": document_id,
        "started_by": person,
        "authors": [],
        "doers": {},
        "status": "open",
        "data": {**(data or {}), **submitted.answers},
        "state": b"",
        "lock": 0,
        "flow_seq": 0,
        "record_seq": 0,
        "record_mac": stream.ZERO,
        "opened_at": tx.now,
        "closed_at": None,
    }
    case["id"] = tx.session.execute(
        sa.insert(Case.__table__).returning(Case.__table__.c.id), case
    ).scalar_one()
    if document_id is None and runtime.opens_document:
        case["document_id"] = documents.open_document(
            tx,
            case_id=case["id"],
            organ_id=organ.id,
            unit_id=tx.actor.unit_id,
            title=title,
            answers=case["data"],
        )
    journey = set_out(tx, runtime, case)
    facts = {**runtime.system_facts(tx.actor, organ), **submitted.facts}
    case["data"] = {**facts, **case["data"]}
    call = road.actions_of(journey, case["data"], "start")
    travel(journey, lambda seq: flow.start(runtime.spec, seq, facts, call), answers=submitted.answers)
    items = arrive(
        journey,
        action="case.start",
        summary=f"{tx.actor.name} 发起「{runtime.name}」{case['number']}",
        came_from=tx.actor.name,
        process=process,
        version=runtime.version_id,
        hash=runtime.hash,
        answers=dict(submitted.answers),
    )
    mine = [
        i for i, place in zip(items, journey.opened.values(), strict=True) if _reaches(journey, place, person)
    ]
    return {
        "case": case["id"],
        "number": case["number"],
        "item": mine[0] if mine else None,
        "said": closing(journey),
    }


def _about(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the document's row learns at the start; a 涉密登记项 is named by its ground and 份号 alone."""
    if data.get("entry") == "secret":
        return {"ground": STATE_SECRET, "copies": data.get("copy_no")}
    return dict(data)


def _starter(actor: Actor, runtime: Runtime) -> int:
    if actor.person_id is None or actor.organ_id is None or actor.officer:
        raise NotAllowed("三员和系统不能发起业务办件。请用业务人员账号登录。")
    if not runtime.startable or (runtime.start_kinds and not runtime.start_kinds & actor.kinds):
        raise NotAllowed(f"您现在的岗位不能发起「{runtime.name}」。如工作需要，请联系本单位的单位管理员。")
    return actor.person_id


def _reaches(journey: Journey, place: Any, person: int) -> bool:
    return person in road.target_of(journey, place).people


# --- complete ----------------------------------------------------------------------------------------------


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
    item, case = _locked_item(tx, item_id)
    runtime = processes.runtime(case["version_id"])
    signer = _authorise(tx, item, case, offline)
    journey = set_out(tx, runtime, case)
    capacity = _capacity(item, journey)
    joint_post = _joint_post(journey, item, joint, signer)
    _apply(journey, item, submitted, signer)
    files = _keep_files(journey, item, submitted, joint, offline)
    _advance(journey, item, submitted)
    if joint is not None and joint_post:
        capacity = f"{capacity}、{joint_post}"
        _advance_joint(journey, item, joint, signer)
    _close_item(tx, item, submitted, offline, signer, capacity)
    said = (
        f"「{item['label']}」已办：{submitted.decision_label}。" if submitted.decision_label else "已提交。"
    )
    arrive(
        journey,
        action="case.complete",
        summary=_summary(tx, item, submitted, offline, signer, capacity),
        came_from=f"{item['label']} · {signer[1]}",
        item=item_id,
        address=item["address"],
        flow_row=journey.rows[0]["seq"],
        decision=submitted.decision,
        opinion=submitted.opinion,
        how=offline.how if offline else "system",
        signer=signer[0],
        capacity=capacity,
        personal=journey.case.pop("_commitments", {}),
        files={name: list(ids) for name, ids in files.items() if ids},
        oa_number=offline.oa_number if offline else "",
        note=offline.note if offline else "",
    )
    return {"case": case["id"], "said": closing(journey, said), "finished": case["status"] == "done"}


def _locked_item(tx: Tx, item_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    found = lock_item(tx, item_id)
    if found is None:
        raise NotFound()
    return found


def receives(item: Mapping[str, Any], actor: Actor) -> bool:
    """Whether the item is this person's to do: held by him, or unclaimed at one of his posts."""
    if item["holder_id"] is not None:
        return bool(item["holder_id"] == actor.person_id)
    return item["post_id"] is not None and item["post_id"] in actor.post_ids


def may_enter_offline(item: Mapping[str, Any], case: Mapping[str, Any], actor: Actor) -> bool:
    """Whether this person may enter what was signed on paper or in the OA: the receiver, the registrar of the organ
    the step lies in, or whoever started the case (domain.md 12.9; the scan is demanded, and the record names him)."""
    if actor.person_id is None or actor.officer:
        return False
    started_here = case["started_by"] == actor.person_id and item["organ_id"] == actor.organ_id
    return receives(item, actor) or actor.holds("registrar", item["organ_id"]) or started_here


def _authorise(
    tx: Tx, item: Mapping[str, Any], case: Mapping[str, Any], offline: Offline | None
) -> tuple[int, str]:
    """Who acts in law: (person id, name) of the actor, or of the person who signed on paper.

    The locked row decides. A person who does not receive the item learns nothing of it.
    """
    actor = tx.actor
    if actor.person_id is None:
        raise NotFound()
    allowed = may_enter_offline(item, case, actor) if offline else receives(item, actor)
    if item["status"] != "open":
        if allowed or item["done_by"] == actor.person_id or item["post_id"] in actor.post_ids:
            raise Refused(f"「{item['label']}」{_done_sentence(item)}请从待办重新进入。")
        raise NotFound()
    if not allowed:
        if item["post_id"] is not None and item["post_id"] in actor.post_ids:
            raise Refused(
                f"「{item['label']}」已由{_name(item['holder_id'])}认领。如需您来办，请先由其放回。"
            )
        raise NotFound()
    signer = (actor.person_id, actor.name) if offline is None else _signer(item, case, offline)
    if item["role"] in JUDGING and signer[0] in case["authors"]:
        raise NotAllowed(
            "拟稿人不能审核、签发自己拟的稿（先审查后公开，至少两人）。请由其他人办理，或联系单位管理员指定。"
        )
    return signer


def _done_sentence(item: Mapping[str, Any]) -> str:
    if item["status"] == "gone" or not item["done_name"]:
        return "已不在等待办理。"
    return f"已由{item['done_name']}办理。"


def _name(person_id: int | None) -> str:
    person = directory().person(person_id) if person_id else None
    return person.name if person else "他人"


def _signer(item: Mapping[str, Any], case: Mapping[str, Any], offline: Offline) -> tuple[int, str]:
    """The person who signed outside: must hold the step's post (or be its addressee)."""
    people = directory()
    able = people.holders(item["post_id"]) if item["post_id"] else ()
    names = {person.id: person.name for person in able}
    if item["holder_id"] and item["holder_id"] not in names:
        names[item["holder_id"]] = _name(item["holder_id"])
    if offline.signer_id not in names:
        raise Refused(
            "签批人不在本环节的岗位上。请重新选择签批人。", fields={"signer": "请选择本环节岗位上的人。"}
        )
    return offline.signer_id, names[offline.signer_id]


def _capacity(item: Mapping[str, Any], journey: Journey) -> str:
    post = journey.people.post(item["post_id"]) if item["post_id"] else None
    return post.name if post else "拟稿人" if item["role"] == "draft" else "经办人"


def _apply(journey: Journey, item: Mapping[str, Any], submitted: Submitted, signer: tuple[int, str]) -> None:
    """Answers into the case's data; who did what; personal values sealed."""
    case, tx = journey.case, journey.tx
    case["data"] = {**case["data"], **_lasting(submitted.answers)}
    case["doers"] = {**case["doers"], item["step"]: signer[0]}
    if item["role"] == "draft" and signer[0] not in case["authors"]:
        case["authors"] = [*case["authors"], signer[0]]
    if submitted.personal:
        case["_commitments"] = personal.keep(tx.session, tx.keys, case["id"], dict(submitted.personal))
    title = submitted.answers.get("title")
    if item["role"] == "draft" and isinstance(title, str) and title:
        case["title"] = title[:300]


def _keep_files(
    journey: Journey,
    item: Mapping[str, Any],
    submitted: Submitted,
    joint: Submitted | None,
    offline: Offline | None,
) -> dict[str, tuple[int, ...]]:
    """The attachments this completion submits, kept in one statement; only where files changed hands."""
    files = {**submitted.files, **(joint.files if joint else {})}
    if offline is not None and offline.scans:
        files["offline_scan"] = offline.scans
    if files:
        documents.keep_attachments(journey.tx, journey.case["id"], item["id"], files)
    return files


#: what belongs to the step, not to the case
PASSING = frozenset({"decision", "opinion"})


def _lasting(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answers.items() if key not in PASSING}


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
    return road.route(
        lane, info.lane or "", info.settings.get("role", "work"), case, case["data"], directory()
    )


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
    case["data"] = {**case["data"], **_lasting(joint.answers)}
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
    }
    params = {f"v_{name}": value for name, value in values.items()} | {"k": item["id"]}
    if tx.session.execute(_item_done, params).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这个环节刚刚已被他人办理。请刷新页面。")
    tx.session.execute(_draft_gone, {"k": item["id"]})


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


# --- claim and put back --------------------------------------------------------------------------------------

_hold = (
    sa.update(WorkItem.__table__)
    .where(WorkItem.__table__.c.id == sa.bindparam("k"), WorkItem.__table__.c.status == "open")
    .values(holder_id=sa.bindparam("holder"))
)


@command
def claim(tx: Tx, *, item_id: int) -> dict[str, Any]:
    """认领: take an unclaimed item of one of one's posts."""
    item, case = _locked_item(tx, item_id)
    if item["status"] != "open" or item["post_id"] not in tx.actor.post_ids:
        if item["done_name"] and item["post_id"] in tx.actor.post_ids:
            raise Refused(f"「{item['label']}」{_done_sentence(item)}请从待办重新进入。")
        raise NotFound()
    if item["holder_id"] is not None and item["holder_id"] != tx.actor.person_id:
        raise Refused(f"「{item['label']}」刚刚已由{_name(item['holder_id'])}认领。")
    if item["role"] in JUDGING and tx.actor.person_id in case["authors"]:
        raise NotAllowed("拟稿人不能审核自己拟的稿，请由同岗位的其他人认领。")
    return _set_holder(
        tx, item, case, tx.actor.person_id, "case.claim", f"{tx.actor.name} 认领「{item['label']}」"
    )


@command
def put_back(tx: Tx, *, item_id: int) -> dict[str, Any]:
    """放回: give a claimed item back to its post."""
    item, case = _locked_item(tx, item_id)
    if item["status"] != "open" or item["holder_id"] != tx.actor.person_id:
        raise NotFound()
    if item["post_id"] is None:
        raise Refused("这个环节是直接交给您本人的，没有可以放回的岗位。如不能办理，请联系单位管理员改派。")
    return _set_holder(tx, item, case, None, "case.put_back", f"{tx.actor.name} 放回「{item['label']}」")


def _set_holder(
    tx: Tx, item: Mapping[str, Any], case: dict[str, Any], holder: int | None, action: str, summary: str
) -> dict[str, Any]:
    was = case["lock"]
    tx.session.execute(_hold, {"k": item["id"], "holder": holder})
    case.update(stream.write(tx, case, action, summary, item=item["id"], old=item["holder_id"], new=holder))
    road.save_case(tx, case, was)
    return {"case": case["id"], "item": item["id"], "said": summary + "。"}


# --- incidents -----------------------------------------------------------------------------------------------

_mend = (
    sa.update(WorkItem.__table__)
    .where(WorkItem.__table__.c.id == sa.bindparam("k"), WorkItem.__table__.c.status == "open")
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

    Only the unit administrator of the organ the step lies in; the reason stands in the record.
    """
    item, case = _locked_item(tx, item_id)
    if item["status"] != "open" or not tx.actor.holds("unit_admin", item["organ_id"]):
        raise NotFound()
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


def _new_target(item: Mapping[str, Any], case: Mapping[str, Any], person_id: int | None) -> Target:
    people = directory()
    authors = frozenset(case["authors"])
    if person_id is None:
        if item["post_id"]:
            post = people.post(item["post_id"])
            return to_post(post, item["role"], authors, people) if post else _no_post(item)
        runtime = processes.runtime(case["version_id"])
        info = runtime.spec.steps[(item["process_key"], item["step"])]
        lane = runtime.lane(item["process_key"], info.lane)
        return road.route(lane, info.lane or "", item["role"], case, case["data"], people)
    person = people.person(person_id)
    if person is None or person.organ_id != item["organ_id"]:
        raise Refused("请选择本机关在岗的人员。", fields={"person": "请选择本机关在岗的人员。"})
    if item["role"] in JUDGING and person.id in authors:
        raise Refused(
            "拟稿人不能审核、签发自己拟的稿。请选择其他人。", fields={"person": "请选择拟稿人以外的人。"}
        )
    return Target(person.organ_id, item["post_id"], person.id, "经办人", (person.name,), (person.id,))


def _no_post(item: Mapping[str, Any]) -> Target:
    return Target(item["organ_id"], None, None, item["label"], incident="原岗位已撤销")


# --- timers --------------------------------------------------------------------------------------------------


@command
def fire_timer(tx: Tx, *, case_id: int, address: str, name: str) -> dict[str, Any]:
    """A due BPMN timer enters the flow. Safe to repeat: a timer that no longer waits does nothing."""
    case = lock_case(tx, case_id)
    if case is None or case["status"] != "open":
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


# --- drafts --------------------------------------------------------------------------------------------------


@command
def keep_draft(tx: Tx, *, item_id: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a person has typed; exempt from the record (security.md 3). Not yours or done: NotFound."""
    item = (
        tx.session.execute(
            sa.select(WorkItem.holder_id, WorkItem.post_id, WorkItem.status).where(WorkItem.id == item_id)
        )
        .mappings()
        .first()
    )
    if item is None or item["status"] != "open" or not receives(item, tx.actor):
        raise NotFound()
    draft = tx.session.get(Draft, (item_id, tx.actor.person_id))
    if draft is None:
        tx.session.add(Draft(item_id=item_id, person_id=tx.actor.person_id, data=dict(data), saved_at=tx.now))
    else:
        draft.data, draft.saved_at = dict(data), tx.now
    return {"saved_at": tx.now.isoformat()}
