"""What happens in other rooms when a year changes: rooms above append to these lists when they are imported.

calendar.changed.append(moved)              moved(tx, change): inside the command that confirms a year; brief things
calendar.previews.append(foresee)           foresee(session, after) -> Foreseen: before somebody confirms it
calendar.recalculate_with(Recalculator(…))         afterwards, batch by batch (`recalculating`)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.calendar.table import DayChange
from app.core.command import Tx
from workflows.law.calendar import Calendar


@dataclass(frozen=True, slots=True)
class YearChange:
    """A year that was confirmed for the first time (`fresh`) or anew, with the days that differ and both calendars."""

    year: int
    fresh: bool
    days: tuple[DayChange, ...]
    before: Calendar
    after: Calendar


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that moves: old and new as words (a date, or 待定 with its reason). `failed`: it cannot be computed."""

    ref_id: int
    organ_id: int
    number: str
    url: str
    old: str
    new: str
    case_id: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What of one kind would move. `looked` rows were computed; `more`: there are others, the run will compute them."""

    label: str
    rows: Sequence[Moved]
    looked: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did: the last row it looked at, how many, and what moved. None looked at: there are no more."""

    last: int
    looked: int
    moved: Sequence[Moved] = ()


@dataclass(frozen=True, slots=True)
class Recalculator:
    """How a room computes its open deadlines again.

    `count(session)` rows are open; `batch(tx, cause, after_id, most)` takes the next ones in the order of their ids, in
    the transaction of the run; `finish(tx, run_id, cause)` runs once, with the last batch done. Lower `rank` first:
    which room goes first is said here and not by the order of imports.
    """

    key: str
    label: str
    count: Callable[[Session], int]
    batch: Callable[[Tx, str, int, int], Batch]
    finish: Callable[[Tx, int, str], None]
    rank: int = 100


changed: list[Callable[[Tx, YearChange], None]] = []
previews: list[Callable[[Session, Calendar], Foreseen]] = []
recalculators: list[Recalculator] = []


def recalculate_with(recalculator: Recalculator) -> None:
    """Take a room's recalculator in at its place: by rank, then by key."""
    recalculators.append(recalculator)
    recalculators.sort(key=lambda each: (each.rank, each.key))
