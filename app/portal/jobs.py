"""What the beat does for this room."""

from __future__ import annotations

from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.jobs import job
from app.portal import exchange, importing, throttle


@command
def _sweep(tx: Tx) -> int:
    return throttle.sweep(tx) + exchange.sweep(tx) + importing.sweep(tx)


@job("portal.sweep", every=3600)
def sweep() -> None:
    """Drop old counters and nonces; forget tables of a platform that nobody confirmed."""
    _sweep(SYSTEM)
