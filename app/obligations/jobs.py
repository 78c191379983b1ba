"""Jobs of this room: tell people when a threshold of a duty or of an order has come."""

from __future__ import annotations

from app.core.actor import SYSTEM
from app.core.jobs import job
from app.obligations import order_reminding, reminding


@job("obligations.remind", every=60)
def remind() -> None:
    """Work off what is due, in short commands; looks at nothing else."""
    while reminding.remind(SYSTEM) == reminding.BATCH:
        pass


@job("obligations.supervise", every=60)
def supervise() -> None:
    """The same for 督办."""
    while order_reminding.remind(SYSTEM) == order_reminding.BATCH:
        pass
