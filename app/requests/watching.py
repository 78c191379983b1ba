"""On which days somebody must be told of a request, and what has been told: pure, the clock and the day are passed in.

An `Occasion` is a day on which something of the request comes due; its key names what exactly, with the date it
hangs on, so that a deadline that moves is told anew and nothing twice. `following` is the next day to look at the
request: the one index the reminders read (`Request.next_threshold_on`).

Sources: domain.md 1.12 (剩5、3、1个工作日【推定】, 超期升级), 1.5 (确认【推定】); 条例30, 32, 33③, 34, 42.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflows.law import clock
from workflows.law.calendar import Calendar, YearNotConfirmed
from workflows.law.clock import Clock, State
from workflows.law.receipt import confirm_by
from workflows.law.settings import LawSettings

ONE_DAY = timedelta(days=1)
#: natural days between reminders of what is late already【推定】
REPEAT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day and what is to be said then. `late`: the head of 工作机构 hears of it too; `overdue`: the 督查岗 as well.

    `text` empty: nobody is told, the row is computed again (a pause begins or ends). `group`: of several untold ones
    only the last is said.
    """

    on: date
    key: str
    text: str = ""
    group: str = ""
    late: bool = False
    overdue: bool = False


def occasions(state: Clock, today: date) -> list[Occasion]:
    """Everything the running clock of an application holds ready, as known on `today`."""
    if state.state is State.ENDED:
        return []
    return [*_reply(state, today), *_opinions(state), *_pauses(state), *_waiting(state)]


def unconfirmed(arrived_on: date, calendar: Calendar, settings: LawSettings, today: date) -> list[Occasion]:
    """Of an arrival whose day of receipt is not settled: it is to be confirmed within a working day【推定】."""
    by = confirm_by(arrived_on, calendar, settings).not_before
    found = [Occasion(by, f"confirm:{by}", "今日须与申请人确认收到之日（条例第三十一条）", "confirm")]
    for times, on in repeats(by, today):
        text = f"应于 {by} 与申请人确认，至今没有确认；确认不得拖延，联系不上的请逐次登记"
        found.append(Occasion(on, f"confirm:{by}:{times}", text, "confirm", late=True))
    return found


def due_now(found: Sequence[Occasion], told: Sequence[str], today: date) -> list[Occasion]:
    """What is to be said today: of each group the last, of everything else all."""
    ready = [o for o in found if o.text and o.on <= today and o.key not in told]
    last = {o.group or o.key: o for o in sorted(ready, key=lambda o: o.on)}
    return list(last.values())


def told_after(found: Sequence[Occasion], told: Sequence[str], today: date) -> list[str]:
    """The keys to keep once `due_now` has been said; those of dates that no longer hold are dropped."""
    return sorted({o.key for o in found if o.text and (o.key in told or o.on <= today)})


def following(found: Sequence[Occasion], told: Sequence[str], today: date) -> date | None:
    """The next day on which the request is looked at; today when something is still to be said. None: never."""
    days = [o.on for o in found if (o.key not in told if o.text else o.on > today)]
    return min(days, default=None)


def _reply(state: Clock, today: date) -> list[Occasion]:
    due = state.reply_due
    if due is None or state.state not in (State.RUNNING, State.PAUSED):
        return []
    on = due.date or due.not_before
    words = state.remaining.text if state.as_of is not None else ""
    found = [
        Occasion(t.on, f"reply:{on}:{t.left}", f"答复期限{words}", "reply")
        for t in clock.thresholds(state)
        if t.left >= 0
    ]
    for times, day in repeats(due.date, today) if due.date is not None else ():
        text = f"答复{words}"
        found.append(Occasion(day, f"late:{on}:{times}", text, "reply", late=True, overdue=True))
    return found


def repeats(due: date, today: date) -> list[tuple[int, date]]:
    """The day after `due`, then every week: the last that has come, with its number from 1, and the next."""
    weeks = max(0, (today - due - ONE_DAY) // REPEAT) if today > due else 0
    return [(n + 1, due + ONE_DAY + n * REPEAT) for n in (weeks, weeks + 1)]


def _opinions(state: Clock) -> list[Occasion]:
    """One working day before a third party's or joint maker's period ends, and the day after it."""
    found = []
    for opinion in state.opinions:
        due, event = opinion.due, opinion.event
        if due is None or due.date is None or event.returned is not None:
            continue
        who = f"「{event.party}」的{event.kind.label}" if event.party else event.kind.label
        key = f"opinion:{event.ref}:{due.date}"
        over = f"{who}期限已于 {due.date} 届满，没有收到意见；{event.kind.silence}"
        found.append(Occasion(due.date + ONE_DAY, f"{key}:over", over, key))
        try:
            near = state.calendar.before(due.date, 1)
        except YearNotConfirmed:
            continue
        found.append(Occasion(near, f"{key}:near", f"{who}剩 1 个工作日（{due.date} 届满）", key))
    return found


def _pauses(state: Clock) -> list[Occasion]:
    """The days on which the clock stops and goes on without anybody's act: the row is computed again."""
    ends = [day for begin, end in state.segment.pauses for day in (begin, end) if day < date.max]
    return [Occasion(day + ONE_DAY, f"pause:{day}") for day in ends]


def _waiting(state: Clock) -> list[Occasion]:
    """The day after a correction or a payment should have come."""
    if state.state is State.WAITING_CORRECTION and state.correction_deadline is not None:
        end = state.correction_deadline
        text = f"补正期限已于 {end} 届满，没有收到补正；请核实后按逾期不补正办理，有正当理由的延长补正期限"
        return [Occasion(end + ONE_DAY, f"correction:{end}", text)]
    if state.state is State.WAITING_FEE and state.fee_due is not None and state.fee_due.date is not None:
        end = state.fee_due.date
        return [
            Occasion(
                end + ONE_DAY, f"fee:{end}", f"缴费期限已于 {end} 届满，没有缴费；请核实后按逾期未缴费办理"
            )
        ]
    return []
