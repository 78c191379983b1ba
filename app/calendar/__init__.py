"""工作日历: which days are worked, by confirmed years.

For the rooms above:

    calendar.current()      -> workflows.law.calendar.Calendar; unknown years give 待定, never a guess
    calendar.seed(tx)       load the shipped years (office init, demonstration, after a migration)
    calendar.changed        hooks `fn(tx, YearChange)`, run inside the command that confirms a year
"""

from __future__ import annotations

from app.calendar.cli import COMMANDS
from app.calendar.hooks import YearChange, changed
from app.calendar.permissions import ROUTES
from app.calendar.queries import current
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

__all__ = ["YearChange", "changed", "current", "room", "seed"]
