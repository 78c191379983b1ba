"""Pages of letters: one letter with its text and its look, the organ's texts, the organ's settings for letters."""

from __future__ import annotations

import base64
import io
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import OrganInfo, directory
from app.core import tokens
from app.core.actor import Actor
from app.core.db import db, table_of
from app.core.errors import GongkaiError, NotFound, Refused, Sayable
from app.core.now import local_text
from app.core.pages import me
from app.core.rooms import NavItem, Room
from app.documents import files
from app.documents.views_files import PDF_CSP
from app.letters import (
    checking,
    composing,
    filling,
    hooks,
    permissions,
    queries,
    rendering,
    service,
    texts,
)
from app.letters import pdf as printing
from app.letters.models import OPEN, STATES, Letter
from app.letters.paper import WORD_MIME, Paper
from app.letters.permissions import ROUTES
from app.letters.texts import Template

bp = Blueprint("letters", __name__, template_folder="templates")
STATUS = {"draft": "draft", "approved": "waiting", "issued": "done", "superseded": "inactive", "void": "void"}


# --- one letter ------------------------------------------------------------------------------------------------------


@bp.route("/letters/<int:letter_id>", methods=["GET", "POST"])
def show(letter_id: int) -> ResponseReturnValue:
    """A letter: its text block by block, what is missing, what it looks like."""
    if request.method == "GET":
        return _show(letter_id)
    try:
        result = service.write(
            me(),
            letter_id=letter_id,
            texts=_texts(),
            version=request.form.get("version", type=int),
            token=tokens.token_of(request.form),
        )
    except Sayable as error:
        return _show(letter_id, error), error.status
    if result["voided"]:
        flash("文书已保存。文字有改动，原来的签发已失效，需要重新送签。", "warning")
    else:
        flash("文书已保存。", "success")
    return redirect(url_for("letters.show", letter_id=letter_id), 303)


def _texts() -> dict[str, str]:
    """Texts of blocks as typed: fields named `text-<block>`."""
    return {key.removeprefix("text-"): text for key, text in request.form.items() if key.startswith("text-")}


def _show(letter_id: int, error: GongkaiError | None = None) -> str:
    session, person = db.session(), me()
    letter = queries.letter(session, person, letter_id)
    typed = _texts() if error else {}
    case = next((found for ask in hooks.case_link if (found := ask(letter.case_id))), None)
    return render_template(
        "letters/show.html",
        letter=letter,
        label=composing.label(letter.template),
        status=(STATUS[letter.state], STATES[letter.state]),
        organ=directory().organ(letter.organ_id),
        blocks=[block | {"text": typed.get(block["key"], block["text"])} for block in letter.blocks],
        missing=[_place(entry, letter) for entry in checking.parts(letter)] if letter.state in OPEN else [],
        may_edit=permissions.edits(session, person, letter),
        case=case,
        error=error,
        token=tokens.fresh_token(),
    )


def _place(entry: checking.Missing, letter: Letter) -> dict[str, str]:
    """A missing thing with the place where it is put right."""
    if entry.where == "organ":
        url = url_for("letters.settings", organ=letter.organ_id)
    else:
        url = f"#block-{entry.where}" if entry.where else ""
    return {"text": entry.sentence, "url": url}


@bp.post("/letters/<int:letter_id>/pages")
def pages(letter_id: int) -> ResponseReturnValue:
    """Pictures of the letter with the text as typed, not saved: {pages: [data URL], missing: [{text, url}]}."""
    letter = queries.letter(db.session(), me(), letter_id)
    typed = _texts()
    blocks = [
        block | {"text": typed[block["key"]]} if not block["locked"] and block["key"] in typed else block
        for block in letter.blocks
    ]
    shown = Letter(
        **{c.key: getattr(letter, c.key) for c in table_of(Letter).columns}
    )  # never added to the session
    shown.blocks = blocks
    found = [_place(entry, letter) for entry in checking.parts(shown)] if letter.state in OPEN else []
    return _pictures(composing.paper(shown)) | {"missing": found}


def _pictures(paper: Paper) -> dict[str, Any]:
    try:
        made = rendering.pages(paper)
    except Refused as refusal:
        return {"pages": [], "message": refusal.message}
    return {"pages": ["data:image/png;base64," + base64.b64encode(page).decode() for page in made]}


