"""补正 (条例30): one notice within seven working days, then a new count from the day the correction came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app import calendar
from app.core.actions import ActionContext
from app.core.command import Tx
from app.core.errors import Refused
from app.core.now import business_date
from app.documents.service import clean, day
from app.requests import clocks, docket, filling, papers
from app.requests.models import Request
from workflows.law import events

#: after the name of the notice whose period the office made longer
PROLONGED = "（延长补正期限）"


def sent(context: ActionContext, request: Request, on: date) -> dict[str, Any]:
    """补正告知 went out; {sent_on, deadline}. A second one is refused: the law knows one (条例30「一次性告知」).

    The notice gives a number of days from its receipt, so the day by which the correction must come is known once the
    receipt is (`delivered`); until then there is none, and nobody can lapse.
    """
    if docket.of_case(context.tx, request.case_id).newest("correction_issued"):
        raise Refused("补正告知只能一次（条例第三十条）。请按已有材料继续办理：仍不明确的，答复无法提供。")
    how = papers.sending(context, on)
    came = how.received_on
    if came is not None and not on <= came <= business_date(context.tx.now):
        raise Refused("签收日期应在发出日期与今天之间。", fields={"delivered_on": "请核对。"})
    deadline = _deadline(request, context.case["data"], came) if came else None
    letter = papers.send(
        context.tx, request, "L3", how, correction_due=deadline.isoformat() if deadline else None,
        notice_late=filling.notice_late(request, on),
    )  # fmt: skip
    document = f"补正告知书 {letter.number or ''}".strip() if letter else "补正告知书"
    event = events.CorrectionIssued(on=on, deadline=deadline, delivered=came, document=document)
    clocks.add(context.tx, request, event)
    state = clocks.refresh(context.tx, request)
    context.said.append(
        f"补正期限至 {deadline:%Y-%m-%d}。"
        if deadline
        else "补正期限自申请人收到之日起算：收到回执后，请在「送达」中登记签收日期。"
    )
    context.said.extend(clocks.cautions(state, on))
    return {"sent_on": on.isoformat(), "deadline": deadline.isoformat() if deadline else ""}


def signed_for(tx: Tx, request: Request, data: Mapping[str, Any], on: date) -> str:
    """补登 of the day on which the notice was received; what follows for the correction, in a sentence."""
    issued = docket.of_case(tx, request.case_id).newest("correction_issued")
    if issued is None or issued.data.get("delivered") or request.state != "open":
        return ""
    deadline = day(issued.data.get("deadline")) or _deadline(request, data, on)
    known = events.CorrectionIssued(
        on=issued.on, deadline=deadline, delivered=on, document=str(issued.data.get("document") or "")
    )
    clocks.replace(tx, request, issued, known)
    clocks.refresh(tx, request)
    return f"补正期限至 {deadline:%Y-%m-%d}。"


def _deadline(request: Request, data: Mapping[str, Any], received: date) -> date:
    settings = clocks.law_settings(request.organ_id)
    length = int(data.get("correction_days") or settings.correction_length)
    if settings.correction_unit == "day":
        due = calendar.current().add_days(received, length)
    else:
        due = calendar.current().add_workdays(received, length)
    if due.date is None:
        raise Refused(
            f"补正期限算到了放假安排还没有导入的年份（{due.cause}）。请改短补正期限，或先由有权的岗位导入放假安排。"
        )
    return due.date


def received(context: ActionContext, request: Request, on: date) -> None:
    """The correction came: the twenty working days begin anew (条例30)."""
    _answered_once(context, request)
    clocks.add(context.tx, request, events.CorrectionReceived(on=on, document="申请人补正材料"))
    state = clocks.refresh(context.tx, request)
    note = clean(context.answers.get("correction_note"))
    changes = {"corrected": True} | ({"correction_note": note} if note else {})
    context.changes["data"] = {**context.case["data"], **changes}
    context.said.append(f"已收到补正，{clocks.said(state)}")
    context.said.extend(clocks.cautions(state, on))


def lapsed(context: ActionContext, request: Request) -> None:
    """无正当理由逾期不补正 (条例30): only once the day has passed."""
    issued = _answered_once(context, request)
    today = business_date(context.tx.now)
    deadline = day(issued.data.get("deadline"))
    if deadline is None:
        raise Refused(
            "补正告知书还没有登记签收日期，补正期限没有起算，不能按逾期不补正办理。收到回执的，请在「送达」中登记签收；"
            "退件的，请再次送达。"
        )
    if today <= deadline:
        raise Refused(f"补正期限到 {deadline:%Y-%m-%d} 才满，现在不能按逾期不补正办理。")
    clocks.add(context.tx, request, events.CorrectionLapsed(on=today))
    clocks.refresh(context.tx, request)
    context.said.append("申请人逾期不补正，视为放弃申请，不再处理（条例第三十条）。")


def prolonged(context: ActionContext, request: Request) -> dict[str, Any]:
    """有正当理由: another day for the correction, entered by the office; {deadline}."""
    issued = _answered_once(context, request)
    fresh = day(context.answers.get("new_deadline"))
    if fresh is None or fresh <= business_date(context.tx.now):
        raise Refused("请填写晚于今天的新补正期限。", fields={"new_deadline": "须晚于今天。"})
    document = str(issued.data.get("document") or "补正告知书")
    longer = events.CorrectionIssued(
        on=issued.on, deadline=fresh, delivered=day(issued.data.get("delivered")),
        document=f"{document.removesuffix(PROLONGED)}{PROLONGED}",
    )  # fmt: skip
    clocks.replace(context.tx, request, issued, longer)
    clocks.refresh(context.tx, request)
    context.said.append(f"补正期限延长至 {fresh:%Y-%m-%d}。")
    return {"deadline": fresh.isoformat()}


def _answered_once(context: ActionContext, request: Request) -> docket.Event:
    issued = docket.of_case(context.tx, request.case_id).newest("correction_issued")
    if issued is None:
        raise Refused("还没有发过补正告知，不能登记补正。")
    return issued
