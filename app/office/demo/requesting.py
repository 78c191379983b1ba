"""One event of 依申请公开, done by the commands its pages call; steps of the process are done as those of any case.

A story says who applied for what (`applicant`, `channel`, `content`, …) and what happened since: `register`, then the
steps by their names, between them `decide` (the matters), `party`, `delivered`, `opinion` (who was asked), `urge`,
`extend`, `extension`, `withdraw`, `bounced`, `again`, `signed`. What follows a reply: `appeal`, `answered`, `ruled` and
`redo`, which registers the case itself where the first request is older than this office.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.core.actor import Actor
from app.core.now import today
from app.documents import beforehand
from app.office.demo import acting
from app.office.demo.acting import Stage, Stuck, actor_of
from app.office.demo.reading import read
from app.requests import (
    appeals,
    applicants,
    consulting,
    deciding,
    delivering,
    extending,
    handing,
    intake,
    ordering,
    serving,
    withdrawing,
)
from app.requests.models import Consultation, Delivery, Extension, Fee, Handoff, Request
from app.requests.opening import Application

Story = Mapping[str, Any]
Event = Mapping[str, Any]


def act(stage: Stage, key: str, story: Story, event: Event) -> None:
    """Do one event of a request."""
    others: dict[str, Callable[[Stage, str, Story, Event], None]] = {
        "register": _register,
        "decide": _decide,
        "party": _party,
        "delivered": _delivered,
        "opinion": _opinion,
        "urge": _urge,
        "extend": _extend,
        "extension": _extension,
        "withdraw": _withdraw,
        "bounced": _bounced,
        "again": _again,
        "signed": _signed,
        "appeal": _appeal,
        "answered": _answered,
        "ruled": _ruled,
        "redo": _redo,
    }
    others.get(event["step"], _step)(stage, key, story, event)


def may(stage: Stage, key: str, event: Event) -> bool:
    """Whether the event's day has come: `after = "fee"` waits until the period of payment is over, which natural days
    and the roll over holidays make longer in some months than in the data's."""
    if event.get("after") != "fee":
        return True
    due = stage.session.scalars(
        sa.select(Fee.due_on).where(Fee.request_id == request_of(stage, key)).order_by(Fee.id.desc())
    ).first()
    return due is not None and today() > due


def request_of(stage: Stage, key: str) -> int:
    """The id of a story's request."""
    query = sa.select(Request.id).where(Request.case_id == stage.cases[key])
    return int(stage.session.scalars(query).one())


def _step(stage: Stage, key: str, story: Story, event: Event) -> None:
    """A step of the process; `units` names the units it is handed to."""
    if "units" in event:
        organ = directory().organ(_subject(story))
        units = {unit.name: str(unit.id) for unit in directory().units_of(organ.office_id or organ.id)}
        chosen = {"handoff": True, "handoff_units": [units[name] for name in event["units"]]}
        event = {**event, "answers": {**chosen, **event.get("answers", {})}}
    acting.act(stage, key, story, event)


# --- registering -------------------------------------------------------------------------------------------------


def _register(stage: Stage, key: str, story: Story, event: Event) -> None:
    actor = actor_of(event["by"])
    application = _application(stage, actor, story, confirmed=event.get("confirmed", False))
    result = intake.register(actor, said=_applicant(story), application=application)
    stage.cases[key] = result["case"]


def _application(stage: Stage, actor: Actor, story: Story, *, confirmed: bool) -> Application:
    files = [_kept(stage, actor, text) for text in story.get("files", ())]
    return Application(
        subject_id=_subject(story),
        content=stage.told(story["content"]),
        channel=story["channel"],
        arrived_on=today(),
        supply=story.get("supply", "paper"),
        delivery=story.get("delivery", "post"),
        confirmed_on=today() if confirmed else None,
        oral=story.get("oral", False),
        suggests_open=story.get("suggests_open", False),
        mail_no=story.get("mail_no", ""),
        note=story.get("note", ""),
        files=tuple(files),
    )


def _kept(stage: Stage, actor: Actor, text: str) -> int:
    content, name = acting.paper(stage, text)
    return int(beforehand.keep(actor, io.BytesIO(content), name, "application_files")["id"])


def _subject(story: Story) -> int:
    organ = directory().organ_by_code(story["subject"])
    if organ is None:
        raise Stuck(f"no organ {story['subject']}")
    return organ.id


def _applicant(story: Story) -> applicants.Said:
    row = read("applicants.toml")[story["applicant"]]
    return applicants.read({**row, "agent": story.get("agent", "")})


# --- beside the flow ---------------------------------------------------------------------------------------------


def _decide(stage: Stage, key: str, story: Story, event: Event) -> None:
    """The matters as the page sends them: the one there is, or those the event splits it into."""
    request_id = request_of(stage, key)
    (first, *_) = deciding.matters_of(stage.session, request_id)
    fields = ("outcome", "grounds", "reason", "facts")
    rows = event.get("matters") or [{"text": first.text, **{k: event[k] for k in fields if k in event}}]
    said = [{**stage.told(dict(row)), "id": first.id if not n else ""} for n, row in enumerate(rows)]
    why = event.get("split", "")
    deciding.decide(actor_of(event["by"]), request_id=request_id, said=said, split_reason=why)


