"""portal: the public site (指南, 申请, 查询进度) and the exchange with a city platform.

The public site exists while the installation allows it (GONGKAI_PORTAL) and at least one organ has opened its part;
otherwise everything under /public answers 404. The exchange serves offices whose city has a platform of its own.
"""

from flask import url_for

from app.cases import registry
from app.core.rooms import NavItem, Room
from app.portal import handed
from app.portal import jobs as _jobs  # noqa: F401 - registers its job
from app.portal.offering import offers
from app.portal.permissions import ROUTES
from app.portal.views import bp


def address() -> str | None:
    """Where citizens go, for the sign-in page; None while there is no public site."""
    return url_for("portal.home") if offers() else None


registry.PANELS.append(handed.panels)

room = Room(
    "portal",
    bp,
    ROUTES,
    nav=(
        NavItem("依申请公开", "导入平台申请", "portal.imports", "upload", order=108),
        NavItem("依申请公开", "公开网站设置", "portal.settings", "organ", order=109),
    ),
)

__all__ = ["address", "room"]
