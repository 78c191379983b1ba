"""What comes out of counting: when a period ends, how that came out, and what is left of it.

Made by `workflows.law.calendar`; pages and letters print the `text` of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Day: TypeAlias = date  # `Due` has a field called date
Unit = Literal["workday", "day", "month"]

# 民事诉讼法85②: 期间开始的时和日，不计算在期间内 (行政复议法88 准用; 条例31、33 从其通行口径)
BASIS_START = "民事诉讼法第八十五条第二款"
# 民事诉讼法85③: 期间届满的最后一日是法定休假日的，以法定休假日后的第一日为期间届满的日期
BASIS_ROLL = "民事诉讼法第八十五条第三款"


class NotKnown(LookupError):
    """A date was demanded that is not certain yet; the message is the Chinese reason."""


class YearNotConfirmed(NotKnown):
    """A date was demanded that depends on a year whose holidays were not imported."""

    def __init__(self, year: int) -> None:
        super().__init__(not_imported(year))
        self.year = year


StepKind = Literal["counted", "makeup", "weekend", "holiday", "rolled"]


@dataclass(frozen=True, slots=True)
class Step:
    """One day of a derivation: `number` is its place in the count, None for a day that was skipped.

    `kind`: counted (an ordinary day), makeup (counted 调休上班), weekend and holiday (skipped), rolled (the
    period would have ended here, but it is a day off). `name` is the holiday's name where there is one.
    """

    day: date
    number: int | None
    kind: StepKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """When a period ends, and how that came out.

    `date` is None when the period reaches a year that is `unconfirmed`, or while something is `open` that moves
    the end (an opinion, a correction, a payment); then `reason` is the sentence to show
    (「待定（2027年放假安排未导入）」), `cause` its inner part and `not_before` a bound that nothing can undercut.
    `days` derives it: counted, skipped and make-up days in order, as far as known; `Calendar.reach` leaves it
    empty.
    """

    start: Day
    length: int
    unit: Unit
    date: Day | None
    not_before: Day
    unconfirmed: int | None = None
    days: tuple[Step, ...] = ()
    basis: tuple[str, ...] = (BASIS_START,)
    makeup: bool = False
    open: str = ""

    @property
    def cause(self) -> str:
        """「2027年放假安排未导入」 or what is still `open`; nothing when the date is known."""
        return self.open if self.unconfirmed is None else not_imported(self.unconfirmed)

    @property
    def reason(self) -> str | None:
        """「待定（2027年放假安排未导入）」, or None when the date is known."""
        return f"待定（{self.cause}）" if self.cause else None

    @property
    def text(self) -> str:
        """What a page prints: the date with its weekday, or 待定 with its bound."""
        if self.date is not None:
            return date_text(self.date, makeup=self.makeup)
        return f"{self.reason}，不早于 {self.not_before.month}月{self.not_before.day}日"

    def require(self) -> Day:
        """The date; raises `YearNotConfirmed`, or `NotKnown` while something is open."""
        if self.date is not None:
            return self.date
        if self.unconfirmed is None and self.open:
            raise NotKnown(self.open)
        raise YearNotConfirmed(self.unconfirmed or self.not_before.year)


LeftKind = Literal["due_ok", "due_near", "due_soon", "due_today", "overdue", "due_unknown"]


@dataclass(frozen=True, slots=True)
class Left:
    """How many days are left (negative: late), with the key of its colour (glossary A) and its words.

    With a `cause` and days, the count is certain but may be exceeded: the rest lies in an unconfirmed year.
    """

    days: int | None
    kind: LeftKind
    word: str = "个工作日"
    cause: str = ""
    not_before: date | None = None

    @property
    def text(self) -> str:
        """「剩 14 个工作日」「今日到期」「已超期 2 个工作日」「待定（2027年放假安排未导入）」"""
        if self.kind == "due_unknown" or self.days is None:
            return f"待定（{self.cause}）" if self.cause else "待定"
        if self.kind == "due_today":
            return "今日到期"
        tail = f"以上（{self.cause}）" if self.cause else ""
        if self.kind == "overdue":
            return f"已超期 {-self.days} {self.word}{tail}" if self.days else f"已超期（不满 1 {self.word}）"
        return f"剩 {self.days} {self.word}{tail}"


def date_text(day: date, *, makeup: bool = False) -> str:
    """「2026-12-11（星期五）」, a make-up day 「2026-09-20（星期日·调休上班）」."""
    return f"{day.isoformat()}（星期{'一二三四五六日'[day.weekday()]}{'·调休上班' if makeup else ''}）"


def not_imported(year: int) -> str:
    """「2027年放假安排未导入」 (glossary A)."""
    return f"{year}年放假安排未导入"


def left_kind(days: int, today: date, due: date) -> LeftKind:
    """How near an end is, for its colour. Glossary A: 3 working days 即将到期, 4 and 5 临期."""
    if today >= due:
        return "due_today" if today == due else "overdue"
    return "due_soon" if days <= 3 else "due_near" if days <= 5 else "due_ok"
