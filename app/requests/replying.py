"""拟办答复 to 归档: what may be sent for review, whether it stayed the same, what went out, and what the year counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.core.actions import ActionContext
from app.core.errors import Refused
from app.core.keys import sm3
from app.core.now import business_date
from app.documents.service import clean, day
from app.letters import checking as letter_checking
from app.letters import queries as letter_queries
from app.letters import service as letters
from app.letters.models import Letter
from app.requests import attempts, clocks, deciding, papers
from app.requests.models import Evaluation, Matter, Request
from app.requests.reaching import of_case
from workflows.law import clock, events, replies
from workflows.law import service as law_service
from workflows.law.reports import ROWS


def ready(context: ActionContext, request: Request, outcome: str) -> dict[str, Any]:
    """Whether the reply may go for review: {outcome, secrecy, legal, signer, digest}.

    Refused with everything that is missing: an undecided matter, a ground without reason, what the law asks of this
    kind of letter (domain.md 4.2), the remedy text.
    """
    if outcome:
        deciding.set_all(context.tx, request, outcome)
    matters = deciding.matters_of(context.tx.session, request.id)
    whole = deciding.overall(request, matters)
    wrong = [sentence for matter in matters for sentence in deciding.check(matter)]
    letter = papers.reply_letter(
        context.tx, request, matters, whole.code, {**context.case["data"], **context.answers}
    )
    wrong += letter_checking.missing(letter)
    if wrong:
        raise Refused("还不能送审：" + "".join(wrong))
    request.outcome, request.report_row = whole.code, whole.row.key
    digest = digest_of(context, letter.digest)
    context.changes["data"] = {
        **context.case["data"],
        **_submitted(whole.code, digest),
        "ground": next(iter(whole.grounds), ""),
        "reason": next((m.reason for m in matters if m.reason), ""),
    }
    return _road(context, request, whole.code, digest, matters)


def foresee_ready(context: ActionContext, request: Request, outcome: str) -> dict[str, Any]:
    """What `ready` would answer, without writing the letter: one that is there is taken as it stands."""
    code, matters = outcome, list[Matter]()
    if not code:
        matters = deciding.matters_of(context.tx.session, request.id)
        code = deciding.overall(request, matters).code
    letter = letters.open_letter(context.tx, request.case_id, replies.REPLIES[code].letter)
    digest = digest_of(context, letter.digest if letter else "")
    context.changes["data"] = {**context.case["data"], **_submitted(code, digest)}
    return _road(context, request, code, digest, matters)


def _submitted(outcome: str, digest: str) -> dict[str, str]:
    """What reviewers go by: a text of another digest, or another proposal, is reviewed again."""
    attribute = deciding.attribute_of(outcome)
    return {"text": f"答复书 {digest}", "reply_digest": digest, "attribute": attribute}


def _road(
    context: ActionContext, request: Request, outcome: str, digest: str, matters: Sequence[Matter]
) -> dict[str, Any]:
    sensitive = bool(context.answers.get("sensitive"))
    road = deciding.road_of(request, outcome, matters, sensitive=sensitive)
    return {"outcome": outcome, **road, "digest": digest}


def digest_of(context: ActionContext, letter: str) -> str:
    """What is reviewed and signed: the letter's text and the bytes of what is supplied."""
    supplied = [str(each.get("sha256") or each.get("id")) for each in context.answers.get("supplied") or []]
    return sm3("\n".join([letter, *sorted(supplied)]).encode())[:24]


def unchanged(context: ActionContext) -> bool:
    """Whether letter and files are still those that were sent for review."""
    request = of_case(context.tx, context.case["id"])
    kind = replies.REPLIES[str(request.outcome)].letter
    letter = letters.open_letter(context.tx, request.case_id, kind)
    now = digest_of(context, letter.digest if letter else "")
    same = bool(now == context.case["data"].get("reply_digest"))
    if not same:
        context.said.append("答复书在审核后有改动，原来的审核、签发意见作废，已退回重新送审。")
    return same


def number(context: ActionContext, request: Request) -> str:
    """发文字号 of the reply: the next of the subject's series, or "" where its OA gives the number (domain.md 12.3)."""
    subject = directory().organ(request.subject_id)
    letter = _reply_letter(context, request)
    if subject.settings.get("reply_numbers") == "oa":
        letters.approve_letters([letter])
        context.said.append("发文字号由 OA 编号，请在用印时补录。")
        return ""
    letters.sign_letters(context.tx, [letter])
    request.reply_no = letter.number
    context.changes["data"] = {**context.case["data"], "doc_no": letter.number}
    context.said.append(f"发文字号 {letter.number}。")
    return letter.number or ""


def _reply_letter(context: ActionContext, request: Request) -> Letter:
    kind = replies.REPLIES[str(request.outcome)].letter
    letter = letters.open_letter(context.tx, request.case_id, kind)
    if letter is None:
        raise Refused("没有找到待制发的答复书。请由拟稿人重新生成。")
    return letter


