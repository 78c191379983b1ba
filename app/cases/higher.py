"""What rooms above do to a case inside their own commands: begin it, note an act, move it by a message, add a sub-item.

Everything takes the open transaction and the locked case row. A sub-item (`kind` other than `step`) stands above the
engine: it is opened and closed by the room it belongs to, whose page `registry.SUB_PAGES` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import processes
from app.accounts.directory import directory
from app.cases import road, statutory, stream
from app.cases.models import NO_DUE, WorkItem
from app.cases.registry import ABOUT, PANELS, TRAIL, About
from app.cases.road import arrive, closing, lock_case, save_case, set_out, travel
from app.cases.routing import Target, to_post
from app.cases.service.starting import Opening, open_case
from app.core.actor import Actor
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from workflows.engine import EngineRefused, flow

__all__ = [
    "Opening",
    "SubItem",
    "about",
    "close_item",
    "lock",
    "lock_sub_item",
    "note",
    "open_case",
    "open_item",
    "send",
    "trail",
]

#: what an entry of 流转记录 has besides what a room says of it
BLANK: dict[str, Any] = dict.fromkeys(
    ("post", "text", "how_long", "via", "note", "label", "decision", "start", "end", "process", "step"), ""
) | {"item": None}


def trail(session: Session, case: Mapping[str, Any], steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """流转记录 with what happened beside the flow (退件, 再次送达) in its place by time; open steps stay last."""
    beside = [{**BLANK, **entry} for call in TRAIL for entry in call(session, case)]
    if not beside:
        return list(steps)
    open_ones = [entry for entry in steps if entry["kind"] == "current"]
    past = [entry for entry in steps if entry["kind"] != "current"]
    return sorted([*past, *beside], key=lambda entry: str(entry["at"])) + open_ones


def about(
    session: Session, actor: Actor, case: Mapping[str, Any], item: Mapping[str, Any] | None = None
) -> About:
    """What higher rooms show on a page of a case, asked once for the whole page: head, result, panels."""
    said = next((found for call in ABOUT if (found := call(session, actor, case, item))), About())
    more = [panel for call in PANELS for panel in call(session, actor, case, item)]
    return replace(said, panels=[*said.panels, *more])


w = table_of(WorkItem)
_close = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"), w.c.status == "open")
    .values(
        {
            name: sa.bindparam(f"v_{name}")
            for name in "status closed_at done_by done_name capacity how decision opinion on_behalf_id".split()
        }
    )
)


def lock(tx: Tx, case_id: int) -> dict[str, Any]:
    """The locked case row; NotFound when there is none."""
    case = lock_case(tx, case_id)
    if case is None:
        raise NotFound()
    return case


def note(tx: Tx, case: dict[str, Any], action: str, summary: str, **body: Any) -> None:
    """Append to the case's record and save the case with whatever changed on it."""
    was = case["lock"]
    case.update(stream.write(tx, case, action, summary, **body))
    save_case(tx, case, was)


def send(
    tx: Tx,
    case: dict[str, Any],
    message: str,
    facts: Mapping[str, Any],
    *,
    action: str,
    summary: str,
    **body: Any,
) -> str:
    """A message moves the flow (withdrawal); the confirmation a person reads. Refused when nothing waits for it."""
    runtime = processes.runtime(case["version_id"])
    journey = set_out(tx, runtime, case)
    case["data"] = {**case["data"], **facts}
    call = road.actions_of(journey, case["data"], message)
    state = case["state"]
    try:
        travel(
            journey,
            lambda seq: flow.send(runtime.spec, state, seq, message, dict(facts), call),
            answers=facts,
        )
    except EngineRefused as error:
        raise Refused(str(error)) from error
    arrive(
        journey, action=action, summary=summary, came_from=summary, flow_row=journey.rows[0]["seq"], **body
    )
    return closing(journey)


@dataclass(frozen=True)
class SubItem:
    """Work beside the flow: for a post of the organ, until `due_on`."""

    kind: str
    label: str
    role: str
    post: str
    due_on: date | None = None


def open_item(tx: Tx, case: dict[str, Any], sub: SubItem) -> tuple[int, Target]:
    """Insert a sub-item, tell whom it reaches; its id and target. The case's stream is the caller's to write."""
    people = directory()
    post = people.post_in_organ(case["organ_id"], sub.post)
    if post is None:
        raise Refused(
            f"本机关没有设这一岗位，「{sub.label}」无人可办。请先由单位管理员在「人员与岗位」中补上。"
        )
    target = to_post(post, sub.role, frozenset(), people)
    row = {
        "case_id": case["id"],
        "parent_id": None,
        "kind": sub.kind,
        "address": f"+{case['record_seq']}:{sub.kind}",
        "process_key": case["process_key"],
        "step": sub.kind,
        "label": sub.label,
        "role": sub.role,
        "organ_id": target.organ_id,
        "post_id": target.post_id,
        "holder_id": None,
        "status": "open",
        "incident": target.incident,
        "due_on": sub.due_on or NO_DUE,
        "due_at": statutory.day_end(sub.due_on) if sub.due_on else None,
        "came_from": tx.actor.name[:120],
        "opened_at": tx.now,
    }
    item_id = tx.session.execute(sa.insert(w).returning(w.c.id), row).scalar_one()
    road.tell(tx, case, item_id, sub.label, target, repeat=0)
    return item_id, target


def lock_sub_item(tx: Tx, item_id: int, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The locked open sub-item of this kind with its case, if it is the actor's to do; else NotFound or Refused."""
    from app.cases.reaching import done_sentence, locked_item, receives

    item, case = locked_item(tx, item_id)
    at_my_post = item["post_id"] in tx.actor.post_ids
    if item["kind"] != kind or not (receives(item, tx.actor) or at_my_post):
        raise NotFound()
    if item["status"] != "open":
        raise Refused(f"「{item['label']}」{done_sentence(item)}")
    return item, case


def close_item(tx: Tx, item: Mapping[str, Any], decision: str, opinion: str | None) -> None:
    """Close a sub-item as done by the actor, who may act for somebody (代理)."""
    from app.cases.reaching import behalf

    post = directory().post(item["post_id"]) if item["post_id"] else None
    absent = behalf(item, tx.actor)
    name = post.name if post else "经办人"
    values = {
        "status": "done",
        "closed_at": tx.now,
        "done_by": tx.actor.person_id,
        "done_name": tx.actor.name,
        "capacity": f"{name}（代 {absent.name}）" if absent else name,
        "on_behalf_id": absent.person_id if absent else None,
        "how": "system",
        "decision": decision,
        "opinion": opinion,
    }
    params = {f"v_{name}": value for name, value in values.items()} | {"k": item["id"]}
    if tx.session.execute(_close, params).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这个环节刚刚已被他人办理。请刷新页面。")
