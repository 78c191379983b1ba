"""The reply period of an application, exact to the day (条例30-35; domain.md 1.11, which 12 corrects).

    clock = compute(received_on, events, calendar, settings, as_of=today)   -> Clock, pure and quick
    clock.reply_due           Due (date | 待定 with not_before) | None when the application is closed without reply
    clock.conservative_due    the same when the day an opinion returns counts as used; for warnings only
    clock.max_due             with the longest extension
    clock.correction_notice_due / correction_deadline / opinion_due / fee_due
    clock.opinions            each consultation with its own opinion_due, pause and what silence means
    clock.state, clock.outcome, clock.cautions, clock.used, clock.left, clock.paused_workdays, clock.provisional
    clock.derivation()        how it came out, entry by entry (workflows.law.derivation), made only when asked for
    next_threshold(clock, after)   the next day on which somebody must be told

`events` are those known on the day asked about. Anything without legal effect changes nothing and is named in
`cautions`. Days of restarts are day 0 of a new count; pauses and extensions before it are void (1.11-5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from workflows.law import counting
from workflows.law.calendar import Calendar, Due, Left, Span, YearNotConfirmed
from workflows.law.cautions import Caution
from workflows.law.consultations import Opinion
from workflows.law.counting import Turn
from workflows.law.dues import left_kind
from workflows.law.events import Event
from workflows.law.settings import DEFAULTS, LawSettings

if TYPE_CHECKING:
    from workflows.law.derivation import Entry


class State(StrEnum):
    """How the clock stands; being late is no state of its own, `left` says it."""

    RUNNING = "running"
    PAUSED = "paused"
    WAITING_CORRECTION = "waiting_correction"
    WAITING_FEE = "waiting_fee"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """As the office says it (glossary A, B)."""
        return _STATES[self]


_STATES = {
    State.RUNNING: "计时中",
    State.PAUSED: "期限暂停计算",
    State.WAITING_CORRECTION: "待补正",
    State.WAITING_FEE: "待缴费",
    State.ENDED: "已办结",
}

#: how a clock ended -> what it is called, and the row of the annual report it leads to (2.3)
OUTCOMES: dict[str, tuple[str, str]] = {
    "correction_lapsed": ("逾期不补正，视为放弃申请，不再处理", "（六）1"),
    "fee_lapsed": ("逾期未缴费，视为放弃申请，不再处理", "（六）2"),
    "fee_late": ("逾期缴费，视为放弃申请，不再处理", "（六）2"),
    "withdrawn": ("申请人撤回", "（六）3"),
    "replied": ("已答复", ""),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One count from its day 0: from receipt, or from a restart (条例30 补正, 109号 缴费)."""

    start: date
    pauses: tuple[Span, ...] = ()
    extension: int = 0
    delayed_until: date | None = None

    @property
    def allowed(self) -> int:
        """Working days of this count: 20 and the extension."""
        return counting.REPLY_DAYS + self.extension


@dataclass(frozen=True, slots=True)
class Clock:
    """Everything that follows from one application's receipt and events. See the module's first lines."""

    received_on: date
    calendar: Calendar
    settings: LawSettings
    as_of: date | None
    segments: tuple[Segment, ...]
    turns: tuple[Turn, ...]
    state: State
    outcome: str
    ended_on: date | None
    reply_due: Due | None
    conservative_due: Due | None
    max_due: Due | None
    correction_notice_due: Due
    correction_deadline: date | None
    fee_due: Due | None
    opinions: tuple[Opinion, ...]
    cautions: tuple[Caution, ...]
    paused_workdays: int | None
    used: int | None
    left: int | None
    provisional: bool

    @property
    def segment(self) -> Segment:
        """The count that holds now."""
        return self.segments[-1]

    @property
    def opinion_due(self) -> Due | None:
        """The latest of the days by which opinions must come; None when no consultation has one."""
        dues = [opinion.due for opinion in self.opinions if opinion.due is not None]
        return max(dues, key=lambda due: due.not_before, default=None)

    @property
    def allowed(self) -> int:
        """Working days the office has in the count that holds now."""
        return self.segment.allowed

    @property
    def paused_since(self) -> date | None:
        """The first day that does not count, while the clock is paused."""
        if self.state is not State.PAUSED or self.as_of is None:
            return None
        span = next((s for s in self.segment.pauses if s[0] < self.as_of <= s[1]), None)
        return span[0] + timedelta(days=1) if span else None

    @property
    def remaining(self) -> Left:
        """How the reply period stands on `as_of`, in the calendar's words; days still paused are not left over."""
        if self.as_of is None:
            raise ValueError("as_of")
        due = self.reply_due.date if self.reply_due else None
        if self.left is None or due is None or self.as_of >= due:
            return self.calendar.days_left(self.as_of, self.reply_due)
        return Left(self.left, left_kind(self.left, self.as_of, due))

    @property
    def status(self) -> str:
        """One line for the case page: 「期限暂停计算：第三方意见征求（自 11-04 起），已用 9 个工作日」."""
        if self.state is State.ENDED:
            return OUTCOMES[self.outcome][0]
        since = self.paused_since
        if since is None:
            return self.state.label
        asked = "、".join(dict.fromkeys(o.event.kind.label for o in self.opinions if o.covers(self.as_of)))
        used = "" if self.used is None else f"，已用 {self.used} 个工作日"
        return f"{self.state.label}：{asked}（自 {since:%m-%d} 起）{used}"

    @property
    def late(self) -> bool | None:
        """Whether the reply came, or is, after its day; None while nobody can know."""
        day = self.ended_on or self.as_of
        if day is None or self.reply_due is None:
            return None
        if self.reply_due.date is None:
            return False if day <= self.reply_due.not_before else None
        return day > self.reply_due.date

    def derivation(self) -> tuple[Entry, ...]:
        """Every counted, skipped and paused day and every turn with its document and article, in order."""
        from workflows.law.derivation import derive

        return derive(self)


