"""Parts of a draft for the editors, in JSON: read, save at a revision, check, who else is here."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core.db import db
from app.core.errors import Refused
from app.core.now import local_text, now
from app.core.pages import me, unattended
from app.processes import part_checks
from app.studio import findings, queries
from app.studio.content import DIAGRAM, SETTINGS, Conflict
from app.studio.service import drafts as drafting
from app.studio.service import parts as saving
from app.studio.views.base import bp, said


@bp.get("/drafts/<int:draft_id>/parts/<path:name>")
def part(draft_id: int, name: str) -> ResponseReturnValue:
    """One part as it stands."""
    found = queries.part(db.session(), draft_id, name)
    return {
        "name": found.name,
        "text": found.text,
        "revision": found.revision,
        "changed_by": directory().name_of(found.changed_by),
        "changed_at": local_text(found.changed_at),
    }


@bp.post("/drafts/<int:draft_id>/parts/<path:name>")
def save_part(draft_id: int, name: str) -> ResponseReturnValue:
    """Save one part at the revision it was opened at: 409 with theirs when somebody was faster, 422 when refused."""
    sent = said()
    text, revision = sent.get("text"), sent.get("revision")
    if not isinstance(text, str) or not isinstance(revision, int) or isinstance(revision, bool):
        return {"said": "提交的内容不完整。请刷新页面后重试。"}, 422
    try:
        along = _settings_along(draft_id, text) if name == DIAGRAM else None
        done = saving.save(me(), draft_id=draft_id, name=name, text=text, revision=revision, settings=along)
    except Conflict as conflict:
        return {"said": conflict.message, "text": conflict.theirs, "revision": conflict.revision}, 409
    except Refused as refusal:
        return {"said": refusal.message}, 422
    return done | {"findings": _findings(draft_id)}


def _settings_along(draft_id: int, diagram: str) -> tuple[int, str] | None:
    """(revision, text) of the settings when the diagram calls other processes than they say; None when it does not."""
    session = db.session()
    texts, revisions = queries.texts(session, draft_id), queries.revisions(session, draft_id)
    text = part_checks.settings_calling(texts, diagram, queries.callable_keys(session))
    return None if text is None else (revisions[SETTINGS], text)


@bp.post("/drafts/<int:draft_id>/parts/<path:name>/remove")
def remove_part(draft_id: int, name: str) -> ResponseReturnValue:
    """Remove a part at the revision it was opened at."""
    revision = said().get("revision")
    if not isinstance(revision, int):
        return {"said": "提交的内容不完整。请刷新页面后重试。"}, 422
    try:
        return saving.remove(me(), draft_id=draft_id, name=name, revision=revision)
    except Conflict as conflict:
        return {"said": conflict.message, "text": conflict.theirs, "revision": conflict.revision}, 409


@bp.post("/drafts/<int:draft_id>/check")
def check(draft_id: int) -> ResponseReturnValue:
    """Findings of the saved draft."""
    queries.draft(db.session(), draft_id)
    return {"findings": _findings(draft_id)}


def _findings(draft_id: int) -> list[dict[str, Any]]:
    texts = queries.texts(db.session(), draft_id)
    return findings.told(findings.of_texts(db.session(), texts))


@bp.post("/drafts/<int:draft_id>/presence")
@unattended
def presence(draft_id: int) -> ResponseReturnValue:
    """Say that one is here; answers who else is, and the revision of every part."""
    person = me()
    part_name = str(said().get("part", ""))
    drafting.look_in(person, draft_id=draft_id, part=part_name)
    session = db.session()
    here = queries.others(session, draft_id, person.person_id or 0, now())
    return {
        "others": [
            {
                "name": directory().name_of(each.person_id),
                "part": each.part,
                "since": local_text(each.seen_at),
            }
            for each in here
        ],
        "revisions": queries.revisions(session, draft_id),
    }
