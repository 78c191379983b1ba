"""流转记录 beside the steps: what was done with a case itself, out of its own stream of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.registry import TRAIL
from app.core.now import local_text
from app.core.record import Record
from app.processes.operations import OPERATIONS

#: operations whose entries are not plain notes; a return stands at the step that was returned
KINDS: Mapping[str, str] = {"case.withdraw": "withdrawn"}
SHOWN = tuple(key for key in OPERATIONS if key != "return")
_rows = (
    sa.select(Record.at, Record.actor_name, Record.capacity, Record.action, Record.summary)
    .where(
        Record.stream == "case",
        Record.stream_id == sa.bindparam("case"),
        Record.action.in_([f"case.{key}" for key in SHOWN]),
    )
    .order_by(Record.seq)
    .limit(200)
)


def entries(session: Session, case: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """One entry per act: whom it reached and why, in the words of the record."""
    found = []
    for row in session.execute(_rows, {"case": case["id"]}):
        label = OPERATIONS[row.action.removeprefix("case.")]
        words = row.summary.removeprefix(row.actor_name).lstrip()
        found.append(
            {
                "act": label,
                "at": local_text(row.at),
                "who": row.actor_name,
                "post": row.capacity,
                "text": "" if words == label else words,
                "kind": KINDS.get(row.action, "note"),
            }
        )
    return found


TRAIL.append(entries)
