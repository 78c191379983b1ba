"""The reply period counted once more, day after day and without any look-up: what `workflows.law.clock` must equal.

It walks a calendar of plain dates from the receipt on, keeps a tally, and lets every event act on the evening of
its day. Written from domain.md 1.6 to 1.11 and not from the clock.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.law.test_calendar import naive_workday

DAY = timedelta(days=1)
LAST_KNOWN = date(2026, 12, 31)
NEVER = date(2999, 12, 31)


@functools.cache
def works(day: date) -> bool | None:
    """Whether people work; None when nobody knows yet. The same days are asked a million times."""
    return None if day > LAST_KNOWN else naive_workday(day)


def walk(start: date, n: int, silent: list[tuple[date, date]] = ()) -> tuple[date | None, date]:  # type: ignore[assignment]
    """The n-th working day after `start` outside the silent stretches, and the earliest it could be."""
    day, unknown = start, False
    while n:
        day += DAY
        if any(a < day <= b for a, b in silent):
            continue
        known = works(day)
        unknown = unknown or known is None
        if (not unknown and known) or (unknown and (day.month, day.day) != (1, 1)):
            n -= 1
    return (None if unknown else day), day


def rolled(start: date, n: int) -> tuple[date | None, date]:
    """The n-th natural day, moved to a working day."""
    day = start + n * DAY
    while works(day) is False:
        day += DAY
    if works(day) is None:
        return None, (day + DAY if (day.month, day.day) == (1, 1) else day)
    return day, day


@dataclass
class Asked:
    """A stretch of silence: after `sent`, up to `until`; `answered` is the day the opinion came in time."""

    sent: date
    until: date
    answered: date | None


@dataclass
class Tally:
    """The whole state of the walk."""

    received: date
    day: date
    start: date
    n: int = 0
    allowed: int = 20
    extended: bool = False
    delayed: date | None = None
    asked: list[Asked] = field(default_factory=list)
    met: date | None = None  # the day on which the count was full
    lost: bool = False  # the walk has come into a year nobody knows
    issued: date | None = None
    deadline: date | None = None
    restarts: bool = False
    corrected: bool = False
    waiting: str = ""
    fee: bool = False
    fee_restarts: bool = False
    fee_due: tuple[date | None, date] | None = None
    ended: str = ""
    refused: list[str] = field(default_factory=list)

    def late(self) -> bool:
        if self.waiting:
            return False
        if self.delayed:
            return self.day > self.delayed
        return self.met is not None and self.day > self.met

    def again(self) -> None:
        self.start, self.n, self.allowed, self.extended = self.day, 0, 20, False
        self.delayed, self.asked, self.met, self.waiting = None, [], None, ""
        self.lost = self.day > LAST_KNOWN

    def morrow(self) -> None:
        """One more day passes."""
        self.day += DAY
        known = works(self.day)
        self.lost = self.lost or known is None
        if known and not self.lost and self.met is None and not self.silent(self.day):
            self.n += 1
            if self.n == self.allowed:
                self.met = self.day

    def silent(self, day: date) -> bool:
        return any(a.sent < day <= a.until for a in self.asked)


def act(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    """An event of this day."""
    if t.ended:
        t.refused.append("after_end")
    elif t.day < t.received:
        t.refused.append("before_receipt")
    else:
        globals()["on_" + e["t"]](t, e)


def on_correction_issued(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if t.issued:
        t.refused.append("correction_twice")
        return
    limit, _ = walk(t.received, 7)
    t.issued, t.deadline = t.day, e.get("deadline")
    t.restarts = limit is None or t.day <= limit
    if t.restarts:
        t.waiting = "correction"
    else:
        t.refused.append("correction_late")


def on_correction_received(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if t.issued is None or t.corrected:
        t.refused.append("correction_again" if t.corrected else "correction_unasked")
        return
    t.corrected = True
    if t.restarts:
        t.again()


def on_correction_lapsed(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if t.issued is None or t.corrected:
        t.refused.append("correction_lapse_unasked")
    elif e.get("date") and t.deadline and t.day <= t.deadline:
        t.refused.append("correction_lapse_early")
    else:
        t.ended = "correction_lapsed"


def on_consult_sent(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if any(e.get(k) and e[k] < t.day for k in ("delivered", "returned")):
        t.refused.append("consult_dates")
        return
    if e["kind"] in ("assist", "meeting", "secrecy"):
        return
    if t.late():
        t.refused.append("consult_late")
        return
    over = NEVER
    if e["kind"] in ("third", "joint") and e.get("delivered"):
        _, over = walk(e["delivered"], 15)
    back = e.get("returned") or NEVER
    t.asked.append(Asked(t.day, min(back, over), back if back <= over else None))


def on_extension(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if not 1 <= e["days"] <= 20:
        t.refused.append("extension_too_long" if e["days"] > 20 else "extension_days")
    elif t.extended:
        t.refused.append("extension_twice")
    elif t.delayed:
        t.refused.append("extension_after_delay")
    elif t.late():
        t.refused.append("extension_late")
    else:
        t.extended, t.allowed, t.met = True, t.allowed + e["days"], None


def on_delay(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if t.late():
        t.refused.append("delay_late")
        return
    stretches = [(a.sent, t.day if a.until == NEVER else a.until) for a in t.asked]
    now = t.delayed or walk(t.start, t.allowed, stretches)[1]
    if e["until"] <= now:
        t.refused.append("delay_not_later")
    else:
        t.delayed = e["until"]


def on_fee_notice(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    late = t.late()
    t.fee, t.fee_restarts = True, not late
    t.fee_due = rolled(e["delivered"], 30) if e.get("delivered") else None
    if late:
        t.refused.append("fee_notice_late")
    else:
        t.waiting = "fee"


def on_fee_paid(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if not t.fee:
        t.refused.append("fee_unasked")
        return
    if t.fee_due and t.fee_due[0] and t.day > t.fee_due[0]:
        t.ended = "fee_late"
        return
    t.fee = False
    if t.fee_restarts:
        t.again()


def on_fee_lapsed(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    if not t.fee:
        t.refused.append("fee_lapse_unasked")
    elif e.get("date") and t.fee_due and t.day <= t.fee_due[1]:
        t.refused.append("fee_lapse_early")
    else:
        t.ended = "fee_lapsed"


def on_reason_requested(t: Tally, e: dict) -> None:  # type: ignore[type-arg]
    """条例35: nothing stops."""


on_reason_received = on_reason_requested


@dataclass(frozen=True)
class Answer:
    """What both ways of counting must agree on; dates are None where there is none or none known."""

    reply: date | None
    bound: date | None
    conservative: date | None
    longest: date | None
    notice: date | None
    fee: date | None
    paused: int | None
    waiting: str
    ended: str
    refused: tuple[str, ...]


def count(received: date, events: list[tuple[date, dict]]) -> Answer:  # type: ignore[type-arg]
    """The answer for an application; events come with their day, in order."""
    t = Tally(received, received, received, lost=received > LAST_KNOWN)
    early = [e for day, e in events if day < received]
    for _ in early:
        t.refused.append("before_receipt")
    rest = [(day, e) for day, e in events if day >= received]
    for day, e in rest:
        while t.day < day:
            t.morrow()
        act(t, e)
    while not (t.met or t.lost) and (t.day < NEVER) and not any(a.until == NEVER for a in t.asked):
        t.morrow()
    notice = walk(received, 7)[0]
    fee = t.fee_due[0] if t.fee_due else None
    refused = tuple(sorted(t.refused))
    if t.ended or t.waiting:
        return Answer(
            None, None, None, None, notice, fee, None, "" if t.ended else t.waiting, t.ended, refused
        )
    opened = any(a.until == NEVER for a in t.asked)
    stretches = [(a.sent, a.until) for a in t.asked]
    paused = None if opened else _paused(stretches)
    if t.delayed:
        return Answer(t.delayed, t.delayed, t.delayed, t.delayed, notice, fee, paused, "", "", refused)
    if opened:
        return Answer(None, None, None, None, notice, fee, None, "open", "", refused)
    if t.lost and t.met is None:
        reply, bound = None, walk(t.start, t.allowed, stretches)[1]
    else:
        reply = bound = t.met  # type: ignore[assignment]
    careful = [(a.sent, a.until - DAY if a.answered else a.until) for a in t.asked]
    conservative = walk(t.start, t.allowed, careful)[0]
    longest = walk(t.start, 40, stretches)[0]
    return Answer(reply, bound, conservative, longest, notice, fee, paused, "", "", refused)


def _paused(stretches: list[tuple[date, date]]) -> int | None:
    """Working days that do not count, each once."""
    days = {a + i * DAY for a, b in stretches for i in range(1, (b - a).days + 1)}
    if any(day > LAST_KNOWN for day in days):
        return None
    return sum(naive_workday(day) for day in days)
