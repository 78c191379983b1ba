"""工作日历: which days are worked, by confirmed years.

For the rooms above:

    calendar.current()      -> workflows.law.calendar.Calendar; unknown years give 待定, never a guess
    calendar.seed(tx)       load the shipped years (office init, demonstration, after a migration)
    calendar.changed        hooks `fn(tx, YearChange)`, run inside the command that confirms a year
    calendar.previews       hooks `fn(session, Calendar) -> Foreseen`: what would move, before it is confirmed
    calendar.recalculators  `Recalculator`s by rank: how a room computes its open deadlines again, batch by batch;
                            a room adds its own with `calendar.recalculate_with(…)`
    calendar.moved_cases    subselect of the cases a recalculation has moved; `moved_refs` of what one part moved
"""

from __future__ import annotations

from app.calendar import jobs as _jobs  # noqa: F401 - registers its job
from app.calendar import views_hours as _hours  # noqa: F401 - fills the blueprint
from app.calendar import views_runs as _runs  # noqa: F401 - fills the blueprint
from app.calendar.cli import COMMANDS
from app.calendar.hooks import (
    Batch,
    Foreseen,
    Moved,
    Recalculator,
    YearChange,
    changed,
    previews,
    recalculate_with,
    recalculators,
)
from app.calendar.permissions import ROUTES
from app.calendar.queries import current
from app.calendar.recalculating import moved_cases, moved_refs
from app.calendar.service import seed
from app.calendar.views import bp
from app.core.rooms import NavItem, Room

room = Room(
    name="calendar",
    blueprint=bp,
    access=ROUTES,
    nav=(NavItem("流程与日历", "工作日历", "calendar.index", icon="calendar", order=690),),
    cli=COMMANDS,
)

__all__ = [
    "Batch",
    "Foreseen",
    "Moved",
    "Recalculator",
    "YearChange",
    "changed",
    "current",
    "moved_cases",
    "moved_refs",
    "previews",
    "recalculate_with",
    "recalculators",
    "room",
    "seed",
]
