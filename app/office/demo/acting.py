"""One event of the history, done as the person would do it: the step's own form, validated, then the command.

What an event may say: `by` (login), `step` and, for a step's form, `decision`, `opinion`, `answers`, `files`
(field -> names of texts), `paper` or `oa` (who signed outside). Other steps: claim, keep (a draft), publish.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app import processes
from app.accounts.directory import directory
from app.cases import asking, queries, service
from app.cases.models import WorkItem
from app.core.actor import Actor
from app.core.db import db
from app.core.now import today
from app.documents import beforehand, uploads
from app.documents.models import Document
from app.obligations import service as duties
from app.obligations.models import Obligation
from app.office.demo import papers
from app.office.demo.days import Moved
from app.office.demo.reading import read
from forms.builder import StepForm, submitted

SCAN = "签批单扫描件.pdf"


class Stuck(RuntimeError):
    """The data asks for something the office refuses: a mistake of the data, told with case and step."""


@dataclass
class Stage:
    """Where the history stands: the move of the days, and the cases and appeals begun so far by their key."""

    moved: Moved
    cases: dict[str, int] = field(default_factory=dict)
    appeals: dict[str, int] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session, between commands."""
        return db.session()

    def told(self, value: Any) -> Any:
        """A value of the data as it is said today."""
        return self.moved.told(value, today())


def actor_of(login: str) -> Actor:
    """The person as commands take him."""
    people = directory()
    person = people.by_login(login)
    actor = people.actor(person.id) if person else None
    if actor is None:
        raise Stuck(f"nobody signs in as {login}")
    return actor


