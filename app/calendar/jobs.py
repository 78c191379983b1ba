"""The job that goes on with what is to be recalculated; woken by the change, and by the beat after a crash."""

from __future__ import annotations

from app.calendar import recalculating
from app.core.jobs import job


@job(recalculating.JOB, every=60)
def recalculate() -> None:
    """Batch by batch; the rows say where to go on."""
    recalculating.work()
