"""用已办的件核对: recorded cases of the version in use replayed on a draft, and where they part, step by step.

The rows alone go to the guarded child, which replays them on both definitions and executes nothing. Cases of one's own
organ only. The run and its rows are the truth, Celery only wakes: it is stopped and resumed between two batches.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.migration_runs import ADMIN
from app.cases.models import Case, FlowRow
from app.core import runs
from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.errors import NotFound, Refused
from app.core.jobs import job
from app.processes import replay_check
from app.processes.models import Process
from app.processes.packages import PackageRefused
from app.processes.runtime import build
from app.studio import queries, walking
from app.studio.replay_models import ReplayRow, ReplayRun
from app.studio.service.releasing import digest

JOB = "studio.replay"
BATCH = 10
PAUSE = 0.02
CHOICES = (10, 100, 1000)
WHICH = {"all": "全部", "done": "已办结的", "open": "在办的"}
PAGE = 50

c, f, r = table_of(Case), table_of(FlowRow), table_of(ReplayRow)
_set = (
    sa.update(r)
    .where(r.c.run_id == sa.bindparam("run"), r.c.case_id == sa.bindparam("case"))
    .values(kind=sa.bindparam("v_kind"), told=sa.bindparam("v_told", type_=sa.JSON))
)


def active_version(session: Session, process: str) -> int | None:
    """The version in use."""
    return session.scalar(sa.select(Process.active_id).where(Process.key == process))


# --- acts --------------------------------------------------------------------------------------------------------


@command
def begin(tx: Tx, *, draft_id: int, organ_id: int, which: str, many: int) -> dict[str, Any]:
    """Compare the newest `many` cases of the organ; `which`: all, done, open. Nothing of them is changed, no record."""
    _authorise(tx.actor, organ_id)
    draft = queries.draft(tx.session, draft_id)
    version = active_version(tx.session, draft.process_key)
    if version is None or which not in WHICH or many not in CHOICES:
        raise NotFound()
    states = ("open", "done") if which == "all" else (which,)
    query = sa.select(c.c.id).where(
        c.c.version_id == version, c.c.organ_id == organ_id, c.c.status.in_(states)
    )
    ids = list(tx.session.scalars(query.order_by(c.c.id.desc()).limit(many)))
    if not ids:
        raise Refused("本机关没有这样的件。请换一个条件，或者先用试运行。")
    run = ReplayRun(
        draft_id=draft_id, version_id=version, organ_id=organ_id, digest=digest(queries.texts(tx.session, draft_id)),
        state="running", total=len(ids), by=tx.actor.name, began_at=tx.now, ended_at=None,
    )  # fmt: skip
    tx.session.add(run)
    tx.session.flush()
    rows = [{"run_id": run.id, "case_id": each, "kind": "waiting", "told": {}} for each in ids]
    tx.session.execute(sa.insert(r).inline(), rows)
    tx.wake(JOB)
    return {"run": run.id, "said": f"正在核对 {len(ids)} 件，可以离开本页。"}


@command
def stop(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """停下, after the batch under way."""
    run = _locked(tx, run_id)
    runs.stop(run)
    return {"run": run.id, "said": "已停下。已经核对的结果还在。"}


@command
def resume(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """接着做."""
    run = _locked(tx, run_id)
    runs.resume(tx, run, JOB)
    return {"run": run.id, "said": "已接着核对。"}


def _locked(tx: Tx, run_id: int) -> ReplayRun:
    run = runs.locked(tx.session, ReplayRun, run_id)
    if run is None:
        raise NotFound()
    _authorise(tx.actor, run.organ_id)
    return run


def _authorise(actor: Actor, organ_id: int) -> None:
    if not actor.holds(ADMIN, organ_id):
        raise NotFound()


# --- working -----------------------------------------------------------------------------------------------------


@job(JOB, every=60)
def replay() -> None:
    """Go on with what is running; woken when a run begins, and by the beat after a crash."""
    work()


def work() -> None:
    """Every running run to its end, or until somebody stops it."""
    session = db.session()
    query = sa.select(ReplayRun.id).where(ReplayRun.state == "running").order_by(ReplayRun.id)
    for run_id in list(session.scalars(query)):
        while batch(run_id):
            time.sleep(PAUSE)


def batch(run_id: int) -> bool:
    """A few cases of a run; whether there may be more. A draft that was changed meanwhile ends the run."""
    session = db.session()
    run = session.get(ReplayRun, run_id, populate_existing=True)
    if run is None or run.state != "running":
        return False
    waiting = sa.select(r.c.case_id).where(r.c.run_id == run_id, r.c.kind == "waiting")
    ids = list(session.scalars(waiting.order_by(r.c.case_id.desc()).limit(BATCH)))
    texts = queries.texts(session, run.draft_id)
    if not ids or digest(texts) != run.digest:
        finish(SYSTEM, run_id=run_id, state="changed" if ids else "done")
        return False
    note(SYSTEM, run_id=run_id, found=_compared(session, run, texts, ids))
    return True


def _compared(
    session: Session, run: ReplayRun, texts: Mapping[str, str], ids: Sequence[int]
) -> dict[int, Mapping[str, Any]]:
    """Case id -> {kind: same | mapped | refused | failed, diverging: [{seq, label, recorded, instead}], remarks}."""
    try:
        draft = walking.draft_of(session, texts)
    except PackageRefused as refusal:
        told = {"kind": "failed", "diverging": [], "remarks": list(refusal.problems[:3])}
        return dict.fromkeys(ids, told)
    old = build(run.version_id)
    rows: dict[int, list[Any]] = {each: [] for each in ids}
    query = sa.select(f.c.case_id, f.c.row).where(f.c.case_id.in_(list(ids)))
    for row in session.execute(query.order_by(f.c.case_id, f.c.seq)):
        rows[row.case_id].append(row.row)
    found = replay_check.compared(
        {key: each.texts for key, each in old.packages.items()}, old.key,
        {key: each.texts for key, each in draft.packages.items()}, draft.package.key,
        [rows[each] for each in ids],
    )  # fmt: skip
    return dict(zip(ids, found, strict=True))


@command
def note(tx: Tx, *, run_id: int, found: Mapping[int, Mapping[str, Any]]) -> None:
    """Write what a batch gave; no record: nothing has happened."""
    for case_id, told in found.items():
        row = {"run": run_id, "case": case_id, "v_kind": told["kind"], "v_told": dict(told)}
        tx.session.execute(_set, row)


@command
def finish(tx: Tx, *, run_id: int, state: str) -> None:
    """The run is through, or its draft is another one now."""
    run = tx.session.get(ReplayRun, run_id, with_for_update=True, populate_existing=True)
    if run is not None and run.state == "running":
        run.state, run.ended_at = state, tx.now


# --- what pages read ---------------------------------------------------------------------------------------------


def latest(session: Session, draft_id: int, organ_id: int) -> ReplayRun | None:
    """The last run of a draft with the cases of an organ."""
    query = sa.select(ReplayRun).where(ReplayRun.draft_id == draft_id, ReplayRun.organ_id == organ_id)
    return session.scalars(query.order_by(ReplayRun.id.desc()).limit(1)).first()


def counts(session: Session, run_id: int) -> dict[str, int]:
    """Kind -> how many cases of a run."""
    query = sa.select(r.c.kind, sa.func.count()).where(r.c.run_id == run_id).group_by(r.c.kind)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def results(session: Session, run_id: int, kind: str, before: int) -> tuple[list[Any], int | None]:
    """A page of a run's cases, newest first, with number and title."""
    query = sa.select(r.c.case_id, r.c.kind, r.c.told, c.c.number, c.c.title).join(c, c.c.id == r.c.case_id)
    query = query.where(r.c.run_id == run_id, r.c.case_id < before)
    if kind:
        query = query.where(r.c.kind == kind)
    found = list(session.execute(query.order_by(r.c.case_id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].case_id if len(found) > PAGE else None
