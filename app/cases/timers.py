"""When a BPMN timer is due. Internal durations only: statutory days live in workflows/law."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from app.core.now import SHANGHAI

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
