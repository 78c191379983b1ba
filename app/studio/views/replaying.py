"""用已办的件核对: the page, and the batches it asks for one after the other."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.cases.migration_runs import ADMIN
from app.core.db import db
from app.core.errors import NotFound
from app.core.pages import me
from app.processes.packages import PackageRefused
from app.studio import queries, replaying, walking
from app.studio.views.base import bp

KINDS = {
    "same": ("done", "走法相同"),
    "mapped": ("done", "走法相同，有补充"),
    "refused": ("overdue", "走法不同"),
    "failed": ("waiting", "没有比成"),
}


def _organ() -> int:
    person = me()
    own = [post.organ_id for post in person.posts if post.kind == ADMIN]
    if not own:
        raise NotFound()
    return person.organ_id if person.organ_id in own else own[0]


@bp.get("/drafts/<int:draft_id>/replay")
def replay(draft_id: int) -> ResponseReturnValue:
    """Recorded cases on the draft: a batch a page; the next batch is asked for by a link, so that it can be stopped."""
    session = db.session()
    draft = queries.draft(session, draft_id)
    version = replaying.active_version(session, draft.process_key)
    which = request.args.get("which", "all")
    which = which if which in replaying.WHICH else "all"
    many = request.args.get("many", 0, type=int)
    many = many if many in replaying.CHOICES else 0
    done = max(0, request.args.get("done", 0, type=int))
    shown: dict[str, object] = {
        "draft": draft, "version": version, "which": which, "many": many, "choices": replaying.CHOICES,
        "whiches": replaying.WHICH, "kinds": KINDS, "rows": [], "total": 0, "done": done, "problems": [],
    }  # fmt: skip
    if version is not None and many:
        cases = replaying.cases(session, version, _organ(), which, many)
        batch = cases[done : done + replaying.BATCH]
        try:
            parts = walking.draft_of(session, queries.texts(session, draft_id))
            told = replaying.compared(session, version, parts, [case.id for case in batch])
            shown["rows"] = [{"case": case, "told": told[case.id]} for case in batch]
        except PackageRefused as refusal:
            shown["problems"] = list(refusal.problems)
        shown["total"] = len(cases)
        shown["next"] = done + len(batch) if done + len(batch) < len(cases) else None
    return render_template("studio/replay.html", **shown)
