"""Between a step's form and the command: what the form knows before it is shown, and what it said when sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from app.accounts.directory import Directory, directory
from app.accounts.standing_rows import REMEMBERED
from app.cases.models import FlowRow
from app.cases.moves import Backwards
from app.cases.reaching import joint_step, joint_target, signers
from app.cases.routing import JUDGING
from app.cases.submitted import PASSING, Filled, Offline, Submitted
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import Sayable
from app.core.now import business_date, today
from app.documents import beforehand
from app.documents.models import Attachment, StoredFile
from app.processes import Runtime
from forms.builder import Around, StepForm, bind, facts_of, personal_of
from forms.definition import OFFLINE_PREFIX, Definition, answers_of, union
from forms.reading import offline_definition, said_on_sheet, with_offline
from workflows.engine import place_of

a, f = table_of(Attachment), table_of(StoredFile)
_files = (
    sa.select(a.c.id, a.c.name, a.c.file_hash, a.c.field, a.c.state, a.c.uploaded_by, f.c.size)
    .join(f, f.c.hash == a.c.file_hash)
    .where(a.c.case_id == sa.bindparam("case"), a.c.state != "removed", a.c.replaced_by.is_(None))
    .order_by(a.c.id)
)


@dataclass(frozen=True)
class Asked:
    """A step's form ready to show or check.

    `definition` is what the page asks: the step's own form, united with the adjacent step's (`joint`) or with the
    offline part (`offline`).
    """

    runtime: Runtime
    own: Definition
    joint: Definition | None
    offline: Definition | None
    definition: Definition
    around: Around


def files_of(session: Session, case_id: int, person_id: int | None) -> dict[str, dict[str, Any]]:
    """The case's attachments a form may name, by id: kept ones, and this person's own uploads."""
    return {
        str(row.id): {
            "id": str(row.id),
            "name": row.name,
            "sha256": row.file_hash,
            "size": row.size,
            "field": row.field,
            "state": row.state,
        }
        for row in session.execute(_files, {"case": case_id})
        if row.state == "kept" or row.uploaded_by == person_id
    }


def lists(
    people: Directory, organ_id: int, signers: Sequence[tuple[str, str]] = ()
) -> dict[str, Sequence[tuple[str, str]]]:
    """The lists forms may name: other organs, the organ's people and units, the holders of a post."""
    organs = [
        (o.code, o.name)
        for o in people.organs.values()
        if o.active and o.id != organ_id and _receives(o, people)
    ]
    persons = [(str(p.id), p.name) for p in people.people_of(organ_id)]
    return {
        "organs": organs,
        "persons": persons,
        "units": units(people, organ_id),
        "signers": signers,
    }


def choices_asked(runtime: Runtime, definition: Definition) -> dict[str, Sequence[tuple[str, str]]]:
    """The options of fields that other forms asked and this one shows as known: `choices:<key>` -> (value, label)."""
    forms = [form for package in runtime.packages.values() for form in package.forms.values()]
    found: dict[str, Sequence[tuple[str, str]]] = {}
    for item in definition.known:
        if item.as_ == "choices":
            asked = next((form.by_key[item.key] for form in forms if item.key in form.by_key), None)
            found[f"choices:{item.key}"] = asked.named if asked else []
    return found


def units(people: Directory, organ_id: int) -> list[tuple[str, str]]:
    """The units of an organ to choose from: (id as text, name)."""
    return [(str(unit.id), unit.name) for unit in people.units_of(organ_id)]


def _receives(organ: Any, people: Directory) -> bool:
    """Whether an organ can receive a draft: it, or the organ that handles for it, has a 核稿岗."""
    return people.post_in_organ(organ.office_id or organ.id, "text_checker") is not None


