"""`flask law deadlines` and `flask law fees`: rows of a table in, the same rows with their computed columns out.

A row that cannot be computed gives its reason in `status`; nothing here raises and nothing is guessed. The
short phrases are those of the worked examples these tables come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date

from workflows.law import fees, service
from workflows.law.calendar import Calendar, Due
from workflows.law.clock import Clock, compute
from workflows.law.events import from_json, parse_day
from workflows.law.periods import DUTIES, PERIODS, Period
from workflows.law.refusals import LawRefusal
from workflows.law.settings import DEFAULTS, LawSettings

Row = dict[str, str]

DEADLINE_COLUMNS = (
    "case_id", "kind", "channel", "submitted_or_arrived_at", "received_at", "events_json",
    "correction_notice_due", "applicant_correction_due", "consult_opinion_due", "paused_workdays",
    "fee_payment_due", "reply_due", "reply_due_conservative", "reply_due_if_max_extension", "status", "warn",
    "basis", "note",
)  # fmt: skip
COMPUTED = DEADLINE_COLUMNS[6:16]
FEE_COLUMNS = ("mode", "quantity", "fee_yuan", "note", "status")

#: outcome or caution -> how the tables put it; whatever is not here is put in its own sentence
STATUS = {
    "correction_lapsed": "视为放弃申请(条例30)→年报(六)1",
    "fee_lapsed": "视为放弃申请(109号)→年报(六)2",
    "fee_late": "逾期缴费: 视为放弃(109号)→年报(六)2",
    "withdrawn": "申请人撤回→年报(六)3",
}
WARN = {
    "correction_late": "补正告知逾期(超过7个工作日): 保守规则不重置期限",
    "consult_late": "征求意见书晚于届满日发出: 不产生暂停",
    "extension_late": "延期告知晚于原届满日: 无效, 不得延长",
    "extension_too_long": "延长超过20个工作日: 拒绝",
    "extension_twice": "只能延长一次(合计不超过20个工作日)",
    "fee_late": "",
}
#: words that name a period in the column `kind`, the first that fits; every word of an entry must occur
KINDS: tuple[tuple[tuple[str, ...], Period], ...] = (
    (("征求意见", "决策"), PERIODS["public_comment"]),
    (("合法性审查",), PERIODS["legality_review"]),
    (("不明确事项",), PERIODS["secrecy_report"]),
    (("复议", "答复", "简易"), PERIODS["review_answer_simple"]),
    (("复议", "答复", "5日"), PERIODS["review_answer_simple"]),
    (("复议", "答复"), PERIODS["review_answer"]),
    (("举证",), PERIODS["evidence"]),
    (("复议后", "起诉"), PERIODS["suit_after_review"]),
    (("起诉", "15日"), PERIODS["suit_after_review"]),
    (("起诉",), PERIODS["suit"]),
    (("诉讼",), PERIODS["suit"]),
    (("复议", "申请"), PERIODS["reconsideration"]),
    (("撤回", "处罚"), DUTIES["penalty_withdrawal"]),
    (("执法", "20"), DUTIES["enforcement"]),
    (("双公示",), DUTIES["license_penalty"]),
    (("解读",), DUTIES["interpretation"]),
    (("办事",), DUTIES["service_change"]),
    (("建议提案",), DUTIES["proposal_answer"]),
    (("部门", "年报"), DUTIES["department_report"]),
    (("政府", "年报"), DUTIES["government_report"]),
    (("20日",), DUTIES["local_20_days"]),
    (("主动公开",), DUTIES["general"]),
)


def deadline(row: Mapping[str, str | None], calendar: Calendar, settings: LawSettings = DEFAULTS) -> Row:
    """One row of the deadlines table with its computed columns."""
    given = {key: (value or "").strip() for key, value in row.items() if key}
    found = {**dict.fromkeys(DEADLINE_COLUMNS, ""), **given, **dict.fromkeys(COMPUTED, "")}
    try:
        found |= _kind_of(given.get("kind", ""))(given, calendar, settings)
    except LawRefusal as refusal:
        found["status"] = f"无法计算：{refusal.message}"
    except (OverflowError, RecursionError):
        found["status"] = "无法计算：日期超出范围，请检查。"
    return found


def fee(row: Mapping[str, str | None]) -> Row:
    """One row of the fees table with `fee_yuan`."""
    given = {key: (value or "").strip() for key, value in row.items() if key}
    found = {**dict.fromkeys(FEE_COLUMNS, ""), **given, "fee_yuan": "", "status": ""}
    try:
        quantity = _quantity(given.get("quantity", ""))
        found["fee_yuan"] = str(_fee(given.get("mode", ""), quantity).yuan)
    except LawRefusal as refusal:
        found["status"] = f"无法计算：{refusal.message}"
    return found


Answer = Callable[[Mapping[str, str], Calendar, LawSettings], Row]


def _kind_of(kind: str) -> Answer:
    if kind.startswith("依申请"):
        return _application
    if kind.startswith("送达"):
        return _service
    for words, period in KINDS:
        if all(word in kind for word in words):
            return lambda given, calendar, settings: _period(period, given, calendar)
    raise LawRefusal(f"不认识事项“{kind}”，请检查 kind 列。", code="kind")


def _application(given: Mapping[str, str], calendar: Calendar, settings: LawSettings) -> Row:
    start, arrived = _start(given), given.get("submitted_or_arrived_at")
    if arrived and start < parse_day(arrived, "提交（到达）"):
        raise LawRefusal("收到日早于提交（到达）日，请改正。", code="received_at")
    clock = compute(start, from_json(_events(given)), calendar, settings)
    opinion = clock.opinion_due
    found = {
        "correction_notice_due": _date(clock.correction_notice_due),
        "applicant_correction_due": clock.correction_deadline.isoformat()
        if clock.correction_deadline
        else "",
        "consult_opinion_due": _date(opinion),
        "fee_payment_due": _date(clock.fee_due),
        "status": STATUS.get(clock.outcome, ""),
        "warn": "；".join(filter(None, (WARN.get(c.code, c.text) for c in clock.cautions))),
    }
    if not given.get("basis"):
        found["basis"] = "；".join(_articles(clock))
    return found | _reply(clock)


def _articles(clock: Clock) -> list[str]:
    """The clauses the clock rests on, each once, in the order in which they come to bear."""
    named = (article for entry in clock.derivation() for article in entry.article.split("；"))
    return list(dict.fromkeys(filter(None, named)))


def _reply(clock: Clock) -> Row:
    due = clock.reply_due
    if due is not None and due.date is None:
        return {"status": _date(due) if due.unconfirmed else due.text}
    paused = clock.paused_workdays
    return {
        "paused_workdays": "" if paused is None else str(paused),
        "reply_due": _date(due),
        "reply_due_conservative": _date(clock.conservative_due),
        "reply_due_if_max_extension": _date(clock.max_due),
    }


def _period(period: Period, given: Mapping[str, str], calendar: Calendar) -> Row:
    due = period.end(_start(given), calendar)
    found = {"reply_due": _date(due)} if due.date else {"status": _date(due)}
    return found | ({} if given.get("basis") else {"basis": period.article})


def _service(given: Mapping[str, str], calendar: Calendar, settings: LawSettings) -> Row:
    events = _events(given)
    if not isinstance(events, dict):
        raise LawRefusal("送达的经过应是一条记录，写交邮（送出）日 sent 和签收日 received。", code="events")
    sent, signed = (
        parse_day(events[key], label) if events.get(key) else None
        for key, label in (("sent", "交邮（送出）"), ("received", "签收"))
    )
    written = given.get("reply_due") or events.get("due")
    if not written:
        raise LawRefusal("没有答复期限，请在 reply_due 列填写。", code="due")
    due = parse_day(written, "答复期限")
    found = service.in_time(method_of(given.get("channel", "")), sent, signed, due)
    late = {service.Verdict.ON_TIME: "ON_TIME", service.Verdict.LATE: "LATE"}
    basis = {} if given.get("basis") else {"basis": found.article}
    return basis | {
        "reply_due": due.isoformat(),
        "status": late.get(found.verdict, found.verdict.label),
        "warn": found.warning,
    }


def method_of(words: str) -> service.Method:
    """The way of serving that is meant by free words; a refusal when there is none."""
    for method, named in _METHOD_WORDS:
        if any(word in words for word in named):
            return method
    raise LawRefusal(f"不认识送达方式“{words}”，请检查 channel 列。", code="method")


_METHOD_WORDS: tuple[tuple[service.Method, tuple[str, ...]], ...] = (
    (service.Method.COURIER, ("非邮政", "其他快递", "顺丰", "圆通", "中通", "申通", "韵达", "京东")),
    (service.Method.ELECTRONIC, ("电子", "平台", "互联网", "邮箱")),
    (service.Method.POSTAL, ("邮政", "EMS", "挂号", "邮寄")),
    (service.Method.COURIER, ("快递",)),
    (service.Method.ENTRUSTED, ("委托",)),
    (service.Method.DIRECT, ("直接", "当面")),
)


def _start(given: Mapping[str, str]) -> date:
    if not given.get("received_at"):
        raise LawRefusal("没有收到（起算）日期，请在 received_at 列填写。", code="received_at")
    return parse_day(given["received_at"], "收到（起算）")


def _events(given: Mapping[str, str]) -> object:
    text = given.get("events_json", "")
    try:
        return json.loads(text) if text else []
    except (ValueError, RecursionError):
        raise LawRefusal("events_json 列不是 JSON，请检查引号和括号。", code="events") from None


def _date(due: Due | None) -> str:
    """The day, `CALENDAR_MISSING:2027` for a year nobody confirmed, nothing where there is none."""
    if due is None:
        return ""
    if due.date is not None:
        return due.date.isoformat()
    return f"CALENDAR_MISSING:{due.unconfirmed}" if due.unconfirmed else ""


def _quantity(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise LawRefusal(f"数量“{text[:20]}”不是整数，请改正。", code="quantity")
    return int(text)


def _fee(mode: str, quantity: int) -> fees.Fee:
    if "按量" in mode:
        return fees.by_pages(quantity)
    if "按件" in mode and "第k件" in mode:
        return fees.nth_item(quantity)
    if "按件" in mode and "真实" in mode:  # the items that were charged, above the free ones
        return fees.charge(fees.FREE_ITEMS, quantity)
    if "按件" in mode:
        return fees.by_items(quantity)
    raise LawRefusal(f"不认识计费方式“{mode}”，请检查 mode 列。", code="mode")
