"""Pages of the processes: what is in force, its diagram, its versions."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core.db import db
from app.core.pages import me
from app.core.rooms import NavItem, Room
from app.core.tokens import fresh_token
from app.processes import checking, queries
from app.processes.cli import bpmn
from app.processes.packages import unpack
from app.processes.permissions import ROUTES
from app.processes.runtime import build

bp = Blueprint("processes", __name__, template_folder="templates")

STATUS = {"active": ("active", "启用"), "draft": ("draft", "草稿"), "retired": ("inactive", "停用")}
SCOPES = {
    "initiator": "发起人本人",
    "did": "办过前一环节的人",
    "unit": "发起人所在科室",
    "organ": "本机关（代拟稿为报送机关）",
    "system": "系统自动",
}
ORIGIN = {"shipped": "随系统发布", "office": "本单位修改"}


@bp.get("/processes")
def index() -> ResponseReturnValue:
    """流程: every procedure with its versions."""
    found = queries.processes(db.session())
    return render_template("processes/index.html", processes=found, status=STATUS, origin=ORIGIN)


@bp.get("/processes/versions/<int:version_id>")
def version(version_id: int) -> ResponseReturnValue:
    """One version: diagram, who does what, findings, the versions it calls."""
    found = queries.version(db.session(), version_id)
    package = unpack(found.content)
    runtime = build(version_id)
    steps = [
        info
        for (process, _), info in runtime.spec.steps.items()
        if process == package.key and info.kind == "person"
    ]
    return render_template(
        "processes/version.html",
        version=found,
        package=package,
        steps=steps,
        lanes=package.meta.lanes,
        calls=[each.meta.name for key, each in runtime.packages.items() if key != package.key],
        findings=checking.check_version(found),
        people=directory(),
        status=STATUS,
        origin=ORIGIN,
        scopes=SCOPES,
        may_bring="process_admin" in me().kinds,
        token=fresh_token(),
    )


@bp.get("/processes/versions/<int:version_id>/<key>.bpmn")
def diagram(version_id: int, key: str) -> ResponseReturnValue:
    """The diagram of a version or of one it calls."""
    packages = build(version_id).packages
    if key not in packages:
        return Response(status=404)
    return Response(
        packages[key].source.bpmn,
        mimetype="application/xml",
        headers={"Cache-Control": "private, max-age=86400"},
    )


room = Room(
    "processes",
    bp,
    ROUTES,
    nav=(NavItem("流程与日历", "流程", "processes.index", "flow", order=700),),
    cli=(bpmn,),
)
