"""How a reply period came out, as entries a page renders and an archive prints: 「期限怎么算的」.

Every day from receipt to the end is one entry (counted, skipped, paused, waiting), and every event stands
behind the entry of its day, with its document, ground and article.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from workflows.law.calendar import ONE_DAY, DayKind, date_text
from workflows.law.consultations import OPEN, Opinion
from workflows.law.counting import REPLY_DAYS, Turn
from workflows.law.dues import BASIS_START, Due
from workflows.law.events import (
    Consultation,
    CorrectionIssued,
    CorrectionReceived,
    Delay,
    Event,
    Extension,
    FeeNotice,
    Ordered,
)

if TYPE_CHECKING:
    from workflows.law.clock import Clock, Segment

EntryKind = Literal[
    "received", "counted", "makeup", "weekend", "holiday", "paused", "waiting",
    "event", "none", "pause", "resume", "restart", "extended", "delayed", "closed", "due", "unknown",
]  # fmt: skip

ARTICLE_REPLY = "条例第三十三条第二款"
ARTICLE_PAUSE = "条例第三十三条第三款"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `number` is the place in the count, None where nothing is counted; `text` is complete Chinese.

    `kind` counted/makeup/weekend/holiday/paused/waiting are days; the rest are turns. `ground` names why
    (「第三方意见征求」), `document` the letter, `article` the clause, `caution` what was wrong with an event.
    """

    day: date
    kind: EntryKind
    text: str
    number: int | None = None
    article: str = ""
    document: str = ""
    ground: str = ""
    caution: str = ""

    @property
    def line(self) -> str:
        """As an archive prints it: date, text, document and article in one line."""
        behind = "；".join(part for part in (self.document, self.article) if part)
        tail = f"（{behind}）" if behind else ""
        return f"{date_text(self.day, makeup=self.kind == 'makeup')} {self.text}{tail}"


def derive(clock: Clock) -> tuple[Entry, ...]:
    """The derivation of a clock."""
    return tuple(_entries(clock))


def _entries(clock: Clock) -> Iterator[Entry]:
    turns: dict[date, list[Turn]] = defaultdict(list)
    for turn in clock.turns:
        turns[turn.on].append(turn)
    resumes: dict[date, list[Opinion]] = defaultdict(list)
    for opinion in clock.opinions:
        if opinion.pause and opinion.pause[0] < opinion.pause[1] < OPEN:
            resumes[opinion.pause[1]].append(opinion)
    early = sorted(day for day in turns if day < clock.received_on)
    for day in early:
        yield from (_turn(turn) for turn in turns[day])
    yield Entry(
        clock.received_on,
        "received",
        "收到申请之日，不计算在期间内（第 0 天）",
        0,
        "条例第三十一条；" + BASIS_START,
    )
    yield from (_turn(turn) for turn in turns.pop(clock.received_on, ()))
    last = _last(clock)
    number, at, index, waits = 0, clock.received_on, 0, _waits(clock, clock.received_on)
    while at < last:
        at += ONE_DAY
        restarted = index + 1 < len(clock.segments) and clock.segments[index + 1].start == at
        if restarted:
            index, number, waits = index + 1, 0, ""
        else:
            entry, number = _day(clock, clock.segments[index], at, number, waits)
            yield entry
        yield from (_resume(clock.segments[index], opinion) for opinion in resumes.get(at, ()))
        if at in turns:
            yield from (_turn(turn) for turn in turns[at])
            waits = _waits(clock, at) or waits
    yield from _end(clock)


def _last(clock: Clock) -> date:
    """The last day worth a line: the end of the period, of the case, or of what is known.

    Also of an answered one: whether the answer came in time is read from the days up to the last.
    """
    due, ends = clock.reply_due, [turn.on for turn in clock.turns]
    if due is not None and due.date is not None:
        ends.append(clock.segment.delayed_until or due.date)
    if clock.ended_on is not None:
        ends.append(clock.ended_on)
    elif due is None or due.date is not None:
        pass
    elif due.open:
        ends.append(clock.as_of or clock.segment.start)
    else:
        ends.append(date(due.not_before.year if not due.unconfirmed else due.unconfirmed - 1, 12, 31))
    return max([clock.received_on, *ends])


def _waits(clock: Clock, day: date) -> str:
    """What the count waits for after the turns of a day, or nothing."""
    for turn in clock.turns:
        if turn.on == day and turn.effect == "waiting":
            return "等待缴费" if isinstance(turn.event, FeeNotice) else "等待补正"
    return ""


def _day(clock: Clock, segment: Segment, day: date, number: int, waits: str) -> tuple[Entry, int]:
    calendar = clock.calendar
    if not calendar.confirmed(day):
        return Entry(day, "unknown", f"{day.year}年放假安排未导入，是否工作日未知"), number
    special = calendar.special(day)
    if not calendar.is_workday(day):
        if special is None:
            return Entry(day, "weekend", "休息日，不计"), number
        local = "地方放假" if special.kind is DayKind.REGIONAL else "放假"
        return Entry(day, "holiday", f"{special.name}{local}，不计", ground=special.name), number
    if waits:
        return Entry(day, "waiting", f"{waits}，不计", ground=waits), number
    asked = _asked(clock, segment, day)
    if asked:
        return Entry(day, "paused", f"期限暂停计算：{asked}", article=ARTICLE_PAUSE, ground=asked), number
    number += 1
    if special is not None:
        return Entry(day, "makeup", f"调休上班，第 {number} 个工作日", number, ground=special.name), number
    return Entry(day, "counted", f"第 {number} 个工作日", number), number


def _asked(clock: Clock, segment: Segment, day: date) -> str:
    """Whose opinion a day waits for; nothing when it counts."""
    if not any(begin < day <= end for begin, end in segment.pauses):
        return ""
    return "、".join(dict.fromkeys(o.event.kind.label for o in clock.opinions if o.covers(day)))


