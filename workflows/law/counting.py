"""How events move a reply period: one pass over them, each judged against the period as it stood on its day.

Used by `workflows.law.clock`, which is what other rooms call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflows.law.calendar import Calendar, Due, Span
from workflows.law.cautions import Caution
from workflows.law.consultations import (
    ALWAYS_PAUSE,
    OPEN,
    WITH_PERIOD,
    Opinion,
    judge,
    spans_of,
)
from workflows.law.events import (
    Consultation,
    CorrectionIssued,
    CorrectionLapsed,
    CorrectionReceived,
    Delay,
    Event,
    Extension,
    FeeLapsed,
    FeeNotice,
    FeePaid,
    Ordered,
    ReasonReceived,
    ReasonRequested,
    Replied,
    Withdrawn,
    in_order,
)
from workflows.law.periods import fee_payment_due
from workflows.law.settings import LawSettings

REPLY_DAYS = 20  # 条例33②: 自收到申请之日起20个工作日内
MOST_EXTENSION = 20  # 条例33②: 延长的期限最长不得超过20个工作日
CORRECTION_NOTICE_DAYS = 7  # 条例30: 自收到申请之日起7个工作日内一次性告知
_FOLLOW = {
    "correction": "等待补正，收到补正后重新起算",
    "fee": "等待缴费，缴费后重新起算",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """An event as it was judged: `effect` is what it did (none when it had no legal effect, noted when it has none)."""

    on: date
    event: Event
    effect: str
    caution: Caution | None = None


class Run:
    """The count that holds, while the events pass by."""

    def __init__(
        self, received_on: date, calendar: Calendar, settings: LawSettings, as_of: date | None
    ) -> None:
        self.received_on = received_on
        self.calendar = calendar
        self.settings = settings
        self.as_of = as_of
        self.correction_notice_due = calendar.reach(received_on, CORRECTION_NOTICE_DAYS)
        self.done: list[tuple[date, tuple[Span, ...], int, date | None]] = []
        self.turns: list[Turn] = []
        self.unchecked: list[Caution] = []
        self.opinions: list[Opinion] = []
        self.correction: CorrectionIssued | None = None
        self.correction_restarts = False
        self.corrected = False
        self.reasons = False
        self.fee_notice: FeeNotice | None = None
        self.fee_restarts = False
        self.fee_due: Due | None = None
        self.waiting = ""
        self.outcome = ""
        self.ended_on: date | None = None
        self.ordered_until: date | None = None
        self._begin(received_on)

    def _begin(self, start: date) -> None:
        self.start = start
        self.pausing: list[Opinion] = []
        self.extension = 0
        self.delayed_until: date | None = None
        self.waiting = ""

    # ------------------------------------------------------------------ what comes out

    def take(self, events: Iterable[Event]) -> None:
        """Judge every event in the order of the days."""
        for on, event in in_order(events, self.received_on):
            if self.outcome:
                self._turn(on, event, "none", "after_end")
            elif on < self.received_on:
                self._turn(on, event, "none", "before_receipt")
            else:
                _JUDGES[type(event)](self, event, on)

    def parts(self) -> list[tuple[date, tuple[Span, ...], int, date | None]]:
        """Every count: start, pauses, extension, delayed until; the one that holds last."""
        return [*self.done, (self.start, self.spans(OPEN), self.extension, self.delayed_until)]

    def spans(self, open_end: date, *, conservative: bool = False) -> tuple[Span, ...]:
        """The union of the pauses (条例33③: not their sum); open ones end on `open_end`."""
        return spans_of(self.pausing, open_end, conservative=conservative)

    def dues(self) -> tuple[Due | None, Due | None, Due | None]:
        """The reply's day, the conservative one, and the one with the longest extension."""
        if self.outcome and self.outcome != "replied":
            return None, None, None
        if self.waiting:
            since = self.correction if self.waiting == "correction" else self.fee_notice
            assert since is not None
            bound = self.calendar.reach(max(since.on, self.as_of or since.on), REPLY_DAYS)
            open_due = replace(bound, date=None, unconfirmed=None, open=_FOLLOW[self.waiting])
            return open_due, open_due, None
        if self.delayed_until is not None:
            fixed = self._fixed(self.delayed_until)
            return fixed, fixed, fixed
        opened = self.open_pauses()
        until = max([o.event.on for o in opened] + ([self.as_of] if self.as_of else []), default=OPEN)
        spans = self.spans(until)
        allowed, most = REPLY_DAYS + self.extension, REPLY_DAYS + MOST_EXTENSION
        reply = self.calendar.reach(self.start, allowed, spans)
        longest = reply if most == allowed else self.calendar.reach(self.start, most, spans)
        careful = self.spans(until, conservative=True)
        conservative = reply if careful == spans else self.calendar.reach(self.start, allowed, careful)
        if opened:
            cause = f"{'、'.join(dict.fromkeys(o.event.kind.label for o in opened))}尚未结束，期限暂停计算"
            reply, conservative, longest = (
                replace(due, date=None, unconfirmed=None, open=cause)
                for due in (reply, conservative, longest)
            )
        return reply, conservative, longest

    def _fixed(self, day: date) -> Due:
        allowed = REPLY_DAYS + self.extension
        return Due(self.start, allowed, "workday", day, day, makeup=self.calendar.is_makeup(day))

    def open_pauses(self) -> list[Opinion]:
        """Consultations nobody knows the end of."""
        return [opinion for opinion in self.pausing if opinion.open]

    def provisional(self) -> bool:
        """Whether an opinion may still come earlier than its last day, and move the day forward."""
        if self.as_of is None or self.outcome:
            return False
        return any(
            o.event.returned is None and o.pause is not None and self.as_of < o.pause[1] for o in self.pausing
        )

    def all_cautions(self) -> list[Caution]:
        """Those of the events, and how things stand on the day asked about."""
        found = [turn.caution for turn in self.turns if turn.caution] + self.unchecked
        if self.outcome:
            return found
        if any(o.event.kind in WITH_PERIOD for o in self.open_pauses()):
            found.append(Caution("consult_not_delivered"))
        if self.as_of is None:
            return found
        deadline = self.correction_last
        if deadline and self.as_of > deadline and not self.corrected:
            found.append(Caution("correction_overdue"))
        if self.waiting == "fee" and self.fee_due and self.fee_due.date and self.as_of > self.fee_due.date:
            found.append(Caution("fee_overdue"))
        return found

    @property
    def correction_last(self) -> date | None:
        """The last day for the correction, as far as it is known."""
        return self.correction.last_day(self.calendar) if self.correction else None

    # ------------------------------------------------------------------ judging

    def _turn(self, on: date, event: Event, effect: str, caution: str = "") -> None:
        self.turns.append(Turn(on, event, effect, Caution(caution, on) if caution else None))

    def _late(self, on: date) -> bool:
        """Whether `on` is after the last day of the count as it stood then; unknown years are not held against it."""
        if self.waiting:
            return False
        if self.delayed_until is not None:
            return on > self.delayed_until
        due = self.calendar.reach(self.start, REPLY_DAYS + self.extension, self.spans(on))
        if due.date is None and on > due.not_before:
            self.unchecked.append(Caution("not_checked", on))
        return due.date is not None and on > due.date

    def _restart(self, on: date) -> None:
        self.done.append((self.start, self.spans(on), self.extension, self.delayed_until))
        self._begin(on)

    def _close(self, outcome: str, on: date, event: Event, caution: str = "") -> None:
        self.outcome, self.ended_on = outcome, on
        self._turn(on, event, "closed", caution)

    def correction_issued(self, event: CorrectionIssued, on: date) -> None:
        """条例30: once, within 7 working days; later than that it restarts nothing【推定】(1.6)."""
        if self.correction is not None:
            return self._turn(on, event, "none", "correction_twice")
        self.correction = event
        due = self.correction_notice_due
        late = due.date is not None and on > due.date
        self.correction_restarts = not self.ordered_until and (
            not late or self.settings.late_correction_restarts
        )
        if self.correction_restarts:
            self.waiting = "correction"
        if self.ordered_until:
            code = "ordered_stands"
        elif late:
            code = "correction_late_restarts" if self.correction_restarts else "correction_late"
        elif event.deadline is not None and event.deadline < on:
            code = "correction_deadline"
        else:
            code = "not_checked" if due.date is None and on > due.not_before else ""
        return self._turn(on, event, "waiting" if self.correction_restarts else "none", code)

    def correction_received(self, event: CorrectionReceived, on: date) -> None:
        """条例30: the reply period starts anew on the day the correction is received."""
        if self.correction is None or self.corrected:
            code = "correction_again" if self.corrected else "correction_unasked"
            return self._turn(on, event, "none", code)
        self.corrected = True
        if not self.correction_restarts:
            return self._turn(on, event, "none")
        deadline = self.correction_last
        self._restart(on)
        late = deadline is not None and on > deadline
        return self._turn(on, event, "restart", "correction_received_late" if late else "")

    def correction_lapsed(self, event: CorrectionLapsed, on: date) -> None:
        """条例30: 无正当理由逾期不补正的，视为放弃申请，不再处理."""
        if self.correction is None or self.corrected:
            return self._turn(on, event, "none", "correction_lapse_unasked")
        deadline = self.correction_last
        if event.on is not None and deadline is not None and on <= deadline:
            return self._turn(on, event, "none", "correction_lapse_early")
        return self._close("correction_lapsed", event.on or max(on, deadline or on), event)

    def consulted(self, event: Consultation, on: date) -> None:
        """条例32, 34, 33③: what lies in (sent, end] does not count."""
        kind = event.kind
        pauses = kind in ALWAYS_PAUSE or bool(getattr(self.settings, f"{kind.value}_pauses"))
        pauses = pauses and not self.ordered_until
        if any(day is not None and day < on for day in (event.delivered, event.returned)):
            self.opinions.append(Opinion(event, None, None))
            return self._turn(on, event, "none", "consult_dates")
        if pauses and self._late(on):
            self.opinions.append(Opinion(event, None, None))
            return self._turn(on, event, "none", "consult_late")
        opinion = judge(event, self.calendar, pauses=pauses, as_of=self.as_of)
        self.opinions.append(opinion)
        self.pausing.append(opinion)
        code = "consult_pause_by_setting" if pauses and kind not in ALWAYS_PAUSE else ""
        code = "consult_unreached" if pauses and event.unreached else code
        code = "ordered_stands" if self.ordered_until else code
        return self._turn(on, event, "pause" if pauses else "noted", code)

    def extended(self, event: Extension, on: date) -> None:
        """条例33②: at most 20 working days, agreed and told by the last day, once【推定】."""
        code = self._extension_problem(event, on)
        if not code:
            self.extension += event.days
        return self._turn(on, event, "none" if code else "extended", code)

    def _extension_problem(self, event: Extension, on: date) -> str:
        if event.days > MOST_EXTENSION:
            return "extension_too_long"
        if event.days < 1:
            return "extension_days"
        if self.extension and (self.settings.extension_once or self.extension + event.days > MOST_EXTENSION):
            return "extension_twice"
        if self.ordered_until:
            return "ordered_stands"
        if self.delayed_until is not None:
            return "extension_after_delay"
        return "extension_late" if self._late(on) else ""

    def delayed(self, event: Delay, on: date) -> None:
        """条例35: reasons hold, but the period of 33 is too short: the office sets the day and tells it."""
        if self.ordered_until:
            return self._turn(on, event, "none", "ordered_stands")
        if self._late(on):
            return self._turn(on, event, "none", "delay_late")
        now = self.delayed_until
        if now is None:
            now = self.calendar.reach(self.start, REPLY_DAYS + self.extension, self.spans(on)).not_before
        if event.until <= now:
            return self._turn(on, event, "none", "delay_not_later")
        self.delayed_until = event.until
        return self._turn(on, event, "delayed", "" if self.reasons else "delay_without_reason")

    def ordered(self, event: Ordered, on: date) -> None:
        """行政复议法64, 行政诉讼法70: the day was set from outside; nothing the office does moves it【推定】."""
        self.delayed_until = self.ordered_until = event.until
        return self._turn(on, event, "delayed")

    def noted(self, event: Event, on: date) -> None:
        """条例35: asking for reasons stops nothing【推定】(1.8)."""
        self.reasons = self.reasons or isinstance(event, ReasonReceived)
        return self._turn(on, event, "noted")

    def fee_noticed(self, event: FeeNotice, on: date) -> None:
        """109号: the notice goes out within the period; paying restarts it【未核实】."""
        late = self._late(on)
        self.fee_notice, self.fee_restarts = event, not late and not self.ordered_until
        self.fee_due = fee_payment_due(event.delivered, self.calendar, self.settings)
        if self.fee_restarts:
            self.waiting = "fee"
        code = "fee_notice_late" if late else "ordered_stands" if self.ordered_until else ""
        return self._turn(on, event, "waiting" if self.fee_restarts else "none", code)

    def fee_paid(self, event: FeePaid, on: date) -> None:
        """109号: the period starts anew on the day after payment; paid too late counts as given up."""
        if self.fee_notice is None:
            return self._turn(on, event, "none", "fee_unasked")
        due, restarts = self.fee_due, self.fee_restarts
        if due is not None and due.date is not None and on > due.date:
            return self._close("fee_late", on, event, "fee_late")
        self.fee_notice = None
        if restarts:
            self._restart(on)
        return self._turn(on, event, "restart" if restarts else "none")

    def fee_lapsed(self, event: FeeLapsed, on: date) -> None:
        """109号: 逾期未缴纳的，视为放弃申请，不再处理."""
        if self.fee_notice is None:
            return self._turn(on, event, "none", "fee_lapse_unasked")
        due = self.fee_due
        if event.on is not None and due is not None and on <= due.not_before:
            return self._turn(on, event, "none", "fee_lapse_early")
        return self._close("fee_lapsed", event.on or max(on, due.not_before if due else on), event)

    def withdrawn(self, event: Withdrawn, on: date) -> None:
        """The applicant gave up."""
        return self._close("withdrawn", on, event)

    def replied(self, event: Replied, on: date) -> None:
        """235号四: the day that counts."""
        return self._close("replied", on, event)


_JUDGES: dict[type[Any], Callable[[Run, Any, date], None]] = {
    CorrectionIssued: Run.correction_issued,
    CorrectionReceived: Run.correction_received,
    CorrectionLapsed: Run.correction_lapsed,
    Consultation: Run.consulted,
    Extension: Run.extended,
    Delay: Run.delayed,
    Ordered: Run.ordered,
    ReasonRequested: Run.noted,
    ReasonReceived: Run.noted,
    FeeNotice: Run.fee_noticed,
    FeePaid: Run.fee_paid,
    FeeLapsed: Run.fee_lapsed,
    Withdrawn: Run.withdrawn,
    Replied: Run.replied,
}