def _party(stage: Stage, key: str, story: Story, event: Event) -> None:
    consulting.plan(
        actor_of(event["by"]),
        request_id=request_of(stage, key),
        kind=event.get("kind", "third"),
        party=event["party"],
        address=event.get("address", "云汀市清河路 1 号"),
        content=event["content"],
    )


def _asked(stage: Stage, key: str) -> int:
    """Who was asked; a story asks one party."""
    query = sa.select(Consultation.id).where(Consultation.request_id == request_of(stage, key))
    return int(stage.session.scalars(query).one())


def _delivered(stage: Stage, key: str, story: Story, event: Event) -> None:
    delivering.delivered(actor_of(event["by"]), consultation_id=_asked(stage, key), on=today())


def _opinion(stage: Stage, key: str, story: Story, event: Event) -> None:
    consulting.opinion(
        actor_of(event["by"]),
        consultation_id=_asked(stage, key),
        opinion=event["opinion"],
        on=today(),
        text=event["text"],
        reasonable=event.get("reasonable"),
    )


def _urge(stage: Stage, key: str, story: Story, event: Event) -> None:
    query = sa.select(Handoff.id).where(
        Handoff.request_id == request_of(stage, key), Handoff.done_at.is_(None)
    )
    handing.urge(actor_of(event["by"]), handoff_id=stage.session.scalars(query).one())


def _extend(stage: Stage, key: str, story: Story, event: Event) -> None:
    extending.ask(
        actor_of(event["by"]),
        request_id=request_of(stage, key),
        days=event["days"],
        reason=event["reason"],
    )


def _extension(stage: Stage, key: str, story: Story, event: Event) -> None:
    query = sa.select(Extension.item_id).where(
        Extension.request_id == request_of(stage, key), Extension.state == "asked"
    )
    item = stage.session.scalars(query).one()
    agree = event.get("decision", "agree") == "agree"
    extending.decide(actor_of(event["by"]), item_id=item or 0, agree=agree, opinion=event["opinion"])


def _withdraw(stage: Stage, key: str, story: Story, event: Event) -> None:
    how = event["how"]
    withdrawing.withdraw(actor_of(event["by"]), request_id=request_of(stage, key), on=today(), how=how)


# --- service -----------------------------------------------------------------------------------------------------


def _sent(stage: Stage, key: str) -> int:
    """The last attempt to serve the reply."""
    query = sa.select(Delivery.id).where(
        Delivery.request_id == request_of(stage, key), Delivery.letter.like("%答复书")
    )
    return int(stage.session.scalars(query.order_by(Delivery.id.desc()).limit(1)).one())


def _bounced(stage: Stage, key: str, story: Story, event: Event) -> None:
    delivery, why = _sent(stage, key), event["reason"]
    serving.bounced(actor_of(event["by"]), delivery_id=delivery, bounced_on=today(), bounce_reason=why)


def _again(stage: Stage, key: str, story: Story, event: Event) -> None:
    serving.again(
        actor_of(event["by"]),
        request_id=request_of(stage, key),
        method=event.get("method", "post"),
        sent_on=today(),
        mail_no=event["mail_no"],
    )


def _signed(stage: Stage, key: str, story: Story, event: Event) -> None:
    who = event.get("signed_by") or read("applicants.toml")[story["applicant"]]["name"]
    delivery = _sent(stage, key)
    serving.signed(actor_of(event["by"]), delivery_id=delivery, signed_on=today(), signed_by=who)


# --- reconsideration and suits -----------------------------------------------------------------------------------


def _appeal(stage: Stage, key: str, story: Story, event: Event) -> None:
    number = ""
    if key in stage.cases:
        number = stage.session.get_one(Request, request_of(stage, key)).number or ""
    filed = appeals.Filed(
        kind=event["kind"],
        track=event["track"],
        case_no=stage.told(event["case_no"]),
        body=event["body"],
        party=_applicant(story).name,
        copy_on=today(),
        subject_id=_subject(story),
        request_no=number,
        note=stage.told(event.get("note", "")),
    )
    stage.appeals[key] = appeals.register(actor_of(event["by"]), filed=filed)["appeal"]


def _answered(stage: Stage, key: str, story: Story, event: Event) -> None:
    how = event["how"]
    appeals.answer(actor_of(event["by"]), appeal_id=stage.appeals[key], on=today(), how=how)


def _ruled(stage: Stage, key: str, story: Story, event: Event) -> None:
    redo_by = date.fromisoformat(stage.told(event["redo_by"])) if "redo_by" in event else None
    appeals.decide(
        actor_of(event["by"]),
        appeal_id=stage.appeals[key],
        result=event["result"],
        decided_on=today(),
        decided_no=stage.told(event["decided_no"]),
        redo_by=redo_by,
    )


def _redo(stage: Stage, key: str, story: Story, event: Event) -> None:
    actor, old = actor_of(event["by"]), key in stage.cases
    said = None if old else _applicant(story)
    application = None if old else _application(stage, actor, story, confirmed=False)
    result = ordering.again(actor, appeal_id=stage.appeals[key], said=said, application=application)
    stage.cases[key] = result["case"]
