"""Jobs of the cases room: due BPMN timers, internal limits of steps, drafts nobody needs."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from app.cases import queries, reminding, service
from app.cases import recalculating as _limits  # noqa: F401 - steps move with the calendar
from app.cases.models import CaseTimer, Draft, WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import Busy, GongkaiError
from app.core.jobs import job
from app.core.now import now

log = logging.getLogger("gongkai.cases")


@job("cases.fire_timers", every=60)
def fire_timers() -> None:
    """Fire what is due, one command each; what fails five times waits for a person on 待处置."""
    for timer in queries.due_timers(db.session(), now()):
        try:
            service.fire_timer(SYSTEM, case_id=timer.case_id, address=timer.address, name=timer.name)
        except Busy as error:
            log.warning("timer %s of case %s waits: %s", timer.name, timer.case_id, error.message)
        except GongkaiError as error:
            log.warning("timer %s of case %s: %s", timer.name, timer.case_id, error.message)
            note_failure(SYSTEM, timer_id=timer.id, problem=error.message)


@command
def note_failure(tx: Tx, *, timer_id: int, problem: str) -> None:
    """Count a failed firing."""
    tx.session.execute(
        sa.update(CaseTimer)
        .where(CaseTimer.id == timer_id)
        .values(tries=CaseTimer.tries + 1, problem=problem[:200])
    )


@job("cases.deadlines", every=60)
def deadlines() -> None:
    """Remind, report and hand on what is due, in short commands; looks at nothing else."""
    while reminding.remind(SYSTEM) == reminding.BATCH:
        pass


@job("cases.sweep_drafts", every=3600)
def sweep_drafts() -> None:
    """Drop drafts of steps that are done: completing leaves them, so that it costs no statement."""
    drop_drafts(SYSTEM)


@command
def drop_drafts(tx: Tx) -> None:
    """One DELETE; exempt from the record (security.md 3)."""
    done = sa.select(WorkItem.id).where(WorkItem.status != "open")
    tx.session.execute(sa.delete(Draft).where(Draft.item_id.in_(done)))
