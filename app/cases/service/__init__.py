"""Commands of the case road."""

from app.cases.service.completing import complete, submit
from app.cases.service.desk import claim, keep_draft, mark_seen, put_back
from app.cases.service.mending import fire_timer, redirect_item
from app.cases.service.starting import start
from app.cases.submitted import Filled, Incomplete, Offline, Submitted

__all__ = [
    "Filled",
    "Incomplete",
    "Offline",
    "Submitted",
    "claim",
    "complete",
    "fire_timer",
    "keep_draft",
    "mark_seen",
    "put_back",
    "redirect_item",
    "start",
    "submit",
]
