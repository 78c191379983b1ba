"""行政复议、行政诉讼: the register, the law's days, and the work each one causes (domain.md 4.4, 12.11).

Whoever answers gets a sub-item on the request's case, also when that case is closed long ago: a sub-item stands above the
flow. Where the request is not in this system, the post is told by a notice, and the register keeps the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import OrganInfo, directory
from app.audit import ACTION_LABELS
from app.calendar import YearChange
from app.cases import higher, statutory
from app.cases.models import NO_DUE, WorkItem
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import business_date
from app.notices.service import Note, enqueue
from app.requests.applicants import visible
from app.requests.models import Appeal, Request
from workflows.law.dues import Due
from workflows.law.periods import PERIODS, Period

ACTION_LABELS.update(
    {
        "appeal.register": "登记复议、诉讼",
        "appeal.answer": "登记答复举证",
        "appeal.decide": "登记复议、诉讼结果",
        "appeal.redo": "登记重新答复",
        "appeal.remind": "复议、诉讼期限提醒",
        "appeal.recalculated": "重算答复举证期限",
    }
)
#: the kind of the sub-item that asks for the answer
KIND = "appeal"
KINDS = {"reconsideration": "行政复议", "litigation": "行政诉讼"}
TRACKS = {
    "ordinary": "普通程序", "summary": "简易程序", "direct": "未经复议直接起诉", "after": "复议后起诉",
}  # fmt: skip
TRACKS_OF = {"reconsideration": ("ordinary", "summary"), "litigation": ("direct", "after")}
RESULTS = {"pending": "尚未审结", "upheld": "结果维持", "corrected": "结果纠正", "other": "其他结果"}
WORK = {"reconsideration": "复议答复举证", "litigation": "应诉举证"}
#: posts of the respondent's office that keep the register
KEEPERS = ("legal_officer", "disclosure_head", "registrar", "supervisor")
#: posts of the 复议机构 that register on behalf of any respondent (行政复议法4②)
REVIEWERS = ("legal_officer", "registrar", "supervisor")
#: who answers, the first that the organ has people for
ANSWERERS = ("legal_officer", "disclosure_head")


@dataclass(frozen=True)
class Filed:
    """What came: which procedure, before whom, by whom, when the copy came, and about which request of which subject."""

    kind: str
    track: str
    case_no: str
    body: str
    party: str
    copy_on: date
    subject_id: int
    request_no: str = ""
    counts: bool = True
    note: str = ""


def period(kind: str, track: str) -> Period:
    """10 or 5 working days (复议法48, 54, 88②), 15 natural days (行诉法67①)."""
    if kind == "litigation":
        return PERIODS["evidence"]
    return PERIODS["review_answer_simple" if track == "summary" else "review_answer"]


def due(row: Appeal) -> Due:
    """The day by which the answer or the evidence must be there, with its derivation."""
    return period(row.kind, row.track).end(row.copy_on, calendar.current())


def reviews(organ: OrganInfo) -> bool:
    """Whether the organ is the 复议机构 of its government: it registers for every respondent."""
    return bool(organ.settings.get("review_office"))


def keeps(actor: Actor, organ_id: int) -> bool:
    """Whether the person keeps the register of this office."""
    return any(actor.holds(kind, organ_id) for kind in KEEPERS)


def reviewer(actor: Actor) -> bool:
    """Whether the person registers on behalf of others."""
    if actor.organ_id is None or not reviews(directory().organ(actor.organ_id)):
        return False
    return any(actor.holds(kind, actor.organ_id) for kind in REVIEWERS)


@command
def register(tx: Tx, *, filed: Filed) -> dict[str, Any]:
    """Enter a reconsideration or a suit; the post that answers gets the work with the law's day. {appeal, said}."""
    people = directory()
    subject = people.organs.get(filed.subject_id)
    if subject is None or tx.actor.organ_id is None:
        raise NotFound()
    office = people.organ(subject.office_id or subject.id)
    if not (keeps(tx.actor, office.id) or reviewer(tx.actor)):
        raise NotAllowed("复议、诉讼由法制审核岗、受理登记岗或者政府信息公开工作机构登记。")
    _check(filed, business_date(tx.now))
    request = _request_of(tx, filed, office)
    _once(tx, office, filed)
    limit = period(filed.kind, filed.track).end(filed.copy_on, calendar.current())
    row = Appeal(
        organ_id=office.id, subject_id=subject.id, from_organ_id=tx.actor.organ_id,
        request_id=request.id if request else None, kind=filed.kind, track=filed.track, case_no=filed.case_no.strip(),
        body=filed.body.strip(), party=filed.party.strip(), copy_on=filed.copy_on, answer_due_on=limit.date,
        answer_due_why=limit.cause[:200] or None, result="pending", counts=filed.counts,
        note=filed.note.strip() or None, by=tx.actor.person_id, at=tx.now,
    )  # fmt: skip
    row.watch_on, row.told = (
        business_date(tx.now),
        [],
    )  # the reminders look today, and say when they look next
    tx.session.add(row)
    tx.session.flush()
    told = _ask(tx, row, request, limit)
    return {"appeal": row.id, "said": f"已登记{KINDS[row.kind]}「{row.case_no}」。{told}"}


