"""The catalogue of 依申请公开: what a diagram may ask of this room. Each takes the locked case, and is safe to repeat."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.core.actions import ActionContext, action
from app.core.errors import Refused
from app.core.now import business_date
from app.documents.service import day
from app.requests import consulting, correcting, deciding, frequent, handing, receiving, replying, searching
from app.requests.models import Request
from app.requests.reaching import of_case


def request_of(context: ActionContext) -> Request:
    """The request of the case the action works for."""
    return of_case(context.tx, context.case["id"])


def said_day(context: ActionContext, key: str, label: str) -> date:
    """A date the step's form said; Refused when it is missing or in the future."""
    value = day(context.answers.get(key))
    if value is None:
        raise Refused(f"请填写{label}。", fields={key: "必填。"})
    if value > business_date(context.tx.now):
        raise Refused(f"{label}不能晚于今天，请核对。", fields={key: "不能晚于今天。"})
    return value


def told(context: ActionContext, *sentences: str) -> None:
    """Add to what the person reads after the act."""
    context.said.extend(sentence for sentence in sentences if sentence)


@action("foi.contact_failed", "登记联系不上申请人", once=True)
def contact_failed(context: ActionContext) -> dict[str, Any]:
    """{tries}: the attempt stands in the flow row; the clock has not begun (207号一2)."""
    tries = int(context.case["data"].get("contact_tries") or 0) + 1
    context.changes["data"] = {**context.case["data"], "contact_tries": tries}
    told(context, f"已登记第 {tries} 次联系不上。恢复联络之日起算（国办公开办函〔2015〕207号），请继续联系。")
    return {"tries": tries}


@action("foi.receive", "确定收到申请之日并编登记号")
def receive(context: ActionContext) -> dict[str, Any]:
    """{number, received_on, due}."""
    received = day(context.answers.get("confirmed_on")) or day(context.case["data"].get("received_on"))
    if received is None:
        raise Refused("还没有与申请人确认，不能起算。请先填写确认日期。")
    return receiving.receive(context, request_of(context), received)


@action("foi.outcome", "确定整件的处理结果", outcome="结果代码")
def outcome(context: ActionContext, outcome: str = "") -> dict[str, Any]:
    """{outcome}: every matter gets it."""
    deciding.set_all(context.tx, request_of(context), outcome)
    return {"outcome": outcome}


@action("foi.searched", "登记检索记录")
def searched(context: ActionContext) -> dict[str, Any]:
    """{found}."""
    return searching.searched(context, request_of(context))


@action("foi.unit_answered", "登记科室反馈", unit="科室")
def unit_answered(context: ActionContext, unit: str = "") -> dict[str, Any]:
    """{unit, status}."""
    return handing.answered(context, request_of(context), int(unit))


@action("foi.unit_returned", "登记科室退回转办", unit="科室")
def unit_returned(context: ActionContext, unit: str = "") -> dict[str, Any]:
    """{unit, status}."""
    return handing.returned(context, request_of(context), int(unit))


@action("foi.correction_sent", "登记发出补正告知")
def correction_sent(context: ActionContext) -> dict[str, Any]:
    """{sent_on, deadline}."""
    return correcting.sent(context, request_of(context), said_day(context, "sent_on", "发出日期"))


@action("foi.correction_received", "登记收到补正并重新起算")
def correction_received(context: ActionContext) -> str:
    """「received」."""
    correcting.received(context, request_of(context), said_day(context, "received_on", "收到补正的日期"))
    return "received"


@action("foi.correction_lapsed", "登记逾期不补正")
def correction_lapsed(context: ActionContext) -> str:
    """「lapsed」."""
    correcting.lapsed(context, request_of(context))
    return "lapsed"


@action("foi.correction_prolonged", "延长补正期限（有正当理由）")
def correction_prolonged(context: ActionContext) -> dict[str, Any]:
    """{deadline}."""
    return correcting.prolonged(context, request_of(context))


@action("foi.reasons_asked", "登记要求说明理由")
def reasons_asked(context: ActionContext) -> dict[str, Any]:
    """{sent_on}."""
    return frequent.reasons_asked(context, request_of(context), said_day(context, "sent_on", "发出日期"))


