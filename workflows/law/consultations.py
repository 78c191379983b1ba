"""Opinions the office asks for: when they are due, what silence means, and which days they take out of the count.

Sources: 条例32 (第三方), 33③ (所需时间不计算在内), 34 (共同制作机关); domain.md 1.7, 1.11-6, 12.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from workflows.law.calendar import ONE_DAY, Calendar, Due, Span
from workflows.law.events import Consultation, ConsultationKind

OPINION_DAYS = 15  # 条例32, 34: 自收到征求意见书之日起15个工作日内
WITH_PERIOD = (ConsultationKind.THIRD, ConsultationKind.JOINT)
ALWAYS_PAUSE = (*WITH_PERIOD, ConsultationKind.OTHER)  # 条例33③

OPEN = date.max


@dataclass(frozen=True, slots=True)
class Opinion:
    """A consultation and what follows from it.

    `due` is the day by which the opinion must come (None where the law sets none or delivery is unknown);
    `pause` what does not count, (sent, end], None when nothing; its end is `date.max` while it is open.
    `silent`: the 15 working days went by without an opinion (or will, as far as is known).
    """

    event: Consultation
    due: Due | None
    pause: Span | None
    silent: bool = False

    @property
    def open(self) -> bool:
        """Whether nobody knows yet when it ends."""
        return self.pause is not None and self.pause[1] == OPEN

    @property
    def consequence(self) -> str:
        """What silence means in law, once there is silence (条例32, 34: they differ)."""
        return self.event.kind.silence if self.silent else ""

    def covers(self, day: date | None) -> bool:
        """Whether `day` does not count because of it."""
        return day is not None and self.pause is not None and self.pause[0] < day <= self.pause[1]


def judge(
    event: Consultation, calendar: Calendar, *, pauses: bool = True, as_of: date | None = None
) -> Opinion:
    """When an opinion is due and what it pauses: until it came, or its 15 working days are over if that is earlier."""
    due = None
    if event.kind in WITH_PERIOD and event.delivered is not None:
        due = calendar.reach(event.delivered, OPINION_DAYS)
    end = event.returned or OPEN
    silent = False
    if due is not None:
        over = event.returned is not None or as_of is None or as_of > due.not_before
        silent = over and end > due.not_before
        end = min(end, due.not_before)
    return Opinion(event, due, (event.on, end) if pauses else None, silent)


def spans_of(opinions: Iterable[Opinion], open_end: date, *, conservative: bool = False) -> tuple[Span, ...]:
    """The union of the pauses (条例33③: not their sum); open ones end on `open_end`.

    A pause is (sent, end]【推定】: the day of sending counts, the day the opinion comes does not; in the
    `conservative` reading that day counts as well.
    """
    spans = []
    for opinion in opinions:
        if opinion.pause is None:
            continue
        begin, end = opinion.pause
        if end == OPEN:
            end = max(begin, open_end)
        elif conservative and opinion.event.returned is not None and not opinion.silent:
            end -= ONE_DAY
        if end > begin:
            spans.append((begin, end))
    return spans_union(spans)


def spans_union(spans: list[Span]) -> tuple[Span, ...]:
    """Disjoint spans in order that cover the same days."""
    if len(spans) < 2:
        return tuple(spans)
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return tuple(merged)
