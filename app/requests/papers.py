"""文书 of a request on their way: drafted with the step that writes them, issued with the step that sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from app.cases import hooks as case_hooks
from app.cases import queries as case_queries
from app.cases.models import Case, WorkItem
from app.cases.reaching import receives
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.documents.service import clean, day
from app.letters import checking, queries
from app.letters import service as letters
from app.letters.models import Letter
from app.requests import attempts, clocks, deciding, filling
from app.requests.kinds import CONSULTED
from app.requests.models import Consultation, Matter, Request
from app.requests.reaching import of_case
from workflows.law.replies import REPLIES

#: steps at which letters are written; at any other a change would void an approval unseen
WRITING = frozenset(
    {
        "draft_reply",
        "draft_closing",
        "correction_draft",
        "reasons_ask",
        "fee_draft",
        "consult_plan",
        "reasons_judge",
    }
)
#: letters of the whole answer
REPLY_KINDS = frozenset(reply.letter for reply in REPLIES.values())
#: how the applicant wants to be told -> how an extension reaches him
DELIVERED = {"post": "postal", "electronic": "electronic", "collect": "direct"}
#: who is asked -> the letter that asks
ASKING = {"third": "L7", "joint": "L10", "other": "L10"}


def reply_letter(
    tx: Tx, request: Request, matters: list[Matter], whole: str, data: Mapping[str, Any]
) -> Letter:
    """The open reply letter of the outcome, made or filled anew with the facts as they are now; others are put aside."""
    fields = filling.fields(tx.session, request, matters, whole, data)
    return _drafted(tx, request, REPLIES[whole].letter, fields, variant=whole)


def _drafted(
    tx: Tx,
    request: Request,
    kind: str,
    fields: Mapping[str, Any],
    *,
    variant: str | None = None,
    part: str = "",
    addressee: str | None = None,
) -> Letter:
    to = addressee if addressee is not None else str(request.applicant.get("name") or "")
    number = letters.draft(
        tx, case_id=request.case_id, organ_id=request.subject_id, kind=kind, variant=variant, addressee=to,
        fields=fields, part=part,
    )  # fmt: skip
    return tx.session.get_one(Letter, number)


def written(tx: Tx, case: Mapping[str, Any], kind: str, said: Mapping[str, Any]) -> None:
    """A step that writes a letter was completed: the letter is there with what the step said."""
    request = of_case(tx, case["id"])
    if kind == "reply" or kind in REPLY_KINDS:
        return  # foi.reply_ready makes and checks it
    if kind == "L6" and not said.get("delay_until"):
        return  # reasons were judged otherwise
    if kind in ("L7", "L10"):
        for row in _parties(tx, request):
            _drafted(
                tx, request, ASKING[row.kind], filling.party_fields(tx.session, request, row), part=str(row.id),
                addressee=row.party,
            )  # fmt: skip
        return
    answers = {**case["data"], **said}
    _drafted(tx, request, kind, filling.step_fields(tx.session, request, kind, answers))


def _parties(tx: Tx, request: Request) -> list[Consultation]:
    query = sa.select(Consultation).where(
        Consultation.request_id == request.id, Consultation.state == "planned"
    )
    return list(tx.session.scalars(query.order_by(Consultation.id)))


@dataclass(frozen=True)
class Sending:
    """How a letter leaves: the answers of the step that sends it."""

    on: date
    method: str = "post"
    mail_no: str | None = None
    signed_on: date | None = None


def sending(context: Any, on: date) -> Sending:
    """What the sending step said."""
    said = context.answers
    return Sending(
        on, clean(said.get("method")) or "post", clean(said.get("mail_no")), day(said.get("delivered_on"))
    )


def send(tx: Tx, request: Request, kind: str, how: Sending, *, part: str = "", **fresh: Any) -> Letter | None:
    """制发 and send a procedural letter; None when it was done outside the system. `fresh` are facts known only now.

    Refused when the law's content is missing; the sentence names it.
    """
    letter = queries.open_letter(tx.session, request.case_id, kind, part)
    if letter is None:
        return None
    if fresh:
        letters.refill(tx, letter.id, fields=fresh)
    wrong = checking.missing(letter)
    if wrong:
        raise Refused(f"《{letter.title}》还不能发出：{''.join(wrong)}")
    letters.approve(tx, letter.id)
    letters.take_number(tx, letter.id)
    letters.issue(tx, letter.id, sealed_on=how.on)
    attempts.add(
        tx, request, method=how.method, sent_on=how.on, signed_on=how.signed_on, mail_no=how.mail_no,
        letter=f"{letter.number or ''} {letter.title}".strip(), letter_id=letter.id, to=letter.addressee,
    )  # fmt: skip
    return letter


@command
def draft_now(tx: Tx, *, item_id: int) -> dict[str, Any]:
    """先看文书: draft the letter of the step from what is typed so far; {letter}."""
    from app import processes
    from app.cases.reaching import locked_item

    item, case = locked_item(tx, item_id)
    if item["status"] != "open" or not receives(item, tx.actor):
        raise NotFound()
    info = processes.runtime(case["version_id"]).spec.steps[(item["process_key"], item["step"])]
    kind = info.settings.get("letter")
    if not kind:
        raise Refused("这个环节不出文书。")
    kept = case_queries.draft(tx.session, item_id, tx.actor.person_id)
    request = of_case(tx, case["id"])
    if kind == "reply" or kind in REPLY_KINDS:
        matters = deciding.matters_of(tx.session, request.id)
        letter = reply_letter(tx, request, matters, deciding.overall(request, matters).code, case["data"])
    elif kind in ("L7", "L10"):
        raise Refused("征求意见书按对象逐份生成，请在「征求意见」中添加对象后送审。")
    else:
        said = dict(kept.data) if kept else {}
        letter = _drafted(
            tx, request, kind, filling.step_fields(tx.session, request, kind, {**case["data"], **said})
        )
    return {"letter": letter.id}


def extension_letter(tx: Tx, request: Request) -> None:
    """《延期答复告知书》 of an extension that was agreed to, issued at once: it counts from being told (条例33②)."""
    _drafted(tx, request, "L4", filling.step_fields(tx.session, request, "L4", {}))
    send(tx, request, "L4", Sending(business_date(tx.now), DELIVERED[request.delivery]))


# --- what the letters room asks ---------------------------------------------------------------------------------


def may_see(session: Session, actor: Actor, case_id: int) -> bool:
    """Whoever may see the case sees its letters."""
    return case_hooks.may_see_case(session, actor, case_id)


def may_edit(session: Session, actor: Actor, letter: Letter) -> bool:
    """Whoever has a step at which letters are written may change their text."""
    query = sa.select(WorkItem.holder_id, WorkItem.post_id).where(
        WorkItem.case_id == letter.case_id, WorkItem.status == "open", WorkItem.step.in_(WRITING)
    )
    return any(receives(dict(row), actor) for row in session.execute(query).mappings())


def case_link(case_id: int) -> dict[str, Any] | None:
    """{label, url} of a letter's case."""
    from app.core.db import db

    found = db.session().execute(sa.select(Case.number, Case.title).where(Case.id == case_id)).first()
    if found is None:
        return None
    return {"label": f"{found.number} {found.title}", "url": url_for("cases.case", case_id=case_id)}


def tell_of_pause(tx: Tx, request: Request, asked: Sequence[Consultation], on: date) -> None:
    """《征求意见情况告知书》: the applicant is told that the time does not count (条例33③), never who is asked."""
    words = "、".join(dict.fromkeys(CONSULTED[row.kind] for row in asked))
    fields = filling.common(tx.session, request) | {"consulted": words, "sent_on": on.isoformat()}
    _drafted(tx, request, "L8", fields)
    send(tx, request, "L8", Sending(on, DELIVERED[request.delivery]))


def receipt_letter(tx: Tx, request: Request) -> None:
    """《登记回执》, made with the number (条例45)."""
    state = clocks.compute(tx.session, request, business_date(tx.now))
    fields = filling.common(tx.session, request) | {
        "due_on": request.due_on.isoformat() if request.due_on else None
    }
    if state is not None and state.reply_due is not None and state.reply_due.date is None:
        fields["due_on"] = None
    _drafted(tx, request, "L2", fields)
