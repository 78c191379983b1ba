"""The record of who did what: sealing, verification, reading (security.md 3).

For the rooms above:

    audit.ACTION_LABELS     action of a record row -> Chinese label; rooms add theirs when imported
    audit.FIELD_LABELS      key inside a row's body -> Chinese label

What the room of cases provides: the table `cases` with `record_seq` and `record_mac`, the head of each case's
stream, written by the command that appends. Looked up by name; an installation without cases verifies as well.
"""

from __future__ import annotations

from app.audit import jobs as jobs
from app.audit.cli import COMMANDS
from app.audit.labels import ACTION_LABELS, FIELD_LABELS
from app.audit.permissions import ROUTES
from app.audit.service import problems
from app.audit.views import bp
from app.core.rooms import NavItem, Room

room = Room(
    name="audit",
    blueprint=bp,
    access=ROUTES,
    nav=(
        NavItem("审计", "审计记录", "audit.records", icon="list", order=70),
        NavItem("审计", "核对与封存", "audit.verification", icon="shield", order=71, count=problems),
        NavItem("审计", "导出记录", "audit.export", icon="download", order=72),
    ),
    cli=COMMANDS,
)

__all__ = ["ACTION_LABELS", "FIELD_LABELS", "room"]
