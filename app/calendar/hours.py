"""办公时间: working hours of an organ on the days the calendar counts, and the hours in which nobody is disturbed. Pure.

Internal limits of steps count here, in working days or working hours; statutory periods never do (workflows.law).
Every moment given and taken is aware; days are Shanghai days. What reaches an unconfirmed year is None: 待定.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.core.now import SHANGHAI, business_date
from workflows.law.calendar import Calendar, YearNotConfirmed

ONE_DAY = timedelta(days=1)
#: days looked at before giving up: no internal limit is longer
MOST_DAYS = 400
_clock = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)\Z")


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When an organ works and when it wants no reminders: all of them【约定】 until the organ says otherwise.

    `spans` are in order and do not overlap. `quiet_from` on a working day to `quiet_until` on the next one nothing
    is sent; the days between are quiet as a whole.
    """

    spans: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(14), time(17, 30)))
    quiet_from: time = time(20)
    quiet_until: time = time(8)

    @property
    def opens(self) -> time:
        """When the day begins."""
        return self.spans[0][0]

    @property
    def closes(self) -> time:
        """When it ends."""
        return self.spans[-1][1]

    @property
    def minutes(self) -> int:
        """Minutes in a working day."""
        return sum((_minute(end) - _minute(begin)) for begin, end in self.spans)


DEFAULT = OfficeHours()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A length of office time: whole working days, or working hours as minutes; never both."""

    days: int = 0
    minutes: int = 0

    @property
    def text(self) -> str:
        """「2 个工作日」「4 个工作小时」"""
        return f"{self.minutes // 60} 个工作小时" if self.minutes else f"{self.days} 个工作日"

    def least(self, hours: OfficeHours = DEFAULT) -> int:
        """How long it is in minutes of office time: to compare two of them."""
        return self.minutes or self.days * hours.minutes


def stretch(text: str) -> Stretch | None:
    """「2」 is two working days, 「4h」 four working hours; None for anything else, and for nothing at all."""
    found = re.fullmatch(r"([1-9][0-9]{0,2})(h?)", text.strip())
    if found is None:
        return None
    number = int(found[1])
    return Stretch(minutes=number * 60) if found[2] else Stretch(days=number)


def of(settings: Mapping[str, Any]) -> OfficeHours:
    """The hours an organ keeps in its settings (`office_hours`), else the usual ones."""
    said = settings.get("office_hours")
    if not said:
        return DEFAULT
    spans = tuple((clock(begin), clock(end)) for begin, end in said["spans"])
    return OfficeHours(spans, clock(said["quiet_from"]), clock(said["quiet_until"]))


def clock(text: str) -> time:
    """「9:00」; raises ValueError for what is none."""
    found = _clock.match(text.strip())
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def opening(day: date, hours: OfficeHours) -> datetime:
    """When the office opens that day."""
    return _at(day, hours.opens)


def after_days(calendar: Calendar, hours: OfficeHours, start: datetime, days: int) -> datetime | None:
    """The end of the n-th working day after `start`'s day."""
    day = calendar.reach(business_date(start), days).date
    return _at(day, hours.closes) if day else None


def after_minutes(calendar: Calendar, hours: OfficeHours, start: datetime, minutes: int) -> datetime | None:
    """When so many minutes of office time have passed since `start`."""
    try:
        for begin, end in _spans(calendar, hours, start):
            have = int((end - begin).total_seconds() // 60)
            if have >= minutes:
                return begin + timedelta(minutes=minutes)
            minutes -= have
    except YearNotConfirmed:
        pass
    return None


def after(calendar: Calendar, hours: OfficeHours, start: datetime, length: Stretch) -> datetime | None:
    """The end of a stretch: in days the end of the last one, in hours to the minute."""
    if length.minutes:
        return after_minutes(calendar, hours, start, length.minutes)
    return after_days(calendar, hours, start, length.days)


def before(calendar: Calendar, hours: OfficeHours, end: datetime, length: Stretch) -> datetime | None:
    """When a stretch is left until `end`: the morning of the day with so many days left, or to the minute."""
    try:
        if length.days:
            return opening(calendar.before(business_date(end), length.days), hours)
        return _back(calendar, hours, end, length.minutes)
    except YearNotConfirmed:
        return None


def mornings_after(
    calendar: Calendar, hours: OfficeHours, start: datetime, length: Stretch
) -> datetime | None:
    """When somebody is told that a stretch has passed since `start`: days count to the morning of the last one."""
    if length.minutes:
        return after_minutes(calendar, hours, start, length.minutes)
    day = calendar.reach(business_date(start), length.days).date
    return opening(day, hours) if day else None


def worked(calendar: Calendar, hours: OfficeHours, start: datetime, end: datetime) -> int | None:
    """Minutes of office time from `start` to `end`; 0 when `end` is not later."""
    total = 0
    try:
        for begin, close in _spans(calendar, hours, start):
            if begin >= end:
                return total
            total += int((min(close, end) - begin).total_seconds() // 60)
    except YearNotConfirmed:
        pass
    return None


def awake(calendar: Calendar, hours: OfficeHours, moment: datetime) -> datetime:
    """`moment` itself, or the next working morning when it lies in the quiet hours.

    A year that is not confirmed counts Monday to Friday here: a reminder may come on a holiday, a duty may not.
    """
    local = moment.astimezone(SHANGHAI)
    day, at = local.date(), local.time()
    if _works(calendar, day):
        if hours.quiet_until <= at < hours.quiet_from:
            return moment
        if at < hours.quiet_until:
            return _at(day, hours.quiet_until)
    return next_morning(calendar, hours, moment)


def next_morning(calendar: Calendar, hours: OfficeHours, moment: datetime) -> datetime:
    """When the quiet hours end on the next working day after `moment`'s."""
    day = business_date(moment) + ONE_DAY
    while not _works(calendar, day):
        day += ONE_DAY
    return _at(day, hours.quiet_until)


def _works(calendar: Calendar, day: date) -> bool:
    return calendar.is_workday(day) if calendar.confirmed(day) else day.weekday() < 5


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def _spans(calendar: Calendar, hours: OfficeHours, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of office time from `start` on."""
    day = business_date(start)
    for _ in range(MOST_DAYS):
        if calendar.is_workday(day):
            for begin, end in hours.spans:
                first, last = max(_at(day, begin), start), _at(day, end)
                if first < last:
                    yield first, last
        day += ONE_DAY


def _back(calendar: Calendar, hours: OfficeHours, end: datetime, minutes: int) -> datetime | None:
    day = business_date(end)
    for _ in range(MOST_DAYS):
        for begin, close in reversed(hours.spans) if calendar.is_workday(day) else ():
            first, last = _at(day, begin), min(_at(day, close), end)
            have = int((last - first).total_seconds() // 60)
            if have >= minutes:
                return last - timedelta(minutes=minutes)
            minutes -= max(have, 0)
        day -= ONE_DAY
    return None
