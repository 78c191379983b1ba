"""待办, 已办, 办结, 我拟的, 检索, 发起办件."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import processes
from app.accounts.directory import directory
from app.cases import asking, queries, service
from app.cases.models import NO_DUE
from app.cases.showing import due_words
from app.cases.views import bp
from app.core.db import db
from app.core.errors import GongkaiError, NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.documents import service as documents
from app.processes import queries as process_queries
from forms.builder import Around, bind, facts_of

TABS = (("inbox", "待办"), ("done", "已办"), ("closed", "办结"), ("mine", "我拟的"))


def _tabs(current: str, count: int | None) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": url_for("cases.inbox" if key == "inbox" else "cases.listed", which=None if key == "inbox" else key),
            "count": count if key == "inbox" else None,
            "current": key == current,
        }
        for key, label in TABS
    ]


@bp.get("/work")
def inbox() -> ResponseReturnValue:
    """待办: what this person may do now, soonest first."""
    person, session = me(), db.session()
    page = queries.inbox(session, person, request.args.get("after"))
    count = queries.inbox_count(session, person)
    rows = [dict(row) | {"due": due_words(row["due_on"], today())} for row in page.rows]
    pager = {
        "next_url": url_for("cases.inbox", after=page.next_key) if page.next_key else None,
        "first_url": url_for("cases.inbox") if request.args.get("after") else None,
        "shown": len(rows),
    }
    return render_template(
        "cases/inbox.html",
        rows=rows,
        tabs=_tabs("inbox", count),
        pager=pager,
        people=directory(),
        no_due=NO_DUE,
        token=fresh_token,
    )


@bp.get("/work/<any(done,closed,mine):which>")
def listed(which: str) -> ResponseReturnValue:
    """已办, 办结, 我拟的: newest first."""
    person, session = me(), db.session()
    page = queries.listed(session, person, which, request.args.get("before"))
    return _list_page(page, _tabs(which, None), dict(TABS)[which], "cases.listed", which=which)


@bp.get("/search")
def search() -> ResponseReturnValue:
    """检索: number or title, within what the person may see."""
    text = request.args.get("q", "").strip()[:100]
    page = queries.search(db.session(), me(), text, request.args.get("before")) if text else queries.Page([], None)
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
    return render_template("cases/start_list.html", runtimes=mine)


@bp.route("/start/<process>", methods=["GET", "POST"])
def start(process: str) -> ResponseReturnValue:
    """The form that begins a case; for a document that exists already (属性变更) it comes with its facts."""
    person = me()
    runtime = processes.active(process)
    if not runtime.startable:
        raise NotFound()
    definition = runtime.form(process, "start")
    document = documents.facts_for_start(person, request.args.get("document", type=int))
    around = Around(known=document, options=asking.lists(directory(), person.organ_id or 0), today=today())
    formdata = request.form if request.method == "POST" else None
    form = bind(definition, around, formdata=formdata, saved=document or None)
    if request.method == "POST" and form.validate():
        answers = form.answers()
        submitted = service.Submitted(answers=answers, facts=facts_of(definition, answers))
        try:
            result = service.start(
                person,
                process=process,
                submitted=submitted,
                title=runtime.title(answers),
                document_id=document.get("document_id"),
                data=document,
                token=token_of(request.form),
            )
        except GongkaiError as error:
            flash(error.message, "danger")
        else:
            flash(f"已登记 {result['number']}。", "success")
            target = url_for("cases.work", item_id=result["item"]) if result["item"] else None
            return redirect(target or url_for("cases.case", case_id=result["case"]), 303)
    status = 422 if request.method == "POST" else 200
    return render_template("cases/start.html", runtime=runtime, form=form, document=document, token=fresh_token()), status
