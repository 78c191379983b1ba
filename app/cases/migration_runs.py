"""Batches of 迁移: tried first, then carried out case by case, stopped and resumed at will, and taken back.

The run and its rows are the truth; Celery only wakes. A rehearsal works on many cases in one transaction and changes
none; a migration is one transaction per case, authorised by who began it, with the case's row locked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import migrating
from app.cases.migration_models import MigrationRow, MigrationRun
from app.cases.models import Case
from app.core import runs
from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command
from app.core.db import db, table_of
from app.core.errors import Busy, GongkaiError, NotFound, Refused
from app.core.jobs import job
from app.processes.models import ProcessVersion
from workflows.engine.migrating import Change

log = logging.getLogger("gongkai.cases")

JOB = "cases.migrate"
#: cases tried in one transaction of a rehearsal
BATCH = 20
#: seconds between two transactions, so that clerks get their turn
PAUSE = 0.02
MOST = 20_000  # cases of one run
ADMIN = "process_admin"
NOT_YOURS = "您已经不是本机关的流程管理员，迁移停下了。"

c, r = table_of(Case), table_of(MigrationRow)
_set = (
    sa.update(r)
    .where(
        r.c.run_id == sa.bindparam("run"),
        r.c.case_id == sa.bindparam("case"),
        r.c.result == "waiting",  # what is found stands, whoever comes later
    )
    .values(result=sa.bindparam("v_result"), told=sa.bindparam("v_told", type_=sa.JSON))
)
_next = (
    sa.select(r.c.case_id)
    .where(r.c.run_id == sa.bindparam("run"), r.c.result == "waiting")
    .order_by(r.c.case_id)
    .limit(sa.bindparam("many"))
)


def change_of(run: MigrationRun) -> Change:
    """What the person said of the two versions."""
    renames = {(process, old): new for process, old, new in run.renames}
    return Change(renames, {(process, step): facts for process, step, facts in run.answers})


# --- beginning ---------------------------------------------------------------------------------------------------


@command
def rehearse(
    tx: Tx, *, from_id: int, to_id: int, organ_id: int, renames: Sequence[Sequence[str]] = (),
    answers: Sequence[Sequence[Any]] = (), numbers: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """预演: which open cases of the organ can go to version `to_id`, the one in use; changes none. `numbers`: only these."""
    _authorise(tx.actor, organ_id)
    migrating.version_pair(from_id, to_id)
    target = tx.session.get_one(ProcessVersion, to_id)
    if target.status != "active":
        raise Refused("只能迁移到正在启用的版本。请先启用它，或者用「迁回」回到原来的版本。")
    cases = _open_cases(tx.session, from_id, organ_id, numbers)
    run = _begin(tx, target.process_key, from_id, to_id, organ_id, cases, renames=renames, answers=answers)
    return {"run": run.id, "said": f"正在预演 {run.total} 件，不改动任何办件。"}


def _open_cases(session: Session, version_id: int, organ_id: int, numbers: Sequence[str]) -> list[Any]:
    query = sa.select(c.c.id, c.c.number).where(
        c.c.version_id == version_id, c.c.organ_id == organ_id, c.c.status == "open"
    )
    if numbers:
        query = query.where(c.c.number.in_(list(numbers)))
    found = list(session.execute(query.order_by(c.c.id).limit(MOST)))
    missing = sorted(set(numbers) - {row.number for row in found})
    if missing:
        raise Refused(
            f"{'、'.join(missing[:5])} 不是本机关这一版的在办件。请核对编号，一行一个。",
            fields={"numbers": "请核对编号。"},
        )
    if not found:
        raise Refused("本机关没有办件还在这一版上，不用迁移。")
    return found


@command
def carry_out(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """迁移: everything a finished rehearsal found possible; each case is planned again when its turn comes."""
    tried = _locked(tx, run_id)
    if not tried.rehearsal or tried.state != "done":
        raise Refused("请先预演完毕，看过结果再迁移。")
    if tx.session.scalar(sa.select(MigrationRun.id).where(MigrationRun.source_id == tried.id).limit(1)):
        raise Refused("这次预演已经用于迁移。如需再迁移其余的件，请重新预演。")
    cases = _rows(tx.session, tried.id, ("same", "mapped"))
    if not cases:
        raise Refused("预演中没有可以迁移的办件。请按列出的原因修改对应关系，重新预演。")
    run = _begin(
        tx, tried.process_key, tried.from_id, tried.to_id, tried.organ_id, cases,
        renames=tried.renames, answers=tried.answers, rehearsal=False, back=tried.back, source=tried,
    )  # fmt: skip
    _told(tx, run, "migration.begin", f"开始{_words(tx.session, run)}，{run.total} 件")
    return {"run": run.id, "said": f"已开始迁移 {run.total} 件，可以离开本页。"}


@command
def rehearse_back(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """迁回: try the way back for the cases a migration has taken over; those that cannot go are named as ever."""
    went = _locked(tx, run_id)
    if went.rehearsal or went.state == "running":
        raise Refused("迁移还没有完毕，不能迁回。请先停下，或者等它完毕。")
    cases = _rows(tx.session, went.id, ("same", "mapped"))
    if not cases:
        raise Refused("这次没有迁移任何办件，不用迁回。")
    inverse = change_of(went).back()
    run = _begin(
        tx, went.process_key, went.to_id, went.from_id, went.organ_id, cases, back=True, source=None,
        renames=[[process, old, new] for (process, old), new in inverse.renames.items()], answers=[],
    )  # fmt: skip
    return {"run": run.id, "said": f"正在预演迁回 {run.total} 件，不改动任何办件。"}


def _begin(
    tx: Tx, process: str, from_id: int, to_id: int, organ_id: int, cases: Sequence[Any], *,
    renames: Sequence[Sequence[str]], answers: Sequence[Sequence[Any]], rehearsal: bool = True, back: bool = False,
    source: MigrationRun | None = None,
) -> MigrationRun:  # fmt: skip
    run = MigrationRun(
        process_key=process, from_id=from_id, to_id=to_id, organ_id=organ_id, rehearsal=rehearsal, back=back,
        source_id=source.id if source else None, renames=[list(each) for each in renames],
        answers=[list(each) for each in answers], state="running", total=len(cases), by=tx.actor.name,
        person_id=tx.actor.person_id or 0, began_at=tx.now,
    )  # fmt: skip
    tx.session.add(run)
    tx.session.flush()
    rows = [
        {"run_id": run.id, "case_id": row[0], "number": row[1], "result": "waiting", "told": []}
        for row in cases
    ]
    tx.session.execute(sa.insert(r).inline(), rows)
    tx.wake(JOB)
    return run


def _rows(session: Session, run_id: int, results: Sequence[str]) -> list[Any]:
    query = sa.select(r.c.case_id, r.c.number).where(r.c.run_id == run_id, r.c.result.in_(list(results)))
    return list(session.execute(query.order_by(r.c.case_id)))


# --- working -----------------------------------------------------------------------------------------------------


@job(JOB, every=60)
def migrate() -> None:
    """Go on with what is running; woken when a run begins, and by the beat after a crash."""
    work()


def work() -> None:
    """Every running run to its end, or until somebody stops it."""
    session = db.session()
    query = sa.select(MigrationRun.id, MigrationRun.rehearsal).where(MigrationRun.state == "running")
    for run_id, rehearsal in list(session.execute(query.order_by(MigrationRun.id))):
        while (try_batch if rehearsal else take_next)(run_id):
            time.sleep(PAUSE)


def try_batch(run_id: int) -> bool:
    """A few cases of a rehearsal; whether there may be more."""
    session = db.session()
    run = session.get(MigrationRun, run_id, populate_existing=True)
    ids = list(session.scalars(_next, {"run": run_id, "many": BATCH}))
    if run is None or run.state != "running" or not ids:
        return _finished(run_id, ids)
    old, new = migrating.version_pair(run.from_id, run.to_id)
    columns = [column for column in c.columns if column.name != "state"]
    cases = session.execute(sa.select(*columns).where(c.c.id.in_(ids))).mappings().all()
    found = {case["id"]: migrating.look(session, dict(case), old, new, change_of(run)) for case in cases}
    note(SYSTEM, run_id=run_id, results={key: (each.result, each.told) for key, each in found.items()})
    return True


@command
def note(tx: Tx, *, run_id: int, results: dict[int, tuple[str, list[str]]]) -> None:
    """Write what a rehearsal found; no record: nothing has happened."""
    for case_id, (result, told) in results.items():
        tx.session.execute(_set, _row(run_id, case_id, result, told))


def _row(run_id: int, case_id: int, result: str, told: Sequence[str]) -> dict[str, Any]:
    cut = [each[:400] for each in told[:20]]
    return {"run": run_id, "case": case_id, "v_result": result, "v_told": cut}


def take_next(run_id: int) -> bool:
    """One case of a migration; whether there may be more. A case that cannot be taken now says why and stays."""
    session = db.session()
    run = session.get(MigrationRun, run_id, populate_existing=True)
    ids = list(session.scalars(_next, {"run": run_id, "many": 1}))
    if run is None or run.state != "running" or not ids:
        return _finished(run_id, ids)
    actor = directory().actor(run.person_id)
    if actor is None or not actor.holds(ADMIN, run.organ_id):
        halt(SYSTEM, run_id=run_id)
        return False
    try:
        return bool(take_one(actor, run_id=run_id, case_id=ids[0]))
    except Busy as error:
        log.warning("migration %s waits: %s", run_id, error.message)
        return False  # says nothing of the case: the next beat goes on
    except GongkaiError as error:
        note(SYSTEM, run_id=run_id, results={ids[0]: ("refused", [error.message])})
        return True


@command
def take_one(tx: Tx, *, run_id: int, case_id: int) -> bool:
    """Migrate one case of a running run: one transaction, the case's row locked. False when the run was stopped."""
    run = tx.session.get(MigrationRun, run_id, populate_existing=True)
    if run is None or run.rehearsal:
        raise NotFound()
    _authorise(tx.actor, run.organ_id)
    row = tx.session.execute(
        sa.select(r.c.result, c.c.organ_id)
        .join(c, c.c.id == r.c.case_id)
        .where(r.c.run_id == run_id, r.c.case_id == case_id)
        .with_for_update(of=r)  # another worker may have it: what he finds is what is read here
    ).first()
    if row is None or row.organ_id != run.organ_id:
        raise NotFound()
    if run.state != "running" or row.result != "waiting":
        return run.state == "running"
    old, new = migrating.version_pair(run.from_id, run.to_id)
    found = migrating.migrate(tx, case_id, old, new, change_of(run), _words(tx.session, run))
    tx.session.execute(_set, _row(run_id, case_id, found.result, found.told))
    return True


