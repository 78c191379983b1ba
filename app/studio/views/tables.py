"""决策表: drawn with dmn-js, tried row by row through the engine, its tries saved with the draft."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.forms import choices
from app.core import tokens
from app.core.db import db
from app.core.errors import NotFound, Refused, Sayable
from app.core.pages import me
from app.processes import part_checks, table_rows
from app.studio import queries, table_editing
from app.studio import words as offering
from app.studio.content import Conflict
from app.studio.service import parts as saving
from app.studio.table_forms import TableForm
from app.studio.views.base import bp, said
from forms.writing import NotData

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


def _file(name: str) -> str:
    if not _NAME.match(name):
        raise NotFound()
    return f"{name}.dmn"


@bp.get("/drafts/<int:draft_id>/tables/<name>")
def table(draft_id: int, name: str) -> ResponseReturnValue:
    """设计决策表."""
    session = db.session()
    draft, file = queries.draft(session, draft_id), _file(name)
    texts = queries.texts(session, draft_id)
    if file not in texts:
        raise NotFound()
    words = offering.of(session, texts)
    own = next((each for each in words["tables"] if each["name"] == name), None)
    outputs = own["outputs"] if own else []
    rows = table_editing.saved_rows(texts, name)
    page = {
        "name": file,
        "rows_name": table_rows.file_of(name),
        "text": texts[file],
        "rows": rows,
        "trial": part_checks.table_trial(texts[file], rows, file),
        "facts": table_editing.facts_for(words["facts"], [each["name"] for each in outputs]),
        "results": [each for each in words["facts"] if each["name"] in {out["name"] for out in outputs}],
        "codes": [{"value": code, "label": label} for code, label in offering.LAW_CODES.items()],
        "editable": draft.status == "open",
        **_revisions(draft_id, name),
    }
    label = own["label"] if own else name
    return render_template("studio/table.html", draft=draft, name=name, label=label, page=page)


def _revisions(draft_id: int, name: str) -> dict[str, int]:
    found = queries.revisions(db.session(), draft_id)
    return {
        "revision": found.get(f"{name}.dmn", 0),
        "rows_revision": found.get(table_rows.file_of(name), 0),
    }


@bp.post("/drafts/<int:draft_id>/tables/<name>")
def save_table(draft_id: int, name: str) -> ResponseReturnValue:
    """Save the table and its tries in one act: 409 with theirs when somebody was faster, 422 when it is no table."""
    sent, file = said(), _file(name)
    try:
        changes = _changes(sent, name, queries.texts(db.session(), draft_id))
        saving.save_many(me(), draft_id=draft_id, changes=changes)
    except Conflict as conflict:
        db.session().rollback()
        text = queries.texts(db.session(), draft_id).get(file, "")
        return {"said": conflict.message, "text": text, **_revisions(draft_id, name)}, 409
    except NotData:
        return {"said": "试算的内容不完整，没有保存。请检查后重试。"}, 422
    except Refused as refusal:
        return {"said": refusal.message}, 422
    rows = sent["rows"] if isinstance(sent.get("rows"), list) else []
    trial = part_checks.table_trial(sent["text"], rows, file)
    return {"said": "已保存", "trial": trial, **_revisions(draft_id, name)}


def _changes(sent: dict[str, Any], name: str, texts: dict[str, str]) -> dict[str, tuple[int, str | None]]:
    text, rows = sent.get("text"), sent.get("rows")
    revisions = [sent.get("revision"), sent.get("rows_revision")]
    if not isinstance(text, str) or not isinstance(rows, list) or not all(type(n) is int for n in revisions):
        raise Refused("提交的内容不完整。请刷新页面后重试。")
    wrong = [
        each for each in part_checks.table_trial(text, [], f"{name}.dmn")["findings"] if not each["element"]
    ]
    if wrong:
        raise Refused(f"{wrong[0]['message']}，没有保存。")
    changes: dict[str, tuple[int, str | None]] = {f"{name}.dmn": (revisions[0], text)}  # type: ignore[dict-item]
    kept = table_rows.file_of(name)
    if rows:
        changes[kept] = (revisions[1], part_checks.rows_text(rows))  # type: ignore[assignment]
    elif kept in texts:
        changes[kept] = (revisions[1], None)  # type: ignore[assignment]
    return changes


@bp.post("/drafts/<int:draft_id>/tables/<name>/try")
def try_table(draft_id: int, name: str) -> ResponseReturnValue:
    """试算: which rows hold and what comes out, for the table as it stands on the page."""
    sent = said()
    queries.draft(db.session(), draft_id)
    text, rows = sent.get("text"), sent.get("rows")
    if not isinstance(text, str) or not isinstance(rows, list):
        return {"said": "提交的内容不完整。请刷新页面后重试。"}, 422
    return part_checks.table_trial(text, rows, _file(name))


@bp.get("/drafts/<int:draft_id>/new-table")
def new_table(draft_id: int) -> ResponseReturnValue:
    """新建决策表."""
    return _new_page(draft_id, _form(draft_id))


def _form(draft_id: int) -> TableForm:
    session = db.session()
    draft = queries.draft(session, draft_id)
    facts = offering.of(session, queries.texts(session, draft.id))["facts"]
    form = TableForm()
    form.inputs.choices = choices((each["name"], f"{each['label']}（{each['from']}）") for each in facts)
    form.facts = {each["name"]: each for each in facts}
    return form


def _new_page(draft_id: int, form: TableForm, problems: tuple[str, ...] = ()) -> str:
    draft = queries.draft(db.session(), draft_id)
    return render_template(
        "studio/table_new.html", draft=draft, form=form, problems=problems, token=tokens.fresh_token()
    )


@bp.post("/drafts/<int:draft_id>/new-table")
def begin_table(draft_id: int) -> ResponseReturnValue:
    """Make a table with columns for the chosen facts."""
    form = _form(draft_id)
    if not form.validate():
        return _new_page(draft_id, form), 422
    key = str(form.key.data).strip()
    text = table_editing.blank(
        key, str(form.label.data).strip(), [form.facts[each] for each in form.inputs.data or ()],
        (str(form.result.data).strip(), str(form.result_label.data).strip(), str(form.result_type.data)),
        str(form.policy.data),
    )  # fmt: skip
    try:
        saving.save(
            me(),
            draft_id=draft_id,
            name=_file(key),
            text=text,
            revision=0,
            token=tokens.token_of(request.form),
        )
    except Conflict:
        return _new_page(draft_id, form, (f"已经有编号为 {key} 的决策表，请换一个编号。",)), 409
    except Sayable as error:
        return _new_page(draft_id, form, (error.message,)), error.status
    flash("已建立决策表，请逐行填写。", "success")
    return redirect(url_for("studio.table", draft_id=draft_id, name=key), 303)
