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

#: what is told: every operation but 退回, which stands at the step that was returned; and what else moves a step
LABELS: Mapping[str, str] = {
    **{f"case.{key}": label for key, label in OPERATIONS.items() if key != "return"},
    "case.claim": "认领",
    "case.put_back": "放回",
    "case.hand_over": "交接",
    "case.redirect": "改派",
    "case.limit_reassign": "超时转交",
    "case.migrate": "流程换版",
}
#: of a completion that went straight back (直达): an act noted in its own row
STRAIGHT = "case.straight"
KINDS: Mapping[str, str] = {"case.withdraw": "withdrawn"}
_rows = (
    sa.select(Record.at, Record.actor_name, Record.capacity, Record.action, Record.summary, Record.body)
    .where(
        Record.stream == "case",
        Record.stream_id == sa.bindparam("case"),
        sa.or_(
            Record.action.in_(list(LABELS)),
            sa.and_(Record.action == "case.complete", Record.body.contains(f'"{STRAIGHT}"', autoescape=True)),
        ),
    )
    .order_by(Record.seq)
    .limit(200)
)


def entries(session: Session, case: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """One entry per act: whom it reached and why, in the words of the record."""
    found = []
    for row in session.execute(_rows, {"case": case["id"]}):
        label = LABELS.get(row.action, "直达")
        words = _words(row)
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


def _words(row: Any) -> str:
    if row.action in LABELS:
        return str(row.summary.removeprefix(row.actor_name).lstrip())
    acts = json.loads(row.body)["acts"]
    return "；".join(str(act["summary"]) for act in acts if act["action"] == STRAIGHT)


TRAIL.append(entries)
