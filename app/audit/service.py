"""Commands of this room: asking for a verification, running it, and noting that the record was exported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.audit import queries, sealing, verify
from app.audit.findings import Report
from app.audit.models import AuditRun
from app.core.actor import SYSTEM
from app.core.command import Tx, command, keyring
from app.core.db import db
from app.core.errors import Refused
from app.core.now import wall

EVERY = timedelta(hours=24)  # a verification nobody asked for
LOST = timedelta(hours=2)  # a run that long under way belongs to a worker that died

JOB = "audit.verify"


@command
def ask_verification(tx: Tx) -> dict[str, Any]:
    """Ask for a verification of the whole record; the job does it. One at a time."""
    waiting = sa.select(AuditRun.id).where(AuditRun.state.in_(("waiting", "running")))
    open_run = tx.session.scalar(waiting.order_by(AuditRun.id.desc()).limit(1))
    if open_run is not None:
        raise Refused("已有一次核对正在等待或进行。请稍候刷新本页看结果，不必重复发起。")
    run = AuditRun(asked_by=tx.actor.name, asked_at=wall(), report={})
    tx.session.add(run)
    tx.session.flush()
    tx.record("system", "audit.verify_asked", "要求核对全部记录", number=run.id)
    tx.wake(JOB)
    return {"run": run.id}


@command
def begin_run(tx: Tx) -> int | None:
    """Take the run that waits (or was lost), or make the daily one when it is due; returns its id."""
    ready = sa.or_(
        AuditRun.state == "waiting",
        sa.and_(AuditRun.state == "running", AuditRun.began_at < wall() - LOST),
    )
    query = sa.select(AuditRun).where(ready).order_by(AuditRun.id).limit(1)
    run = tx.session.scalars(query.with_for_update(skip_locked=True)).first()
    if run is None:
        newest = tx.session.scalar(sa.select(AuditRun.asked_at).order_by(AuditRun.id.desc()).limit(1))
        if newest is not None and wall() - newest < EVERY:
            return None
        run = AuditRun(asked_by="系统", asked_at=wall(), report={})
        tx.session.add(run)
    run.state, run.began_at = "running", wall()
    tx.session.flush()
    return int(run.id)


@command
def end_run(tx: Tx, run_id: int, report: Report) -> None:
    """Keep the result of a run, and record it."""
    run = tx.session.get(AuditRun, run_id)
    if run is None:
        return
    result = report.as_dict()
    run.state, run.ended_at, run.problems = result["outcome"], wall(), report.problems
    run.report = result | {"findings": result["findings"][:200]}
    said = {"clean": "未发现问题", "tampered": f"发现 {report.problems} 处问题", "unchecked": "未能完成"}
    tx.record(
        "system",
        "audit.verified",
        f"核对全部记录：{said[run.state]}",
        number=run_id,
        rows=report.rows,
        seals=report.seals,
        problems=report.problems,
    )


def run_waiting() -> bool:
    """Do the verification that waits, if any; returns whether there was one."""
    run_id = begin_run(SYSTEM)
    if run_id is None:
        return False
    end_run(SYSTEM, run_id, check_now())
    return True


def check_now(trusted: Any = None) -> Report:
    """Verify the record of the running application as it is now."""
    settings = sealing.settings_now()
    return verify.verify(db.engine, keyring().record, settings.seals, at=wall(), trusted=trusted)


@command
def note_export(tx: Tx, *, begins: str, ends: str, count: int, sm3: str) -> None:
    """Record that part of the record left the house: who, which period, how much, and the file's digest."""
    tx.record(
        "system",
        "audit.export",
        f"导出 {begins} 至 {ends} 的记录 {count} 条",
        begins=begins,
        ends=ends,
        count=count,
        sm3=sm3,
    )


def problems(actor: Any) -> int | None:
    """For the menu: how many problems the last verification found."""
    found = queries.last_finished(db.session())
    return found.problems or None if found else None
