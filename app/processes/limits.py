"""内部时限: until when a step is to be done, and the rungs of what happens around that moment. Pure.

A step's settings, all in working days (「2」) or working hours (「4h」) of the organ's office hours:

    internal_days, internal_hours   the limit, from the moment the step opens (one of the two)
    remind_before                   so long before the limit whoever has it is reminded
    escalate_after                  so long after it, the head of the unit is told
    reassign_after                  so long after it, it goes back to its post, or to the head of the unit

At the limit itself whoever has it is told; once the last rung is done, every week until it is finished【约定】.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.calendar import hours as office
from app.calendar.hours import OfficeHours, Stretch, stretch
from workflows.law.calendar import Calendar

#: working days between reminders once every rung is done【约定】
REPEAT = Stretch(days=5)
#: the rungs in order; an item remembers how many are done
RUNGS = ("remind", "late", "escalate", "reassign")
#: how many of them lie before the limit itself
BEFORE = 1
AFTER = {"escalate": "escalate_after", "reassign": "reassign_after"}
SETTINGS = ("internal_days", "internal_hours", "remind_before", *AFTER.values())
#: settings as the editor's panel calls them
WORDS: Mapping[str, str] = {
    "remind_before": "到期前多久提醒",
    "escalate_after": "超期多久报告科室负责人",
    "reassign_after": "超期多久转出",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """What is to happen when. `place` counts from 1; that of a repetition is one more than the last."""

    place: int
    at: datetime

    @property
    def name(self) -> str:
        """remind | late | escalate | reassign | again."""
        return RUNGS[self.place - 1] if self.place <= len(RUNGS) else "again"


@dataclass(frozen=True, slots=True)
class Office:
    """The office an item lies in: its calendar and its hours."""

    calendar: Calendar
    hours: OfficeHours


def limit_of(settings: Mapping[str, str]) -> Stretch | None:
    """How long a step may take; None without a limit."""
    if days := settings.get("internal_days"):
        return stretch(days)
    hours = settings.get("internal_hours")
    return stretch(f"{hours}h") if hours else None


def due(settings: Mapping[str, str], opened: datetime, where: Office) -> datetime | None:
    """The moment of the limit; None without one, and while the calendar does not reach it."""
    length = limit_of(settings)
    return office.after(where.calendar, where.hours, opened, length) if length else None


def first(settings: Mapping[str, str], opened: datetime, due_at: datetime, where: Office) -> Rung:
    """The first thing that happens to an item with this limit."""
    return next(rung for rung in rungs(settings, due_at, where) if rung.at > opened or rung.name != "remind")


def rungs(settings: Mapping[str, str], due_at: datetime, where: Office) -> Iterator[Rung]:
    """The rungs of a step in order, each at a moment outside the quiet hours."""
    moments: dict[str, datetime | None] = {"late": due_at}
    if (length := stretch(settings.get("remind_before", ""))) is not None:
        moments["remind"] = office.before(where.calendar, where.hours, due_at, length)
    for name, key in AFTER.items():
        if (length := stretch(settings.get(key, ""))) is not None:
            moments[name] = office.mornings_after(where.calendar, where.hours, due_at, length)
    for place, name in enumerate(RUNGS, 1):
        at = moments.get(name)
        if at is not None:
            yield Rung(place, office.awake(where.calendar, where.hours, at))


def now_due(
    settings: Mapping[str, str], done: int, due_at: datetime, now: datetime, where: Office
) -> Rung | None:
    """The rung to take now, after `done` of them: one at a time, and no reminder of a limit that is past."""
    ahead = [rung for rung in rungs(settings, due_at, where) if rung.place > done]
    ahead = [rung for rung in ahead if rung.name != "remind" or now < due_at]
    if not ahead:
        return Rung(len(RUNGS) + 1, now)
    return ahead[0] if ahead[0].at <= now else None


def following(
    settings: Mapping[str, str], done: int, due_at: datetime, now: datetime, where: Office
) -> datetime:
    """When the item is looked at next. What was missed meanwhile comes one rung a working morning, never at once."""
    ahead = next((rung for rung in rungs(settings, due_at, where) if rung.place > done), None)
    if ahead is None:
        again = office.mornings_after(where.calendar, where.hours, now, REPEAT)
        return again or office.next_morning(where.calendar, where.hours, now)
    return ahead.at if ahead.at > now else office.next_morning(where.calendar, where.hours, now)


def problems(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the limits a definition writes: (end of a sentence, how to mend it)."""
    how = "工作日写数字，如 2；工作小时写数字加 h，如 4h"
    if (
        not settings.get("internal_days", "1").isdecimal()
        or stretch(settings.get("internal_days", "1")) is None
    ):
        yield "的内部时限不是整数", "请写工作日的天数，1 至 999"
        return
    hours = settings.get("internal_hours", "1")
    if not hours.isdecimal() or stretch(hours) is None:
        yield "的内部时限不是整数", "请写工作小时数，1 至 999"
        return
    if "internal_days" in settings and "internal_hours" in settings:
        yield "同时写了按日、按小时的内部时限", "请在“收到后多久办完”里重新写一次"
        return
    said = {key: stretch(settings[key]) for key in ("remind_before", *AFTER.values()) if key in settings}
    for key, length in said.items():
        if length is None:
            yield f"的“{WORDS[key]}”写的“{settings[key]}”不是时长", how
            return
    limit = limit_of(settings)
    if said and limit is None:
        yield f"写了“{'”“'.join(WORDS[key] for key in said)}”，但没有内部时限", "请先写“收到后多久办完”"
        return
    yield from _order(limit, said)


def _order(limit: Stretch | None, said: Mapping[str, Stretch | None]) -> Iterator[tuple[str, str]]:
    remind, escalate, reassign = (said.get(key) for key in ("remind_before", *AFTER.values()))
    if remind and limit and remind.least() >= limit.least():
        yield (
            f"到期前 {remind.text}提醒，不短于时限本身（{limit.text}）",
            f"“{WORDS['remind_before']}”要比时限短",
        )
    if escalate and reassign and escalate.least() >= reassign.least():
        yield (
            f"超期 {reassign.text}就转出，不晚于报告负责人（{escalate.text}）",
            f"“{WORDS['reassign_after']}”要比“{WORDS['escalate_after']}”长",
        )
