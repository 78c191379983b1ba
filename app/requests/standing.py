"""How the period of a request stands, in words: its day, what it waits for, what is due today, how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import calendar
from app.cases.models import WorkItem
from app.core.now import today
from app.requests import clocks
from app.requests.models import Request
from workflows.law.clock import OUTCOMES, Clock, compute
from workflows.law.clock import State as ClockState
from workflows.law.counting import CORRECTION_NOTICE_DAYS as NOTICE_DAYS

#: where the clock stands -> what waits outside (glossary A: 等待中)
WAITING = {
    ClockState.WAITING_CORRECTION.value: "待补正",
    ClockState.WAITING_FEE.value: "待缴费",
    ClockState.PAUSED.value: "征求意见",
}


def due(
    request: Request | Mapping[str, Any], state: Clock | None = None, *, seventh: bool = False
) -> dict[str, Any]:
    """The deadline of a request for the macro `ui.due`: date, left, unknown_reason, not_before, makeup, paused.

    `resumes`: paused today and counting again tomorrow, so that its day is known; `words`: said instead of a day.
    """
    row = request if isinstance(request, Mapping) else columns_of(request)
    days = calendar.current()
    words = _instead_of_a_day(row, state)
    if words:
        kind = "due_soon" if row["state"] == "unconfirmed" else "inactive"
        return {"date": None, "left": None, "unknown": "", "words": words, "kind": kind, "paused": None}
    paused = None
    if state is not None and state.state in (
        ClockState.PAUSED,
        ClockState.WAITING_CORRECTION,
        ClockState.WAITING_FEE,
    ):
        paused = state.status.removeprefix("期限暂停计算：")
    elif row["state"] == "open" and row["clock"] in WAITING:
        paused = WAITING[row["clock"]]
    live = row["state"] == "open"
    left = days.days_left(today(), row["due_on"]) if row["due_on"] and live and not paused else None
    return {
        "date": row["due_on"],
        "left": left,
        "unknown": (row["due_why"] or "") if row["due_on"] is None else "",
        "not_before": row["not_before"],
        "makeup": bool(row["due_on"] and days.is_makeup(row["due_on"])),
        "paused": paused,
        "resumes": bool(paused and row["clock"] == ClockState.RUNNING.value),
        "words": "",
        "note": _notice_today(state) if seventh else "",
    }


def _instead_of_a_day(row: Mapping[str, Any], state: Clock | None) -> str:
    """What stands where there is no due day because none is running: not begun, or ended without an answer."""
    if row["state"] == "unconfirmed":
        return "收到之日待确认"
    if row["due_on"] is not None or row["clock"] != ClockState.ENDED.value:
        return ""
    if state is not None and state.outcome in OUTCOMES:
        return OUTCOMES[state.outcome][0]
    return "已终止办理，没有答复期限"


def _notice_today(state: Clock | None) -> str:
    """「补正告知今日截止」 unless it went out already (条例30)."""
    issued = state is None or any(turn.event.name == "correction_issued" for turn in state.turns)
    return "" if issued else "补正告知今日截止（第 7 个工作日）"


def columns_of(request: Request) -> dict[str, Any]:
    return {column.name: getattr(request, column.name) for column in Request.__table__.columns}


#: steps at which a notice to correct may still go out
EXAMINING = ("examine", "correction_draft", "correction_approve", "correction_send")
_examining = sa.select(WorkItem.case_id).where(
    WorkItem.case_id.in_(sa.bindparam("cases", expanding=True)),
    WorkItem.status == "open",
    WorkItem.step.in_(EXAMINING),
)


def _seventh_day(row: Mapping[str, Any]) -> bool:
    """Whether today is the last day for a notice to correct (条例30), as far as the receipt tells."""
    if row["received_on"] is None or row["state"] != "open":
        return False
    return calendar.current().reach(row["received_on"], NOTICE_DAYS).date == today()


def notices_today(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Cases whose seventh day is today while their content is still being examined. At most one statement."""
    cases = [row["case_id"] for row in rows if _seventh_day(row)]
    return set(session.scalars(_examining, {"cases": cases})) if cases else set()


def states(session: Session, rows: Sequence[Mapping[str, Any]], seventh: set[int]) -> dict[int, Clock]:
    """The clocks of those rows of a page whose columns do not tell enough: paused ones, and those of the seventh day."""
    told = [
        row
        for row in rows
        if row["received_on"]
        and row["state"] == "open"
        and (row["clock"] == ClockState.PAUSED.value or row["case_id"] in seventh)
    ]
    if not told:
        return {}
    happened = clocks.events_of_many(session, [row["id"] for row in told])
    days, on = calendar.current(), today()
    return {
        row["id"]: compute(
            row["received_on"], happened[row["id"]](), days, clocks.law_settings(row["organ_id"]), as_of=on
        )
        for row in told
    }