def compute(
    received_on: date,
    events: Iterable[Event],
    calendar: Calendar,
    settings: LawSettings = DEFAULTS,
    as_of: date | None = None,
) -> Clock:
    """The clock of an application received on `received_on` (31条, see `receipt`), as known on `as_of`."""
    run = counting.Run(received_on, calendar, settings, as_of)
    run.take(events)
    return _result(run, as_of)


def _result(run: counting.Run, as_of: date | None) -> Clock:
    segments = tuple(Segment(*parts) for parts in run.parts())
    reply, conservative, longest = run.dues()
    state = _state(run, segments[-1], as_of)
    used, left = _standing(run, segments[-1], reply, as_of)
    return Clock(
        received_on=run.received_on,
        calendar=run.calendar,
        settings=run.settings,
        as_of=as_of,
        segments=segments,
        turns=tuple(run.turns),
        state=state,
        outcome=run.outcome,
        ended_on=run.ended_on,
        reply_due=reply,
        conservative_due=conservative,
        max_due=longest,
        correction_notice_due=run.correction_notice_due,
        correction_deadline=run.correction_last,
        fee_due=run.fee_due,
        opinions=tuple(run.opinions),
        cautions=tuple(run.all_cautions()),
        paused_workdays=_paused(run, segments[-1]),
        used=used,
        left=left,
        provisional=run.provisional(),
    )


def _state(run: counting.Run, segment: Segment, as_of: date | None) -> State:
    if run.outcome:
        return State.ENDED
    if run.waiting:
        return State.WAITING_CORRECTION if run.waiting == "correction" else State.WAITING_FEE
    if as_of is None:
        return State.PAUSED if run.open_pauses() else State.RUNNING
    return State.PAUSED if any(a < as_of <= b for a, b in segment.pauses) else State.RUNNING


def _paused(run: counting.Run, segment: Segment) -> int | None:
    """Working days of the pauses of the count that holds; None where a year or an end is not known."""
    if any(end == date.max for _, end in segment.pauses):
        return None
    try:
        return sum(run.calendar.workdays_between(*span) for span in segment.pauses)
    except YearNotConfirmed:
        return None


def _standing(
    run: counting.Run, segment: Segment, reply: Due | None, as_of: date | None
) -> tuple[int | None, int | None]:
    """Working days used until `as_of` and left after it (negative: late); None where they mean nothing."""
    if as_of is None or run.outcome or run.waiting or as_of < segment.start:
        return None, None
    try:
        used = run.calendar.workdays_between(segment.start, as_of) - sum(
            run.calendar.workdays_between(a, min(b, as_of)) for a, b in segment.pauses if a < as_of
        )
        if reply is not None and reply.date is not None and (reply.date < as_of or segment.delayed_until):
            return used, run.calendar.workdays_between(as_of, reply.date)
    except YearNotConfirmed:
        return None, None
    return used, (None if segment.delayed_until else segment.allowed - used)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A day on which somebody must be told: `left` working days are left then; 0 last day, -1 the day after."""

    on: date
    left: int


def next_threshold(clock: Clock, after: date) -> Threshold | None:
    """The first threshold after `after`: 剩5/3/1个工作日【推定】, the last day, and the day after it (超期升级).

    None when none is ahead or known: closed, waiting, an open pause, or only days of an unconfirmed year.
    """
    ahead = [t for t in thresholds(clock) if t.on > after]
    return min(ahead, key=lambda t: t.on, default=None)


def thresholds(clock: Clock) -> list[Threshold]:
    """Every threshold of the count that holds, as far as its day is known."""
    due = clock.reply_due
    if due is None or due.open or clock.state not in (State.RUNNING, State.PAUSED):
        return []
    found = [_threshold(clock, left) for left in sorted({*clock.settings.reminders, 0}, reverse=True)]
    if due.date is not None:
        found.append(Threshold(due.date + timedelta(days=1), -1))
    return [threshold for threshold in found if threshold is not None]


def _threshold(clock: Clock, left: int) -> Threshold | None:
    """The day on which so many are left: the counted day of that number, pauses skipped."""
    segment, due = clock.segment, clock.reply_due
    if segment.delayed_until is not None:
        try:
            return Threshold(clock.calendar.before(segment.delayed_until, left), left)
        except YearNotConfirmed:
            return None
    if due is None or left >= segment.allowed:
        return None
    day = clock.calendar.reach(segment.start, segment.allowed - left, segment.pauses).date
    return None if day is None else Threshold(day, left)