def _resume(segment: Segment, opinion: Opinion) -> Entry:
    event = opinion.event
    assert opinion.pause is not None
    day = opinion.pause[1]
    if opinion.silent:
        how = f"15个工作日届满未提出意见，{opinion.consequence}"
    elif event.returned is None:
        how = f"15个工作日届满；届时未提出意见的，{event.kind.silence}；提前收到意见的，期限相应提前"
    else:
        waited = "无法送达，不再等候" if event.unreached else "到请其回复的期限没有回复，不再等候"
        how = "收到意见" if event.answered else waited
    if any(begin < day < end for begin, end in segment.pauses):
        then = "其他征求意见尚未结束，继续暂停"
    else:
        then = "次日起继续计算"
    text = f"{_party(event)}{how}；{then}"
    article = (
        f"{event.kind.article}；{ARTICLE_PAUSE}" if event.kind.article != ARTICLE_PAUSE else ARTICLE_PAUSE
    )
    return Entry(day, "resume", text, None, article, event.document, event.kind.label)


def _party(event: Consultation) -> str:
    return f"{event.kind.label}（{event.party}）：" if event.party else f"{event.kind.label}："


_EFFECTS: dict[str, EntryKind] = {
    "waiting": "event", "noted": "event", "none": "none", "restart": "restart", "pause": "pause",
    "extended": "extended", "delayed": "delayed", "closed": "closed",
}  # fmt: skip

_NAMES: dict[str, tuple[str, str]] = {
    "correction_issued": ("发出补正告知", "条例第三十条"),
    "correction_received": ("收到补正", "条例第三十条"),
    "correction_lapsed": ("无正当理由逾期不补正，视为放弃申请，不再处理", "条例第三十条"),
    "extension": ("延期答复", ARTICLE_REPLY),
    "delay": ("延迟答复", "条例第三十五条"),
    "ordered": ("责令重新答复", "行政复议法第六十四条；行政诉讼法第七十条"),
    "reason_requested": ("要求申请人说明理由，不停止计时", "条例第三十五条"),
    "reason_received": ("收到申请人说明的理由", "条例第三十五条"),
    "fee_notice": ("发出收费通知", "条例第四十二条；国办函〔2020〕109号"),
    "fee_paid": ("完成缴费", "国办函〔2020〕109号"),
    "fee_lapsed": ("逾期未缴费，视为放弃申请，不再处理", "国办函〔2020〕109号"),
    "withdrawn": ("申请人撤回申请，终止办理", ""),
    "replied": ("答复", "国办公开办函〔2016〕235号四"),
}


def _turn(turn: Turn) -> Entry:
    event = turn.event
    if isinstance(event, Consultation):
        text, article, ground = _consulted(event, turn), event.kind.article, event.kind.label
    else:
        (text, article), ground = _NAMES[event.name], ""
        text += _tail(event, turn)
    caution = turn.caution.text if turn.caution else ""
    if caution:
        text = f"{text}。{caution}"
        article = turn.caution.article or article if turn.caution else article
    return Entry(turn.on, _EFFECTS[turn.effect], text, None, article, event.document, ground, caution)


def _consulted(event: Consultation, turn: Turn) -> str:
    parts = [f"{_party(event)}发出征求意见书"]
    if event.delivered:
        parts.append(f"{event.delivered} 签收")
    if turn.effect == "pause":
        parts.append("当日仍计算，次日起暂停")
    elif turn.effect == "noted":
        parts.append("不停止计时")
    return "，".join(parts)


def _tail(event: Event, turn: Turn) -> str:
    if turn.effect == "restart":
        return "，重新起算；此前的计数、暂停、延期全部清零，当日不计算在期间内（第 0 天）"
    if isinstance(event, CorrectionIssued):
        signed = f"，{event.delivered} 送达" if event.delivered else ""
        if event.deadline is None and event.delivered and event.days:
            return (
                f"{signed}，补正期限 {event.days} {'天（自然日）' if event.natural else '个工作日'}，次日起算"
            )
        return signed + (f"，补正期限 {event.deadline}" if event.deadline else "，补正期限自送达之日起算")
    if isinstance(event, CorrectionReceived) and turn.effect == "none" and turn.caution is None:
        return "，不重新起算"
    if isinstance(event, Extension):
        return f" {event.days} 个工作日"
    if isinstance(event, Delay):
        return f"至 {event.until}"
    if isinstance(event, Ordered):
        return f"，期限 {event.until}"
    if isinstance(event, FeeNotice) and event.delivered:
        return f"，{event.delivered} 送达"
    return ""


def _end(clock: Clock) -> Iterator[Entry]:
    due = clock.reply_due
    if due is None:
        return
    segment = clock.segment
    if due.date is None:
        yield Entry(due.not_before, "unknown", f"答复期限{due.reason}，不早于这一天", None, ARTICLE_REPLY)
    elif any(isinstance(turn.event, Ordered) for turn in clock.turns):
        yield Entry(
            due.date, "due", "责令重新答复的期限届满", None, "行政复议法第六十四条；行政诉讼法第七十条"
        )
    elif segment.delayed_until is not None:
        yield Entry(due.date, "due", "延迟答复的期限届满", None, "条例第三十五条")
    else:
        yield Entry(due.date, "due", _due_text(segment, due), segment.allowed, ARTICLE_REPLY)


def _due_text(segment: Segment, due: Due) -> str:
    count = f"第 {segment.allowed} 个工作日"
    if segment.extension:
        count += f"（{REPLY_DAYS}＋延长 {segment.extension}）"
    return f"{count}，答复期限届满：{due.text}"
