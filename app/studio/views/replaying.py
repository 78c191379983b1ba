"""用已办的件核对: choose the cases, see how far it is and where each parts, stop, go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import tokens
from app.core.db import db
from app.core.errors import Sayable
from app.core.pages import me
from app.studio import queries, replays
from app.studio.replay_models import ReplayRun
from app.studio.service.releasing import digest
from app.studio.views.base import bp, own_organ

KINDS = {
    "waiting": ("waiting", "等待"),
    "same": ("done", "走法相同"),
    "mapped": ("done", "走法相同，有补充"),
    "refused": ("overdue", "走法不同"),
    "failed": ("waiting", "没有比成"),
}
STATES = {
    "running": ("open", "进行中"),
    "stopped": ("waiting", "已停下"),
    "done": ("done", "完毕"),
    "changed": ("void", "草稿改过，停在这里"),
}


@bp.get("/drafts/<int:draft_id>/replay")
def replay(draft_id: int) -> ResponseReturnValue:
    """Recorded cases on the draft: the last run, and how to begin another."""
    session = db.session()
    draft = queries.draft(session, draft_id)
    run = replays.latest(session, draft_id, own_organ())
    shown: dict[str, Any] = {
        "draft": draft, "version": replays.active_version(session, draft.process_key), "run": run, "kinds": KINDS,
        "choices": replays.CHOICES, "whiches": replays.WHICH, "fresh": tokens.fresh_token,
    }  # fmt: skip
    if run is not None:
        shown |= _results(draft_id, run)
    return render_template("studio/replay.html", **shown)


def _results(draft_id: int, run: ReplayRun) -> dict[str, Any]:
    session = db.session()
    count = replays.counts(session, run.id)
    asked = request.args.get("kind", "")
    kind = asked if asked in KINDS else ""
    before = request.args.get("before", 2**62, type=int)
    rows, further = replays.results(session, run.id, kind, before)
    here: dict[str, Any] = {"draft_id": draft_id, "kind": kind or None}
    return {
        "state": STATES[run.state],
        "done": run.total - count.get("waiting", 0),
        "stale": run.state == "done" and digest(queries.texts(session, draft_id)) != run.digest,
        "rows": rows,
        "strip": [
            {
                "label": words,
                "count": count.get(name, 0),
                "kind": "late" if name == "refused" and count.get(name) else "plain",
                "url": url_for("studio.replay", draft_id=draft_id, kind=name),
                "current": name == kind,
            }
            for name, (_status, words) in KINDS.items()
            if name in ("same", "mapped", "refused") or count.get(name)
        ],
        "pager": {
            "shown": len(rows),
            "next_url": url_for("studio.replay", **here, before=further) if further else None,
            "first_url": url_for("studio.replay", **here) if "before" in request.args else None,
        },
    }


@bp.post("/drafts/<int:draft_id>/replay")
def begin_replay(draft_id: int) -> ResponseReturnValue:
    """Begin a run."""
    try:
        done = replays.begin(
            me(), draft_id=draft_id, organ_id=own_organ(), which=request.form.get("which", ""),
            many=request.form.get("many", 0, type=int), token=tokens.token_of(request.form),
        )  # fmt: skip
        flash(done["said"], "success")
    except Sayable as error:
        flash(error.message, "warning")
    return redirect(url_for("studio.replay", draft_id=draft_id), 303)


@bp.post("/replays/<int:run_id>/stop")
def stop_replay(run_id: int) -> ResponseReturnValue:
    """停下."""
    return _act(replays.stop, run_id)


@bp.post("/replays/<int:run_id>/resume")
def resume_replay(run_id: int) -> ResponseReturnValue:
    """接着做."""
    return _act(replays.resume, run_id)


def _act(command: Callable[..., Any], run_id: int) -> ResponseReturnValue:
    try:
        flash(command(me(), run_id=run_id, token=tokens.token_of(request.form))["said"], "success")
    except Sayable as error:
        flash(error.message, "warning")
    run = db.session().get_one(ReplayRun, run_id)
    return redirect(url_for("studio.replay", draft_id=run.draft_id), 303)
