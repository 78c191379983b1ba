"""The rows of BPMN timers: which wait, and when they are due. Internal durations only: statutory days live in
workflows/law.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.models import CaseTimer
from app.core.db import table_of
from app.core.now import SHANGHAI
from workflows.engine import OpenTimer

t = table_of(CaseTimer)
_new = sa.insert(t).inline()
_gone = sa.delete(t).where(
    t.c.case_id == sa.bindparam("k"), t.c.address.not_in(sa.bindparam("addresses", expanding=True))
)
_there = sa.select(t.c.address, t.c.name).where(t.c.case_id == sa.bindparam("k"))

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,3})W)?(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?(?:(?P<seconds>\d{1,6})S)?)?\Z"
)


def due_moment(kind: str, value: str, start: datetime) -> datetime:
    """ISO 8601 duration from `start`, or date(-time) in Shanghai where no zone is given; aware UTC.

    Raises ValueError for anything else (the checker refuses it before a version is activated).
    """
    if kind == "duration":
        found = _DURATION.match(value)
        parts = {name: int(text) for name, text in (found.groupdict() if found else {}).items() if text}
        if not parts:
            raise ValueError(f"not a duration: {value}")
        return start + timedelta(**parts)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def put(session: Session, case_id: int, timers: Sequence[OpenTimer], moment: datetime) -> None:
    """Make the timer rows of a case equal to the timers that wait; what is new counts from `moment`."""
    there = {tuple(row) for row in session.execute(_there, {"k": case_id})}
    waiting = {(timer.address, timer.name): timer for timer in timers}
    if any(key not in waiting for key in there):
        session.execute(_gone, {"k": case_id, "addresses": [timer.address for timer in timers]})
    fresh = [
        {
            "case_id": case_id,
            "address": timer.address,
            "name": timer.name,
            "due_at": due_moment(timer.kind, timer.value, moment),
            "tries": 0,
            "problem": None,
        }
        for key, timer in waiting.items()
        if key not in there
    ]
    if fresh:
        session.execute(_new, fresh)
