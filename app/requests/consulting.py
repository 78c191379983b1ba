"""征求意见: third parties (条例32), joint makers (34), other organs (33③); each with its own dates and its own silence."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.cases import higher
from app.core.actions import ActionContext
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.letters import service as letters
from app.requests import applicants, clocks, docket, papers
from app.requests.kinds import CONSULTED, OPINIONS
from app.requests.models import Consultation, Request
from app.requests.reaching import locked
from workflows.law.dues import Due

MOST = 50


def parties(context: ActionContext, request: Request, state: str) -> list[Consultation]:
    """The parties of a request in one of the states."""
    rows = docket.of_case(context.tx, request.case_id).consultations(context.tx)
    return [row for row in rows if row.state == state]


def ready(context: ActionContext, request: Request) -> dict[str, Any]:
    """{parties}. Refused without any, and after the due day (a consultation then stops nothing, 条例33)."""
    planned = parties(context, request, "planned")
    if not planned:
        raise Refused("还没有填写征求谁的意见。请先在「征求意见」中添加。")
    today = business_date(context.tx.now)
    if request.due_on is not None and today > request.due_on:
        raise Refused(
            f"答复期限 {request.due_on:%Y-%m-%d} 已过，现在征求意见不能再暂停计算期限。请尽快答复；"
            "确有必要征求的，线下进行，不影响答复。"
        )
    return {"parties": len(planned)}


def sent(context: ActionContext, request: Request, on: date) -> dict[str, Any]:
    """The letters went out: from the next day the period does not count (条例33③); {sent_on, parties}."""
    tx, planned = context.tx, parties(context, request, "planned")
    how, asked = papers.sending(context, on), papers.asking(tx, request, planned)
    if not asked:
        raise Refused("没有已签发的征求意见书可以发出。请在「征求意见」中核对要征求谁的意见。")
    going = [(letter, how) for _, letter in asked]
    notice = letters.open_letter(tx, request.case_id, "L8")
    if notice is not None:
        going.append((notice, papers.told_by(request, on)))
    papers.send_all(tx, request, going, sent_on=on.isoformat())
    for party, _ in asked:
        party.state, party.sent_on, party.mail_no = "sent", on, how.mail_no
    state = clocks.refresh(tx, request)
    context.said.append(
        f"已向 {len(asked)} 方征求意见，所需时间不计入答复期限（条例第三十三条），应当告知申请人。"
    )
    if left := [party.party for party in planned if party.state == "planned"]:
        context.said.append(f"{'、'.join(left)}是签发之后添加的，没有发出；要征求的，请另行送签。")
    context.said.extend(clocks.cautions(state, on))
    return {"sent_on": on.isoformat(), "parties": len(asked)}


def closed(context: ActionContext, request: Request) -> dict[str, Any]:
    """End the waiting; {opinions: {agree, disagree, none}}. Refused while somebody's 15 working days still run."""
    waiting = parties(context, request, "sent")
    today = business_date(context.tx.now)
    state = clocks.now(context.tx, request)
    dues = {o.event.ref: o.due for o in state.opinions} if state else {}
    early = []
    for party in waiting:
        if party.kind == "other":
            due = other_due(request, party)
        else:
            due = dues.get(party.id)
        if due is not None and due.date is not None and today > due.date:
            _silent(party, today)
        else:
            early.append(party.party)
    if early:
        raise Refused(f"{'、'.join(early)}的意见还没有收到，期限也没有届满。收到后请先登记意见。")
    clocks.refresh(context.tx, request)
    found = [party.opinion for party in parties(context, request, "closed")]
    return {"opinions": {key: found.count(key) for key in OPINIONS}}


# --- commands of the page ---------------------------------------------------------------------------------------


