"""流程设计: the list of processes and drafts; a draft with all its parts and what is to be mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.core import tokens
from app.core.db import db
from app.core.errors import GongkaiError, Sayable
from app.core.pages import me
from app.processes import outline
from app.processes import queries as processes
from app.studio import findings, queries
from app.studio.entry_forms import NewForm
from app.studio.service import drafts as drafting
from app.studio.views.base import bp

STATUS = {
    "open": ("draft", "编辑中"),
    "submitted": ("active", "等待复核"),
    "released": ("active", "已启用"),
    "discarded": ("inactive", "已放弃"),
}


@bp.get("")
def index() -> ResponseReturnValue:
    """流程设计: what is being redrawn, and what may be."""
    session, people = db.session(), directory()
    found = processes.processes(session)
    numbers = {version.id: version.number for _process, versions in found for version in versions}
    drafts = [
        {
            "draft": each,
            "base": numbers.get(each.base_id or 0),
            "who": people.name_of(each.changed_by),
            "status": STATUS[each.status],
        }
        for each in queries.open_drafts(session)
    ]
    return render_template("studio/index.html", processes=found, drafts=drafts, fresh=tokens.fresh_token)


@bp.get("/new")
def new() -> ResponseReturnValue:
    """新建流程."""
    return _new_page(NewForm())


def _new_page(form: NewForm, problems: Sequence[str] = ()) -> str:
    return render_template("studio/new.html", form=form, problems=problems, token=tokens.fresh_token())


@bp.post("/new")
def begin_new() -> ResponseReturnValue:
    """Begin a new process from the smallest that runs."""
    form = NewForm()
    if not form.validate():
        return _new_page(form), 422
    key, name = str(form.key.data).strip(), str(form.name.data)
    try:
        done = drafting.begin_new(me(), key=key, name=name, token=tokens.token_of(request.form))
    except GongkaiError as error:
        return _new_page(form, [error.message]), error.status
    flash(done["said"], "success")
    return redirect(url_for("studio.draft", draft_id=done["draft"]), 303)


@bp.post("/versions/<int:version_id>/begin")
def begin(version_id: int) -> ResponseReturnValue:
    """以此版本修改."""
    done = drafting.begin(me(), version_id=version_id, token=tokens.token_of(request.form))
    flash(done["said"], "success")
    return redirect(url_for("studio.draft", draft_id=done["draft"]), 303)


@bp.get("/drafts/<int:draft_id>")
def draft(draft_id: int) -> ResponseReturnValue:
    """A draft: its steps, forms, tables, scenarios, settings, findings, and what to do next."""
    session, people = db.session(), directory()
    found = queries.draft(session, draft_id)
    texts = queries.texts(session, draft_id)
    problems = findings.told(findings.of_texts(session, texts))
    shown: dict[str, Any] = {
        "draft": found,
        "status": STATUS[found.status],
        "who": people.name_of(found.changed_by),
        "maker": people.name_of(found.made_by),
        "base": processes.version(session, found.base_id) if found.base_id else None,
        "parts": outline.of(texts),
        "findings": problems,
        "errors": sum(each["severity"] == "error" for each in problems),
        "fresh": tokens.fresh_token,
        "pages": current_app.view_functions,
        "case_url": url_for("cases.case", case_id=found.case_id) if found.case_id else None,
    }
    return render_template("studio/draft.html", **shown)


@bp.post("/drafts/<int:draft_id>/discard")
def discard(draft_id: int) -> ResponseReturnValue:
    """放弃草稿."""
    return _done(drafting.discard, draft_id, back=False)


@bp.post("/drafts/<int:draft_id>/restore")
def restore(draft_id: int) -> ResponseReturnValue:
    """恢复草稿."""
    return _done(drafting.restore, draft_id, back=True)


def _done(act: Any, draft_id: int, *, back: bool) -> ResponseReturnValue:
    try:
        done = act(me(), draft_id=draft_id, token=tokens.token_of(request.form))
    except Sayable as error:
        flash(error.message, "danger")
        return redirect(url_for("studio.draft", draft_id=draft_id), 303)
    flash(done["said"], "success")
    then = url_for("studio.draft", draft_id=draft_id) if back else url_for("studio.index")
    return redirect(then, 303)
