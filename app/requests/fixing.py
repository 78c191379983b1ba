"""本人信息更正 (条例41): the applicant shows by evidence that what he was given about himself is wrong.

It is no application for disclosure and counts in no row of the annual report【推定】(domain.md 1.9), and no law gives it a
period: it hangs on the request by which the information was given. A clerk writes down what was found, the head of 工作机构
agrees to it, whoever seals and posts sends it: two people at least. L23 answers the applicant; where the matter is another
organ's and is passed on, a second L23 goes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.cases import higher
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.letters import service as letters
from app.letters.models import Letter
from app.requests import applicants, filling, papers
from app.requests.kinds import FINDINGS, METHODS
from app.requests.models import RecordFix, Request
from app.requests.reaching import locked
from workflows.law.replies import REPLIES

ASKED, SENDING = "record_fix", "fix_send"
STATES = {"asked": "待批准", "refused": "已退回", "agreed": "待送达", "sent": "已送达"}
_ELSEWHERE = ("moved", "told")
#: who sends: the first of these posts that the organ has
_SENDERS = ("seal_clerk", "registrar")


@dataclass(frozen=True, slots=True)
class Found:
    """What a clerk writes down: the claim, and what the organ found of it. `owner` only where the matter is another's."""

    asked_on: date
    record_name: str
    evidence: str
    finding: str
    result: str
    owner: str = ""
    owner_contact: str = ""


def may_ask(request: Request) -> bool:
    """Whether information was given that could be wrong (条例41: 行政机关提供的政府信息)."""
    given = request.outcome is not None and REPLIES[request.outcome].open
    return bool(given and request.state in ("answered", "closed"))


