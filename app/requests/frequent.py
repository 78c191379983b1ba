"""数量、频次明显超过合理范围 (条例35), 收取信息处理费 (条例42; 国办函〔2020〕109号)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from app.core.actions import ActionContext
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import business_date
from app.documents.service import clean, day
from app.requests import applicants, clocks, docket, papers
from app.requests.models import Fee, Request
from workflows.law import events, fees
from workflows.law.refusals import LawRefusal

f = table_of(Fee)
_set = sa.insert(f).returning(f.c.id)


def reasons_asked(context: ActionContext, request: Request, on: date) -> dict[str, Any]:
    """要求说明理由 went out; the clock goes on (条例35); {sent_on}."""
    papers.send(context.tx, request, "L5", papers.sending(context, on))
    clocks.add(context.tx, request, events.ReasonRequested(on=on, document="要求说明理由通知"))
    clocks.refresh(context.tx, request)
    return {"sent_on": on.isoformat()}


def reasons_received(context: ActionContext, request: Request) -> dict[str, Any]:
    """The applicant's reasons, or none; {on}."""
    on = day(context.answers.get("reasons_on"))
    if on is not None:
        clocks.add(context.tx, request, events.ReasonReceived(on=on, document="申请人说明的理由"))
        clocks.refresh(context.tx, request)
    return {"on": on.isoformat() if on else ""}


def delayed(context: ActionContext, request: Request) -> dict[str, Any]:
    """延迟答复 to a reasonable day, told to the applicant before the period ends (条例35); {until}."""
    until, today = day(context.answers.get("delay_until")), business_date(context.tx.now)
    if until is None:
        raise Refused("请填写延迟答复到哪一天。", fields={"delay_until": "必填。"})
    if request.due_on is not None and until <= request.due_on:
        raise Refused(
            f"延迟到的日期须晚于现在的答复期限 {request.due_on:%Y-%m-%d}。",
            fields={"delay_until": "须更晚。"},
        )
    if request.due_on is not None and today > request.due_on:
        raise Refused("答复期限已过，不能再延迟答复（条例第三十五条）。请尽快答复。")
    clocks.add(context.tx, request, events.Delay(on=today, until=until, document="延迟答复告知书"))
    state = clocks.refresh(context.tx, request)
    fields = {"delay_until": until.isoformat(), "delay_reason": clean(context.answers.get("delay_reason"))}
    papers.write(context.tx, request, "L6", {**context.case["data"], **fields})
    papers.send(context.tx, request, "L6", papers.told_by(request, today))
    context.said.append(clocks.said(state))
    context.said.extend(clocks.cautions(state, today))
    return {"until": until.isoformat()}


def fee_set(context: ActionContext, request: Request) -> dict[str, Any]:
    """The fee by item or by page; {fee, yuan, lines}. Raises Refused for what the tariff does not know."""
    mode, quantity = clean(context.answers.get("fee_mode")) or "", context.answers.get("fee_quantity")
    before = 0
    if mode == "item":
        before = applicants.of_month(
            context.tx.session, request.applicant_id, request.received_on or request.arrived_on
        )
    try:
        count = int(quantity or 0)
        result = fees.charge(max(before - count, 0), count) if mode == "item" else fees.by_pages(count)
    except (LawRefusal, ValueError) as error:
        raise Refused(str(error), fields={"fee_quantity": str(error)}) from error
    if result.yuan == 0:
        raise Refused("按标准不用收费（没有超过起收的数量）。请退回上一环节，选择照常办理。")
    number = _keep(context.tx, request, mode, int(quantity or 0), result)
    papers.write(context.tx, request, "L12", {**context.case["data"], **context.answers})
    context.changes["data"] = {**context.case["data"], "fee_yuan": result.yuan}
    context.said.append(f"信息处理费 {result.yuan} 元。")
    return {"fee": number, "yuan": result.yuan, "lines": list(result.lines), "month_count": before}


def _keep(tx: Tx, request: Request, mode: str, quantity: int, result: fees.Fee) -> int:
    """The fee as computed now; one that was set before and not sent is void."""
    known = docket.of_case(tx, request.case_id)
    if known.fee is not None and known.fee.state == "set":
        _move(tx, known.fee, "void")
    row: dict[str, Any] = {
        "mode": mode,
        "quantity": quantity,
        "yuan": result.yuan,
        "derivation": list(result.lines),
        "state": "set",
    }
    number = tx.session.execute(_set, {**row, "request_id": request.id, "at": tx.now}).scalar_one()
    known.fee = docket.Charge(number, **row, due_on=None)
    return int(number)