def issue(context: ActionContext, request: Request, kind: str) -> dict[str, Any]:
    """制发: the final bytes are made and kept with their hash; {letter, number, pdf}."""
    letter = _reply_letter(context, request)
    given = clean(context.answers.get("doc_no")) or request.reply_no or ""
    sealed = day(context.answers.get("sealed_on")) or business_date(context.tx.now)
    letters.issue_letters(context.tx, [letter], number=given, sealed_on=sealed)
    out = letters.issued(letter)
    if request.reply_no != out.number:
        request.reply_no = out.number
    context.changes["data"] = {**context.case["data"], "doc_no": out.number}
    return {"letter": out.letter_id, "number": out.number, "pdf": out.pdf_hash}


# --- 送达 ---------------------------------------------------------------------------------------------------------


def served(context: ActionContext, request: Request, on: date) -> dict[str, Any]:
    """The reply left the house: kept as an attempt; the clock ends on the day the law takes for its answer (235号四).

    {replied_on, in_time}; in_time None where nothing was due any more (a lapse, a withdrawal ended it) or nobody can
    know yet (an unconfirmed year). Posting day and signature day are kept apart; a courier other than the postal enterprise is
    recorded with its warning (domain.md 12.10).
    """
    said = context.answers
    method = clean(said.get("method")) or ""
    signed = day(said.get("signed_on"))
    if signed is not None and not on <= signed <= business_date(context.tx.now):
        raise Refused("签收日期应在送出日期与今天之间。", fields={"signed_on": "请核对。"})
    if method in ("direct", "entrusted") and signed is None:
        raise Refused("直接送达、委托送达以签收之日为准，请填写签收日期。", fields={"signed_on": "必填。"})
    attempt = attempts.Attempt(
        method, on, f"{request.reply_no or ''} 答复书".strip(), signed, clean(said.get("signed_by")),
        clean(said.get("mail_no")),
    )  # fmt: skip
    attempts.add(context.tx, request, attempt)
    due = request.due_on
    replied = law_service.effective_day(attempt.kind, on, signed) or on
    ended = request.clock == clock.State.ENDED.value  # by a lapse or a withdrawal, before its letter went out
    if not ended:
        clocks.add(context.tx, request, events.Replied(on=replied, document=request.reply_no or ""))
    request.state, request.answered_on = "answered", replied
    state = clocks.refresh(context.tx, request)
    request.due_on = due
    in_time = None if ended or state is None or state.late is None else not state.late
    if ended:
        context.said.append(f"终止办理的通知已于 {replied:%Y-%m-%d} 送出。" + (attempt.warning or ""))
    else:
        word = {True: "在期限内", False: "已超期", None: "是否按时，待放假安排导入后确定"}[in_time]
        context.said.append(f"答复日期 {replied:%Y-%m-%d}（{word}）。" + (attempt.warning or ""))
    return {"replied_on": replied.isoformat(), "in_time": in_time}


# --- 归档 ---------------------------------------------------------------------------------------------------------


def close(context: ActionContext, request: Request) -> dict[str, Any]:
    """办结: {report_row, evaluate}. One application counts in one row of table three (domain.md 2.6, 12.14)."""
    if request.outcome is None or request.report_row is None:
        whole = deciding.overall(request, deciding.matters_of(context.tx.session, request.id))
        request.outcome, request.report_row = whole.code, whole.row.key
    request.state = "closed"
    request.closed_on = business_date(context.tx.now)
    request.next_threshold_on = None
    if request.answered_on is None:
        request.answered_on = request.closed_on
        request.clock = "ended"
    return _closing(context, request, request.outcome, request.report_row)


def foresee_close(context: ActionContext, request: Request) -> dict[str, Any]:
    """What `close` would answer and say."""
    outcome, row = request.outcome, request.report_row
    if outcome is None or row is None:
        whole = deciding.overall(request, deciding.matters_of(context.tx.session, request.id))
        outcome, row = whole.code, whole.row.key
    return _closing(context, request, outcome, row)


def _closing(context: ActionContext, request: Request, outcome: str, row: str) -> dict[str, Any]:
    counted = ROWS[row]
    evaluate = outcome in ("R2", "R3p") and (request.suggests_open or _asked_by_others(context, request))
    place = f"列入年度报告{counted.place}{counted.label}。"
    context.said.append(place if request.counts else "不列入年度报告（责令重新答复）。")
    return {"report_row": row, "evaluate": evaluate}


def _asked_by_others(context: ActionContext, request: Request) -> bool:
    """Several applicants for the same information (条例44①)."""
    query = sa.select(Request.id).where(
        Request.organ_id == request.organ_id,
        Request.content_key == request.content_key,
        Request.applicant_id != request.applicant_id,
        Request.id != request.id,
    )
    return context.tx.session.scalar(query.limit(1)) is not None


def evaluated(context: ActionContext, request: Request) -> dict[str, Any]:
    """转主动公开评估 (条例44); {include}."""
    include = context.answers.get("decision") == "include"
    context.tx.session.add(
        Evaluation(
            request_id=request.id,
            include=include,
            reason=clean(context.answers.get("opinion")),
            by=context.tx.actor.person_id,
            at=context.tx.now,
        )  # fmt: skip
    )
    word = "转主动公开，请按公开属性变更的程序办理并发布" if include else "不转主动公开"
    context.said.append(f"已登记评估结果：{word}。")
    return {"include": include}


def letter_of(session: Any, request: Request) -> Any:
    """The newest reply letter of a request, whatever its state."""
    if not request.outcome:
        return None
    return letter_queries.newest(session, request.case_id, replies.REPLIES[request.outcome].letter)