def _check(filed: Filed, today: date) -> None:
    wrong: dict[str, str] = {}
    if filed.kind not in KINDS:
        wrong["kind"] = "请选择行政复议或者行政诉讼。"
    elif filed.track not in TRACKS_OF[filed.kind]:
        words = "、".join(TRACKS[key] for key in TRACKS_OF[filed.kind])
        wrong["track"] = f"{KINDS[filed.kind]}的程序是{words}之一，请核对。"
    for key, label, most in (
        ("case_no", "案号", 60),
        ("body", "复议机关、人民法院", 100),
        ("party", "申请人、原告", 100),
    ):
        text = getattr(filed, key).strip()
        if not text or len(text) > most or not visible(text):
            wrong[key] = f"请填写{label}，不超过 {most} 个字。"
    if filed.copy_on > today:
        wrong["copy_on"] = f"收到副本的日期不能晚于今天（{today:%Y-%m-%d}），请核对。"
    if wrong:
        raise Refused("登记内容还有要改的地方，见标红处。", fields=wrong)


def _request_of(tx: Tx, filed: Filed, office: OrganInfo) -> Request | None:
    """The request the appeal is about, found by its exact number; Refused when there is none of this respondent."""
    if not filed.request_no.strip():
        return None
    found = tx.session.scalars(
        sa.select(Request).where(
            Request.subject_id == filed.subject_id,
            Request.organ_id == office.id,
            Request.number == filed.request_no.strip(),
        )
    ).first()
    if found is None:
        sentence = "没有找到这个登记号的申请，请核对被申请人、登记号；不是本系统办理的，留空并在备注中写明。"
        raise Refused(sentence, fields={"request_no": sentence})
    if filed.copy_on < (found.received_on or found.arrived_on):
        raise Refused(
            "收到副本的日期早于这件申请的收到之日，请核对。",
            fields={"copy_on": "早于这件申请的收到之日，请核对。"},
        )
    return found


def _once(tx: Tx, office: OrganInfo, filed: Filed) -> None:
    query = sa.select(Appeal.id).where(
        Appeal.organ_id == office.id, Appeal.kind == filed.kind, Appeal.case_no == filed.case_no.strip()
    )
    if tx.session.scalar(query) is not None:
        sentence = f"案号「{filed.case_no.strip()}」已经登记过，请在登记册中查找。"
        raise Refused(sentence, fields={"case_no": sentence})


# --- the work it causes ----------------------------------------------------------------------------------------------


def answerer(organ_id: int) -> str:
    """The post that answers for an office: the first of `ANSWERERS` that has people."""
    people = directory()
    for kind in ANSWERERS:
        post = people.post_in_organ(organ_id, kind)
        if post is not None and people.holders(post.id):
            return kind
    return ANSWERERS[-1]


def _ask(tx: Tx, row: Appeal, request: Request | None, limit: Due) -> str:
    """Give the work to the post that answers; the sentence for the confirmation."""
    when = f"，期限 {limit.text}" if limit.date else f"，期限{limit.text}"
    label, post = WORK[row.kind], answerer(row.organ_id)
    summary = f"{tx.actor.name} 登记{KINDS[row.kind]}「{row.case_no}」{when}"
    facts = {"appeal": row.id, "kind": row.kind, "due_on": limit.date.isoformat() if limit.date else None}
    if request is None:
        tx.record("organ", "appeal.register", summary, stream_id=row.organ_id, **facts)
        seat = directory().post_in_organ(row.organ_id, post)
        if seat is None:
            return f"{label}{when}。本机关没有设法制审核岗、工作机构负责人，请自行跟进。"
        enqueue(
            tx,
            [
                Note(
                    "due",
                    f"{label}：{row.case_no}{when}",
                    f"/requests/appeals/{row.id}",
                    None,
                    seat.id,
                    f"appeal:{row.id}",
                )
            ],
        )
        return f"没有关联的申请，已提醒{seat.name}{when}。"
    case = higher.lock(tx, request.case_id)
    row.item_id, target = higher.open_item(tx, case, higher.SubItem(KIND, label, "work", post, limit.date))
    tx.session.flush()
    higher.note(tx, case, "appeal.register", summary, **facts)
    return f"已送 {target.sentence}办理「{label}」{when}。"


