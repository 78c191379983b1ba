"""办件 and 待办: the heart of the office."""

from app.cases import desk_models as _desk  # noqa: F401 - tables
from app.cases import happenings as _happenings  # noqa: F401 - tells the trail what was done beside the steps
from app.cases import hooks  # noqa: F401 - fills the hooks of lower rooms
from app.cases import jobs as _jobs  # noqa: F401 - registers the jobs
from app.cases import migration_runs as _migrations  # noqa: F401 - registers its job
from app.cases.cli import cases as cases_group
from app.cases.permissions import ROUTES
from app.cases.views import bp
from app.core.db import db
from app.core.rooms import NavItem, Room


def _waiting(actor: object) -> int:
    from app.cases.inbox import number

    return number(db.session(), actor)  # type: ignore[arg-type]


room = Room(
    "cases",
    bp,
    ROUTES,
    nav=(
        NavItem("办理", "待办", "cases.inbox", "inbox", order=10, count=_waiting),
        NavItem("办理", "发起办件", "cases.start_list", "plus", order=20),
        NavItem("本人", "常用语和签名", "cases.phrases", "pen", order=965),
        NavItem("本人", "代理与交接", "cases.deputies", "people", order=970),
        NavItem("人员与岗位", "本机关代理与交接", "cases.deputies_of_organ", "people", order=605),
        NavItem("管理", "待处置", "cases.stuck", "warn", order=590),
    ),
    cli=(cases_group,),
)
