"""What happens in the office besides cases: registers imported, numbers kept, 来件, people leaving, notices read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts import personnel
from app.accounts.directory import directory
from app.core.now import today
from app.documents import files, importing, register
from app.documents import service as documents
from app.documents.models import DocumentNumber
from app.notices import service as notices
from app.obligations import orders
from app.obligations.order_models import Order
from app.office.demo.acting import Stage, actor_of
from app.office.demo.requesting import request_of
from app.processes.models import Process
from app.requests import intake
from app.requests.models import Incoming
from app.studio import queries as drawn
from app.studio.service import drafts, parts, releasing

#: columns of a register -> what an OA calls them
HEAD = {
    "number": "发文字号",
    "title": "标题",
    "attribute": "公开属性",
    "issued_on": "印发日期",
    "ground": "不予公开条款",
    "reason": "不予公开理由",
    "copies": "份号",
    "kind": "文件类别",
    "url": "发布网址",
    "published_on": "发布日期",
}


def do(stage: Stage, event: Mapping[str, Any]) -> None:
    """Do one event that belongs to no case."""
    acts: dict[str, Callable[[Stage, Mapping[str, Any]], None]] = {
        "import": _import,
        "reserve": _reserve,
        "enter": _enter,
        "void": _void,
        "take": _take,
        "determine": _determine,
        "leave": _leave,
        "read": _read,
        "supervise": _supervise,
        "report": _report,
        "redraw": _redraw,
    }
    acts[event["do"]](stage, event)


def _organ(code: str) -> int:
    organ = directory().organ_by_code(code)
    assert organ is not None, code
    return organ.id


# --- 发文登记簿 and 文号 -------------------------------------------------------------------------------------------


def _import(stage: Stage, event: Mapping[str, Any]) -> None:
    """Upload a register and, unless the data says `leave`, import it."""
    actor, organ_id, name = actor_of(event["by"]), _organ(event["organ"]), stage.told(event["name"])
    content = _register(stage, event["row"])
    rows = importing.check(stage.session, organ_id, register.bounded(io.BytesIO(content)), name)
    stored = files.store(io.BytesIO(content), name, frozenset({"csv"}))
    wrong = sum(bool(row.errors) for row in rows)
    batch = importing.upload(actor, organ_id=organ_id, stored=stored, rows=len(rows), errors=wrong)
    if not event.get("leave", False):
        importing.confirm(actor, import_id=batch["id"])


def _register(stage: Stage, rows: list[dict[str, Any]]) -> bytes:
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(HEAD.values())
    for row in rows:
        issued = row["issued_on"]
        day = stage.moved.day(issued) if isinstance(issued, date) else today()
        told = {key: stage.moved.told(value, day) for key, value in row.items()}
        writer.writerow([told.get(key, "") for key in HEAD])
    return ("\ufeff" + kept.getvalue()).encode()


def _reserve(stage: Stage, event: Mapping[str, Any]) -> None:
    number = stage.told(event.get("number", ""))
    documents.reserve_number(
        actor_of(event["by"]), organ_id=_organ(event["organ"]), number=number, reason=event["reason"]
    )


def _enter(stage: Stage, event: Mapping[str, Any]) -> None:
    documents.enter_number(
        actor_of(event["by"]),
        organ_id=_organ(event["organ"]),
        number=stage.told(event["number"]),
        reason=event["reason"],
    )


def _void(stage: Stage, event: Mapping[str, Any]) -> None:
    text = stage.told(event["number"])
    number_id = stage.session.scalars(sa.select(DocumentNumber.id).where(DocumentNumber.number == text)).one()
    documents.void_number(actor_of(event["by"]), number_id=number_id, reason=event["reason"])


# --- 督办 --------------------------------------------------------------------------------------------------------


def _supervise(stage: Stage, event: Mapping[str, Any]) -> None:
    """An order to an organ, with its own day."""
    orders.issue(
        actor_of(event["by"]),
        target=f"o{_organ(event['target'])}",
        title=event["title"],
        demand=event["demand"],
        due_on=stage.moved.ahead(event["due_on"]),
    )


def _report(stage: Stage, event: Mapping[str, Any]) -> None:
    """The duty side says what it has done."""
    order = stage.session.scalars(sa.select(Order.id).where(Order.title == event["title"])).one()
    orders.report(actor_of(event["by"]), order_id=order, text=event["text"])


# --- 流程设计 ----------------------------------------------------------------------------------------------------


def _redraw(stage: Stage, event: Mapping[str, Any]) -> None:
    """A draft in which one thing is said differently; submitted to another 流程管理员 when the data names an organ."""
    actor = actor_of(event["by"])
    active = stage.session.get_one(Process, event["process"]).active_id
    draft = drafts.begin(actor, version_id=active, note=event["note"])["draft"]
    part = drawn.part(stage.session, draft, event["part"])
    before, after = event["change"]
    assert before in part.text, f"{event['part']} does not say {before}"
    name, revision, text = part.name, part.revision, part.text.replace(before, after)
    parts.save(actor, draft_id=draft, name=name, text=text, revision=revision)
    if "submit_to" in event:
        seen = releasing.digest(drawn.texts(stage.session, draft))
        said = releasing.Submission(event["note"], event["submit_to"])
        releasing.submit(actor, draft_id=draft, seen=seen, said=said)


# --- 来件 that are no applications ---------------------------------------------------------------------------------


def _take(stage: Stage, event: Mapping[str, Any]) -> None:
    """Register what arrived; `about` is the story it belongs to."""
    arrival = intake.Arrival(
        kind=event["kind"],
        channel=event["channel"],
        arrived_on=today(),
        sender=event["sender"],
        summary=stage.told(event["summary"]),
        mail_no=event.get("mail_no", ""),
    )
    about = request_of(stage, event["about"]) if "about" in event else None
    intake.take_in(actor_of(event["by"]), arrival=arrival, about_id=about)


def _determine(stage: Stage, event: Mapping[str, Any]) -> None:
    """Say what a 来件 is and where it went; it is known by who sent it."""
    query = sa.select(Incoming.id).where(
        Incoming.sender == event["sender"], Incoming.case_id.is_(None), Incoming.routed_to.is_(None)
    )
    intake.determine(
        actor_of(event["by"]),
        incoming_id=stage.session.scalars(query).one(),
        kind=event["kind"],
        routed_to=event["routed_to"],
        note=event.get("note", ""),
    )


# --- people ------------------------------------------------------------------------------------------------------


def _leave(stage: Stage, event: Mapping[str, Any]) -> None:
    person = directory().by_login(event["who"])
    assert person is not None, event["who"]
    personnel.deactivate_person(actor_of(event["by"]), person.id)


def _read(stage: Stage, event: Mapping[str, Any]) -> None:
    """Everybody with business has read the notices there are."""
    people = directory()
    for person in list(people.people.values()):
        if person.login and person.active and person.nature == "business":
            actor = people.actor(person.id)
            if actor is not None and actor.posts:
                notices.mark_all_read(actor)