@command
def ask(tx: Tx, *, request_id: int, found: Found) -> dict[str, Any]:
    """Draft the letters and ask the head to agree; {case, fix, said}. Refused where nothing was given, or one is open."""
    request, case = locked(tx, request_id, open_only=False)
    if not may_ask(request):
        raise Refused(
            "更正的是本机关提供的政府信息（条例第四十一条），这件还没有答复，或者没有提供信息。"
            "另行收到的更正申请，请在「来件」中登记为本人信息更正。"
        )
    _check(request, found, business_date(tx.now))
    if open_one(tx.session, request.id) is not None:
        raise Refused("上一项更正还没有办完。请办完后再登记新的。")
    row = RecordFix(
        request_id=request.id, asked_on=found.asked_on, record_name=found.record_name.strip(),
        evidence=found.evidence.strip(), finding=found.finding, result=found.result.strip(), state="asked",
        owner=found.owner.strip() or None, owner_contact=found.owner_contact.strip() or None,
        by=tx.actor.person_id, at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    _draft(tx, request, row)
    row.item_id, target = higher.open_item(
        tx, case, higher.SubItem(ASKED, "更正答复审批", "work", "disclosure_head")
    )
    tx.session.flush()
    higher.note(
        tx, case, "request.fix_ask", f"{tx.actor.name} 报请答复更正申请：{FINDINGS[row.finding]}", fix=row.id,
        finding=row.finding, result=row.result,
    )  # fmt: skip
    return {
        "case": case["id"],
        "fix": row.id,
        "said": f"已送 {target.sentence}批准。批准后由送达岗位送出。",
    }


@command
def decide(tx: Tx, *, item_id: int, agree: bool, opinion: str) -> dict[str, Any]:
    """The head agrees: the letters are approved and numbered, and go to whoever sends. Or gives it back with a reason."""
    item, case, row, request = _of_item(tx, item_id, ASKED)
    if row.by == tx.actor.person_id:
        raise NotAllowed("更正答复由政府信息公开工作机构负责人批准，报请人不能批准自己的报请。请由他人批准。")
    if not agree and not opinion.strip():
        raise Refused("退回的，请写明意见。", fields={"opinion": "必填。"})
    row.state, row.opinion = "agreed" if agree else "refused", opinion.strip()[:500] or None
    row.decided_by, row.decided_at = tx.actor.person_id, tx.now
    word = "同意" if agree else "退回"
    higher.close_item(tx, item, word, row.opinion)
    said = "已退回。需要答复的，请经办人重新登记。"
    if agree:
        letters.sign_letters(tx, _letters(tx, request, row))
        label = "更正答复送达"
        row.item_id, target = higher.open_item(
            tx, case, higher.SubItem(SENDING, label, "work", _sender(case))
        )
        said = f"已同意，送 {target.sentence}送达。"
    else:
        for letter in _letters(tx, request, row):
            letters.make_void(tx, letter, "更正答复退回重办")
    tx.session.flush()
    higher.note(
        tx, case, "request.fix_decide", f"{tx.actor.name} {word}更正答复：{FINDINGS[row.finding]}", fix=row.id,
        opinion=row.opinion,
    )  # fmt: skip
    return {"case": case["id"], "request": request.id, "said": said}


@command
def send(tx: Tx, *, item_id: int, method: str, sent_on: date, mail_no: str = "") -> dict[str, Any]:
    """制发 what was agreed and enter how it was sent; {case, letter, said}."""
    item, case, row, request = _of_item(tx, item_id, SENDING)
    assert row.decided_at is not None
    if not business_date(row.decided_at) <= sent_on <= business_date(tx.now):
        raise Refused("还不能送出，见标红处。", fields={"sent_on": "应在批准之日与今天之间。"})
    going = _letters(tx, request, row)
    if not going or any(letter.state != "approved" for letter in going):
        raise Refused("没有已批准的更正答复可以送出。请联系政府信息公开工作机构负责人。")
    posted = papers.Sending(sent_on, "post")
    how = papers.Sending(sent_on, method, mail_no or None)
    papers.send_all(tx, request, [(each, how if each.part == str(row.id) else posted) for each in going])
    row.state, row.sent_on = "sent", sent_on
    higher.close_item(tx, item, "已送出", METHODS.get(method, ""))
    higher.note(
        tx, case, "request.fix_send", f"{tx.actor.name} 制发更正答复并登记送出", fix=row.id,
        sent_on=sent_on.isoformat(), method=method,
    )  # fmt: skip
    answer = next(each for each in going if each.part == str(row.id))
    more = f"转送{row.owner}的函一并制发。" if row.finding == "moved" else ""
    return {
        "case": case["id"],
        "letter": answer.id,
        "said": f"已制发更正答复{answer.number or ''}，并登记送出。{more}",
    }


def open_one(session: Any, request_id: int) -> RecordFix | None:
    """The correction of a request that is not finished."""
    query = sa.select(RecordFix).where(
        RecordFix.request_id == request_id, RecordFix.state.in_(("asked", "agreed"))
    )
    return session.scalars(query.limit(1)).first()  # type: ignore[no-any-return]


def _of_item(tx: Tx, item_id: int, kind: str) -> tuple[dict[str, Any], dict[str, Any], RecordFix, Request]:
    item, case = higher.lock_sub_item(tx, item_id, kind)
    row = tx.session.scalars(sa.select(RecordFix).where(RecordFix.item_id == item_id)).first()
    if row is None:
        raise NotFound()
    return item, case, row, tx.session.get_one(Request, row.request_id, populate_existing=True)


def _sender(case: Mapping[str, Any]) -> str:
    people = directory()
    return next((kind for kind in _SENDERS if people.post_in_organ(case["organ_id"], kind)), _SENDERS[0])


def _check(request: Request, found: Found, today: date) -> None:
    """Raise Refused with a sentence per field that cannot be taken."""
    wrong: dict[str, str] = {}
    if found.asked_on > today or (request.answered_on is not None and found.asked_on < request.answered_on):
        wrong["asked_on"] = "收到更正申请的日期应在答复日期与今天之间，请核对。"
    needed = [
        ("record_name", found.record_name, 200, "请写明要求更正哪一份信息的哪一处"),
        ("evidence", found.evidence, 500, "请写明提供了什么证据；没有提供的，写“没有提供证据”"),
        ("result", found.result, 2_000, "请写明审核的情况和结果"),
    ]
    if found.finding in _ELSEWHERE:
        needed.append(("owner", found.owner, 100, "请写明有权更正的机关"))
    if found.finding not in FINDINGS:
        wrong["finding"] = "请选择审核结果。"
    for key, text, most, sentence in needed:
        if not text.strip() or len(text) > most or not applicants.visible(text):
            wrong[key] = f"{sentence}，不超过 {most} 个字。"
    if wrong:
        raise Refused("更正答复还不能报批，见标红处。", fields=wrong)


def _draft(tx: Tx, request: Request, row: RecordFix) -> None:
    """The letter to the applicant, and where it is passed on the one to the other organ."""
    said = filling.common(request) | {
        "received_on": row.asked_on.isoformat(),
        "record_name": row.record_name,
        "evidence": row.evidence,
        "fix_result": result_text(request, row),
        "transfer_to": row.owner or "",
    }
    papers.drafted(tx, request, "L23", said, variant="fix", part=str(row.id))
    if row.finding == "moved":
        papers.drafted(tx, request, "L23", said, variant="move", part=f"{row.id}m", addressee=row.owner)
    tx.session.flush()


def result_text(request: Request, row: RecordFix) -> str:
    """What the organ found, as the letter says it after 「经审核，」."""
    you, detail = filling.common(request)["you"], row.result.rstrip("。；")
    contact = f"（{row.owner_contact}）" if row.owner_contact else ""
    return {
        "fixed": f"{you}反映的情况属实，{detail}",
        "kept": f"现有证据不能证明该记录不准确，不予更正。{detail}",
        "moved": f"{detail}。该信息的更正不属于本机关职能范围，已将{you}的申请和证据材料转送{row.owner}处理{contact}",
        "told": f"{detail}。该信息的更正不属于本机关职能范围，请向有权更正的{row.owner}提出{contact}",
    }[row.finding]


def _letters(tx: Tx, request: Request, row: RecordFix) -> list[Letter]:
    """Its letters that are not out yet; the one to the applicant first."""
    mine = (str(row.id), f"{row.id}m")
    open_ones = letters.open_letters(tx, request.case_id, "L23")
    return sorted((each for each in open_ones if each.part in mine), key=lambda each: len(each.part))
