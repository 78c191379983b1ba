"""终止办理 (features.md H12): a case that is not needed any more ends without a result (作废).

Who began it may, as long as nobody else has acted; afterwards the head of its unit or of 政府信息公开工作机构. The reason
stands in the record, whoever had a step is told. Where the law wants an outcome a room above objects and says which.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.forms import Form
from app.cases import offering, road, showing, stream
from app.cases.models import CaseTimer, WorkItem
from app.cases.offering import Operation, Preview, Standing, declare
from app.cases.operations.authority import began, heads, others_acted
from app.cases.operations.fields import reason_field
from app.cases.registry import ENDED, OBJECTIONS
from app.cases.returns import undo
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.errors import Refused
from app.core.keys import sm3

_items_end = (
    sa.update(table_of(WorkItem))
    .where(
        table_of(WorkItem).c.case_id == sa.bindparam("k"),
        table_of(WorkItem).c.status.in_(("open", "queued")),
    )
    .values(status="gone", closed_at=sa.bindparam("at"), decision=showing.ENDED)
)
_timers_end = sa.delete(CaseTimer).where(CaseTimer.case_id == sa.bindparam("k"))


class TerminateForm(Form):
    """Why."""

    reason = reason_field("终止原因")


def _concerns(here: Standing) -> bool:
    return began(here) or heads(here)


def _why_not(here: Standing) -> str | None:
    for object_to in OBJECTIONS:
        if (why := object_to(db.session(), "terminate", here.case, None)) is not None:
            return why
    if not heads(here) and others_acted(here):
        return "已经有人办过本件，须由本科室负责人或者政府信息公开工作机构负责人终止。请与其联系。"
    return None


def _preview(session: Session, here: Standing, form: TerminateForm) -> Preview:
    waiting = [f"「{item['label']}」：{showing.where(item, here.people)}" for item in here.open_items]
    done = [f"「{item['label']}」：{item['done_name']}" for item in here.items if item["status"] == "done"]
    parts = [
        ("不再办理", waiting),
        ("留在记录里", done),
        ("终止以后", ["本件作废，不能恢复；已经编的号、出的文书、登记的事项仍然有效，需要的请另行处理。"]),
    ]
    ids = [item["id"] for item in here.open_items]
    return Preview(parts, sm3(repr(ids).encode())[:32])


@command
def terminate(tx: Tx, *, case_id: int, reason: str) -> dict[str, Any]:
    """End the case without a result. Raises NotFound (not yours to end), Refused (others acted, the law wants an outcome)."""
    here = offering.locked(tx, "terminate", case_id=case_id)
    if not reason.strip():
        raise Refused("请写明终止的原因。", fields={"reason": "请填写终止原因。"})
    case: dict[str, Any] = dict(here.case)
    was = case["lock"]
    case.update(status="void", closed_at=tx.now, suspended_at=None)
    tx.session.execute(_items_end, {"k": case["id"], "at": tx.now})
    tx.session.execute(_timers_end, {"k": case["id"]})
    for follow in ENDED:
        follow(tx, case)
    undo.tell_gone(tx, case, here.open_items, f"{tx.actor.name} 终止办理：{reason.strip()}", "ended")
    summary = f"{tx.actor.name} 终止办理：{reason.strip()}"
    case.update(
        stream.write(
            tx, case, "case.terminate", summary,
            old=[item["address"] for item in here.open_items], new="void", reason=reason.strip(),
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": "本件已终止办理，作废。"}


def _perform(actor: Actor, here: Standing, form: Any, seal_seen: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = terminate(actor, case_id=here.case["id"], reason=form.reason.data, token=token)
    return result


TERMINATE = declare(
    Operation(
        key="terminate",
        about="case",
        icon="cross",
        lead="本件不再办理，作废。原因记入流转记录，正在办的人会收到通知。",
        concerns=_concerns,
        why_not=_why_not,
        form=lambda here: TerminateForm(),
        perform=_perform,
        preview=_preview,
        danger=True,
    )
)
