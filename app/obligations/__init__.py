"""obligations: 公开任务 and 督办. Duties of publication, their deadlines, reminders and 发布网址回填; orders of the 督查岗.

Registers the action `publication.schedule`, opens duties for imported documents, ends those of documents that are
no longer 主动公开, and recalculates the open ones when the calendar changes. Orders (督办单) stand above 待办.
"""

from dataclasses import replace

from app import calendar
from app.cases import registry
from app.core.actor import Actor
from app.core.db import db
from app.core.rooms import NavItem
from app.documents import hooks
from app.notices import queries as notices
from app.obligations import jobs as _jobs  # noqa: F401 - registers its jobs
from app.obligations import order_files as _files  # noqa: F401 - says who reads files of orders
from app.obligations import order_hooks, order_queries, recalculating, service, views, views_orders
from app.obligations import views_settings as _settings  # noqa: F401 - hangs its page on the blueprint
from app.obligations.order_rights import is_supervisor

registry.STRIP.append(views.waiting_count)
registry.BESIDE_INBOX.append(views_orders.beside_inbox)
hooks.imported.append(service.open_for_imported)
hooks.attribute_changed.append(service.attribute_changed)
calendar.previews.append(recalculating.foresee)
calendar.recalculate_with(recalculating.RECALCULATOR)
notices.still_asks += [order_hooks.owed, order_hooks.to_decide, order_hooks.duty_is_open]


def _orders(person: Actor) -> int | None:
    """Orders to report on, and for a 督查岗 those that wait for its decision."""
    owed = len(views_orders.owed(db.session(), person))
    return owed + order_queries.to_decide(db.session(), person) if is_supervisor(person) else owed


_nav = NavItem("办理", "督办", "obligations.orders", "bell", order=60, count=_orders)
room = replace(views.room, nav=(*views.room.nav, _nav))

__all__ = ["room"]
