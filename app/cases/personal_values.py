"""Showing a personal value in clear: on demand, one at a time, each time recorded (security.md 11)."""

from __future__ import annotations

from typing import Any

from app import processes
from app.cases import concealing, road, showing, stream
from app.core import personal
from app.core.command import Tx, command
from app.core.errors import NotFound


@command
def reveal(tx: Tx, *, case_id: int, field: str) -> dict[str, Any]:
    """The value of one personal field; the caller has checked that the person may see the case."""
    case = road.lock_case(tx, case_id)
    if case is None:
        raise NotFound()
    labels = {
        each["key"]: each["label"]
        for each in showing.personal_fields(processes.runtime(case["version_id"]), case)
    }
    if field in concealing.hidden_from(tx.session, case, tx.actor):
        raise NotFound()
    value = personal.read(tx.session, tx.keys, case_id).get(field)
    if field not in labels or value is None:
        raise NotFound()
    was = case["lock"]
    summary = f"{tx.actor.name} 查看了「{labels[field]}」"
    case.update(stream.write(tx, case, "case.reveal", summary, field=field))
    road.save_case(tx, case, was)
    return {"label": labels[field], "value": value}
