"""已办, 办结, 我拟的, 检索, 发起办件."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app import processes
from app.accounts.directory import directory
from app.cases import asking, desk, queries, searching, service
from app.cases.registry import BEGINNINGS
from app.cases.views import bp
from app.core.db import db
from app.core.errors import GongkaiError, NotFound, Sayable
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.documents import beforehand
from app.processes import queries as process_queries
from forms.conditions import for_browser

TITLES = {"done": "已办", "closed": "办结", "mine": "我拟的"}


@bp.get("/work/<any(done,closed,mine):which>")
def listed(which: str) -> ResponseReturnValue:
    """已办, 办结, 我拟的: newest first."""
    person, session = me(), db.session()
    page = queries.listed(session, person, which, request.args.get("before"))
    return _list_page(page, desk.tabs(which, None), TITLES[which], "cases.listed", which=which)


@bp.get("/search")
def search() -> ResponseReturnValue:
    """检索: number, title, applicant or mail number, within what the person may see."""
    text = request.args.get("q", "").strip()[:100]
    page = searching.page(db.session(), me(), text, request.args.get("before"))
    return _list_page(page, [], "检索", "cases.search", q=text)


def _list_page(
    page: queries.Page, tabs: Sequence[Mapping[str, Any]], title: str, endpoint: str, **args: Any
) -> ResponseReturnValue:
    places = queries.places(db.session(), [row["case_id"] for row in page.rows])
    pager = {
        "next_url": url_for(endpoint, before=page.next_key, **args) if page.next_key else None,
        "first_url": url_for(endpoint, **args) if request.args.get("before") else None,
        "shown": len(page.rows),
    }
    return render_template(
        "cases/list.html",
        rows=page.rows,
        places=places,
        tabs=tabs,
        title=title,
        pager=pager,
        people=directory(),
        search_text=args.get("q", ""),
        searching=endpoint == "cases.search",
    )


# --- start ---------------------------------------------------------------------------------------------------


@bp.get("/start")
def start_list() -> ResponseReturnValue:
    """发起办件: what this person may start."""
    person = me()
    runtimes = [processes.active(key) for key in process_queries.startable(db.session())]
    mine = [r for r in runtimes if r.startable and (not r.start_kinds or r.start_kinds & person.kinds)]
    beginnings = [found for call in BEGINNINGS if (found := call(person))]
    return render_template("cases/start_list.html", runtimes=mine, beginnings=beginnings)


@bp.route("/start/<process>", methods=["GET", "POST"])
def start(process: str) -> ResponseReturnValue:
    """The form that begins a case; for a document that exists already (属性变更) it comes with its facts."""
    person = me()
    runtime = processes.active(process)
    if not runtime.startable:
        raise NotFound()
    document = beforehand.facts_for_start(
        db.session(), person, request.values.get("document_id") or request.args.get("document")
    )
    asked = asking.ask_first(db.session(), runtime, person, document)
    problems: list[str] = []
    if request.method == "POST":
        formdata, problems = asking.with_uploads(request.form, request.files, _keep_first)
        asked = asking.ask_first(db.session(), runtime, person, document)
        form = asking.form_of(asked, formdata=formdata)
        if form.validate() and not problems:
            submitted = asking.said_of(asked, form).own
            if not document:
                document = beforehand.facts_for_start(db.session(), person, submitted.answers.get("document"))
            try:
                result = service.start(
                    person,
                    process=process,
                    submitted=submitted,
                    title=runtime.title(form.answers()),
                    document_id=document.get("document_id"),
                    data=document,
                    token=token_of(request.form),
                )
            except Sayable as error:
                problems = [error.message]
            else:
                flash(f"已登记 {result['number']}。{result['said']}", "success")
                if result["item"]:
                    return redirect(url_for("cases.work", item_id=result["item"]), 303)
                return redirect(url_for("cases.case", case_id=result["case"]), 303)
    else:
        form = asking.form_of(asked, saved=document or None)
    page = render_template(
        "cases/start.html",
        runtime=runtime,
        form=form,
        document=document,
        problems=problems,
        conditions=for_browser(asked.definition, form.names),
        token=fresh_token(),
    )
    return page, 422 if request.method == "POST" else 200


@bp.post("/start/<process>/files")
def upload_first(process: str) -> ResponseReturnValue:
    """Upload one file before the case exists: JSON {id, name, size}."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return {"message": "请选择文件。"}, 422
    try:
        return _keep_first(request.form.get("field", "files")[:40], file)
    except GongkaiError as error:
        return {"message": error.message}, error.status


def _keep_first(field: str, upload: FileStorage) -> dict[str, Any]:
    return beforehand.keep(me(), upload.stream, upload.filename or "", field)
