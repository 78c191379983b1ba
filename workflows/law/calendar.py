"""Working days and the days on which legal periods end. Pure: no database, no clock, standard library only.

A `Calendar` is made of year tables. A year counts only when its table was imported and confirmed; a period
that reaches an unconfirmed year has no date yet (待定) but a certain bound (不早于). Nothing is ever guessed.

Sources, cited beside the rules: 政府信息公开条例 (国务院令711号), 民事诉讼法 (2023), 行政复议法 (2023),
全国年节及纪念日放假办法 (2024 修订), domain.md 1.11, 9 and 12.12.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from workflows.law.dues import (
    BASIS_ROLL,
    BASIS_START,
    Due,
    Left,
    NotKnown,
    Step,
    Unit,
    YearNotConfirmed,
    date_text,
    left_kind,
    not_imported,
)

__all__ = [
    "Calendar",
    "DayKind",
    "Due",
    "Left",
    "NotKnown",
    "Span",
    "SpecialDay",
    "Step",
    "YearNotConfirmed",
    "YearTable",
    "date_text",
    "not_imported",
]

#: days that do not count, as an interval (after the first, up to and including the second)
Span = tuple[date, date]

ONE_DAY = timedelta(days=1)
MOST_DAYS = 4000  # no legal period is longer; a larger number is a mistake of the caller


class DayKind(StrEnum):
    """What a year table says of a day. Days it does not name are workdays from Monday to Friday."""

    OFF = "OFF"  # 放假
    WORK = "WORK"  # 调休上班
    REGIONAL = "REGIONAL"  # 地方放假: 放假办法第四条, 少数民族习惯的节日由当地规定


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day named by a yearly notice of the State Council's general office, or by the region."""

    day: date
    kind: DayKind
    name: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class YearTable:
    """A confirmed year. A notice may also name days at the end of the year before (2011-12-31 上班)."""

    year: int
    days: tuple[SpecialDay, ...]