def act(stage: Stage, key: str, story: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """Do one event of a case; `unit` tells apart what several units have at once."""
    others = {"start": _start, "claim": _claim, "keep": _keep, "publish": _publish}
    others.get(event["step"], _complete)(stage, key, story, event)


# --- starting ----------------------------------------------------------------------------------------------------


def _start(stage: Stage, key: str, story: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    actor, runtime = actor_of(event["by"]), processes.active(story["process"])
    known = beforehand.facts_for_start(stage.session, actor, _document(stage, story.get("about")))
    answers = stage.told(event.get("answers", {}))
    for name, texts in event.get("files", {}).items():
        answers[name] = [_early(stage, actor, name, text) for text in texts]
    asked = asking.ask_first(stage.session, runtime, actor, known)
    form = _filled(asked, known, answers, f"{key} start")
    said = asking.said_of(asked, form).own
    result = service.start(
        actor,
        process=story["process"],
        submitted=said,
        title=runtime.title(form.answers()),
        document_id=known.get("document_id"),
        data=known,
    )
    stage.cases[key] = result["case"]


def _document(stage: Stage, number: str | None) -> str | None:
    """The id of the document a case is about, by its number."""
    if number is None:
        return None
    return str(stage.session.scalars(sa.select(Document.id).where(Document.number == number)).one())


def _early(stage: Stage, actor: Actor, name: str, text: str) -> str:
    content, file_name = paper(stage, text)
    return str(beforehand.keep(actor, io.BytesIO(content), file_name, name)["id"])


# --- completing --------------------------------------------------------------------------------------------------


def _complete(stage: Stage, key: str, story: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """Fill in the step's form as its page shows it, change what the event says, send it."""
    actor, session = actor_of(event["by"]), stage.session
    item, case = queries.item(session, open_item(stage, key, event["step"], event.get("unit")))
    usual = read("usual.toml")[item["process_key"]].get(item["step"], {})
    answers = stage.told(usual) | stage.told(event.get("answers", {}))
    answers |= {name: event[name] for name in ("decision", "opinion") if name in event}
    outside = _outside(stage, actor, item, case, event)
    for name, texts in event.get("files", {}).items():
        answers[name] = [_upload(actor, item, case, name, *paper(stage, text)) for text in texts]
    where = f"{key} {event['step']} {event['day']}"

    def fill(item: dict[str, Any], case: dict[str, Any]) -> service.Filled:
        runtime = processes.runtime(case["version_id"])
        asked = asking.ask(session, runtime, item, case, actor, offline=bool(outside))
        form = _filled(asked, asking.returned_answers(asked, case), answers | outside, where)
        return asking.said_of(asked, form)

    service.submit(actor, item_id=item["id"], offline=bool(outside), fill=fill)


def open_item(stage: Stage, key: str, step: str, unit: str | None = None) -> int:
    """The item of a step that waits; with `unit` that of the unit of this name."""
    query = sa.select(WorkItem.id, WorkItem.step, WorkItem.post_id).where(
        WorkItem.case_id == stage.cases[key], WorkItem.status == "open"
    )
    rows = stage.session.execute(query).all()
    found = [row.id for row in rows if row.step == step and (unit is None or _unit_of(row.post_id) == unit)]
    if len(found) != 1:
        raise Stuck(f"{key}: {step} waits {len(found)} times, of {sorted(row.step for row in rows)}")
    return int(found[0])


def _unit_of(post_id: int | None) -> str:
    people = directory()
    post = people.post(post_id) if post_id else None
    unit = people.unit(post.unit_id) if post and post.unit_id else None
    return unit.name if unit else ""


def _filled(
    asked: asking.Asked, saved: Mapping[str, Any], answers: Mapping[str, Any], where: str
) -> StepForm:
    """The form as a browser would send it: what the page shows, with the answers written over it."""
    shown = asking.form_of(asked, saved=saved or None)
    sent = submitted(asked.definition, {**shown.answers(), **answers})
    form = asking.form_of(asked, formdata=MultiDict(sent))
    if not form.validate():
        raise Stuck(f"{where}: {'；'.join(text for _, text in form.problems())}")
    return form


def _outside(
    stage: Stage,
    actor: Actor,
    item: dict[str, Any],
    case: dict[str, Any],
    event: Mapping[str, Any],
) -> dict[str, Any]:
    """The answers of 线下、OA签批回填: who signed on `paper` (a scan is made) or in the `oa`."""
    name = event.get("paper") or event.get("oa")
    if name is None:
        return {}
    found = next((p for p in directory().people_of(item["organ_id"]) if p.name == name), None)
    if found is None:
        raise Stuck(f"nobody in the organ is called {name}")
    signed = stage.told(event.get("signed", today()))
    said = {"offline_signer": str(found.id), "offline_signed_on": signed}
    said["offline_note"] = stage.told(event.get("note", ""))
    if "oa" in event:
        return said | {"offline_how": "oa", "offline_oa_number": stage.told(event["oa_number"])}
    sheet = papers.pdf(
        [f"{item['label']} 签批单", case["title"][:34], f"签批意见：{event.get('opinion', '同意。')}",
         f"签批人：{name}", f"签批日期：{signed}"]
    )  # fmt: skip
    return said | {
        "offline_how": "paper",
        "offline_scan": [_upload(actor, item, case, "offline_scan", sheet, SCAN)],
    }


def _upload(
    actor: Actor, item: dict[str, Any], case: dict[str, Any], name: str, content: bytes, file_name: str
) -> str:
    kept = uploads.add_to_case(
        actor,
        stream=io.BytesIO(content),
        name=file_name,
        case_id=case["id"],
        item_id=item["id"],
        field=name,
        part="paper" if name.startswith("offline_") else "document",
    )
    return str(kept["id"])


def paper(stage: Stage, key: str) -> tuple[bytes, str]:
    """A text of the data as a file, with its name."""
    text = stage.told(read("documents.toml")[key])
    title = text["title"]
    return papers.docx(title, text["body"]), f"{text.get('name', title)[:60]}.docx"


# --- other acts on a case ----------------------------------------------------------------------------------------


def _claim(stage: Stage, key: str, story: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    item = open_item(stage, key, event["of"], event.get("unit"))
    service.claim(actor_of(event["by"]), item_id=item)


def _keep(stage: Stage, key: str, story: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """What a person has typed into a step's form and not sent yet."""
    item = open_item(stage, key, event["of"])
    service.keep_draft(actor_of(event["by"]), item_id=item, data=stage.told(event["answers"]))


def _publish(stage: Stage, key: str, story: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    duty = stage.session.scalars(sa.select(Obligation.id).where(Obligation.case_id == stage.cases[key])).one()
    duties.close(
        actor_of(event["by"]),
        duty_id=duty,
        url=stage.told(event["url"]),
        published_on=today(),
        channel=event.get("channel", "website"),
        cause=event.get("cause", ""),
    )