@command
def plan(tx: Tx, *, request_id: int, kind: str, party: str, address: str, content: str) -> dict[str, Any]:
    """Add a party to be asked. The letter must not say who applied【推定】; {consultation, said}."""
    request, case = locked(tx, request_id)
    wrong: dict[str, str] = {}
    if kind not in CONSULTED:
        wrong["kind"] = "请选择征求谁的意见。"
    if not party.strip() or len(party) > 100 or not applicants.visible(party):
        wrong["party"] = "请填写名称，不超过 100 个字。"
    name = str(request.applicant.get("name") or "")
    if not content.strip() or len(content) > 2_000 or not applicants.visible(content):
        wrong["content"] = "请写明拟公开的内容，不超过 2000 个字。"
    elif len(name) > 1 and name in content:
        wrong["content"] = "征求意见书不得透露申请人是谁，请删去申请人的姓名、名称。"
    if wrong:
        raise Refused("征求意见的内容还有要改的地方，见标红处。", fields=wrong)
    count = tx.session.scalar(
        sa.select(sa.func.count()).select_from(Consultation).where(Consultation.request_id == request.id)
    )
    if (count or 0) >= MOST:
        raise Refused(f"一件申请最多征求 {MOST} 方意见。")
    row = Consultation(
        request_id=request.id, kind=kind, party=party.strip(), address=address.strip()[:200] or None,
        content=content.strip(), state="planned", by=tx.actor.person_id, at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    higher.note(
        tx, case, "request.consult_plan", f"{tx.actor.name} 拟征求{CONSULTED[kind]}「{row.party}」意见",
        consultation=row.id,
    )  # fmt: skip
    return {"consultation": row.id, "case": case["id"], "said": f"已添加「{row.party}」。"}


@command
def unplan(tx: Tx, *, consultation_id: int) -> dict[str, Any]:
    """Take back a party that was not asked yet."""
    row, request, case = locked_party(tx, consultation_id)
    if row.state != "planned":
        raise Refused("征求意见书已经发出，不能删除。")
    papers.drop(tx, request, row)
    tx.session.delete(row)
    higher.note(
        tx, case, "request.consult_unplan", f"{tx.actor.name} 不再征求「{row.party}」意见", request=request.id
    )
    return {"case": case["id"], "said": f"已删去「{row.party}」。"}


@command
def opinion(
    tx: Tx, *, consultation_id: int, opinion: str, on: date | None, text: str, reasonable: bool | None
) -> dict[str, Any]:
    """登记意见. Silence is no consent of a third party (条例32), but one of a joint maker (条例34)."""
    row, request, case = locked_party(tx, consultation_id)
    today = business_date(tx.now)
    wrong: dict[str, str] = {}
    if row.sent_on is None:
        raise Refused("征求意见书还没有发出。")
    if opinion not in OPINIONS or opinion == "unreached":
        wrong["opinion"] = "请选择意见。"
    if opinion != "none" and (on is None or not _earliest(row) <= on <= today):
        wrong["returned_on"] = "收到意见的日期应在签收日期与今天之间。"
    if opinion == "disagree" and reasonable is None:
        wrong["reasonable"] = "不同意公开的，请判断理由是否成立（条例第三十二条）。"
    if opinion == "none":
        wrong |= _still_running(tx, request, row, today)
    if wrong:
        raise Refused("登记意见还有要改的地方，见标红处。", fields=wrong)
    if opinion == "none":
        _silent(row, today)
    else:
        row.opinion, row.returned_on, row.state = opinion, on, "closed"
    row.opinion_text, row.reasonable = text.strip()[:2_000] or None, reasonable
    return after(
        tx, row, request, case, "request.consult_opinion", f"登记「{row.party}」意见：{OPINIONS[opinion]}",
        opinion=opinion, on=iso(on), reasonable=reasonable,
    )  # fmt: skip


def _earliest(row: Consultation) -> date:
    """The first day an opinion can have come; who reads a public notice may answer before it counts as received."""
    received = row.delivered_on if row.notice_on is None else row.notice_on
    return received or row.sent_on or date.max


def other_due(request: Request, row: docket.Asked) -> Due | None:
    """The day by which an organ that is no joint maker was asked to answer【推定】: of the letter, not of the law."""
    since = row.delivered_on or row.sent_on
    length = clocks.law_settings(request.organ_id).other_opinion_length
    return calendar.current().add_workdays(since, length) if since else None


def _silent(row: Consultation, today: date) -> None:
    """Nothing came in time. An organ without a period in law is waited for until today; for the others the law ends it."""
    row.opinion, row.state = "none", "closed"
    if row.kind == "other":
        row.returned_on = today


def _still_running(tx: Tx, request: Request, row: Consultation, today: date) -> dict[str, str]:
    if row.kind == "other":
        due = other_due(request, row)
        if due is not None and (due.date is None or today <= due.date):
            until = f"{due.date:%Y-%m-%d}" if due.date else due.text
            return {"opinion": f"请其他机关回复的期限到 {until} 才满；没有回复的，请先催办。"}
        return {}
    state = clocks.compute(tx.session, request, today)
    due = next((o.due for o in state.opinions if o.event.ref == row.id), None) if state else None
    if due is None or due.date is None:
        return {"opinion": "还没有登记签收日期，15个工作日没有起算，不能登记为逾期。"}
    return {"opinion": f"15个工作日到 {due.date:%Y-%m-%d} 才满。"} if today <= due.date else {}


def locked_party(tx: Tx, consultation_id: int) -> tuple[Consultation, Request, dict[str, Any]]:
    """A party with its request and the locked case, for whoever handles it."""
    row = tx.session.get(Consultation, consultation_id)
    if row is None:
        raise NotFound()
    request, case = locked(tx, row.request_id)
    tx.session.refresh(row)
    return row, request, case


def after(
    tx: Tx, row: Consultation, request: Request, case: dict[str, Any], action: str, summary: str, **body: Any
) -> dict[str, Any]:
    """The clock after a change to a party, with the act in the record; {case, said}."""
    tx.session.flush()
    old = request.due_on
    state = clocks.refresh(tx, request)
    tx.session.flush()
    moved = {"old_due": iso(old), "new_due": iso(request.due_on)}
    higher.note(tx, case, action, f"{tx.actor.name} {summary}", consultation=row.id, **body, **moved)
    return {"case": case["id"], "said": f"已登记。{clocks.said(state)}"}


def iso(on: date | None) -> str | None:
    """A day as the record keeps it."""
    return on.isoformat() if on else None