class Calendar:
    """The confirmed years. Immutable; made anew whenever a year changes."""

    def __init__(self, tables: Iterable[YearTable] = (), *, version: int = 0) -> None:
        self.version = version
        self._special: dict[date, SpecialDay] = {}
        years = set()
        for table in sorted(tables, key=lambda t: t.year):  # a later notice prevails over an earlier one
            years.add(table.year)
            self._special.update({special.day: special for special in table.days})
        self.years = frozenset(years)
        self._workdays = [
            day.toordinal() for year in sorted(years) for day in _days_of(year) if self._works(day)
        ]
        #: year -> the last day of the unbroken run of confirmed years it is in
        self._known_until: dict[int, int] = {}
        for year in sorted(years, reverse=True):
            last = date(year, 12, 31).toordinal()
            self._known_until[year] = self._known_until.get(year + 1, last)

    def with_regional(self, days: Iterable[SpecialDay]) -> Calendar:
        """This calendar with further days off of one region (放假办法第四条: 自治地方民族节日由当地规定).

        They prevail over the national notice, and confirm no year by themselves. Keep the result: making it
        costs a millisecond.
        """
        local = tuple(replace(day, kind=DayKind.REGIONAL) for day in days)
        fresh = Calendar(version=self.version)
        fresh._special = self._special | {day.day: day for day in local}
        fresh.years, fresh._known_until = self.years, self._known_until
        off = {day.day.toordinal() for day in local}
        fresh._workdays = [day for day in self._workdays if day not in off]
        return fresh

    def _works(self, day: date) -> bool:
        special = self._special.get(day)
        return special.kind is DayKind.WORK if special else day.weekday() < 5

    def confirmed(self, day: date) -> bool:
        """Whether the holidays of that day's year are known."""
        return day.year in self.years

    def first_difference(self, other: Calendar) -> date | None:
        """The first day that `other` tells differently; a period that ends before it cannot move. None: no day."""
        days = {date.fromordinal(day) for day in set(self._workdays) ^ set(other._workdays)}
        return min(days | {date(year, 1, 1) for year in self.years ^ other.years}, default=None)

    def special(self, day: date) -> SpecialDay | None:
        """What the year table says of a day, if anything."""
        return self._special.get(day)

    def is_workday(self, day: date) -> bool:
        """Monday to Friday less days off, plus make-up days. Raises `YearNotConfirmed`."""
        if day.year not in self.years:
            raise YearNotConfirmed(day.year)
        return self._works(day)

    def is_makeup(self, day: date) -> bool:
        """Whether the day is a 调休上班 day."""
        special = self._special.get(day)
        return special is not None and special.kind is DayKind.WORK

    def add_workdays(self, start: date, n: int) -> Due:
        """The n-th working day after `start` (start day excluded, 民诉法85②); n >= 0, 0 is `start` itself.

        The last day of a period in working days is a working day, so nothing rolls (domain.md 1.11-3).
        """
        _check(n)
        steps: list[Step] = []
        day, counted = start, 0
        while counted < n:
            day += ONE_DAY
            if day.year not in self.years:
                return self._unknown(start, n, "workday", day, n - counted, steps)
            works = self._works(day)
            counted += works
            steps.append(self._step(day, counted if works else None))
        return self._known(start, n, "workday", day, steps)

    def reach(self, start: date, n: int, pauses: Sequence[Span] = ()) -> Due:
        """The n-th working day after `start` that lies in none of the `pauses` (条例33③), without its derivation.

        `pauses` are disjoint and in order; each excludes its first day and includes its last. Quick: it looks
        the days up. What reaches an unconfirmed year is 待定 with its bound, as in `add_workdays`.
        """
        _check(n)
        at, need = start, n
        for begin, end in pauses:
            have = self._count(at, begin) if begin > at else 0
            if have >= need:
                break
            need -= have
            at = max(at, end)
        index = bisect_right(self._workdays, at.toordinal()) + need - 1
        until = self._known_until.get((start + ONE_DAY).year, 0)
        if n and not (index < len(self._workdays) and self._workdays[index] <= until):
            return self._reach_unknown(start, n, pauses)
        day = date.fromordinal(self._workdays[index]) if n else start
        return Due(start, n, "workday", day, day, makeup=self.is_makeup(day))

    def _reach_unknown(self, start: date, n: int, pauses: Sequence[Span]) -> Due:
        """As `_unknown`, day by day: pauses never count, whatever the unknown year will be like."""
        day, left, unknown = start, n, 0
        while left > 0:
            day += ONE_DAY
            if any(begin < day <= end for begin, end in pauses):
                continue
            if not unknown and day.year not in self.years:
                unknown = day.year
            left -= (day.month, day.day) != (1, 1) if unknown else self._works(day)
        return Due(start, n, "workday", None, day, unconfirmed=unknown)

    def add_days(self, start: date, n: int, *, roll: bool = True) -> Due:
        """The n-th natural day after `start`; with `roll` a last day off moves to a working day (民诉法85③).

        Periods that must at least last, as 「征求意见不少于30日」 (713号令15条), do not roll: `roll=False`.
        """
        _check(n)
        return self._natural(start, n, "day", start + timedelta(days=n), roll)

    def add_months(self, start: date, n: int, *, roll: bool = True) -> Due:
        """The same day n months later, or that month's last day (行政诉讼法46); rolls as `add_days`."""
        _check(n)
        years, month = divmod(start.month - 1 + n, 12)
        year = start.year + years
        end = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        return self._natural(start, n, "month", end, roll)

    def next_workday(self, day: date) -> Due:
        """`day` itself when it is a working day, else the first one after it (民诉法85③)."""
        return self.add_days(day, 0)

    def last_workday(self, day: date) -> date:
        """`day` itself or the last working day before it: for fixed dates, which never roll (条例49).

        Raises `YearNotConfirmed`.
        """
        while not self.is_workday(day):
            day -= ONE_DAY
        return day

    def workdays_between(self, a: date, b: date) -> int:
        """Working days after `a` up to `b` included; negative when `b` < `a`. Raises `YearNotConfirmed`."""
        if b < a:
            return -self.workdays_between(b, a)
        for year in range((a + ONE_DAY).year, b.year + 1) if b > a else ():
            if year not in self.years:
                raise YearNotConfirmed(year)
        return self._count(a, b)

    def before(self, due: date, n: int) -> date:
        """The first working day with `n` working days left until `due`: when to remind. Raises as above."""
        _check(n)
        if due.year not in self.years:
            raise YearNotConfirmed(due.year)
        at = bisect_right(self._workdays, due.toordinal()) - n - 1
        if at < 0:
            raise YearNotConfirmed(min(self.years) - 1)
        day = date.fromordinal(self._workdays[at])
        self.workdays_between(min(day, due), due)
        return day

    def days_left(self, today: date, due: Due | date | None) -> Left:
        """How a deadline stands today, for the screen; never raises (domain.md 12.12)."""
        if due is None:
            return Left(None, "due_unknown")
        if isinstance(due, Due):
            if due.date is None:
                return Left(None, "due_unknown", cause=due.cause, not_before=due.not_before)
            if due.unit != "workday":
                days = (due.date - today).days
                return Left(days, left_kind(days, today, due.date), "天（自然日）")
            due = due.date
        low, high = min(today, due), max(today, due)
        gap = next((y for y in range((low + ONE_DAY).year, high.year + 1) if y not in self.years), None)
        days = self._count(low, high) * (-1 if today > due else 1)
        cause = not_imported(gap) if gap and low < high else ""
        return Left(days, left_kind(days, today, due), cause=cause)

    # ------------------------------------------------------------------ within

    def _count(self, a: date, b: date) -> int:
        return bisect_right(self._workdays, b.toordinal()) - bisect_right(self._workdays, a.toordinal())

    def _step(self, day: date, number: int | None) -> Step:
        special = self._special.get(day)
        if special is None:
            return Step(day, number, "counted" if number else "weekend")
        return Step(day, number, "makeup" if special.kind is DayKind.WORK else "holiday", special.name)

    def _known(self, start: date, n: int, unit: Unit, end: date, steps: list[Step]) -> Due:
        return Due(start, n, unit, end, end, days=tuple(steps), makeup=self.is_makeup(end))

    def _unknown(
        self,
        start: date,
        n: int,
        unit: Unit,
        reached: date,
        left: int,
        steps: list[Step],
    ) -> Due:
        """待定: `left` days are still to count from `reached` on, in a year that is not known.

        The bound counts every day as worked except 1 January, which the law itself fixes as a day off
        (放假办法第二条第一项); any arrangement of make-up days ends no earlier.
        """
        bound = reached - ONE_DAY
        while left > 0:
            bound += ONE_DAY
            left -= (bound.month, bound.day) != (1, 1)
        return Due(start, n, unit, None, bound, unconfirmed=reached.year, days=tuple(steps))

    def _natural(self, start: date, n: int, unit: Unit, end: date, roll: bool) -> Due:
        span = [start + timedelta(days=i) for i in range(1, (end - start).days)]
        steps = [Step(day, i, "counted") for i, day in enumerate(span, 1)]
        number = len(steps) + 1
        if not roll:
            return self._known(start, n, unit, end, [*steps, Step(end, number, "counted")])
        day = end
        while day.year in self.years and not self._works(day):
            special = self._special.get(day)
            steps.append(Step(day, number if day == end else None, "rolled", special.name if special else ""))
            day += ONE_DAY
        if day.year not in self.years:
            return replace(self._unknown(start, n, unit, day, 1, steps), basis=(BASIS_START, BASIS_ROLL))
        steps.append(
            Step(day, number if day == end else None, "makeup" if self.is_makeup(day) else "counted")
        )
        known = self._known(start, n, unit, day, steps)
        return known if day == end else replace(known, basis=(BASIS_START, BASIS_ROLL))


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += ONE_DAY


def _check(n: int) -> None:
    if not 0 <= n <= MOST_DAYS:
        raise ValueError(f"a period of {n} days")