def _finished(run_id: int, left: Sequence[int]) -> bool:
    if not left:
        finish(SYSTEM, run_id=run_id)
    return False


@command
def finish(tx: Tx, *, run_id: int) -> None:
    """The run is through; a migration says so in the record."""
    run = runs.locked(tx.session, MigrationRun, run_id)
    if run is None or run.state != "running":
        return
    run.state, run.ended_at = "done", tx.now
    if not run.rehearsal:
        done = len(_rows(tx.session, run.id, ("same", "mapped")))
        words = _words(tx.session, run)
        _told(tx, run, "migration.done", f"{words}完毕，{done} 件已换版，{run.total - done} 件留在原版")


@command
def halt(tx: Tx, *, run_id: int) -> None:
    """Whoever began it may not go on any more: it stops."""
    run = runs.locked(tx.session, MigrationRun, run_id)
    if run is not None and run.state == "running":
        run.state = "stopped"
        _told(tx, run, "migration.stop", f"{run.by} 不再是本机关的流程管理员，迁移停下")


@command
def stop(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """停下: no further case; what is done stays."""
    run = _locked(tx, run_id)
    runs.stop(run)
    if not run.rehearsal:
        _told(tx, run, "migration.stop", f"{tx.actor.name} 停下迁移")
    return {"run": run.id, "said": "已停下。已经迁移的有效，其余的仍在原来的版本上。"}


@command
def resume(tx: Tx, *, run_id: int) -> dict[str, Any]:
    """接着做, in the name of who presses it."""
    run = _locked(tx, run_id)
    runs.resume(tx, run, JOB)
    run.person_id, run.by = tx.actor.person_id or 0, tx.actor.name
    if not run.rehearsal:
        _told(tx, run, "migration.resume", f"{tx.actor.name} 接着迁移")
    return {"run": run.id, "said": "已接着进行。"}


# --- helpers -----------------------------------------------------------------------------------------------------


def _authorise(actor: Actor, organ_id: int) -> None:
    if not actor.holds(ADMIN, organ_id):
        raise NotFound()


def _locked(tx: Tx, run_id: int) -> MigrationRun:
    run = runs.locked(tx.session, MigrationRun, run_id)
    if run is None:
        raise NotFound()
    _authorise(tx.actor, run.organ_id)
    return run


def _words(session: Session, run: MigrationRun) -> str:
    """由第 3 版迁移到第 4 版"""
    query = sa.select(ProcessVersion.id, ProcessVersion.number)
    found = session.execute(query.where(ProcessVersion.id.in_((run.from_id, run.to_id))))
    numbers = {row.id: row.number for row in found}
    verb = "迁回" if run.back else "迁移到"
    return f"由第 {numbers[run.from_id]} 版{verb}第 {numbers[run.to_id]} 版"


def _told(tx: Tx, run: MigrationRun, action: str, summary: str) -> None:
    tx.record(
        "organ", action, f"流程 {run.process_key}：{summary}", stream_id=run.organ_id,
        run=run.id, process=run.process_key, old=run.from_id, new=run.to_id, count=run.total,
    )  # fmt: skip


# --- what pages read ---------------------------------------------------------------------------------------------


def run_of(session: Session, run_id: int, actor: Actor) -> MigrationRun:
    """A run of an organ this person administers; NotFound otherwise."""
    found = session.get(MigrationRun, run_id)
    if found is None or not actor.holds(ADMIN, found.organ_id):
        raise NotFound()
    return found
