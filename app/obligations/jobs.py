"""Jobs of this room: tell people when a threshold of a duty has come."""

from __future__ import annotations

from app.core.actor import SYSTEM
from app.core.jobs import job
from app.obligations import reminding


@job("obligations.remind", every=60)
def remind() -> None:
    """Work off what is due, in short commands; looks at nothing else."""
    while reminding.remind(SYSTEM) == reminding.BATCH:
        pass
