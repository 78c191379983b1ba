"""Periods of the law other than the reply's: appeals, litigation, review, and the duties of publication (6.3).

    PERIODS[code].end(start, calendar) -> Due     the start day is excluded (民诉法85②)
    DUTIES                                       the proactive duties of domain.md 6.3, same type
    appeal(received_on, calendar)                 every period that an answer opens to the applicant

Periods in natural days and months roll to the next working day when their last day is off (民诉法85③, by
复议法88 and 行诉法101); periods in working days cannot; minimum periods and fixed dates do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from workflows.law.calendar import Calendar, Due, YearNotConfirmed
from workflows.law.refusals import LawRefusal
from workflows.law.settings import LawSettings


@dataclass(frozen=True, slots=True)
class Period:
    """One period: `length` in `unit`; `starts` says in Chinese from what; `mark` is 【推定】, 【地方】 … or empty.

    unit: workday, day (natural, rolls), least (natural, at least so long: never rolls), month (rolls),
    hour (natural hours, never stops), fixed (the last day is `month_day` of the year after the one reported).
    """

    code: str
    label: str
    length: int
    unit: Literal["workday", "day", "least", "month", "hour", "fixed"]
    article: str
    starts: str = ""
    mark: str = ""
    month_day: tuple[int, int] = (0, 0)

    def end(self, start: date, calendar: Calendar) -> Due:
        """Its last day. `start` is day 0; for fixed dates any day of the year in which it must be done."""
        if self.unit == "workday":
            return calendar.add_workdays(start, self.length)
        if self.unit == "month":
            return calendar.add_months(start, self.length)
        if self.unit == "hour":
            raise LawRefusal(f"“{self.label}”按小时计，要有起算的时刻。", code="hours")
        if self.unit == "fixed":
            day = date(start.year, *self.month_day)
            return Due(start, (day - start).days, "day", day, day, makeup=calendar.is_makeup(day))
        return calendar.add_days(start, self.length, roll=self.unit == "day")

    def end_at(self, start: datetime) -> datetime:
        """The moment a period in hours ends; hours run through nights and holidays (6.9)."""
        if self.unit != "hour":
            raise ValueError(self.code)
        return start + timedelta(hours=self.length)

    def finish_by(self, start: date, calendar: Calendar) -> date | None:
        """The working day on which to be done at the latest; None while the year is not known (条例49)."""
        due = self.end(start, calendar).date
        try:
            return None if due is None else calendar.last_workday(due)
        except YearNotConfirmed:
            return None


_REVIEW = "行政复议法"
_SUIT = "行政诉讼法"

_PERIODS = (
    Period(
        "reconsideration", "申请行政复议", 60, "day", f"{_REVIEW}第二十条第一款、第八十八条", "收到答复之日"
    ),
    Period("suit", "直接提起行政诉讼", 6, "month", f"{_SUIT}第四十六条第一款", "收到答复之日"),
    Period(
        "suit_after_review", "复议后提起行政诉讼", 15, "day", f"{_SUIT}第四十五条", "收到行政复议决定书之日"
    ),
    Period(
        "review_untold",
        "未告知复议权利时申请行政复议",
        12,
        "month",
        f"{_REVIEW}第二十条第三款",
        "知道答复内容之日",
    ),
    Period(
        "review_answer",
        "复议答复（普通程序）",
        10,
        "workday",
        f"{_REVIEW}第四十八条、第八十八条第二款",
        "收到复议申请书副本之日",
    ),
    Period(
        "review_answer_simple",
        "复议答复（简易程序）",
        5,
        "workday",
        f"{_REVIEW}第五十三条第一款第四项、第五十四条、第八十八条第二款",
        "收到复议申请书副本之日",
    ),
    Period("evidence", "诉讼举证", 15, "day", f"{_SUIT}第六十七条第一款", "收到起诉状副本之日"),
    Period(
        "hearing_material", "听证材料送达（最少）", 7, "least", "重大行政决策程序暂行条例第十六条", "送达之日"
    ),
    Period(
        "public_comment",
        "重大决策公开征求意见（最少）",
        30,
        "least",
        "重大行政决策程序暂行条例第十五条",
        "公布之日",
    ),
    Period(
        "legality_review",
        "合法性审查（最少）",
        7,
        "workday",
        "重大行政决策程序暂行条例第二十六条",
        "送请审查之日",
    ),
    Period(
        "secrecy_report",
        "不明确事项报保密行政管理部门",
        10,
        "workday",
        "保守国家秘密法实施条例第二十五条",
        "拟定密级之日",
    ),
    Period(
        "secrecy_decision",
        "保密行政管理部门作出决定",
        10,
        "workday",
        "保守国家秘密法实施条例第二十五条",
        "接到报告之日",
    ),
)

_DUTIES = (
    Period("general", "主动公开", 20, "workday", "条例第二十六条", "形成或者变更之日"),
    Period(
        "local_20_days",
        "主动公开（地方要求20日）",
        20,
        "day",
        "兴义市2021年要点任务分解表",
        "形成之日",
        "【地方】",
    ),
    Period(
        "license_penalty",
        "行政许可、行政处罚双公示",
        7,
        "workday",
        "发改办财金〔2018〕424号、国办发〔2018〕118号",
        "作出决定之日",
    ),
    Period("enforcement", "其他行政执法决定公示", 20, "workday", "国办发〔2018〕118号", "作出决定之日"),
    Period(
        "penalty_withdrawal",
        "撤回已公开的处罚决定",
        3,
        "workday",
        "行政处罚法第四十八条第二款、第八十五条",
        "决定被变更、撤销、确认违法或者无效之日",
    ),
    Period(
        "recall", "责令召回食品药品等", 24, "hour", "济政办发〔2018〕25号三（七）", "作出决定之时", "【地方】"
    ),
    Period(
        "service_change",
        "办事条件变更",
        1,
        "workday",
        "济政办发〔2018〕25号四（四）",
        "完成审批之日",
        "【地方】",
    ),
    Period(
        "interpretation",
        "政策解读材料",
        3,
        "workday",
        "济政办发〔2018〕25号五（一）、大庆市2016年要点三（三）",
        "文件公开之日",
        "【地方】",
    ),
    Period("proposal_answer", "建议提案复文", 20, "workday", "条例第二十六条", "答复提出人之日"),
    Period("department_report", "部门年报报送并公布", 0, "fixed", "条例第四十九条第一款", "", "", (1, 31)),
    Period("government_report", "本级政府年报公布", 0, "fixed", "条例第四十九条第二款", "", "", (3, 31)),
    Period("emergency_notice", "重大突发事件发布权威信息", 5, "hour", "国办发〔2016〕80号", "事件发生之时"),
    Period("emergency_briefing", "重大突发事件新闻发布会", 24, "hour", "国办发〔2016〕80号", "事件发生之时"),
    Period("opinion_response", "其他政务舆情回应", 48, "hour", "国办发〔2016〕61号", "舆情发生之时"),
)

PERIODS: dict[str, Period] = {period.code: period for period in _PERIODS}
DUTIES: dict[str, Period] = {duty.code: duty for duty in _DUTIES}


def appeal(received_on: date, calendar: Calendar, *, review_first: bool) -> dict[str, Due]:
    """What an answer received on that day opens: 60 days of reconsideration, and 6 months of suit unless
    reconsideration comes first (复议法23①(四): 不予公开; text A)."""
    found = {"reconsideration": PERIODS["reconsideration"].end(received_on, calendar)}
    return found if review_first else found | {"suit": PERIODS["suit"].end(received_on, calendar)}


def fee_payment_due(delivered: date | None, calendar: Calendar, settings: LawSettings) -> Due | None:
    """Last day to pay, from the day the notice was received; natural days roll (109号【未核实】, 民诉法85③)."""
    if delivered is None:
        return None
    if settings.fee_payment_unit == "workday":
        return calendar.add_workdays(delivered, settings.fee_payment_length)
    return calendar.add_days(delivered, settings.fee_payment_length)


def suggested_correction_deadline(on: date, calendar: Calendar, settings: LawSettings) -> Due:
    """What to offer as the last day of a correction (条例30 合理期限【未核实】: the office decides)."""
    if settings.correction_unit == "workday":
        return calendar.add_workdays(on, settings.correction_length)
    return calendar.add_days(on, settings.correction_length)
