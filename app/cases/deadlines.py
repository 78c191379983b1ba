"""内部时限 of work items: set when a step opens, moved when a case rests. What then happens is in `cases.reminding`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import calendar
from app.accounts.directory import directory
from app.calendar import hours as office
from app.processes import limits
from app.processes.limits import Office

__all__ = ["after_rest", "opened", "where"]


def where(organ_id: int) -> Office:
    """The calendar and the office hours a step of this organ is counted in."""
    return Office(calendar.current(), office.of(directory().organ(organ_id).settings))


def opened(settings: Mapping[str, str], organ_id: int, now: datetime) -> dict[str, datetime | None]:
    """`due_at` and `check_at` of an item that opens now; both None without a limit, or where the calendar ends."""
    if limits.limit_of(settings) is None:
        return {"due_at": None, "check_at": None}
    place = where(organ_id)
    due_at = limits.due(settings, now, place)
    check_at = limits.first(settings, now, due_at, place).at if due_at else None
    return {"due_at": due_at, "check_at": check_at}


def after_rest(
    settings: Mapping[str, str], item: Mapping[str, Any], since: datetime, now: datetime
) -> dict[str, datetime | None]:
    """`due_at` and `check_at` of an open item whose case rested from `since` until now (挂起): it keeps the office time
    it had left. One that was late already stays so, and is looked at the next working morning."""
    due_at: datetime | None = item["due_at"]
    if due_at is None:
        return {"due_at": None, "check_at": None}
    place = where(item["organ_id"])
    left = office.worked(place.calendar, place.hours, since, due_at)
    if left == 0 and due_at <= since:
        return {"due_at": due_at, "check_at": office.next_morning(place.calendar, place.hours, now)}
    moved = office.after_minutes(place.calendar, place.hours, now, left) if left is not None else None
    if moved is None:
        return {"due_at": None, "check_at": None}
    ahead = limits.following(settings, item["told"], moved, now, place)
    return {"due_at": moved, "check_at": ahead}
