"""补正 (条例30): one notice within seven working days, then a new count from the day the correction came."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from app import calendar
from app.core.actions import ActionContext
from app.core.errors import Refused
from app.core.now import business_date
from app.documents.service import clean, day
from app.requests import clocks, docket, papers
from app.requests.models import Request
from workflows.law import events


def sent(context: ActionContext, request: Request, on: date) -> dict[str, Any]:
    """补正告知 went out; {sent_on, deadline}. A second one is refused: the law knows one (条例30「一次性告知」)."""
    if docket.of_case(context.tx, request.case_id).newest("correction_issued"):
        raise Refused("补正告知只能一次（条例第三十条）。请按已有材料继续办理：仍不明确的，答复无法提供。")
    deadline = _deadline(context, request, on)
    letter = papers.send(
        context.tx, request, "L3", papers.sending(context, on), correction_due=deadline.isoformat()
    )
    document = f"补正告知书 {letter.number or ''}".strip() if letter else "补正告知书"
    clocks.add(context.tx, request, events.CorrectionIssued(on=on, deadline=deadline, document=document))
    state = clocks.refresh(context.tx, request)
    context.said.append(f"补正期限至 {deadline:%Y-%m-%d}。")
    context.said.extend(clocks.cautions(state, on))
    return {"sent_on": on.isoformat(), "deadline": deadline.isoformat()}


def _deadline(context: ActionContext, request: Request, on: date) -> date:
    settings = clocks.law_settings(request.organ_id)
    length = int(context.case["data"].get("correction_days") or settings.correction_length)
    if settings.correction_unit == "day":
        return on + timedelta(days=length)
    due = calendar.current().add_workdays(on, length)
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
    if deadline is not None and today <= deadline:
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
    longer = events.CorrectionIssued(on=issued.on, deadline=fresh, document="补正告知书（延长补正期限）")
    clocks.replace(context.tx, request, issued, longer)
    clocks.refresh(context.tx, request)
    context.said.append(f"补正期限延长至 {fresh:%Y-%m-%d}。")
    return {"deadline": fresh.isoformat()}


def _answered_once(context: ActionContext, request: Request) -> docket.Event:
    issued = docket.of_case(context.tx, request.case_id).newest("correction_issued")
    if issued is None:
        raise Refused("还没有发过补正告知，不能登记补正。")
    return issued
