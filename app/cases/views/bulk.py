"""批量办理: what was chosen, the one decision, the progress, and what could not be done."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cases import bulk
from app.cases.views import bp
from app.core.db import db
from app.core.errors import Sayable
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


@bp.post("/work/bulk")
def bulk_choose() -> ResponseReturnValue:
    """Take the ticked rows, or all of a step."""
    items = [int(each) for each in request.form.getlist("item") if each.isdecimal()]
    try:
        found = bulk.choose(
            me(), items=items, step=request.form.get("all", "")[:110], token=token_of(request.form)
        )
    except Sayable as error:
        flash(error.message, "warning")
        return redirect(url_for("cases.inbox"), 303)
    return redirect(url_for("cases.bulk_run", run_id=found["run"]), 303)


@bp.route("/work/bulk/<int:run_id>", methods=["GET", "POST"])
def bulk_run(run_id: int) -> ResponseReturnValue:
    """The run: to be decided (POST decides), under way, or done."""
    session, person = db.session(), me()
    run = bulk.one(session, person, run_id)
    problems: list[str] = []
    if request.method == "POST":
        said = {key: request.form.get(key, "") for key in ("decision", "opinion")}
        try:
            bulk.begin(person, run_id=run_id, token=token_of(request.form), **said)
            return redirect(url_for("cases.bulk_run", run_id=run_id), 303)
        except Sayable as error:
            problems = [error.message]
    page = render_template(
        "cases/bulk.html",
        run=run,
        rows=bulk.rows(session, run_id),
        progress=bulk.progress(session, run_id, run["total"]),
        asks=bulk.asks(session, run) if run["state"] == "chosen" else None,
        opinion=request.form.get("opinion", ""),
        problems=problems,
        token=fresh_token(),
    )
    return page, 422 if problems else 200


@bp.post("/work/bulk/<int:run_id>/slice")
def bulk_slice(run_id: int) -> ResponseReturnValue:
    """Work off some items: JSON {done, failed, left, total} for the page's script, the page itself without one."""
    told = bulk.work(me(), run_id)
    if request.accept_mimetypes.best == "application/json":
        return dict(told)
    return redirect(url_for("cases.bulk_run", run_id=run_id), 303)


@bp.post("/work/bulk/<int:run_id>/stop")
def bulk_stop(run_id: int) -> ResponseReturnValue:
    """Stop a run."""
    flash(bulk.drop(me(), run_id=run_id)["said"], "info")
    return redirect(url_for("cases.inbox"), 303)
