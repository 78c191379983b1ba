"""Jobs of this room: what of a request or a hand-off has come due. Both take nothing and may run twice."""

from __future__ import annotations

from app.core.actor import SYSTEM
from app.core.jobs import job
from app.requests import chasing, reminding


@job("requests.remind", every=60)
def remind() -> None:
    """Work off what is due, in short commands; looks at nothing else."""
    while reminding.remind(SYSTEM):
        pass


@job("requests.chase", every=300)
def chase() -> None:
    """Hand-offs that nobody accepted or answered in time."""
    while chasing.chase(SYSTEM):
        pass
