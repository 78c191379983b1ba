"""Pages of a recalculation: how far it is, what it has moved, 停下 and 接着算."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.calendar import hooks, queries, recalculating
from app.calendar.permissions import may_change
from app.calendar.views import bp
from app.core.errors import NotFound, Refused
from app.core.now import local_text
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


@bp.get("/runs/<int:run_id>")
def runs(run_id: int) -> ResponseReturnValue:
    """重算进度."""
    run = queries.run(run_id) if run_id < 2**62 else None
    if run is None:
        raise NotFound
    after, own = request.args.get("after"), me().organ_id
    rows, next_key = queries.moves(run_id, own, after)
    counts, people = queries.moved_of(run_id), directory()
    return render_template(
        "calendar/run.html",
        run=run,
        part=next((each.label for each in hooks.recalculators if each.key == run.part), ""),
        labels={each.key: each.label for each in hooks.recalculators},
        began=local_text(run.began_at),
        ended=local_text(run.ended_at),
        rows=rows,
        others=[
            {"organ": people.organ(row.organ_id).short_name, "moved": row.moved}
            for row in counts
            if row.organ_id != own and row.moved
        ],
        pager={
            "shown": len(rows),
            "first_url": url_for("calendar.runs", run_id=run_id) if after else None,
            "next_url": url_for("calendar.runs", run_id=run_id, after=next_key) if next_key else None,
        },
        may_change=may_change(me()),
        token=fresh_token(),
    )


@bp.post("/runs/<int:run_id>/stop")
def run_stop(run_id: int) -> ResponseReturnValue:
    """停下."""
    return _act(recalculating.stop, run_id)


@bp.post("/runs/<int:run_id>/resume")
def run_resume(run_id: int) -> ResponseReturnValue:
    """接着算."""
    return _act(recalculating.resume, run_id)


def _act(command: object, run_id: int) -> ResponseReturnValue:
    if run_id >= 2**62:
        raise NotFound
    try:
        done = command(me(), run_id=run_id, token=token_of(request.form))  # type: ignore[operator]
        flash(done["said"], "success")
    except Refused as refused:
        flash(refused.message, "warning")
    return redirect(url_for("calendar.runs", run_id=run_id), 303)
