"""重算: every room's open deadlines computed again after a change, in batches that a person can stop and resume.

The run is a row: what is done, where to go on. A batch is one command and one transaction, with the run's row locked, so
that a crash loses at most a batch and two workers never do the same one. What moved stands in `calendar_moves`, and in
the stream of each case. A newer change replaces a run that is not finished: it computes everything anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.calendar.hooks import Moved, Recalculator, recalculators
from app.calendar.models import CalendarMove, CalendarRun
from app.calendar.permissions import require_change
from app.core import runs
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.errors import NotFound

JOB = "calendar.recalculate"
#: rows in one transaction; clerks wait for at most one of them
BATCH = 100
#: seconds between two batches, so that whoever waits to write gets his turn
PAUSE = 0.05

_move = sa.insert(table_of(CalendarMove)).inline()


def begin(tx: Tx, cause: str) -> int | None:
    """Start a run for what is open now, inside the command that changed the calendar; None: nothing is open."""
    total = sum(each.count(tx.session) for each in recalculators)
    unfinished = sa.update(CalendarRun).where(CalendarRun.state.in_(("running", "stopped")))
    tx.session.execute(unfinished.values(state="replaced", ended_at=tx.now))
    if not total:
        return None
    run = CalendarRun(
        cause=cause, state="running", part=recalculators[0].key, after_id=0, total=total, done=0, moved=0, failed=0,
        by=tx.actor.name, began_at=tx.now,
    )  # fmt: skip
    tx.session.add(run)
    tx.session.flush()
    tx.record(
        "system", "calendar.run_began", f"{cause}，开始重算 {total} 项在办期限", run=run.id, count=total
    )
    tx.wake(JOB)
    return run.id


def work() -> None:
    """Go on with what is running, batch by batch, until it is done or somebody stops it."""
    query = sa.select(CalendarRun.id).where(CalendarRun.state == "running").order_by(CalendarRun.id)
    session = db.session()
    for run_id in list(session.scalars(query)):
        while step(SYSTEM, run_id=run_id):
            time.sleep(PAUSE)


@command
def step(tx: Tx, *, run_id: int) -> bool:
    """One batch; whether there is more. False too while another worker has the run, or when it was stopped."""
    query = sa.select(CalendarRun).where(CalendarRun.id == run_id, CalendarRun.state == "running")
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    run = tx.session.scalars(query).first()
    if run is None:
        return False
    part = next((each for each in recalculators if each.key == run.part), None)
    if part is not None:
        batch = part.batch(tx, run.cause, run.after_id, BATCH)
        _keep(tx, run, part.key, batch.moved)
        if batch.looked:
            run.after_id, run.done = batch.last, run.done + batch.looked
            return True
        part.finish(tx, run.id, run.cause)
    _next_part(tx, run, part)
    return run.state == "running"


def _keep(tx: Tx, run: CalendarRun, part: str, moved: Sequence[Moved]) -> None:
    if not moved:
        return
    run.moved += sum(not each.failed for each in moved)
    run.failed += sum(each.failed for each in moved)
    rows: list[dict[str, Any]] = [
        {
            "run_id": run.id,
            "part": part,
            "ref_id": each.ref_id,
            "organ_id": each.organ_id,
            "case_id": each.case_id,
            "number": each.number[:60],
            "url": each.url,
            "old": each.old[:80],
            "new": each.new[:80],
            "failed": each.failed,
        }
        for each in moved
    ]
    tx.session.execute(_move, rows)


def _next_part(tx: Tx, run: CalendarRun, part: Recalculator | None) -> None:
    """Go on with the next room, or be done."""
    at = recalculators.index(part) + 1 if part is not None else len(recalculators)
    if at < len(recalculators):
        run.part, run.after_id = recalculators[at].key, 0
        return
    run.state, run.part, run.total, run.ended_at = "done", None, run.done, tx.now
    summary = f"{run.cause}，重算完毕：看了 {run.done} 项，{run.moved} 项的期限有变化"
    tx.record(
        "system",
        "calendar.run_done",
        summary,
        run=run.id,
        count=run.done,
        moved=run.moved,
        problems=run.failed,
    )


@command
def stop(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """停下: no further batch begins; what is done stays. Waits for the batch under way."""
    run = _locked(tx, run_id)
    runs.stop(run)
    tx.record(
        "system", "calendar.run_stopped", f"{tx.actor.name} 停下重算，已看 {run.done} 项，共 {run.total} 项",
        run=run.id, count=run.done,
    )  # fmt: skip
    return {"run": run.id, "said": f"已停下，已看的 {run.done} 项有效，其余的还是原来的期限。"}


@command
def resume(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """接着算: from where it stopped."""
    run = _locked(tx, run_id)
    runs.resume(tx, run, JOB)
    tx.record("system", "calendar.run_resumed", f"{tx.actor.name} 接着重算", run=run.id, count=run.done)
    return {"run": run.id, "said": "已接着重算。"}


def _locked(tx: Tx, run_id: int) -> CalendarRun:
    require_change(tx.actor)
    run = runs.locked(tx.session, CalendarRun, run_id)
    if run is None:
        raise NotFound
    return run


def moved_cases(run_id: int) -> sa.Select[tuple[int | None]]:
    """The cases whose deadline a run has moved, as a subselect for whoever tells their people."""
    moves = table_of(CalendarMove)
    return sa.select(moves.c.case_id).where(
        moves.c.run_id == run_id, moves.c.failed.is_(False), moves.c.case_id.is_not(None)
    )


def moved_refs(run_id: int, part: str) -> sa.Select[tuple[int]]:
    """What a run has moved of one part, as a subselect of its ids (`Moved.ref_id`)."""
    moves = table_of(CalendarMove)
    return sa.select(moves.c.ref_id).where(
        moves.c.run_id == run_id, moves.c.part == part, moves.c.failed.is_(False)
    )
