"""The form editor: a step's questions, added, moved and changed beside their preview."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import tokens
from app.core.db import db
from app.core.errors import NotFound, Refused, Sayable
from app.core.pages import me
from app.processes import outline, part_checks
from app.studio import findings, form_editing, queries
from app.studio.content import Conflict
from app.studio.models import Draft
from app.studio.service import parts as saving
from app.studio.views.base import bp, said
from forms.reading import read_definition
from forms.writing import NotData

_STEP = re.compile(r"[a-z_][a-z0-9_]{0,59}\Z")


def _name(step: str) -> str:
    if not _STEP.match(step):
        raise NotFound()
    return f"forms/{step}.toml"


def _label(texts: dict[str, str], step: str) -> str:
    """What people call the step the form belongs to."""
    steps = outline.of(texts).steps
    return "发起" if step == "start" else next((each.label for each in steps if each.form == step), step)


@bp.get("/drafts/<int:draft_id>/forms/<step>")
def form(draft_id: int, step: str) -> ResponseReturnValue:
    """设计表单; a step without a form is offered a few patterns to begin from."""
    session = db.session()
    draft, name = queries.draft(session, draft_id), _name(step)
    texts = queries.texts(session, draft_id)
    label = _label(texts, step)
    if name not in texts:
        return render_template(
            "studio/form_new.html",
            draft=draft, step=step, label=label, patterns=form_editing.PATTERNS, token=tokens.fresh_token(),
        )  # fmt: skip
    text = texts[name]
    page = {
        "data": form_editing.shape(part_checks.data_in(text)),
        "text": text,
        "revision": queries.part(session, draft_id, name).revision,
        "problems": part_checks.form_problems(text, draft.process_key, step),
        "elsewhere": form_editing.elsewhere(texts, draft.process_key, step),
        "words": form_editing.words(),
        "editable": draft.status == "open",
        "name": name,
    }
    return render_template("studio/form.html", draft=draft, step=step, label=label, page=page)


@bp.post("/drafts/<int:draft_id>/forms/<step>/begin")
def begin_form(draft_id: int, step: str) -> ResponseReturnValue:
    """Give a step its first form, from a pattern."""
    session = db.session()
    texts = queries.texts(session, queries.draft(session, draft_id).id)
    data = form_editing.begun_as(request.form.get("pattern", ""), _label(texts, step))
    try:
        saving.save(
            me(), draft_id=draft_id, name=_name(step), text=part_checks.form_text(data), revision=0,
            token=tokens.token_of(request.form),
        )  # fmt: skip
    except Sayable as error:
        flash(error.message, "danger")
    return redirect(url_for("studio.form", draft_id=draft_id, step=step), 303)


@bp.post("/drafts/<int:draft_id>/forms/<step>")
def save_form(draft_id: int, step: str) -> ResponseReturnValue:
    """Save the form as the editor holds it: 409 with theirs when somebody was faster, 422 when it is no form."""
    sent, name = said(), _name(step)
    draft = queries.draft(db.session(), draft_id)
    revision = sent.get("revision")
    try:
        old = queries.texts(db.session(), draft_id).get(name, "")
        text = (
            sent["text"]
            if isinstance(sent.get("text"), str)
            else part_checks.form_text(sent.get("data"), old)
        )
        if not isinstance(revision, int) or isinstance(revision, bool):
            raise Refused("提交的内容不完整。请刷新页面后重试。")
        done = saving.save(me(), draft_id=draft_id, name=name, text=text, revision=revision)
    except Conflict as conflict:
        theirs = form_editing.shape(part_checks.data_in(conflict.theirs))
        told = {"said": conflict.message, "text": conflict.theirs, "data": theirs}
        return told | {"revision": conflict.revision}, 409
    except NotData:
        return {"said": "表单的内容不完整，没有保存。请撤销刚才的修改后重试。"}, 422
    except Refused as refusal:
        return {"said": refusal.message}, 422
    return done | _looked_at(draft, step, text)


def _looked_at(draft: Draft, step: str, text: str) -> dict[str, Any]:
    """Problems of the form itself, and what it does to the rest of the draft."""
    session = db.session()
    texts = queries.texts(session, draft.id)
    told = findings.told(findings.of_texts(session, texts))
    here = f"forms/{step}.toml"
    return {
        "problems": part_checks.form_problems(text, draft.process_key, step),
        "findings": [each for each in told if each["part"] == here and each["rule"] != "package"],
        "data": form_editing.shape(part_checks.data_in(text)),
    }


@bp.post("/drafts/<int:draft_id>/forms/<step>/preview")
def preview_form(draft_id: int, step: str) -> ResponseReturnValue:
    """The form as the office would show it; with `answers`, what its rules say to them (试填)."""
    sent = said()
    draft = queries.draft(db.session(), draft_id)
    _name(step)
    try:
        text = part_checks.form_text(sent.get("data"))
    except NotData:
        return {"said": "表单的内容不完整，无法预览。"}, 422
    problems = part_checks.form_problems(text, draft.process_key, step)
    if problems:
        return {"problems": problems, "html": ""}
    person = me()
    shown = form_editing.preview(
        read_definition(text, draft.process_key, step), person.organ_id, _pairs(sent.get("answers"))
    )
    return {"problems": [], "html": render_template("studio/_form_preview.html", shown=shown)}


def _pairs(raw: Any) -> list[tuple[str, str]] | None:
    """What the preview's form would send: [[name, value], …]."""
    if not isinstance(raw, list):
        return None
    return [
        (each[0], each[1][:20_000])
        for each in raw[:500]
        if isinstance(each, list) and len(each) == 2 and all(isinstance(part, str) for part in each)
    ]
