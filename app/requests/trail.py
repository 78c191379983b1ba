"""流转记录: acts beside the flow that people look for there, from the case's own record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.now import local_text
from app.core.record import Record

#: action -> what the entry is called, its kind on the timeline
SHOWN = {
    "request.bounced": ("退件", "returned"),
    "request.delivery": ("再次送达", "done"),
    "request.signed": ("签收", "done"),
    "request.withdraw": ("申请人撤回申请", "returned"),
    "request.withdrawn_online": ("申请人撤回申请", "returned"),
}
MOST = 100
t = Record.__table__
_acts = (
    sa.select(t.c.action, t.c.actor_name, t.c.capacity, t.c.summary, t.c.at)
    .where(t.c.stream == "case", t.c.stream_id == sa.bindparam("case"), t.c.action.in_(tuple(SHOWN)))
    .order_by(t.c.seq)
    .limit(MOST)
)


def entries(session: Session, case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """退件, 再次送达, 签收, 撤回 of a request. One statement."""
    if not str(case["process_key"]).startswith("foi_"):
        return []
    return [
        {
            "act": SHOWN[row.action][0],
            "kind": SHOWN[row.action][1],
            "at": local_text(row.at),
            "who": row.actor_name,
            "post": row.capacity or "",
            "text": row.summary.removeprefix(f"{row.actor_name} "),
        }
        for row in session.execute(_acts, {"case": case["id"]})
    ]
