"""流程设置: name, basis, titles and number of a process, and who its lanes reach."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core.db import db
from app.core.errors import Refused
from app.core.pages import me
from app.processes import part_checks
from app.studio import findings, form_editing, queries, settings_editing
from app.studio import words as offering
from app.studio.content import SETTINGS, Conflict
from app.studio.service import parts as saving
from app.studio.views.base import bp, said
from forms.writing import NotData


@bp.get("/drafts/<int:draft_id>/settings")
def settings(draft_id: int) -> ResponseReturnValue:
    """流程设置 of a draft."""
    session = db.session()
    draft = queries.draft(session, draft_id)
    texts = queries.texts(session, draft_id)
    text = texts.get(SETTINGS, "")
    offered = offering.of(session, texts)
    words = settings_editing.words(texts, offered)
    data = settings_editing.shape(part_checks.data_in(text))
    fields = [
        *settings_editing.copies(texts),
        *form_editing.elsewhere(texts, draft.process_key, ""),
        *(settings_editing.given(data, offering.active(session)) if data and data.get("given") else ()),
    ]
    page = {
        "data": data,
        "text": text,
        "revision": queries.part(session, draft_id, SETTINGS).revision,
        "words": words,
        "fields": [*fields, *settings_editing.brought(offered, fields)],
        "notes": settings_editing.lane_notes(data or {}, words["drawn"], directory()),
        "problems": _problems(draft_id),
        "editable": draft.status == "open",
        "name": SETTINGS,
    }
    return render_template("studio/settings.html", draft=draft, page=page)


@bp.post("/drafts/<int:draft_id>/settings")
def save_settings(draft_id: int) -> ResponseReturnValue:
    """Save the settings as the page holds them: 409 with theirs when somebody was faster, 422 when they are none."""
    sent = said()
    revision = sent.get("revision")
    try:
        if not isinstance(revision, int) or isinstance(revision, bool):
            raise Refused("提交的内容不完整。请刷新页面后重试。")
        text = (
            sent["text"]
            if isinstance(sent.get("text"), str)
            else part_checks.settings_text(
                sent.get("data"), queries.part(db.session(), draft_id, SETTINGS).text
            )
        )
        done = saving.save(me(), draft_id=draft_id, name=SETTINGS, text=text, revision=revision)
    except Conflict as conflict:
        theirs = settings_editing.shape(part_checks.data_in(conflict.theirs))
        told = {"said": conflict.message, "text": conflict.theirs, "data": theirs}
        return told | {"revision": conflict.revision}, 409
    except NotData:
        return {"said": "设置的内容不完整，没有保存。请撤销刚才的修改后重试。"}, 422
    except Refused as refusal:
        return {"said": refusal.message}, 422
    drawn = settings_editing.drawn_lanes(queries.texts(db.session(), draft_id))
    data = settings_editing.shape(part_checks.data_in(text))
    return done | {
        "data": data,
        "notes": settings_editing.lane_notes(data or {}, drawn, directory()),
        "problems": _problems(draft_id),
    }


def _problems(draft_id: int) -> list[dict[str, Any]]:
    """Findings that these settings can mend: [{message, url}]."""
    texts = queries.texts(db.session(), draft_id)
    told = findings.told(findings.of_texts(db.session(), texts))
    url = url_for("studio.draft", draft_id=draft_id)
    return [
        {"message": f"{each['message']}。{each['mend']}", "severity": each["severity"], "url": url}
        for each in told
        if each["part"] == SETTINGS
    ]
