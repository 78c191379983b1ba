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
from workflows.law.calendar import Due

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
    length, natural = _length(request, context.case["data"])
    due = _due(came, length, natural) if came else None
    deadline = due.date if due else None
    letter = papers.send(
        context.tx, request, "L3", how, correction_due=deadline.isoformat() if deadline else None,
        notice_late=filling.notice_late(request, on),
    )  # fmt: skip
    document = f"补正告知书 {letter.number or ''}".strip() if letter else "补正告知书"
    event = events.CorrectionIssued(
        on=on, deadline=deadline, delivered=came, days=length, natural=natural, document=document
    )
    clocks.add(context.tx, request, event)
    state = clocks.refresh(context.tx, request)
    context.said.append(
        _until(due) if due else "补正期限自申请人收到之日起算：收到回执后，请在「送达」中登记签收日期。"
    )
    context.said.extend(clocks.cautions(state, on))
    return {"sent_on": on.isoformat(), "deadline": deadline.isoformat() if deadline else ""}


def signed_for(tx: Tx, request: Request, data: Mapping[str, Any], on: date) -> str:
    """补登 of the day on which the notice was received; what follows for the correction, in a sentence."""
    issued = docket.of_case(tx, request.case_id).newest("correction_issued")
    if issued is None or issued.data.get("delivered") or request.state != "open":
        return ""
    length, natural = _length(request, data)
    due, told = _due(on, length, natural), day(issued.data.get("deadline"))
    known = events.CorrectionIssued(
        on=issued.on, deadline=told or due.date, delivered=on, days=length, natural=natural,
        document=str(issued.data.get("document") or ""),
    )  # fmt: skip
    clocks.replace(tx, request, issued, known)
    clocks.refresh(tx, request)
    return f"补正期限至 {told:%Y-%m-%d}。" if told else _until(due)


def _length(request: Request, data: Mapping[str, Any]) -> tuple[int, bool]:
    """How long the applicant has, and whether in natural days."""
    settings = clocks.law_settings(request.organ_id)
    return int(data.get("correction_days") or settings.correction_length), settings.correction_unit == "day"


def _due(received: date, length: int, natural: bool) -> Due:
    days = calendar.current()
    return days.add_days(received, length) if natural else days.add_workdays(received, length)


def _until(due: Due) -> str:
    """A year nobody confirmed keeps nobody from sending the notice: its last day is told once it is known (12.12)."""
    if due.date is None:
        return f"补正期限{due.reason}，不早于 {due.not_before:%Y-%m-%d}；放假安排导入后自动确定。"
    return f"补正期限至 {due.date:%Y-%m-%d}。"


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
    (event,) = events.from_json([issued.data])
    assert isinstance(event, events.CorrectionIssued)
    deadline = event.last_day(calendar.current())
    if deadline is None and event.delivered and event.days:
        due = _due(event.delivered, event.days, event.natural)
        raise Refused(f"补正期限{due.reason}，不早于 {due.not_before:%Y-%m-%d}，现在不能按逾期不补正办理。")
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
