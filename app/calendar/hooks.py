"""What happens in other rooms when a year changes: they append to `changed`, and run inside the same command.

from app import calendar
calendar.changed.append(recalculate)      # recalculate(tx, change)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.calendar.table import DayChange
from app.core.command import Tx
from workflows.law.calendar import Calendar


@dataclass(frozen=True, slots=True)
class YearChange:
    """A year that was confirmed for the first time (`fresh`) or anew, with the days that differ and both calendars."""

    year: int
    fresh: bool
    days: tuple[DayChange, ...]
    before: Calendar
    after: Calendar


changed: list[Callable[[Tx, YearChange], None]] = []
