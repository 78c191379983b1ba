"""The whole history in the order of time: every event at its moment, with the business clock set there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from app.accounts import passwords
from app.accounts.directory import as_in_a_request
from app.audit import sealing
from app.calendar import service as calendar_service
from app.core import now
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import GongkaiError
from app.obligations import reminding
from app.office.demo import acting, chores, city, requesting
from app.office.demo.acting import Stage, Stuck
from app.office.demo.days import BASE, Moved, moved_to
from app.office.demo.reading import folder, read
from app.processes import service as processes
from app.processes.cli import shipped
from app.requests import jobs as request_jobs
from workflows.law.calendar import Calendar, YearTable

#: the day the office was set up, as the data writes it
FOUNDED = date(2026, 8, 21)
#: acts of a day are spread over these hours
OPENS, CLOSES = time(8, 40), time(17, 20)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Event:
    """One act: of a case (`key`, `story`) or of the office (both None)."""

    day: date
    what: Mapping[str, Any]
    key: str | None = None
    story: Mapping[str, Any] | None = None


def build(say: Say) -> None:
    """Make the city and its history in an empty database; says what it does.

    Raises `Refused` when the days cannot be moved to today; then nothing was written."""
    moved = moved_to(_shipped_calendar(), now.today())
    with at_other_times() as set_clock:
        set_clock(_moment(moved.day(FOUNDED), OPENS))
        say("▸ 设立机关、科室、岗位、人员 …")
        processes.install(SYSTEM, packages=shipped())
        city.found(SYSTEM, hashed=passwords.make_hash(city.PASSWORD))
        _history(Stage(moved), set_clock, say)
    city.finish(SYSTEM)
    sealing.seal_all(sealing.settings_now())
    db.session.remove()


def _shipped_calendar() -> Calendar:
    """The years that come with the software, before any is in the database."""
    return Calendar(YearTable(year, tuple(days)) for year, days in calendar_service.shipped().items())


def _history(stage: Stage, set_clock: Callable[[datetime], None], say: Say) -> None:
    """Day by day: remind of what is due, then everything that is done on that day."""
    todays: dict[date, list[Event]] = defaultdict(list)
    for event in events():
        stage.moved.day(event.day)  # raises for a day off: nothing may fall by the way
        todays[event.day].append(event)
    month, late = None, list[Event]()
    for day in _workdays(stage.moved, min(todays)):
        there = stage.moved.day(day)
        if (there.year, there.month) != month:
            month = (there.year, there.month)
            say(f"▸ 办理 {there.year}年{there.month}月 的办件 …")
        set_clock(_moment(there, time(8, 0)))
        _morning()
        wanted, late = [*late, *todays.get(day, [])], []
        for at, event in _spread(there, wanted):
            if any(event.key == other.key for other in late) or not _ready(stage, event):
                late.append(event)  # and what follows in its case with it
                continue
            set_clock(at)
            _do(stage, event)


def _morning() -> None:
    """What the worker would have done since yesterday."""
    reminding.remind(SYSTEM)
    request_jobs.remind()
    request_jobs.chase()


def _ready(stage: Stage, event: Event) -> bool:
    return event.key is None or requesting.may(stage, event.key, event.what)


def _workdays(moved: Moved, first: date) -> Iterator[date]:
    """Working days of the data from the first to the last before the base day."""
    day = first
    while day < BASE:
        if moved.calendar.is_workday(day):
            yield day
        day += timedelta(days=1)


def _do(stage: Stage, event: Event) -> None:
    """One event; what the office refuses is a mistake of the data and names the event."""
    try:
        with as_in_a_request():
            if event.key is None or event.story is None:
                chores.do(stage, event.what)
            elif "applicant" in event.story:
                requesting.act(stage, event.key, event.story, event.what)
            else:
                acting.act(stage, event.key, event.story, event.what)
    except GongkaiError as error:
        raise Stuck(f"{event.key} {event.what}: {error.message}") from error


def events() -> Iterator[Event]:
    """Every event of the data; those of one case in their order."""
    for each in read("office.toml")["event"]:
        yield Event(each["day"], each)
    for each in folder("registers").values():
        yield Event(each["day"], {**each, "do": "import"})
    for key, story in [*folder("cases").items(), *folder("requests").items()]:
        for each in story["step"]:
            yield Event(each["day"], each, key, story)


def _spread(day: date, acts: list[Event]) -> Iterator[tuple[datetime, Event]]:
    """Moments of a day's acts: in their order, evenly over the office hours."""
    span = datetime.combine(day, CLOSES) - datetime.combine(day, OPENS)
    for place, event in enumerate(acts):
        yield _moment(day, OPENS) + span * place / len(acts), event


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, now.SHANGHAI)


@contextmanager
def at_other_times() -> Iterator[Callable[[datetime], None]]:
    """A way to set the business clock; afterwards it goes on as if nothing had been."""
    shift = now.now() - now.wall()
    try:
        yield lambda moment: now.pretend(moment.isoformat())
    finally:
        now.pretend((now.wall() + shift).isoformat() if abs(shift) > timedelta(seconds=1) else None)