@bp.get("/letters/<int:letter_id>/letter.pdf")
def pdf(letter_id: int) -> ResponseReturnValue:
    """The PDF: the sent bytes of a letter that went out, otherwise what would be sent now."""
    letter = queries.letter(db.session(), me(), letter_id)
    content = _sent(letter.pdf_hash) if letter.pdf_hash else rendering.preview_pdf(letter)
    return _pdf(content, f"{_name(letter)}.pdf")


@bp.get("/letters/<int:letter_id>/letter.docx")
def docx(letter_id: int) -> ResponseReturnValue:
    """The same as Word."""
    letter = queries.letter(db.session(), me(), letter_id)
    content = _sent(letter.docx_hash) if letter.docx_hash else rendering.preview_word(letter)
    name = f"{_name(letter)}.docx"
    return send_file(
        io.BytesIO(content), mimetype=WORD_MIME, as_attachment=True, download_name=name, etag=False
    )


def _sent(hash_: str) -> bytes:
    with files.open_file(hash_) as file:
        return file.read()


def _name(letter: Letter) -> str:
    return files.clean_name(f"{composing.label(letter.template)} {letter.number or '草稿'}")


def _pdf(content: bytes, name: str) -> Response:
    inline = request.args.get("download") != "1"
    response = send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        as_attachment=not inline,
        download_name=name,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = PDF_CSP
    return response


# --- an organ's texts --------------------------------------------------------------------------------------------------


def _organ(person: Actor) -> OrganInfo:
    """The organ whose texts are shown: the one asked for, else the person's own."""
    kept = permissions.keeps(person)
    wanted = request.values.get("organ", type=int)
    if wanted is None:
        wanted = person.organ_id if person.organ_id in kept else min(kept)
    if wanted not in kept:
        raise NotFound()
    return directory().organ(wanted)


def _organs(person: Actor, organ: OrganInfo, endpoint: str, **values: Any) -> list[dict[str, Any]]:
    """Tabs over the organs a person keeps the texts of."""
    kept = [directory().organ(key) for key in sorted(permissions.keeps(person))]
    return [
        {
            "label": each.short_name,
            "url": url_for(endpoint, organ=each.id, **values),
            "current": each.id == organ.id,
        }
        for each in kept
    ]


def _template(name: str) -> Template:
    found = texts.shipped().get(name)
    if found is None:
        raise NotFound()
    return found


@bp.get("/letters/templates")
def templates() -> ResponseReturnValue:
    """All letters with what the organ made of their texts."""
    person = me()
    organ = _organ(person)
    own = queries.changed_templates(db.session(), organ.id)
    rows = [
        {
            "name": name,
            "kind": template.kind,
            "label": template.label,
            "to": {
                "applicant": "申请人",
                "third_party": "第三方",
                "organ": "其他机关",
                "unit": "协查单位",
            }.get(template.to, "存档"),
            "remedy": template.remedy.value,
            "own": own.get(name),
            "who": directory().name_of(own[name].by) if name in own else "",
            "when": local_text(own[name].at) if name in own else "",
            "url": url_for("letters.template", name=name, organ=organ.id),
        }
        for name, template in texts.shipped().items()
    ]
    tabs = _organs(person, organ, "letters.templates")
    return render_template("letters/templates.html", organ=organ, tabs=tabs, rows=rows)


@bp.route("/letters/templates/<name>", methods=["GET", "POST"])
def template(name: str) -> ResponseReturnValue:
    """One letter's text: the organ writes unlocked blocks; legal ones are shown."""
    person = me()
    organ, found = _organ(person), _template(name)
    if request.method == "GET":
        return _template_page(person, organ, found)
    blocks = {} if request.form.get("act") == "reset" else _texts()
    try:
        result = service.keep_text(
            person, organ_id=organ.id, template=name, blocks=blocks, token=tokens.token_of(request.form)
        )
    except Sayable as error:
        return _template_page(person, organ, found, error), error.status
    words = "已恢复默认文字" if not blocks else "文字已保存，以后新拟的文书使用"
    flash(f"{found.label}：{words}。" if result["changed"] else "文字没有变化。", "success")
    return redirect(url_for("letters.template", name=name, organ=organ.id), 303)


