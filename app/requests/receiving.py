"""收到申请之日: from here the clock runs, and the application has its number."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.accounts.directory import directory
from app.core.actions import ActionContext
from app.core.errors import Refused
from app.core.now import business_date
from app.documents import numbering
from app.requests import applicants, clocks, docket, papers
from app.requests.models import Request

SERIES = "foi_request"
#: 登记号 by default; an organ sets its own in `settings["foi_number"]`
NUMBER = "{short}依申〔{year}〕{n}号"


def receive(context: ActionContext, request: Request, received_on: date) -> dict[str, Any]:
    """Start the clock at 收到申请之日 (条例31) and give the number of the answering subject's own series.

    {number, received_on, due}. Safe to repeat: a request keeps its first number.
    """
    tx = context.tx
    today = business_date(tx.now)
    if received_on > today:
        raise Refused(f"收到申请之日不能晚于今天（{today:%Y-%m-%d}），请核对。")
    if received_on < request.arrived_on:
        raise Refused(f"收到申请之日不能早于到达日期（{request.arrived_on:%Y-%m-%d}），请核对。")
    request.received_on, request.year, request.state = received_on, received_on.year, "open"
    if request.number is None:
        request.number = _number(context, request, received_on.year)
    state = clocks.refresh(tx, request)
    context.changes["number"] = request.number
    others = applicants.of_month(tx.session, request.applicant_id, received_on, apart=request.id)
    count = others + int(request.counts)
    context.changes["data"] = {**context.case["data"], "month_count": count}
    taken_back = docket.of_case(tx, request.case_id).newest("withdrawn") is not None
    problem = "" if taken_back else papers.receipt_letter(tx, request, state)
    due = request.due_on.isoformat() if request.due_on else ""
    context.said.append(f"登记号 {request.number}，收到申请之日 {received_on:%Y-%m-%d}，{clocks.said(state)}")
    if problem:
        context.said.append(problem)
    return {"number": request.number, "received_on": received_on.isoformat(), "due": due}


def _number(context: ActionContext, request: Request, year: int) -> str:
    subject = directory().organ(request.subject_id)
    n = numbering.assign(context.tx, SERIES, subject.id, year)
    rule = str(subject.settings.get("foi_number") or NUMBER)
    return rule.format(short=subject.short_name, year=year, n=n)[:40]