@command
def answer(tx: Tx, *, appeal_id: int, on: date, how: str) -> dict[str, Any]:
    """登记 that the answer with its evidence was handed in; closes the work. {appeal, case, said}."""
    row = _locked(tx, appeal_id, answering=True)
    if row.answered_on is not None:
        raise Refused(f"「{row.case_no}」已登记于 {row.answered_on:%Y-%m-%d} 提交，不用再登记。")
    if not row.copy_on <= on <= business_date(tx.now):
        sentence = "提交日期应在收到副本与今天之间，请核对。"
        raise Refused(sentence, fields={"on": sentence})
    if not how.strip():
        raise Refused("请写明怎样提交的、提交了什么。", fields={"how": "必填。"})
    limit = due(row)
    late = limit.date is not None and on > limit.date
    row.answered_on = on
    row.note = "\n".join(part for part in (row.note, f"{on:%Y-%m-%d} 提交：{how.strip()[:300]}") if part)
    word = "已超期" if late else "在期限内"
    summary = f"{tx.actor.name} 登记{WORK[row.kind]}：{row.case_no}，{on:%Y-%m-%d} 提交（{word}）"
    case_id = _close(tx, row, summary, how.strip(), on=on.isoformat(), late=late)
    tail = (
        "；逾期提交视为没有证据、依据（行政复议法第七十条、行政诉讼法第三十四条），请说明原因。"
        if late
        else "。"
    )
    return {"appeal": row.id, "case": case_id, "said": f"已登记 {on:%Y-%m-%d} 提交，{word}{tail}"}


def _close(tx: Tx, row: Appeal, summary: str, how: str, **facts: Any) -> int | None:
    """Close the work item, if there is one and it is still open, and write the act into the record."""
    tx.session.flush()
    if row.request_id is None:
        tx.record("organ", "appeal.answer", summary, stream_id=row.organ_id, appeal=row.id, **facts)
        return None
    if row.item_id is not None:
        item, case = higher.lock_sub_item(tx, row.item_id, KIND)
        higher.close_item(tx, item, "已提交", how)
    else:
        case = higher.lock(tx, tx.session.get_one(Request, row.request_id).case_id)
    higher.note(tx, case, "appeal.answer", summary, appeal=row.id, **facts)
    return int(case["id"])


def _locked(tx: Tx, appeal_id: int, *, answering: bool = False) -> Appeal:
    """The locked appeal; its case first, as every command does. NotFound for whoever has nothing to do with it."""
    request_id = tx.session.scalar(sa.select(Appeal.request_id).where(Appeal.id == appeal_id))
    if request_id is not None:
        higher.lock(tx, tx.session.get_one(Request, request_id).case_id)
    row = tx.session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound()
    ours = tx.actor.organ_id == row.organ_id
    entered = tx.actor.organ_id == row.from_organ_id and reviewer(tx.actor)
    if not ours and not entered:
        raise NotFound()
    if answering and not (ours and _answers(tx, row)):
        raise NotAllowed("复议答复、应诉举证由被申请人（被告）的法制审核岗或者工作机构负责人办理并登记。")
    if ours and not keeps(tx.actor, row.organ_id):
        raise NotAllowed("复议、诉讼由法制审核岗、受理登记岗或者政府信息公开工作机构登记。")
    return row


def _answers(tx: Tx, row: Appeal) -> bool:
    """Whether the work is this person's: at the item's post, or at one that answers where there is no item."""
    item = tx.session.get(WorkItem, row.item_id) if row.item_id else None
    if item is None:
        return any(tx.actor.holds(kind, row.organ_id) for kind in ANSWERERS)
    own = item.post_id in tx.actor.post_ids or item.holder_id == tx.actor.person_id
    return own or tx.actor.for_whom(item.holder_id, item.post_id, item.process_key) is not None


# --- what came of it -------------------------------------------------------------------------------------------------


