"""差别: any two versions of a process, or a draft and the version it comes from, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.db import db
from app.core.errors import NotFound
from app.processes import queries as processes
from app.processes.models import Process, ProcessVersion
from app.studio import comparison, queries
from app.studio.content import DIAGRAM
from app.studio.views.base import bp


@bp.get("/compare")
def compare() -> ResponseReturnValue:
    """Two versions of a process, chosen on the page; without a choice the active one and the one before it."""
    session = db.session()
    every = processes.processes(session)
    key = request.args.get("process", "")
    chosen = [_version(name) for name in ("from", "to")]
    if not key:
        key = next((each.process_key for each in chosen if each), every[0][0].key if every else "")
    process = session.get(Process, key)
    if process is None and every:
        raise NotFound()
    versions = comparison.versions_of(session, key)
    pair = _pair(versions, process, [each if each and each.process_key == key else None for each in chosen])
    shown: dict[str, Any] = {
        "names": [(each.key, each.name) for each, _versions in every],
        "process": process,
        "versions": versions,
        "pair": pair,
    }
    if pair is not None and pair[0].id != pair[1].id:
        old, new = (comparison.of_version(session, processes.version(session, each.id)) for each in pair)
        urls = [url_for("processes.diagram", version_id=each.id, key=key) for each in pair]
        shown |= _told(old, new, urls)
    return render_template("studio/compare.html", **shown)


def _version(name: str) -> ProcessVersion | None:
    """The version an argument names; NotFound when there is none of that number."""
    said = request.args.get(name, "")
    if not said:
        return None
    found = (
        db.session().get(ProcessVersion, int(said))
        if said.isascii() and said.isdigit() and len(said) < 10
        else None
    )
    if found is None:
        raise NotFound()
    return found


def _pair(
    versions: Sequence[ProcessVersion], process: Process | None, chosen: Sequence[ProcessVersion | None]
) -> tuple[ProcessVersion, ProcessVersion] | None:
    """What to compare when nothing else is said: the newest version with the active one, or the one before it."""
    if not versions or process is None:
        return None
    old, new = chosen
    new = new or versions[0]
    if old is None:
        active = next((each for each in versions if each.id == process.active_id and each.id != new.id), None)
        earlier = next((each for each in versions if each.number < new.number), None)
        old = (active if active and active.number < new.number else earlier) or new
    return old, new


@bp.get("/drafts/<int:draft_id>/compare")
def compare_draft(draft_id: int) -> ResponseReturnValue:
    """What a draft changes in the version it comes from; a new process has none."""
    session = db.session()
    draft = queries.draft(session, draft_id)
    shown: dict[str, Any] = {"draft": draft, "base": None}
    if draft.base_id is not None:
        base = processes.version(session, draft.base_id)
        old, new = (
            comparison.of_version(session, base),
            comparison.Side("草稿", queries.texts(session, draft_id)),
        )
        urls = [
            url_for("processes.diagram", version_id=base.id, key=draft.process_key),
            url_for("studio.draft_diagram", draft_id=draft_id),
        ]
        shown |= {"base": base} | _told(old, new, urls)
    return render_template("studio/compare_draft.html", **shown)


def _told(old: comparison.Side, new: comparison.Side, urls: Sequence[str]) -> dict[str, Any]:
    told = comparison.told(db.session(), old, new)
    if isinstance(told, str):
        return {"heavy": told}
    found, sections = told
    pictures = [
        {"title": side.title, "url": url, "marks": comparison.marks(found, new=side is new)}
        for side, url in zip((old, new), urls, strict=True)
    ]
    return {"found": found, "sections": sections, "pictures": pictures, "signs": comparison.SIGNS}


@bp.get("/drafts/<int:draft_id>/process.bpmn")
def draft_diagram(draft_id: int) -> ResponseReturnValue:
    """The diagram of a draft as it stands, for the pictures; never shown as a page."""
    part = queries.part(db.session(), draft_id, DIAGRAM)
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "attachment"}
    return Response(part.text, mimetype="application/xml", headers=headers)
