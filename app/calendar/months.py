"""A year as a page shows it: twelve months of weeks, and its holidays as a list."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.calendar.table import KIND_LABELS
from workflows.law.calendar import Calendar, DayKind, SpecialDay


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a month: `word` is what stands under the number, `kind` its colour, `title` the whole of it."""

    day: date
    kind: str
    word: str
    title: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month: weeks from Monday, None outside of the month; how many working days it has."""

    number: int
    weeks: list[list[Cell | None]]
    workdays: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday: its days off as ranges, its make-up days, and the notice it is from."""

    name: str
    off: list[tuple[date, date]]
    work: list[date]
    source: str


def months(calendar: Calendar, year: int, today: date) -> list[Month]:
    """The twelve months of a confirmed year."""
    weeks = Weeks()
    found = []
    for number in range(1, 13):
        rows = [
            [_cell(calendar, day, today) if day.month == number else None for day in week]
            for week in weeks.monthdatescalendar(year, number)
        ]
        workdays = sum(cell.kind in ("work", "plain") for row in rows for cell in row if cell)
        found.append(Month(number, rows, workdays))
    return found


def _cell(calendar: Calendar, day: date, today: date) -> Cell:
    special = calendar.special(day)
    if special is None:
        kind, word = ("plain", "") if day.weekday() < 5 else ("rest", "")
        return Cell(day, kind, word, "工作日" if kind == "plain" else "周末", day == today)
    kind = {DayKind.OFF: "off", DayKind.WORK: "work", DayKind.REGIONAL: "off"}[special.kind]
    word = "班" if special.kind is DayKind.WORK else "休"
    return Cell(day, kind, word, f"{special.name}，{KIND_LABELS[special.kind]}", day == today)


def holidays(days: Sequence[SpecialDay]) -> list[Holiday]:
    """The year's holidays in order of their first day."""
    order = sorted(days, key=lambda s: (s.kind is DayKind.WORK, s.day))
    names = list(dict.fromkeys(special.name for special in order))
    return [
        Holiday(
            name,
            _ranges([s.day for s in days if s.name == name and s.kind is not DayKind.WORK]),
            [s.day for s in days if s.name == name and s.kind is DayKind.WORK],
            next(s.source for s in days if s.name == name),
        )
        for name in names
    ]


def _ranges(days: list[date]) -> list[tuple[date, date]]:
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and ranges[-1][1] == day - timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
