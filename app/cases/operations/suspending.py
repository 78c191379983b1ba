"""挂起、恢复办理 (features.md H13): the case rests; nobody completes a step, internal time stands still.

Internal limits and timers keep the rest of their office time and are moved when the case is taken up again. What the law
counts goes on: it stops only on its own grounds (期限暂停计算), which are entered where the request is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts.forms import Form
from app.calendar import hours as office
from app.cases import deadlines, offering, road, statutory, stream
from app.cases.models import CaseTimer, WorkItem
from app.cases.offering import Operation, Standing, declare
from app.cases.operations.authority import began, heads
from app.cases.operations.fields import note_field, reason_field
from app.cases.reaching import receives
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import Refused

LAW_GOES_ON = "法定期限照算，不因挂起停止。"
w, t = table_of(WorkItem), table_of(CaseTimer)
_move_item = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values({name: sa.bindparam(f"v_{name}") for name in (*deadlines.COLUMNS, "due_on")})
)
_timers = sa.select(t.c.id, t.c.due_at).where(t.c.case_id == sa.bindparam("k"))
_move_timer = sa.update(t).where(t.c.id == sa.bindparam("k")).values(due_at=sa.bindparam("due"))


class SuspendForm(Form):
    """Why."""

    reason = reason_field("挂起原因")


class ResumeForm(Form):
    """A word to whoever goes on."""

    reason = note_field("说明（可不填）")


def _concerns(here: Standing) -> bool:
    return (
        began(here) or heads(here) or any(receives(item, here.actor, here.case) for item in here.open_items)
    )


@command
def suspend(tx: Tx, *, case_id: int, reason: str) -> dict[str, Any]:
    """Let the case rest. Raises NotFound (none of yours), Refused (rests already, no reason)."""
    here = offering.locked(tx, "suspend", case_id=case_id)
    if not reason.strip():
        raise Refused("请写明挂起的原因。", fields={"reason": "请填写挂起原因。"})
    case: dict[str, Any] = dict(here.case)
    was = case["lock"]
    case["suspended_at"] = tx.now
    summary = f"{tx.actor.name} 挂起办理：{reason.strip()}（{LAW_GOES_ON.rstrip('。')}）"
    case.update(
        stream.write(
            tx, case, "case.suspend", summary, old=None, new=tx.now.isoformat(), reason=reason.strip()
        )
    )
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": f"本件已挂起，恢复办理前不能办理环节。{LAW_GOES_ON}"}


@command
def resume(tx: Tx, *, case_id: int, reason: str = "") -> dict[str, Any]:
    """Take the case up again; what is left of internal time is counted from now. Raises NotFound, Refused."""
    here = offering.locked(tx, "resume", case_id=case_id)
    case: dict[str, Any] = dict(here.case)
    was, since = case["lock"], case["suspended_at"]
    moved = [_moved(here, item, since, tx.now) for item in here.items if item["status"] in ("open", "queued")]
    changed = [row for row in moved if row is not None]
    if changed:
        tx.session.execute(_move_item, changed)
    shifted = _shift_timers(tx, case, since)
    case["suspended_at"] = None
    note = reason.strip()
    summary = f"{tx.actor.name} 恢复办理" + (f"：{note}" if note else "")
    case.update(
        stream.write(
            tx, case, "case.resume", summary,
            old=since.isoformat(), new=None, limits=len(changed), timers=shifted, reason=note,
        )
    )  # fmt: skip
    road.save_case(tx, case, was)
    return {"case": case["id"], "said": "本件已恢复办理，内部时限按剩余的工作时间顺延。"}


def _moved(here: Standing, item: Mapping[str, Any], since: datetime, now: datetime) -> dict[str, Any] | None:
    """The limit of one step, moved by the time the case rested; the law's day stays."""
    if item["due_at"] is None:
        return None
    runtime = processes.runtime(here.case["version_id"])
    info = runtime.spec.steps.get((item["process_key"], item["step"]))
    began_at = max(since, item["opened_at"])
    left = deadlines.after_rest(info.settings if info else {}, item, began_at, now)
    values = left | {"due_on": statutory.soonest(statutory.own_day(left), here.case)}
    return {"k": item["id"]} | {f"v_{name}": value for name, value in values.items()}


def _shift_timers(tx: Tx, case: Mapping[str, Any], since: datetime) -> int:
    """Timers that were running keep their office time; those that were due already fire now."""
    place = deadlines.where(case["organ_id"])
    rows = []
    for timer in tx.session.execute(_timers, {"k": case["id"]}):
        left = (
            office.worked(place.calendar, place.hours, since, timer.due_at) if timer.due_at > since else None
        )
        due = office.after_minutes(place.calendar, place.hours, tx.now, left) if left else None
        if due is None and timer.due_at > since:
            due = timer.due_at + (tx.now - since)  # the calendar ends, or only a night was left: natural time
        if due is not None:
            rows.append({"k": timer.id, "due": due})
    if rows:
        tx.session.execute(_move_timer, rows)
    return len(rows)


def _suspend(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = suspend(actor, case_id=here.case["id"], reason=form.reason.data, token=token)
    return result


def _resume(actor: Actor, here: Standing, form: Any, seal: str, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = resume(
        actor, case_id=here.case["id"], reason=form.reason.data or "", token=token
    )
    return result


SUSPEND = declare(
    Operation(
        key="suspend",
        about="case",
        icon="clock",
        lead=f"暂时不办，恢复前谁也不能办理环节；内部时限停下，恢复后按剩余的工作时间顺延。{LAW_GOES_ON}",
        concerns=lambda here: here.case["suspended_at"] is None and _concerns(here),
        why_not=lambda here: None,
        form=lambda here: SuspendForm(),
        perform=_suspend,
    )
)
RESUME = declare(
    Operation(
        key="resume",
        about="case",
        icon="check",
        lead="接着办理。内部时限按挂起时剩余的工作时间，从现在起接着算。",
        concerns=lambda here: here.case["suspended_at"] is not None and _concerns(here),
        why_not=lambda here: None,
        form=lambda here: ResumeForm(),
        perform=_resume,
    )
)
