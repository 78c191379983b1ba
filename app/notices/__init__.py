"""通知: the outbox, the bell, and e-mail.

For the rooms above:

    notices.service.enqueue(tx, [Note(kind, text, url, person_id, post_id, dedupe), …])   one INSERT in the command
    notices.KINDS                                     kind -> Chinese label; rooms add theirs when imported
    notices.unread(actor)                             unread notices, counted up to 100
"""

from __future__ import annotations

from app.core.rooms import NavItem, Room
from app.notices import jobs as jobs
from app.notices.cli import COMMANDS
from app.notices.permissions import ROUTES
from app.notices.queries import failed_count, unread
from app.notices.service import KINDS, Note, enqueue
from app.notices.views import bp

room = Room(
    name="notices",
    blueprint=bp,
    access=ROUTES,
    nav=(
        NavItem("运行", "未送出的提醒", "notices.failures", icon="bell", order=900, count=failed_count),
        NavItem("运行", "消息网关", "notices.gateway", icon="send", order=905),
    ),
    cli=COMMANDS,
)

__all__ = ["KINDS", "Note", "enqueue", "room", "unread"]