@command
def decide(
    tx: Tx, *, appeal_id: int, result: str, decided_on: date, decided_no: str, redo_by: date | None
) -> dict[str, Any]:
    """登记结果 (table four of the annual report); with `redo_by`, the request is to be answered again. {appeal, said}."""
    row = _locked(tx, appeal_id)
    _check_result(row, result, decided_on, decided_no, redo_by, business_date(tx.now))
    old = {"result": row.result, "decided_on": row.decided_on.isoformat() if row.decided_on else None}
    row.result, row.decided_on, row.decided_no = result, decided_on, decided_no.strip()[:60]
    if row.redo_id is None:
        row.redo_by = redo_by
    tx.session.flush()
    summary = f"{tx.actor.name} 登记{KINDS[row.kind]}「{row.case_no}」{RESULTS[result]}"
    if row.redo_by:
        summary += f"，责令 {row.redo_by:%Y-%m-%d} 前重新答复"
    new = {"result": result, "decided_on": decided_on.isoformat()}
    _record(tx, row, "appeal.decide", summary, old=old, new=new)
    if row.redo_by and row.redo_id is None:
        _tell_redo(tx, row)
        return {"appeal": row.id, "said": f"已登记{RESULTS[result]}。请受理登记岗登记重新答复。"}
    return {"appeal": row.id, "said": f"已登记{RESULTS[result]}。"}


def _check_result(
    row: Appeal, result: str, decided_on: date, decided_no: str, redo_by: date | None, today: date
) -> None:
    wrong: dict[str, str] = {}
    if result not in RESULTS or result == "pending":
        wrong["result"] = "请选择结果。"
    if not row.copy_on <= decided_on <= today:
        wrong["decided_on"] = "决定、判决日期应在收到副本与今天之间，请核对。"
    if not decided_no.strip():
        wrong["decided_no"] = "请填写决定书、判决书的文号。"
    if redo_by is not None and redo_by <= decided_on:
        wrong["redo_by"] = "重新答复的期限应在决定、判决之后，请核对。"
    elif redo_by is not None and result == "upheld":
        wrong["redo_by"] = "结果维持的没有责令重新答复，请核对结果或者删去这一日期。"
    if row.redo_id is not None and redo_by != row.redo_by:
        wrong["redo_by"] = f"重新答复已经登记，期限 {row.redo_by}，不能在这里改。"
    if wrong:
        raise Refused("登记内容还有要改的地方，见标红处。", fields=wrong)


def _record(tx: Tx, row: Appeal, action: str, summary: str, **facts: Any) -> None:
    if row.request_id is None:
        tx.record("organ", action, summary, stream_id=row.organ_id, appeal=row.id, **facts)
        return
    case = higher.lock(tx, tx.session.get_one(Request, row.request_id).case_id)
    higher.note(tx, case, action, summary, appeal=row.id, **facts)


def _tell_redo(tx: Tx, row: Appeal) -> None:
    """The intake post of the respondent hears that the request must be answered again."""
    post = directory().post_in_organ(row.organ_id, "registrar") or directory().post_in_organ(
        row.organ_id, "disclosure_head"
    )
    if post is not None:
        text = f"责令重新答复：{row.case_no}，期限 {row.redo_by:%Y-%m-%d}，请登记"
        enqueue(
            tx, [Note("due", text, f"/requests/appeals/{row.id}", None, post.id, f"appeal-redo:{row.id}")]
        )


# --- a new calendar --------------------------------------------------------------------------------------------------


def calendar_changed(tx: Tx, change: YearChange) -> None:
    """Days not answered yet are computed anew with the year that was confirmed; what moved stands in the record."""
    query = (
        sa.select(Appeal)
        .where(Appeal.answered_on.is_(None), Appeal.result == "pending")
        .order_by(Appeal.id)
        .with_for_update()
    )
    for row in tx.session.scalars(query):
        limit = period(row.kind, row.track).end(row.copy_on, change.after)
        old = row.answer_due_on
        if (limit.date, limit.cause[:200] or None) == (old, row.answer_due_why):
            continue
        row.answer_due_on, row.answer_due_why = limit.date, limit.cause[:200] or None
        row.watch_on = business_date(tx.now)  # the reminders look anew with the calendar that then holds
        if row.item_id is not None:
            item = tx.session.get_one(WorkItem, row.item_id)
            item.due_on = limit.date or NO_DUE
            item.due_at = statutory.day_end(limit.date) if limit.date else None
        summary = f"{change.year}年放假安排变更，{KINDS[row.kind]}「{row.case_no}」的{WORK[row.kind]}期限重新计算：{limit.text}"
        new = limit.date.isoformat() if limit.date else None
        tx.record(
            "organ", "appeal.recalculated", summary, stream_id=row.organ_id, appeal=row.id,
            old=old.isoformat() if old else None, new=new,
        )  # fmt: skip
    tx.session.flush()


calendar.changed.append(calendar_changed)
