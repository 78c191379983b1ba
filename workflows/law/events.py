"""What can happen to an application's reply period, as typed, frozen facts; and their form as JSON.

Every event has `on`, the day it took effect, and `document`, the letter it rests on (文号或名称). A consultation
is one event that is filled in as it goes: `delivered` and `returned` stay None until they are known.
Sources: 条例30, 32-35, 42; 国办函〔2020〕109号; domain.md 1.6-1.8, 1.11, 12.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from workflows.law.refusals import LawRefusal

if TYPE_CHECKING:
    from workflows.law.calendar import Calendar


class ConsultationKind(StrEnum):
    """Whom the office asks. The first three stop the clock (条例33③), the rest only by setting (domain.md 12.1)."""

    THIRD = "third"
    JOINT = "joint"
    OTHER = "other"
    ASSIST = "assist"
    MEETING = "meeting"
    SECRECY = "secrecy"

    @property
    def label(self) -> str:
        """As the office calls it (glossary B)."""
        return _KINDS[self][0]

    @property
    def article(self) -> str:
        """The clause under which it is asked."""
        return _KINDS[self][1]

    @property
    def silence(self) -> str:
        """What it means when no opinion came within 15 working days; empty where the law sets no period."""
        return _KINDS[self][2]


_KINDS: dict[ConsultationKind, tuple[str, str, str]] = {
    ConsultationKind.THIRD: (
        "第三方意见征求",
        "条例第三十二条",
        "第三方逾期未提出意见的，由本机关依法决定是否公开（既不视为同意，也不视为不同意）",
    ),
    ConsultationKind.JOINT: (
        "共同制作机关意见",
        "条例第三十四条",
        "被征求意见机关逾期未提出意见的，视为同意公开",
    ),
    ConsultationKind.OTHER: ("征求其他机关意见", "条例第三十三条第三款", ""),
    ConsultationKind.ASSIST: ("协查", "条例第十一条", ""),
    ConsultationKind.MEETING: ("会商", "条例第十一条", ""),
    ConsultationKind.SECRECY: ("保密行政管理部门确定", "条例第十七条第三款", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionIssued:
    """补正告知 was sent to the applicant, with the last day for the correction (条例30).

    Where that day lies in a year nobody confirmed, `deadline` stays None and the length the notice gave (`days` from
    `delivered`, `natural` ones or working days) tells it as soon as the year is there.
    """

    name: ClassVar[str] = "correction_issued"
    on: date
    deadline: date | None = None
    delivered: date | None = None
    days: int | None = None
    natural: bool = False
    document: str = ""

    def last_day(self, calendar: Calendar) -> date | None:
        """The last day for the correction; None before the notice is delivered, and while its year is unknown."""
        if self.deadline is not None or self.delivered is None or self.days is None:
            return self.deadline
        count = calendar.add_days if self.natural else calendar.add_workdays
        return count(self.delivered, self.days).date


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionReceived:
    """The correction was received; the day is found as for an application (条例30, 31)."""

    name: ClassVar[str] = "correction_received"
    on: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionLapsed:
    """无正当理由逾期不补正: the organ found so; no longer handled (条例30)."""

    name: ClassVar[str] = "correction_lapsed"
    on: date | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """An opinion was asked for in writing: `on` sent, `delivered` signed for, `returned` the opinion came.

    `ref` is the caller's own number of it (the same party may be asked twice), `answered` False when nothing came and
    `returned` is the day the office stopped waiting, `unreached` when that is because no letter could reach the party; none
    of them is part of the JSON.
    """

    name: ClassVar[str] = "consult_sent"
    on: date
    kind: ConsultationKind
    delivered: date | None = None
    returned: date | None = None
    party: str = ""
    document: str = ""
    ref: int = 0
    answered: bool = True
    unreached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """延期答复: agreed to by the head of the disclosure office *and* told to the applicant on that day (条例33②)."""

    name: ClassVar[str] = "extension"
    on: date
    days: int
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """延迟答复: 数量频次明显超过合理范围、理由合理, told to the applicant; the new day is the office's (条例35)."""

    name: ClassVar[str] = "delay"
    on: date
    until: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """责令重新答复: a decision or judgment sets the day by which to answer again (行政复议法64, 行政诉讼法70)."""

    name: ClassVar[str] = "ordered"
    on: date
    until: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRequested:
    """要求说明理由 (条例35); stops nothing【推定】."""

    name: ClassVar[str] = "reason_requested"
    on: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonReceived:
    """The applicant gave reasons (条例35)."""

    name: ClassVar[str] = "reason_received"
    on: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeNotice:
    """收费通知 was sent; the payment period runs from `delivered` (109号第六条【未核实】)."""

    name: ClassVar[str] = "fee_notice"
    on: date
    delivered: date | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePaid:
    """The fee was paid in full (109号)."""

    name: ClassVar[str] = "fee_paid"
    on: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLapsed:
    """逾期未缴费: no longer handled (109号)."""

    name: ClassVar[str] = "fee_lapsed"
    on: date | None = None
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The applicant withdrew."""

    name: ClassVar[str] = "withdrawn"
    on: date
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """The reply counts as given on this day: see `workflows.law.service.timeliness` (235号四)."""

    name: ClassVar[str] = "replied"
    on: date
    document: str = ""


Event = (
    CorrectionIssued
    | CorrectionReceived
    | CorrectionLapsed
    | Consultation
    | Extension
    | Delay
    | Ordered
    | ReasonRequested
    | ReasonReceived
    | FeeNotice
    | FeePaid
    | FeeLapsed
    | Withdrawn
    | Replied
)

_CLASSES: tuple[type[Event], ...] = (
    CorrectionIssued, CorrectionReceived, CorrectionLapsed, Consultation, Extension, Delay, Ordered, ReasonRequested,
    ReasonReceived, FeeNotice, FeePaid, FeeLapsed, Withdrawn, Replied,
)  # fmt: skip
_BY_NAME = {cls.name: cls for cls in _CLASSES}
_written = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = ("deadline", "delivered", "returned", "until")


def in_order(events: Iterable[Event], first: date) -> list[tuple[date, Event]]:
    """Each with its day, by day, else as given; one without a day has that of the one before it, or `first`."""
    placed: list[tuple[date, Event]] = []
    last = first
    for event in events:
        last = event.on or last
        placed.append((last, event))
    return sorted(placed, key=lambda pair: pair[0])


def from_json(items: Any) -> list[Event]:
    """Events from `[{"t": name, "date": "2026-03-11", …}]`; raises `LawRefusal` with the entry it stumbled on."""
    if not isinstance(items, list):
        raise LawRefusal("经过应是一个列表，请检查 events_json 列。", code="events")
    return [_event(number, item) for number, item in enumerate(items, 1)]


def to_json(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The reverse of `from_json`; what is empty is left out."""
    return [_item(event) for event in events]


