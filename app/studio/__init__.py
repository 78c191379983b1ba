"""studio: 流程设计. Drafts of processes: drawn in the browser, checked, tried, reviewed by a second person, activated."""

from app.cases import registry
from app.core.rooms import NavItem, Room
from app.studio import actions as _actions  # noqa: F401 - registers its actions
from app.studio.permissions import ROUTES
from app.studio.service import releasing as releasing_service
from app.studio.views import (  # noqa: F401 - each adds its pages to the blueprint
    comparing,
    diagram,
    drafts,
    dry_run,
    exporting,
    forms,
    importing,
    migrating,
    parts,
    releasing,
    replaying,
    settings,
    tables,
)
from app.studio.views.base import bp

registry.ENDED.append(releasing_service.let_go)

room = Room(
    "studio",
    bp,
    ROUTES,
    nav=(NavItem("流程与日历", "流程设计", "studio.index", "pen", order=710),),
)

__all__ = ["room"]
