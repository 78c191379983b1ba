"""requests: 依申请公开. 来件, 申请, matters, clock, hand-offs, opinions, fees, letters on the way, service.

Registers the actions `foi.*` and `letter.issue`, and shows the request on the pages of its case.
"""

from app.cases import registry
from app.core.db import db
from app.core.rooms import NavItem, Room
from app.letters import hooks as letter_hooks
from app.requests import about, appeals, clocks, desk, extending, filing, fixing, papers, trail, undoing
from app.requests import actions as _actions  # noqa: F401 - registers the actions
from app.requests import jobs as _jobs  # noqa: F401 - registers its jobs
from app.requests import labels as _labels  # noqa: F401 - names for the auditor
from app.requests.permissions import ROUTES
from app.requests.queries import menu_counts
from app.requests.views import bp

registry.SUB_PAGES[extending.KIND] = "requests.extension_item"
registry.SUB_PAGES.update(dict.fromkeys((fixing.ASKED, fixing.SENDING), "requests.fix_item"))
registry.SUB_PAGES[appeals.KIND] = "requests.appeal_item"
registry.ABOUT.append(about.about)
registry.PANELS.append(filing.panels)
registry.TRAIL.append(trail.entries)
registry.TOLD.append(desk.told)
registry.SEARCHES.append(desk.search)
registry.BEGINNINGS.append(desk.beginning)
registry.STATUTORY.append(clocks.statutory_day)
registry.OBJECTIONS.append(undoing.objection)
registry.CONTENT.append(undoing.content)
registry.UNDONE.append(undoing.undone)
registry.WRITTEN.append(papers.written)
registry.SIGNED.append(papers.signed)
letter_hooks.may_see_case.append(papers.may_see)
letter_hooks.may_edit.append(papers.may_edit)
letter_hooks.case_link.append(papers.case_link)


def _live(actor: object) -> int:
    return menu_counts(db.session(), actor)["live"]  # type: ignore[arg-type]


def _undetermined(actor: object) -> int:
    return menu_counts(db.session(), actor)["undetermined"]  # type: ignore[arg-type]


room = Room(
    "requests",
    bp,
    ROUTES,
    nav=(
        NavItem("依申请公开", "申请", "requests.queue", "doc", order=100, count=_live),
        NavItem("依申请公开", "接收登记", "requests.register", "pen", order=101),
        NavItem("依申请公开", "来件", "requests.incoming", "inbox", order=102, count=_undetermined),
        NavItem("依申请公开", "登记簿", "requests.ledger", "list", order=103),
        NavItem("依申请公开", "复议诉讼", "requests.appeals", "shield", order=104),
        NavItem("依申请公开", "转主动公开", "requests.evaluations", "send", order=105),
        NavItem("依申请公开", "依申请公开设置", "requests.settings", "gear", order=108),
        NavItem("依申请公开", "超期未答复", "requests.supervisions", "bell", order=109),
    ),
)

__all__ = ["room"]