def _event(number: int, item: Any) -> Event:
    where = f"第 {number} 项经过"
    if not isinstance(item, Mapping):
        raise LawRefusal(f"{where}不是一条记录，请检查 events_json 列。", code="events")
    cls = _BY_NAME.get(str(item.get("t")))
    if cls is None:
        raise LawRefusal(f"{where}的种类“{item.get('t')}”不认识，请检查 events_json 列。", code="events")
    values: dict[str, Any] = {"document": str(item.get("document") or "")}
    if item.get("date") is not None:
        values["on"] = parse_day(item["date"], where)
    elif cls not in (CorrectionLapsed, FeeLapsed):
        raise LawRefusal(f"{where}没有日期，请补上。", code="events")
    for key in _DAYS:
        if key in cls.__slots__ and item.get(key) is not None:
            values[key] = parse_day(item[key], where)
    if cls is Consultation:
        values |= {"kind": _kind(item.get("kind"), where), "party": str(item.get("party") or "")}
    if cls is Extension:
        values["days"] = _whole(item.get("days"), where)
    if cls is CorrectionIssued and item.get("days") is not None:
        values |= {
            "days": _whole(item["days"], where, "补正期限的天数"),
            "natural": bool(item.get("natural")),
        }
    if cls is Delay and "until" not in values:
        raise LawRefusal(f"{where}没有写延迟到哪一天，请补上。", code="events")
    if cls is Ordered and "until" not in values:
        raise LawRefusal(f"{where}没有写责令在哪一天前重新答复，请补上。", code="events")
    return cls(**values)


def _kind(value: Any, where: str) -> ConsultationKind:
    try:
        return ConsultationKind(str(value))
    except ValueError:
        raise LawRefusal(f"{where}的征求对象“{value}”不认识，请检查 kind。", code="events") from None


def _whole(value: Any, where: str, what: str = "延长天数") -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LawRefusal(f"{where}的{what}应是整数，请改正。", code="events")
    return value


def parse_day(value: Any, where: str) -> date:
    """A day written 2026-03-11; raises `LawRefusal` naming `where` it stands."""
    written = isinstance(value, str) and _written.fullmatch(value.strip())
    try:
        day = date.fromisoformat(value.strip()) if written else None
    except ValueError:
        day = None
    if day is None or not 1990 <= day.year <= 2200:
        raise LawRefusal(f"{where}的日期“{value}”不对，应写成 2026-03-11 这样。", code="day")
    return day


def _item(event: Event) -> dict[str, Any]:
    item: dict[str, Any] = {"t": event.name}
    for key in event.__slots__:
        value = getattr(event, key)
        if value is None or value is False or value == "" or key in ("ref", "answered", "unreached"):
            continue
        named = "date" if key == "on" else key
        item[named] = value.isoformat() if isinstance(value, date) else str(value) if key == "kind" else value
    return item
