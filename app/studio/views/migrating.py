"""迁移在办件: choose what is what, try, carry out, stop, go on, take back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import processes
from app.accounts.directory import directory
from app.cases import migration_runs
from app.core import tokens
from app.core.db import db
from app.core.errors import NotFound, Sayable
from app.core.pages import me
from app.processes import queries
from app.processes.models import ProcessVersion
from app.studio import moving
from app.studio.views.base import bp, own_organ

RESULTS = {
    "waiting": ("waiting", "等待"),
    "same": ("done", "原样迁移"),
    "mapped": ("done", "对应迁移"),
    "refused": ("overdue", "不能迁移"),
}
STATES = {"running": ("open", "进行中"), "stopped": ("waiting", "已停下"), "done": ("done", "完毕")}


@bp.get("/versions/<int:version_id>/migrate")
def migrate(version_id: int) -> ResponseReturnValue:
    """迁移在办件到这一版."""
    return _page(version_id)


def _page(version_id: int, problems: Sequence[str] = ()) -> str:
    session, organ = db.session(), own_organ()
    version = queries.version(session, version_id)
    earlier = moving.waiting_versions(session, version.process_key, organ, version_id)
    chosen = _chosen(earlier)
    form = found = None
    if version.status == "active" and chosen is not None:
        form, found = moving.form_for(processes.runtime(chosen), processes.runtime(version_id))
    runs = moving.runs(session, version.process_key, organ)
    return render_template(
        "studio/migrate.html",
        version=version,
        name=processes.runtime(version_id).name,
        organ=directory().organ(organ).name,
        earlier=earlier,
        chosen=chosen,
        form=form,
        found=found,
        problems=problems,
        runs=runs,
        numbers=moving.numbers(session, [each for run in runs for each in (run.from_id, run.to_id)]),
        states=STATES,
        token=tokens.fresh_token(),
    )


def _chosen(earlier: Sequence[Any]) -> int | None:
    """The version to migrate from: as asked for, or the newest with open cases."""
    asked = request.values.get("from", type=int)
    ids = [row.id for row in earlier]
    return asked if asked in ids else next(iter(ids), None)


@bp.post("/versions/<int:version_id>/migrate")
def rehearse(version_id: int) -> ResponseReturnValue:
    """预演."""
    session, organ = db.session(), own_organ()
    version = queries.version(session, version_id)
    from_id = request.form.get("from", type=int) or 0
    former = session.get(ProcessVersion, from_id)
    if former is None or former.process_key != version.process_key:
        raise NotFound()
    new = processes.runtime(version_id)
    form, found = moving.form_for(processes.runtime(from_id), new)
    problems = [] if form.validate() else ["请改正标出的地方。"]
    problems += moving.problems_of(form, found)
    if problems:
        return _page(version_id, problems), 422
    try:
        done = migration_runs.rehearse(
            me(), from_id=from_id, to_id=version_id, organ_id=organ, renames=moving.renames_of(form, found),
            answers=moving.answers_of(form, found, new), numbers=form.listed(),
            token=tokens.token_of(request.form),
        )  # fmt: skip
    except Sayable as error:
        return _page(version_id, [error.message]), error.status
    return _to(done)


@bp.get("/migrations/<int:run_id>")
def migration(run_id: int) -> ResponseReturnValue:
    """How far a run is, and what becomes of each case."""
    session = db.session()
    run = migration_runs.run_of(session, run_id, me())
    asked = request.args.get("result", "")
    result = asked if asked in RESULTS else ""
    found, after = moving.rows(session, run_id, result, request.args.get("after", 0, type=int))
    count = moving.counts(session, run_id)
    return render_template(
        "studio/migration.html",
        run=run,
        name=processes.runtime(run.to_id).name,
        numbers=moving.numbers(session, [run.from_id, run.to_id]),
        counts=count,
        done=run.total - count["waiting"],
        strip=_strip(run_id, count, result, rehearsal=run.rehearsal),
        rows=found,
        results=RESULTS if run.rehearsal else RESULTS | {"refused": ("overdue", "留在原版")},
        state=STATES[run.state],
        follower=moving.follower(session, run_id),
        pager={
            "shown": len(found),
            "next_url": url_for("studio.migration", run_id=run_id, result=result or None, after=after) if after else None,
            "first_url": url_for("studio.migration", run_id=run_id, result=result or None) if request.args.get("after") else None,
        },
        fresh=tokens.fresh_token,
    )  # fmt: skip


def _strip(run_id: int, count: dict[str, int], chosen: str, *, rehearsal: bool) -> list[dict[str, Any]]:
    names = {"same": "原样" if rehearsal else "原样迁移", "mapped": "对应" if rehearsal else "对应迁移"}
    names |= {"refused": "不能迁移" if rehearsal else "留在原版", "waiting": "等待"}
    return [
        {
            "label": name,
            "count": count[key],
            "kind": "late" if key == "refused" and count[key] else "plain",
            "url": url_for("studio.migration", run_id=run_id, result=key),
            "current": key == chosen,
        }
        for key, name in names.items()
    ]


@bp.post("/migrations/<int:run_id>/carry-out")
def carry_out(run_id: int) -> ResponseReturnValue:
    """迁移: what the rehearsal found possible."""
    return _act(migration_runs.carry_out, run_id)


@bp.post("/migrations/<int:run_id>/stop")
def stop_migration(run_id: int) -> ResponseReturnValue:
    """停下."""
    return _act(migration_runs.stop, run_id)


@bp.post("/migrations/<int:run_id>/resume")
def resume_migration(run_id: int) -> ResponseReturnValue:
    """接着做."""
    return _act(migration_runs.resume, run_id)


@bp.post("/migrations/<int:run_id>/back")
def migrate_back(run_id: int) -> ResponseReturnValue:
    """迁回: tried first as well."""
    return _act(migration_runs.rehearse_back, run_id)


def _act(command: Callable[..., Any], run_id: int) -> ResponseReturnValue:
    try:
        return _to(command(me(), run_id=run_id, token=tokens.token_of(request.form)))
    except Sayable as error:
        flash(error.message, "warning")
        return redirect(url_for("studio.migration", run_id=run_id), 303)


def _to(done: dict[str, Any]) -> ResponseReturnValue:
    flash(done["said"], "success")
    return redirect(url_for("studio.migration", run_id=done["run"]), 303)