def ask(
    session: Session,
    runtime: Runtime,
    item: Mapping[str, Any],
    case: Mapping[str, Any],
    actor: Actor,
    *,
    offline: bool = False,
) -> Asked:
    """The form of a work item for this person."""
    own = runtime.form(item["process_key"], item["step"])
    joint = None if offline else _joint(runtime, item, case, actor)
    outside = offline_definition() if offline else None
    definition = own
    if joint is not None:
        definition = union(own, joint)
    if outside is not None:
        definition = with_offline(own)
    people = directory()
    around = Around(
        known=case["data"],
        options=lists(people, actor.organ_id or 0, signers_of(item, case) if offline else ())
        | {"units": units(people, case["organ_id"])}
        | choices_asked(runtime, definition),
        files=files_of(session, case["id"], actor.person_id) if _asks_files(definition) else {},  # type: ignore[arg-type]
        today=today(),
    )
    return Asked(runtime, own, joint, outside, definition, around)


def _asks_files(definition: Definition) -> bool:
    return any(spec.type == "files" for spec in definition.fields)


def ask_first(session: Session, runtime: Runtime, actor: Actor, known: Mapping[str, Any]) -> Asked:
    """The form that starts a case; files it names are the person's own uploads that belong to no case yet."""
    definition = runtime.form(runtime.key, "start")
    people = directory()
    around = Around(
        known=known,
        options={**lists(people, actor.organ_id or 0), "documents": beforehand.choices(session, actor)},
        files=beforehand.waiting(session, actor.person_id),  # type: ignore[arg-type]
        today=today(),
    )
    return Asked(runtime, definition, None, None, definition, around)


def with_uploads(
    form: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    keep: Callable[[str, FileStorage], Mapping[str, Any]],
) -> tuple[MultiDict[str, Any], list[str]]:
    """The form's text with the ids of what was uploaded with it; refused files as sentences."""
    merged: MultiDict[str, Any] = MultiDict(list(form.items(multi=True)))
    refused: list[str] = []
    for key, upload in files.items(multi=True):
        if not upload.filename:
            continue
        try:
            merged.add(key, str(keep(key, upload)["id"]))
        except Sayable as error:
            refused.append(error.message)
    return merged, refused


def _joint(
    runtime: Runtime, item: Mapping[str, Any], case: Mapping[str, Any], actor: Actor
) -> Definition | None:
    """The adjacent step's form, when this person holds both posts (domain.md 12.6)."""
    step = joint_step(runtime, item)
    target = joint_target(runtime, item, case) if step else None
    if step is None or target is None or actor.person_id not in target.people:
        return None
    return runtime.form(item["process_key"], step)


