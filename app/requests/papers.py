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
from app.letters import checking as letter_checking
from app.letters import service as letters
from app.letters.models import Letter
from app.requests import attempts, clocks, deciding, docket, filling
from app.requests.kinds import CONSULTED, PROCESS
from app.requests.models import Consultation, Matter, Request
from app.requests.reaching import locked, of_case
from workflows.law.clock import Clock
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
#: letters made by the action behind their step, which knows more (the fee, the day)
MADE_BY_ACTIONS = REPLY_KINDS | {"reply", "L6", "L12"}
#: how the applicant wants to be told -> how an extension reaches him
DELIVERED = {"post": "postal", "electronic": "electronic", "collect": "direct"}
#: who is asked -> the letter that asks
ASKING = {"third": "L7", "joint": "L10", "other": "L10"}
#: a joint maker and any other organ are asked under different clauses (条例34; 11①, 33③)
ASKING_VARIANT = {"joint": "joint", "other": "other"}
#: letters that a step signs together with the one it names
SIGNED_WITH = {"L7": ("L7", "L8", "L10")}


def reply_letter(
    tx: Tx, request: Request, matters: list[Matter], whole: str, data: Mapping[str, Any]
) -> Letter:
    """The open reply letter of the outcome, made or filled anew with the facts as they are now; others are put aside."""
    fields = filling.fields(tx, request, matters, whole, data)
    return drafted(tx, request, REPLIES[whole].letter, fields, variant=whole)


def drafted(
    tx: Tx,
    request: Request,
    kind: str,
    fields: Mapping[str, Any],
    *,
    variant: str | None = None,
    part: str = "",
    addressee: str | None = None,
) -> Letter:
    """The open letter of a kind, filled with these facts; written with everything else when the command ends."""
    to = addressee if addressee is not None else str(request.applicant.get("name") or "")
    return letters.prepare(
        tx, case_id=request.case_id, organ_id=request.subject_id, kind=kind, variant=variant, addressee=to,
        fields=fields, part=part,
    )  # fmt: skip


def written(tx: Tx, case: Mapping[str, Any], step: str, kind: str, said: Mapping[str, Any]) -> None:
    """A step that writes a letter was completed: the letter is there with what the step said."""
    if step not in WRITING or kind in MADE_BY_ACTIONS:
        return
    if kind == "L7":
        _asking(tx, case["id"])
    else:
        write(tx, of_case(tx, case["id"]), kind, {**case["data"], **said})


def write(tx: Tx, request: Request, kind: str, answers: Mapping[str, Any]) -> Letter:
    """The open procedural letter of a kind with what the steps said."""
    return drafted(tx, request, kind, filling.step_fields(tx, request, kind, answers))


def _asking(tx: Tx, case_id: int) -> None:
    """A letter to each party that is to be asked, and the one that tells the applicant (条例33③), never who is asked."""
    known = docket.of_case(tx, case_id)
    planned = [row for row in known.consultations(tx) if row.state == "planned"]
    for row in planned:
        fields = filling.party_fields(known.request, row)
        variant = ASKING_VARIANT.get(row.kind)
        drafted(
            tx,
            known.request,
            ASKING[row.kind],
            fields,
            variant=variant,
            part=str(row.id),
            addressee=row.party,
        )
    if planned:
        words = "、".join(dict.fromkeys(CONSULTED[row.kind] for row in planned))
        day_asked = business_date(tx.now).isoformat()
        fields = filling.common(known.request) | {"consulted": words, "sent_on": day_asked}
        drafted(tx, known.request, "L8", fields)
    letters.together(tx, letters.open_letters(tx, case_id))


def signed(tx: Tx, case: Mapping[str, Any], kind: str) -> None:
    """A step that signs letters agreed: they are approved and numbered together."""
    letters.sign_letters(tx, letters.open_letters(tx, case["id"], *SIGNED_WITH.get(kind, (kind,))))


def drop(tx: Tx, request: Request, row: Consultation) -> None:
    """Nobody asks this party any more: its letter is put aside."""
    letter = letters.open_letter(tx, request.case_id, ASKING[row.kind], str(row.id))
    if letter is not None:
        letters.make_void(tx, letter, "不再征求意见")


@dataclass(frozen=True)
class Sending:
    """How a letter leaves: the answers of the step that sends it."""

    on: date
    method: str = "post"
    mail_no: str | None = None
    signed_on: date | None = None

    @property
    def received_on(self) -> date | None:
        """The day it was received, as far as it is known: signed for, or there at once (民诉法90: 电子送达【推定】)."""
        return self.signed_on or (self.on if self.method in ("electronic", "direct") else None)


def sending(context: Any, on: date) -> Sending:
    """What the sending step said."""
    said = context.answers
    return Sending(
        on, clean(said.get("method")) or "post", clean(said.get("mail_no")), day(said.get("delivered_on"))
    )


def told_by(request: Request, on: date) -> Sending:
    """How a notice of the office itself reaches the applicant."""
    return Sending(on, DELIVERED[request.delivery])