def _fee(context: ActionContext, request: Request, state: str) -> docket.Charge:
    found = docket.of_case(context.tx, request.case_id).fee
    if found is None or found.state != state:
        raise Refused("没有等待办理的收费。请刷新页面。")
    return found


def _move(tx: Tx, fee: docket.Charge, state: str, **more: Any) -> None:
    """Write what became of the fee. One statement."""
    tx.session.execute(sa.update(f).where(f.c.id == fee.id).values(state=state, **more))


def fee_sent(context: ActionContext, request: Request, on: date) -> dict[str, Any]:
    """收费通知 went out; the payment period runs from the day after it was delivered; {due}."""
    fee = _fee(context, request, "set")
    how = papers.sending(context, on)
    delivered = how.received_on
    if delivered is not None and not on <= delivered <= business_date(context.tx.now):
        raise Refused("送达日期应在发出日期与今天之间，请核对。", fields={"delivered_on": "请核对。"})
    letter = papers.send(context.tx, request, "L12", how)
    document = f"收费通知书 {letter.number or ''}".strip() if letter else "收费通知书"
    clocks.add(context.tx, request, events.FeeNotice(on=on, delivered=delivered, document=document))
    state = clocks.refresh(context.tx, request)
    due = state.fee_due.date if state and state.fee_due else None
    _move(context.tx, fee, "sent", sent_on=on, delivered_on=delivered, due_on=due)
    if due is not None:
        context.said.append(f"缴费期限至 {due:%Y-%m-%d}。")
    context.said.extend(clocks.cautions(state, on))
    return {"due": due.isoformat() if due else ""}


def signed_for(tx: Tx, request: Request, on: date) -> str:
    """补登 of the day on which the fee notice was received: the payment period runs from it (109号第六条【未核实】)."""
    known = docket.of_case(tx, request.case_id)
    notice = known.newest("fee_notice")
    if notice is None or known.fee is None or known.fee.state != "sent" or notice.data.get("delivered"):
        return ""
    event = events.FeeNotice(on=notice.on, delivered=on, document=str(notice.data.get("document") or ""))
    clocks.replace(tx, request, notice, event)
    state = clocks.refresh(tx, request)
    due = state.fee_due.date if state and state.fee_due else None
    _move(tx, known.fee, "sent", delivered_on=on, due_on=due)
    return f"缴费期限至 {due:%Y-%m-%d}。" if due else ""


def fee_paid(context: ActionContext, request: Request, on: date) -> str:
    """Paid: the twenty working days begin anew (109号). Paid too late is a lapse; the answer says which."""
    fee = _fee(context, request, "sent")
    receipt = clean(context.answers.get("receipt_no"))
    clocks.add(context.tx, request, events.FeePaid(on=on, document="缴费凭证"))
    state = clocks.refresh(context.tx, request)
    late = state is not None and state.outcome == "fee_late"
    proof = receipt[:40] if receipt else None
    _move(context.tx, fee, "lapsed" if late else "paid", paid_on=on, receipt_no=proof)
    context.said.append("缴费已超过缴费期限，视为放弃申请。" if late else f"已缴费，{clocks.said(state)}")
    return "lapsed" if late else "go_on"


def foresee_paid(context: ActionContext, request: Request, on: date) -> str:
    """What `fee_paid` would answer, and the day the applicant would be answered by then."""
    _fee(context, request, "sent")
    state = clocks.now(context.tx, request, events.FeePaid(on=on, document="缴费凭证"))
    late = state is not None and state.outcome == "fee_late"
    context.said.append("缴费已超过缴费期限，视为放弃申请。" if late else f"重新起算，{clocks.said(state)}")
    return "lapsed" if late else "go_on"


def fee_lapsed(context: ActionContext, request: Request) -> None:
    """逾期未缴费, only once the day has passed (109号)."""
    fee = _fee(context, request, "sent")
    today = business_date(context.tx.now)
    if fee.due_on is None:
        raise Refused("收费通知还没有登记送达日期，缴费期限没有起算，不能按逾期未缴费办理。")
    if today <= fee.due_on:
        raise Refused(f"缴费期限到 {fee.due_on:%Y-%m-%d} 才满，现在不能按逾期未缴费办理。")
    _move(context.tx, fee, "lapsed")
    clocks.add(context.tx, request, events.FeeLapsed(on=today))
    clocks.refresh(context.tx, request)
    context.said.append("申请人逾期未缴费，视为放弃申请，不再处理。")
