"""Starting a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts.directory import directory
from app.cases import road
from app.cases.models import Case
from app.cases.road import Journey, arrive, closing, set_out, travel
from app.cases.submitted import Submitted
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotAllowed
from app.core.now import business_date
from app.core.record import ZERO
from app.documents import beforehand, numbering
from app.documents import service as documents
from app.processes import Runtime
from workflows.engine import flow


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
    opening = Opening(
        number=runtime.number(organ.short_name, year, count),
        title=title,
        organ_id=organ.id,
        unit_id=tx.actor.unit_id,
        document_id=document_id,
        data=data or {},
    )
    journey, items = open_case(tx, runtime, opening, submitted, person)
    mine = [
        i for i, place in zip(items, journey.opened.values(), strict=True) if _reaches(journey, place, person)
    ]
    return {
        "case": journey.case["id"],
        "number": journey.case["number"],
        "item": mine[0] if mine else None,
        "said": closing(journey),
    }


@dataclass(frozen=True)
class Opening:
    """The row of a case that begins. `subject_id` is the organ in whose name (答复主体); by default the handling one.

    `facts` enter the flow besides what the start form routes on. `prepare` is called with the inserted case before
    the flow begins, so that rows of a higher room are there when its actions run.
    """

    number: str
    title: str
    organ_id: int
    unit_id: int | None
    subject_id: int | None = None
    document_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[dict[str, Any]], None] | None = None


def open_case(
    tx: Tx, runtime: Runtime, opening: Opening, submitted: Submitted, person: int | None
) -> tuple[Journey, list[int]]:
    """Insert a case, send it on its way, and write what came of it; the journey and the ids of its first items.

    For commands of this room and of rooms above it; the caller has authorised the act. `person` is who begins it
    (None: the system, which takes it up for the public).
    """
    organ = directory().organ(opening.organ_id)
    case = _new_case(tx, runtime, opening, submitted, person)
    case["id"] = tx.session.execute(
        sa.insert(table_of(Case)).returning(table_of(Case).c.id), case
    ).scalar_one()
    beforehand.take(tx, case["id"], submitted.files)
    if opening.prepare is not None:
        opening.prepare(case)
    if opening.document_id is None and runtime.opens_document:
        case["document_id"] = documents.open_document(
            tx,
            case_id=case["id"],
            organ_id=organ.id,
            unit_id=opening.unit_id,
            title=submitted.answers.get("title"),
            answers=case["data"],
        )
    journey = set_out(tx, runtime, case, stored=False)
    facts = {**runtime.system_facts(tx.actor, organ), **opening.facts, **submitted.facts}
    case["data"] = {**facts, **case["data"]}
    call = road.actions_of(journey, case["data"], "start")
    travel(
        journey,
        lambda seq: flow.start(runtime.spec, seq, facts, call),
        answers={**opening.data, **submitted.answers},
    )
    items = arrive(
        journey,
        action="case.start",
        summary=f"{tx.actor.name} 发起「{runtime.name}」{case['number']}",
        came_from=tx.actor.name,
        process=runtime.key,
        version=runtime.version_id,
        hash=runtime.hash,
        answers=dict(submitted.answers),
    )
    return journey, items


def _new_case(
    tx: Tx, runtime: Runtime, opening: Opening, submitted: Submitted, person: int | None
) -> dict[str, Any]:
    return {
        "number": opening.number,
        "title": opening.title[:300],
        "process_key": runtime.key,
        "version_id": runtime.version_id,
        "organ_id": opening.organ_id,
        "unit_id": opening.unit_id,
        "subject_id": opening.subject_id or opening.organ_id,
        "office_id": opening.organ_id,
        "document_id": opening.document_id,
        "started_by": person,
        "authors": [],
        "doers": {},
        "status": "open",
        "data": {**opening.data, **submitted.answers},
        "state": b"",
        "lock": 0,
        "flow_seq": 0,
        "record_seq": 0,
        "record_mac": ZERO,
        "opened_at": tx.now,
        "closed_at": None,
        "due_on": None,
        "suspended_at": None,
        "returns": 0,
    }


def _starter(actor: Actor, runtime: Runtime) -> int:
    if actor.person_id is None or actor.organ_id is None or actor.officer:
        raise NotAllowed("三员和系统不能发起业务办件。请用业务人员账号登录。")
    if not runtime.startable or (runtime.start_kinds and not runtime.start_kinds & actor.kinds):
        raise NotAllowed(f"您现在的岗位不能发起「{runtime.name}」。如工作需要，请联系本单位的单位管理员。")
    return actor.person_id


def _reaches(journey: Journey, place: Any, person: int) -> bool:
    return person in road.target_of(journey, place).people