def send(tx: Tx, request: Request, kind: str, how: Sending, **fresh: Any) -> Letter | None:
    """制发 and send a procedural letter; None when it was done outside the system. `fresh` are facts known only now.

    Refused when the law's content is missing; the sentence names it.
    """
    letter = letters.open_letter(tx, request.case_id, kind)
    if letter is not None:
        send_all(tx, request, [(letter, how)], **fresh)
    return letter


def send_all(tx: Tx, request: Request, going: Sequence[tuple[Letter, Sending]], **fresh: Any) -> None:
    """`send` for several letters of one day."""
    for letter, _ in going:
        letters.fill(tx, letter, fresh, leaving=True)
    letters.issue_letters(tx, [letter for letter, _ in going], sealed_on=going[0][1].on)
    sent = [
        attempts.Attempt(
            how.method,
            how.on,
            f"{letter.number or ''} {letter.title}".strip(),
            how.signed_on,
            mail_no=how.mail_no,
            letter_id=letter.id,
            to=letter.addressee,
        )  # fmt: skip
        for letter, how in going
    ]
    attempts.add_all(tx, request, sent)


def asking(tx: Tx, request: Request, rows: Sequence[Consultation]) -> list[tuple[Consultation, Letter]]:
    """The parties for whom a signed letter lies ready."""
    ready = [(row, letters.open_letter(tx, request.case_id, ASKING[row.kind], str(row.id))) for row in rows]
    return [(row, letter) for row, letter in ready if letter is not None and letter.state == "approved"]


@command
def draft_now(tx: Tx, *, item_id: int) -> dict[str, Any]:
    """先看文书: draft the letter of the step from what is typed so far; {letter}."""
    from app import processes
    from app.cases.reaching import locked_item

    item, case = locked_item(tx, item_id)
    if item["status"] != "open" or not receives(item, tx.actor, case):
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
    elif kind == "L7":
        raise Refused("征求意见书按对象逐份生成，请在「征求意见」中添加对象后送审。")
    else:
        letter = write(tx, request, kind, {**case["data"], **(dict(kept.data) if kept else {})})
    tx.session.flush()
    return {"letter": letter.id}


def extension_letter(tx: Tx, request: Request) -> None:
    """《延期答复告知书》 of an extension that was agreed to, issued at once: it counts from being told (条例33②)."""
    write(tx, request, "L4", {})
    send(tx, request, "L4", told_by(request, business_date(tx.now)))


# --- what the letters room asks ---------------------------------------------------------------------------------


def may_see(session: Session, actor: Actor, case_id: int) -> bool:
    """Whoever may see the case sees its letters."""
    return case_hooks.may_see_case(session, actor, case_id)


def may_edit(session: Session, actor: Actor, letter: Letter) -> bool:
    """Whoever has a step at which letters are written may change their text."""
    query = sa.select(WorkItem.holder_id, WorkItem.post_id).where(
        WorkItem.case_id == letter.case_id, WorkItem.status == "open", WorkItem.step.in_(WRITING)
    )
    return any(
        receives(dict(row), actor, {"process_key": PROCESS}) for row in session.execute(query).mappings()
    )


def case_link(case_id: int) -> dict[str, Any] | None:
    """{label, url} of a letter's case."""
    from app.core.db import db

    found = db.session().execute(sa.select(Case.number, Case.title).where(Case.id == case_id)).first()
    if found is None:
        return None
    return {"label": f"{found.number} {found.title}", "url": url_for("cases.case", case_id=case_id)}


def receipt_letter(tx: Tx, request: Request, state: Clock | None) -> str:
    """《登记回执》, issued with the number (条例45); a sentence when it could not be. Nothing of a letter stops the clock
    from beginning: what is missing is said, and the receipt is issued later by `issue_receipt`."""
    letter = drafted(tx, request, "L2", filling.receipt_fields(request, state))
    absent = letter_checking.missing(letter)
    if absent:
        return f"登记回执还没有制发：{absent[0]}补上后在办件页面制发。"
    letters.issue_letters(tx, [letter], sealed_on=business_date(tx.now))
    return ""


@command
def issue_receipt(tx: Tx, *, request_id: int) -> dict[str, Any]:
    """制发登记回执 that could not be issued at registration; {case, said}. Refused before the number, or with a gap."""
    request, case = locked(tx, request_id, open_only=False)
    if request.number is None or request.received_on is None:
        raise Refused("还没有确定收到申请之日，登记回执要等登记号编定以后制发。")
    if any(
        letter.kind == "L2" and letter.state == "issued" for letter in letters.folder(tx, request.case_id)
    ):
        return {"case": case["id"], "said": "登记回执已经制发，可以直接打印。"}
    problem = receipt_letter(tx, request, clocks.now(tx, request))
    if problem:
        raise Refused(problem)
    return {"case": case["id"], "said": "登记回执已制发，可以打印交给申请人。"}
