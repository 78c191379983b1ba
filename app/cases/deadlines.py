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

__all__ = ["COLUMNS", "after_rest", "again", "ahead", "opened", "where"]

#: what of an item its limit is made of
COLUMNS = ("due_at", "check_at", "limit_from", "limit_left")


def where(organ_id: int) -> Office:
    """The calendar and the office hours a step of this organ is counted in."""
    return Office(calendar.current(), office.of(directory().organ(organ_id).settings))


def opened(settings: Mapping[str, str], organ_id: int, now: datetime) -> dict[str, datetime | None]:
    """`due_at`, `check_at` and `limit_from` of an item that opens now; all None without a limit.

    Where the calendar ends only `limit_from` is set: the limit waits for the year to be confirmed (`cases.recalculating`).
    """
    if limits.limit_of(settings) is None:
        return {"due_at": None, "check_at": None, "limit_from": None}
    place = where(organ_id)
    due_at = limits.due(settings, now, place)
    if due_at is None:
        return {"due_at": None, "check_at": None, "limit_from": now}
    return {
        "due_at": due_at,
        "check_at": limits.first(settings, now, due_at, place).at,
        "limit_from": None,
    }


def after_rest(
    settings: Mapping[str, str], item: Mapping[str, Any], since: datetime, now: datetime
) -> dict[str, Any]:
    """`COLUMNS` of an open item whose case rested from `since` until now (挂起): it keeps the office time it had left.

    One that was late already stays so, and is looked at the next working morning.
    """
    due_at: datetime | None = item["due_at"]
    if due_at is None:
        return {name: item[name] for name in COLUMNS}
    place = where(item["organ_id"])
    left = office.worked(place.calendar, place.hours, since, due_at)
    if left == 0 and due_at <= since:
        check_at = office.next_morning(place.calendar, place.hours, now)
        return {name: item[name] for name in COLUMNS} | {"check_at": check_at}
    moved = office.after_minutes(place.calendar, place.hours, now, left) if left is not None else None
    if moved is None:
        return {"due_at": None, "check_at": None, "limit_from": now, "limit_left": left}
    ahead = limits.following(settings, item["told"], moved, now, place)
    return {"due_at": moved, "check_at": ahead, "limit_from": now, "limit_left": left}


def again(settings: Mapping[str, str], item: Mapping[str, Any], place: Office) -> datetime | None:
    """The limit of an item counted anew by the days of `place`: from when it opened, or from the end of a rest."""
    if item["limit_left"] is not None:
        return office.after_minutes(place.calendar, place.hours, item["limit_from"], item["limit_left"])
    return limits.due(settings, item["opened_at"], place)


def ahead(
    settings: Mapping[str, str],
    item: Mapping[str, Any],
    due_at: datetime | None,
    now: datetime,
    place: Office,
) -> tuple[int, datetime | None]:
    """`told` and `check_at` of an item whose limit has moved to `due_at`: what was told of a limit that is still to
    come is told again when it comes, except the reminder before it."""
    if due_at is None:
        return item["told"], None
    told = min(item["told"], limits.BEFORE) if due_at > now else item["told"]
    return told, limits.following(settings, told, due_at, now, place)
