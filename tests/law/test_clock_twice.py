"""The clock against a second, day-by-day implementation, over random cases in three time zones."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.law import second
from tests.law.test_calendar import CALENDAR
from workflows.law.clock import Clock, State, compute
from workflows.law.events import from_json

CASES = 6_700  # in each of three zones: 20,100
FIRST, DAYS = date(2024, 1, 1), (date(2026, 12, 31) - date(2024, 1, 1)).days
#: what the second way of counting does not judge: hints that change nothing
HINTS = {"not_checked", "correction_deadline", "correction_received_late", "delay_without_reason", "fee_late"}


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    second.works.cache_clear()  # what it says is worked out in this zone
    yield request.param
    monkeypatch.undo()
    time.tzset()


def some_event(chance: random.Random, day: date) -> dict[str, Any]:
    """An event of that day; half of the kinds are consultations and extensions, as in an office."""

    def later(low: int, high: int) -> date | None:
        return day + timedelta(days=chance.randint(low, high)) if chance.random() < 0.8 else None

    name = chance.choice(
        "consult_sent consult_sent consult_sent extension extension correction_issued correction_received "
        "correction_lapsed fee_notice fee_paid fee_lapsed delay reason_requested reason_received".split()
    )
    more: dict[str, Any] = {}
    if name == "consult_sent":
        kind = chance.choice(["third", "third", "joint", "other", "assist"])
        more = {"kind": kind, "delivered": later(-1, 6), "returned": later(-1, 40)}
    elif name == "extension":
        more = {"days": chance.choice([-1, 0, 1, 5, 10, 20, 20, 21, 25])}
    elif name == "correction_issued":
        more = {"deadline": later(-1, 30)}
    elif name == "fee_notice":
        more = {"delivered": later(0, 5)}
    elif name == "delay":
        more = {"until": day + timedelta(days=chance.randint(0, 120))}
    return {"t": name, "date": day, **more}


def some_case(chance: random.Random) -> tuple[date, list[tuple[date, dict[str, Any]]]]:
    """A receipt and up to six events in order, most of them near the period's end or start."""
    received = FIRST + timedelta(days=chance.randint(0, DAYS))
    spread = chance.choice([12, 35, 80])
    offsets = sorted(chance.randint(-1, spread) for _ in range(chance.randint(0, 6)))
    events = []
    for offset in offsets:
        day = received + timedelta(days=offset)
        event = some_event(chance, day)
        if event["t"].endswith("_lapsed") and chance.random() < 0.5 and events:
            day, event["date"] = events[-1][0], None
        events.append((day, event))
    return received, events


def written(events: list[tuple[date, dict[str, Any]]]) -> list[dict[str, Any]]:
    """As the clock's JSON."""
    return [{k: v.isoformat() if isinstance(v, date) else v for k, v in e.items()} for _, e in events]


def answer(clock: Clock) -> second.Answer:
    """The clock's results in the words of the second implementation."""
    due = clock.reply_due
    waiting = {State.WAITING_CORRECTION: "correction", State.WAITING_FEE: "fee"}.get(clock.state, "")
    if due is not None and due.open and not waiting:
        waiting = "open"
    plain = not waiting and not clock.outcome
    return second.Answer(
        reply=due.date if due else None,
        bound=due.not_before if due and plain else None,
        conservative=clock.conservative_due.date if clock.conservative_due else None,
        longest=clock.max_due.date if clock.max_due else None,
        notice=clock.correction_notice_due.date,
        fee=clock.fee_due.date if clock.fee_due else None,
        paused=clock.paused_workdays if plain else None,
        waiting=waiting,
        ended=clock.outcome,
        refused=tuple(
            sorted(c.code for c in clock.cautions if c.code not in HINTS | {"consult_not_delivered"})
        ),
    )


def test_the_clock_agrees_with_counting_day_by_day_in_every_time_zone(zone: str) -> None:
    chance = random.Random(f"gongkai {zone}")
    seen: set[str] = set()
    for number in range(CASES):
        received, events = some_case(chance)
        clock = compute(received, from_json(written(events)), CALENDAR)
        by_hand = second.count(received, events)
        assert answer(clock) == by_hand, (number, received.isoformat(), written(events))
        seen |= {by_hand.ended, by_hand.waiting, *by_hand.refused, "dated" if by_hand.reply else "open end"}
    assert {"dated", "open end", "open", "correction", "fee", "fee_late", "correction_lapsed"} <= seen
    assert {"extension_late", "extension_twice", "consult_late", "delay_late", "correction_late"} <= seen