@action("foi.reasons_received", "登记申请人说明的理由")
def reasons_received(context: ActionContext) -> dict[str, Any]:
    """{on}."""
    return frequent.reasons_received(context, request_of(context))


@action("foi.delayed", "确定延迟答复的期限")
def delayed(context: ActionContext) -> dict[str, Any]:
    """{until}."""
    return frequent.delayed(context, request_of(context))


@action("foi.fee_set", "计算信息处理费")
def fee_set(context: ActionContext) -> dict[str, Any]:
    """{yuan, fee}."""
    return frequent.fee_set(context, request_of(context))


@action("foi.fee_sent", "登记发出收费通知")
def fee_sent(context: ActionContext) -> dict[str, Any]:
    """{due}."""
    return frequent.fee_sent(context, request_of(context), said_day(context, "sent_on", "发出日期"))


def _foresee_paid(context: ActionContext) -> str:
    on = said_day(context, "paid_on", "缴费日期")
    return frequent.foresee_paid(context, request_of(context), on)


@action("foi.fee_paid", "登记缴费并重新起算", foresee=_foresee_paid)
def fee_paid(context: ActionContext) -> str:
    """「go_on」, or 「lapsed」 when the payment came after its day."""
    return frequent.fee_paid(context, request_of(context), said_day(context, "paid_on", "缴费日期"))


@action("foi.fee_lapsed", "登记逾期未缴费")
def fee_lapsed(context: ActionContext) -> str:
    """「lapsed」."""
    frequent.fee_lapsed(context, request_of(context))
    return "lapsed"


@action("foi.consult_ready", "核对征求意见的对象", reads_only=True)
def consult_ready(context: ActionContext) -> dict[str, Any]:
    """{parties}: how many are to be asked; Refused when none."""
    return consulting.ready(context, request_of(context))


@action("foi.consult_sent", "登记发出征求意见书")
def consult_sent(context: ActionContext) -> dict[str, Any]:
    """{sent_on, parties}."""
    return consulting.sent(context, request_of(context), said_day(context, "sent_on", "发出日期"))


@action("foi.consult_closed", "结束征求意见")
def consult_closed(context: ActionContext) -> dict[str, Any]:
    """{opinions}: Refused while an opinion may still come."""
    return consulting.closed(context, request_of(context))


def _foresee_ready(context: ActionContext, outcome: str = "") -> dict[str, Any]:
    return replying.foresee_ready(context, request_of(context), outcome)


@action(
    "foi.reply_ready",
    "核对答复是否可以送审",
    foresee=_foresee_ready,
    outcome="结果代码（不填按申请事项）",
)
def reply_ready(context: ActionContext, outcome: str = "") -> dict[str, Any]:
    """{outcome, secrecy, legal, signer, digest}."""
    return replying.ready(context, request_of(context), outcome)


@action("foi.text_unchanged", "核对签发的与审核的是否同一稿", reads_only=True)
def text_unchanged(context: ActionContext) -> bool:
    """Whether the letter signed is the letter reviewed (a changed draft voids its approvals)."""
    return replying.unchanged(context)


@action("foi.number", "编发文字号")
def number(context: ActionContext) -> str:
    """The number given by the system, or "" where the OA gives it."""
    return replying.number(context, request_of(context))


@action("letter.issue", "制发文书", kind="文书种类")
def issue(context: ActionContext, kind: str = "reply") -> dict[str, Any]:
    """{letter, number, pdf}."""
    return replying.issue(context, request_of(context), kind)


@action("foi.answered", "登记送达并结束计时")
def answered(context: ActionContext) -> dict[str, Any]:
    """{replied_on, in_time}."""
    return replying.served(context, request_of(context), said_day(context, "sent_on", "交邮（送出）日期"))


def _foresee_close(context: ActionContext) -> dict[str, Any]:
    return replying.foresee_close(context, request_of(context))


@action("foi.close", "归档并列入年度报告的行", foresee=_foresee_close)
def close(context: ActionContext) -> dict[str, Any]:
    """{report_row, evaluate}."""
    return replying.close(context, request_of(context))


@action("foi.evaluated", "登记转主动公开评估")
def evaluated(context: ActionContext) -> dict[str, Any]:
    """{include}."""
    return replying.evaluated(context, request_of(context))
