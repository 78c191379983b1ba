"""What the beat does for this room."""

from __future__ import annotations

from app.accounts import importing, lockout
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.jobs import job


@command
def _sweep(tx: Tx) -> int:
    return lockout.sweep(tx.session)


@job("accounts.sweep", every=3600)
def sweep() -> None:
    """Drop old counters of failed sign-ins and lists that nobody confirmed."""
    _sweep(SYSTEM)
    importing.sweep_lists(SYSTEM)
