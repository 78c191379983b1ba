"""A year's arrangement as the library `holidays` knows it: a proposal to check against the notice, never more.

The library computes statutory days of any year by rule, and knows make-up days only of years whose notice its authors
have entered. A year without make-up days is therefore not proposed at all: counting by it would be guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version

from app.calendar.table import RowReport
from app.core.errors import Refused
from workflows.law.calendar import DayKind

ONE_DAY = timedelta(days=1)
_swapped = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")
_added = re.compile(r"（.*）")
EVE = "农历除夕"  # 放假办法第二条: part of 春节


@dataclass(frozen=True)
class Proposal:
    """The rows of a year, in order, and where they are from."""

    rows: list[RowReport]
    source: str


def propose(year: int) -> Proposal:
    """The year as the library has it; Refused where it has no make-up days, or nothing."""
    import holidays  # when asked for: it brings the whole world with it

    source = f"开源软件 holidays {version('holidays')} 的建议，未经核对"
    try:
        china = holidays.country_holidays("CN", years=year, language="zh_CN")
    except NotImplementedError:
        china = None
    known = {} if china is None else {day: name for day, name in china.items() if day.year == year}
    work = sorted(day for day in getattr(china, "weekend_workdays", ()) if _belongs(day, year))
    if not known or not work:
        raise Refused(
            f"现有的资料里只有 {year} 年的法定节日，没有调休上班的安排（国务院办公厅通知可能还没有发布，或者软件还没有收录），"
            "不能作为建议。请在通知发布后上传放假安排表。",
            fields={"proposed_year": "没有调休上班的安排"},
        )
    days = [*_off(known, set(work)), *_work(known, work)]
    rows = [
        RowReport(line, day.isoformat(), kind.value, name, source)
        for line, (day, kind, name) in enumerate(sorted(days), 1)
    ]
    return Proposal(rows, source)


def _belongs(day: date, year: int) -> bool:
    return day.year == year or (day.year == year - 1 and day.month == 12 and day.day >= 25)


def _off(known: dict[date, str], work: set[date]) -> Iterator[tuple[date, DayKind, str]]:
    """Days off by name; the weekends they adjoin are off with them unless they are worked."""
    for block in _blocks(known, work):
        for day in block:
            yield day, DayKind.OFF, _name(known, block, day)


def _blocks(known: dict[date, str], work: set[date]) -> list[list[date]]:
    """Unbroken runs of days off, weekends between and beside them included."""
    off = set(known)
    for start in sorted(known):
        for step in (ONE_DAY, -ONE_DAY):
            day = start + step
            while day.weekday() >= 5 and day not in work and day.year == start.year:
                off.add(day)
                day += step
    blocks: list[list[date]] = []
    for day in sorted(off):
        if blocks and blocks[-1][-1] == day - ONE_DAY:
            blocks[-1].append(day)
        else:
            blocks.append([day])
    return blocks


def _name(known: dict[date, str], block: Iterable[date], day: date) -> str:
    """The holiday's own name, else that of the nearest named day of the block."""
    named = [other for other in block if other in known and not _swapped.search(known[other])]
    nearest = min(named, key=lambda other: abs((other - day).days), default=day)
    words = _added.sub("", known.get(nearest, "放假"))
    return "春节" if words == EVE else words


def _work(known: dict[date, str], work: Iterable[date]) -> Iterator[tuple[date, DayKind, str]]:
    """Make-up days, named after the holiday whose day off they pay for."""
    blocks = _blocks(known, set(work))
    for day in work:
        paid = next((off for off, name in known.items() if day.isoformat() in name), None)
        block = next((b for b in blocks if paid in b), None)
        if block is None or paid is None:
            block = min(blocks, key=lambda b: min(abs((d - day).days) for d in b))
            paid = block[0]
        yield day, DayKind.WORK, _name(known, block, paid)
