"""When a publication is due, and when to remind of it. Pure: the calendar and the day are passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.obligations.models import WORKDAYS
from workflows.law.calendar import Calendar, YearNotConfirmed

#: working days left at which the publisher is reminded【推定】 (domain.md 1.12)
REMIND_AT = (5, 3, 1)
#: natural days between reminders once the duty is late【推定】
REPEAT_DAYS = 7


@dataclass(frozen=True)
class Plan:
    """Columns of a duty that follow from the day of forming and the calendar."""

    due_on: date | None
    due_unknown: str | None
    not_before: date
    sort_on: date
    derivation: list[dict[str, Any]]

    def columns(self) -> dict[str, Any]:
        """As a row's values."""
        return {
            "due_on": self.due_on,
            "due_unknown": self.due_unknown,
            "not_before": self.not_before,
            "sort_on": self.sort_on,
            "derivation": self.derivation,
        }


def plan(calendar: Calendar, formed_on: date) -> Plan:
    """20 working days after the day of forming or change, that day excluded (条例26). Never guesses a year."""
    due = calendar.add_workdays(formed_on, WORKDAYS)
    days = [
        {"day": step.day.isoformat(), "number": step.number, "kind": step.kind, "name": step.name}
        for step in due.days
    ]
    return Plan(due.date, due.cause or None, due.not_before, due.date or due.not_before, days)


def next_threshold(calendar: Calendar, due_on: date | None, today: date) -> date | None:
    """The next day after `today` on which somebody must be told; None while the date is unknown.

    Five, three and one working days before the end, the last day, the day after it, then every week.
    """
    if due_on is None:
        return None
    days = [day for day in (_before(calendar, due_on, left) for left in REMIND_AT) if day is not None]
    ahead = [day for day in (*days, due_on, due_on + timedelta(days=1)) if day > today]
    return min(ahead) if ahead else today + timedelta(days=REPEAT_DAYS)


def _before(calendar: Calendar, due_on: date, left: int) -> date | None:
    try:
        return calendar.before(due_on, left)
    except YearNotConfirmed:
        return None


def until(row: Mapping[Any, Any]) -> str:
    """「请于 2026-12-21 前发布」, or 待定 with its bound."""
    if row["due_on"]:
        return f"请于 {row['due_on']} 前发布"
    return f"发布期限待定（{row['due_unknown']}），不早于 {row['not_before']}"