def signers_of(item: Mapping[str, Any], case: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who may have signed this step outside and did not draft; with those who stood in for them since it opened."""
    last = today()
    days = (last - business_date(item["opened_at"])).days if item["opened_at"] else 0
    back = min(max(days, 0), REMEMBERED.days)
    found = signers(item, case, (last - timedelta(days=n) for n in range(back + 1)))
    judges = item["role"] in JUDGING
    return [(str(each), name) for each, name in found.items() if not (judges and each in case["authors"])]


def form_of(
    asked: Asked, formdata: MultiDict[str, Any] | None = None, saved: Mapping[str, Any] | None = None
) -> StepForm:
    """The bound form: for a view (`saved` draft, else what the case knows) or a submission (`formdata`)."""
    return bind(asked.definition, asked.around, formdata=formdata, saved=saved)


_said_before = (
    sa.select(FlowRow.seq, FlowRow.person_id, FlowRow.answers, FlowRow.row)
    .where(FlowRow.case_id == sa.bindparam("case"), FlowRow.kind.in_(("complete", "return", "migrate")))
    .order_by(FlowRow.seq.desc())
    .limit(200)
)


def undone_answers(
    session: Session, asked: Asked, item: Mapping[str, Any], case: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """What this step said before a return undid it: comes back as the draft of whoever does it again.

    The decision is taken anew, and nobody finds another one's opinion as his own.
    """
    undone: set[int] = set()
    as_now = Backwards()
    for row in session.execute(_said_before, {"case": case["id"]}) if case["returns"] else ():
        read = as_now(row.row)
        undone |= set(read["drop"])
        if read["kind"] != "complete" or place_of(read["at"][0]) != place_of(item["address"]):
            continue
        if row.seq not in undone:
            return {}
        own = row.person_id == actor.person_id
        passing = {each.key for each in (asked.own.decision, None if own else asked.own.opinion) if each}
        return _still_there(asked, {key: value for key, value in row.answers.items() if key not in passing})
    return {}


def _still_there(asked: Asked, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of this form, with those files only that can be named again; sealed values stay sealed."""
    found = {
        key: value
        for key, value in answers.items()
        if key in asked.own.by_key and not isinstance(value, dict)
    }
    for key, spec in asked.own.by_key.items():
        if spec.type == "files" and isinstance(found.get(key), list):
            found[key] = [each for each in found[key] if str(each.get("id")) in asked.around.files]
    return found


def returned_answers(asked: Asked, case: Mapping[str, Any]) -> dict[str, Any]:
    """What an earlier round of this step said: shown again when the step comes back."""
    data = case["data"]
    answers = {
        key: data[key]
        for key, spec in asked.own.by_key.items()
        if key in data and key not in PASSING and not spec.once
    }
    for key, spec in asked.own.by_key.items():
        if spec.type == "files" and isinstance(answers.get(key), list):
            answers[key] = [each for each in answers[key] if str(each.get("id")) in asked.around.files]
    return answers


def said_of(asked: Asked, form: StepForm) -> Filled:
    """What a validated form said: for the step, for the adjacent step signed at once, and who signed outside."""
    answers = said_on_sheet(asked.own, form.answers())
    own = _submitted(asked.own, answers_of(asked.own, answers), form)
    joint = None
    if asked.joint is not None and _goes_on(form):
        joint = _submitted(asked.joint, answers_of(asked.joint, answers), form)
    had: dict[str, set[int]] = {}
    for each in asked.around.files.values():
        if each.get("state") == "kept":
            had.setdefault(str(each.get("field")), set()).add(int(each["id"]))
    return Filled(own, joint, _offline(asked, answers), had)


def _goes_on(form: StepForm) -> bool:
    """A return is signed for one step only."""
    chosen = form.chosen
    return chosen is None or not chosen.opinion_only


def _submitted(definition: Definition, answers: Mapping[str, Any], form: StepForm) -> Submitted:
    secret = personal_of(definition, answers)
    chosen = form.chosen if definition.decision is not None else None
    opinion = definition.opinion
    said = {key: value for key, value in answers.items() if key not in secret}
    return Submitted(
        answers=said | {key: {"personal": True} for key, value in secret.items() if value},
        facts=facts_of(definition, answers),
        personal={key: str(value) for key, value in secret.items() if value},
        files={
            key: tuple(int(each["id"]) for each in answers.get(key) or ())
            for key, spec in definition.by_key.items()
            if spec.type == "files" and key in answers
        },
        decision=str(answers.get(definition.decision.key) or "") if definition.decision else "",
        decision_label=chosen.label if chosen else "",
        opinion=str(answers.get(opinion.key) or "") if opinion else "",
    )


def _offline(asked: Asked, answers: Mapping[str, Any]) -> Offline | None:
    if asked.offline is None:
        return None
    part = {key.removeprefix(OFFLINE_PREFIX): answers.get(key) for key in asked.offline.by_key}
    scans = part.get("scan") or []
    return Offline(
        how=str(part["how"]),
        signer_id=int(str(part["signer"])),
        signed_on=date.fromisoformat(str(part["signed_on"])),
        oa_number=str(part.get("oa_number") or ""),
        note=str(part.get("note") or ""),
        scans=tuple(int(each["id"]) for each in scans if isinstance(each, dict)),
    )
