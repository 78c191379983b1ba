"""流转记录 beside the steps: what was done with a case itself, out of its own stream of the record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.registry import TRAIL
from app.core.now import local_text
from app.core.record import Record
from app.processes.operations import OPERATIONS

#: operation -> kind of its entry; a return stands at the step that was returned
SHOWN: Mapping[str, str] = {
    "transfer": "note",
    "withdraw": "withdrawn",
    "suspend": "note",
    "resume": "note",
    "terminate": "note",
}
_rows = (
    sa.select(Record.at, Record.actor_name, Record.capacity, Record.action, Record.body)
    .where(
        Record.stream == "case",
        Record.stream_id == sa.bindparam("case"),
        Record.action.in_([f"case.{key}" for key in SHOWN]),
    )
    .order_by(Record.seq)
    .limit(200)
)


def entries(session: Session, case: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """One entry per act, with its reason."""
    found = []
    for row in session.execute(_rows, {"case": case["id"]}):
        key = row.action.removeprefix("case.")
        found.append(
            {
                "act": OPERATIONS[key],
                "at": local_text(row.at),
                "who": row.actor_name,
                "post": row.capacity,
                "text": json.loads(row.body).get("reason") or "",
                "kind": SHOWN[key],
            }
        )
    return found


TRAIL.append(entries)