def _template_page(
    person: Actor, organ: OrganInfo, found: Template, error: GongkaiError | None = None
) -> str:
    session = db.session()
    own = queries.own_text(session, organ.id, found.name)
    now = found.with_texts(own.texts if own else {})
    typed = _texts() if error else {}
    return render_template(
        "letters/template.html",
        organ=organ,
        template=found,
        blocks=[
            {
                "key": block.key,
                "label": block.label,
                "locked": block.locked,
                "role": block.role,
                "text": typed.get(block.key, block.text),
                "own": bool(own and block.key in own.texts),
                "error": error.fields.get(block.key) if error else None,
            }
            for block in now.blocks
        ],
        fields=_used(found),
        own=own,
        history=_history(organ, found),
        error=error,
        token=tokens.fresh_token(),
        tabs=_organs(person, organ, "letters.template", name=found.name),
    )


def _used(found: Template) -> list[dict[str, Any]]:
    """Fields of a letter: those its shipped text uses first, then the others."""
    text = "\n".join(block.text for block in found.blocks)
    kinds = found.kinds().values()
    rows = [{"key": kind.key, "label": kind.label, "used": f" {kind.key} " in text} for kind in kinds]
    return sorted(rows, key=lambda row: not row["used"])


def _history(organ: OrganInfo, found: Template) -> list[dict[str, Any]]:
    labels = {block.key: block.label for block in found.blocks}
    shipped = {block.key: block.text for block in found.blocks}
    return [
        {
            "who": row["who"],
            "at": local_text(row["at"]),
            "reset": not row["new"],
            "changes": [
                {
                    "label": labels.get(key, key),
                    "old": row["old"].get(key, shipped.get(key, "")),
                    "new": row["new"].get(key, shipped.get(key, "")),
                }
                for key in sorted(row["old"].keys() | row["new"].keys())
                if row["old"].get(key) != row["new"].get(key)
            ],
        }
        for row in queries.history(db.session(), organ.id, found.name)
    ]


@bp.post("/letters/templates/<name>/pages")
def template_pages(name: str) -> ResponseReturnValue:
    """Pictures of a template with sample facts and the text as typed, not saved."""
    organ, found = _organ(me()), _template(name)
    problems = texts.check(found, _texts())
    if problems:
        return {"pages": [], "message": next(iter(problems.values()))}
    try:
        return _pictures(composing.sample(organ, found, _texts()))
    except filling.TextError as error:
        return {"pages": [], "message": str(error)}


@bp.get("/letters/templates/<name>/sample.pdf")
def template_pdf(name: str) -> ResponseReturnValue:
    """The saved text with sample facts as PDF."""
    organ, found = _organ(me()), _template(name)
    own = queries.own_text(db.session(), organ.id, name)
    paper = composing.sample(organ, found, own.texts if own else {})
    return _pdf(printing.letter_pdf(paper, rendering.font_folder()), f"{found.label}样张.pdf")


# --- an organ's settings -----------------------------------------------------------------------------------------------


@bp.route("/letters/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """What an organ says once for all its letters."""
    person = me()
    organ = _organ(person)
    if request.method == "POST":
        said = {key: request.form.get(key, "") for key in composing.ORGAN_FIELDS}
        result = service.keep_settings(
            person, organ_id=organ.id, said=said, token=tokens.token_of(request.form)
        )
        flash("文书设置已保存，以后拟的文书使用。" if result["changed"] else "设置没有变化。", "success")
        return redirect(url_for("letters.settings", organ=organ.id), 303)
    said = organ.settings.get("letters") or {}
    defaults = composing.organ_values(organ)
    rows = [
        {
            "key": key,
            "label": label,
            "value": said.get(key, ""),
            "default": "" if key in said else defaults[key],
        }
        for key, label in composing.ORGAN_FIELDS.items()
    ]
    return render_template(
        "letters/settings.html",
        organ=organ,
        rows=rows,
        token=tokens.fresh_token(),
        tabs=_organs(person, organ, "letters.settings"),
    )


room = Room(
    "letters",
    bp,
    ROUTES,
    nav=(NavItem("公文", "文书文字", "letters.templates", "pen", order=340),),
)
