"""Pages of documents: 公文台账, a document, 文号, import of a 发文登记簿; files have views_files.py."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

from app.accounts.directory import directory
from app.core import tokens, xlsx
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import GongkaiError, NotFound, Refused, Sayable
from app.core.now import SHANGHAI, now, today
from app.core.pages import me
from app.core.rooms import NavItem, Room
from app.documents import files, hooks, importing, queries, register, service, sheets, showing
from app.documents.ledger import STATES
from app.documents.permissions import ROUTES, keeps, scope
from app.documents.queries import Filter

bp = Blueprint("documents", __name__, template_folder="templates")
bp.add_app_template_global(showing.preview_url)


def token_of_form() -> str | None:
    """The token of the submitted form, under either of its names."""
    return tokens.token_of({"token": request.form.get("submission_token") or request.form.get("token", "")})


def link(endpoint: str, **values: Any) -> str | None:
    """A link into a room above, or None where the installation has no such page."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


# --- ledger --------------------------------------------------------------------------------------------------------


def _filter() -> Filter:
    """What is asked for: by default the documents whose attribute stands; who looks for words looks everywhere."""
    args = request.args
    text, stage = args.get("q", "").strip()[:100], args.get("stage", "")
    if stage not in showing.STAGES:
        stage = "all" if text else "settled"
    organ = args.get("organ", type=int)
    return Filter(args.get("attribute", ""), args.get("year", type=int), text, stage, organ)


@bp.get("/documents")
def ledger() -> ResponseReturnValue:
    """公文台账."""
    wanted, before = _filter(), request.args.get("before", type=int)
    page = queries.ledger(db.session(), me(), wanted, before)
    kept: dict[str, Any] = {
        "attribute": wanted.attribute or None,
        "year": wanted.year,
        "q": wanted.text or None,
        "organ": wanted.organ,
        "stage": wanted.stage,
    }
    people = directory()
    organs = [people.organ(organ_id) for organ_id in sorted(scope(me()).organs)]
    return render_template(
        "documents/ledger.html",
        organs=[("", "全部"), *((str(organ.id), organ.short_name) for organ in organs)]
        if len(organs) > 1
        else [],
        tabs=[
            {
                "label": words,
                "url": url_for("documents.ledger", **(kept | {"stage": key})),
                "current": key == wanted.stage,
            }
            for key, words in showing.STAGES.items()
        ],
        rows=[showing.row(row) for row in page.rows],
        wanted=wanted,
        years=[("", "全部"), *((str(today().year - back), f"{today().year - back}年") for back in range(10))],
        attributes=showing.ATTRIBUTE_OPTIONS,
        pager={
            "shown": len(page.rows),
            "first_url": url_for("documents.ledger", **kept) if before else None,
            "next_url": url_for("documents.ledger", **kept, before=page.next_key) if page.next_key else None,
        },
        export_url=url_for("documents.ledger_xlsx", **kept),
        start_url=link("cases.start", process="disclosure_attribute"),
        keeper=bool(keeps(me())),
    )


@bp.get("/documents/ledger.xlsx")
def ledger_xlsx() -> ResponseReturnValue:
    """The ledger as a workbook, filtered as on the page; cells are neutralised."""
    page = queries.ledger(db.session(), me(), _filter(), limit=queries.EXPORT_ROWS)
    body = [showing.cells(showing.row(row)) for row in page.rows]
    notes = (
        []
        if page.next_key is None
        else [f"只导出了最近的 {queries.EXPORT_ROWS} 件，其余请按年度筛选后分次导出。"]
    )
    book = xlsx.write_book("公文台账", showing.CELLS, body, notes)
    return _book(book, f"公文台账-{today().isoformat()}.xlsx")


def _book(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=xlsx.MIME, as_attachment=True, download_name=name)


@bp.get("/documents/<int:document_id>")
def show(document_id: int) -> ResponseReturnValue:
    """A document: facts, mark, history of its attribute, files, reviews, cases."""
    session, person = db.session(), me()
    found = queries.document(session, person, document_id)
    cases = [entry for call in hooks.cases_of for entry in call(session, person, document_id)]
    if not cases and found.case_id is not None and (url := link("cases.case", case_id=found.case_id)):
        cases = [{"label": "公开属性认定", "url": url}]
    change = (
        None if found.secret_entry else link("cases.start", process="disclosure_attribute", document=found.id)
    )
    return render_template(
        "documents/show.html",
        document=found,
        facts=showing.facts(found),
        status=showing.attribute_kind(found.attribute),
        history=showing.history(queries.history(session, found.id)),
        files=[showing.file(row) for row in queries.attachments(session, found)],
        reviews=[showing.review(row) for row in queries.reviews(session, found)],
        cases=cases,
        change_url=change,
    )


@bp.get("/documents/reviews/<int:review_id>/sheet")
def secrecy_sheet(review_id: int) -> ResponseReturnValue:
    """保密审查记录表 of one review, on A4."""
    session, person = db.session(), me()
    found = queries.review(session, person, review_id)
    opinions = [o for call in hooks.opinions_of for o in call(session, found.case_id)]
    return render_template(
        "documents/print/secrecy_sheet.html",
        sheet=sheets.secrecy_sheet(session, found, opinions),
        back_url=request.referrer
        if request.referrer and request.referrer.startswith(request.host_url)
        else None,
        printed_at=f"{now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        printed_by=person.name,
    )


# --- numbers -------------------------------------------------------------------------------------------------------


def _organ(person: Actor) -> int:
    """The organ whose numbers are shown: the one asked for, else the person's own."""
    kept = keeps(person)
    wanted = request.values.get("organ", type=int) or person.organ_id or 0
    if wanted in kept:
        return wanted
    if request.values.get("organ"):
        raise NotFound()
    return min(kept)


@bp.route("/documents/numbers", methods=["GET", "POST"])
def numbers() -> ResponseReturnValue:
    """文号: reserve, enter afterwards, find, void."""
    person = me()
    organ_id = _organ(person)
    if request.method == "POST":
        try:
            return _put_number(person, organ_id)
        except GongkaiError as error:
            return _numbers_page(person, organ_id, error), error.status
    return _numbers_page(person, organ_id)


def _put_number(person: Actor, organ_id: int) -> ResponseReturnValue:
    said = request.form
    if said.get("act") == "enter":
        result = service.enter_number(
            person,
            organ_id=organ_id,
            number=said.get("number", ""),
            document_id=said.get("document", type=int),
            reason=said.get("reason", ""),
            token=token_of_form(),
        )
        flash(f"已补录文号 {result['number']}。", "success")
    else:
        result = service.reserve_number(
            person,
            organ_id=organ_id,
            number=said.get("number", ""),
            prefix=said.get("prefix", ""),
            reason=said.get("reason", ""),
            token=token_of_form(),
        )
        flash(f"已占用文号 {result['number']}。", "success")
    return redirect(url_for("documents.numbers", organ=organ_id), 303)


def _numbers_page(person: Actor, organ_id: int, error: GongkaiError | None = None) -> str:
    args, people = request.args, directory()
    state, text, before = args.get("state", ""), args.get("q", "").strip()[:60], args.get("before", type=int)
    page = queries.numbers(db.session(), organ_id, state, text, before)
    kept: dict[str, Any] = {"organ": organ_id, "state": state or None, "q": text or None}
    return render_template(
        "documents/numbers.html",
        organ=people.organ(organ_id),
        organs=[people.organ(organ) for organ in sorted(keeps(person))],
        rows=[showing.number(row) for row in page.rows],
        state=state,
        text=text,
        states=STATES,
        waiting=queries.without_number(db.session(), organ_id),
        prefix=service.usual_prefix(organ_id),
        error=error,
        said=request.form,
        token=tokens.fresh_token(),
        pager={
            "shown": len(page.rows),
            "first_url": url_for("documents.numbers", **kept) if before else None,
            "next_url": url_for("documents.numbers", **kept, before=page.next_key) if page.next_key else None,
        },
    )


@bp.post("/documents/numbers/<int:number_id>/void")
def void_number(number_id: int) -> ResponseReturnValue:
    """作废."""
    result = service.void_number(
        me(), number_id=number_id, reason=request.form.get("reason", ""), token=token_of_form()
    )
    flash(f"{result['number']} 已作废，不再使用。", "success")
    return redirect(url_for("documents.numbers", organ=request.form.get("organ", type=int)), 303)


# --- import --------------------------------------------------------------------------------------------------------


@bp.route("/documents/import", methods=["GET", "POST"])
def imports() -> ResponseReturnValue:
    """导入发文登记簿: upload and check; earlier uploads below."""
    person = me()
    organ_id = _organ(person)
    if request.method == "POST":
        try:
            return _check_upload(person, organ_id)
        except Refused as error:
            return _imports_page(person, organ_id, error), error.status
    return _imports_page(person, organ_id)


def _check_upload(person: Actor, organ_id: int) -> ResponseReturnValue:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Refused("请选择发文登记簿文件（XLSX 或 CSV）。")
    name = files.clean_name(upload.filename)
    rows = importing.check(db.session(), organ_id, register.bounded(upload.stream), name)
    upload.stream.seek(0)
    stored = files.store(upload.stream, name, frozenset({"csv"}))
    wrong = sum(bool(row.errors) for row in rows)
    result = importing.upload(
        person, organ_id=organ_id, stored=stored, rows=len(rows), errors=wrong, token=token_of_form()
    )
    return redirect(url_for("documents.import_report", import_id=result["id"]), 303)


def _imports_page(person: Actor, organ_id: int, error: GongkaiError | None = None) -> str:
    people, before = directory(), request.args.get("before", type=int)
    page = queries.imports(db.session(), keeps(person), before)
    return render_template(
        "documents/imports.html",
        organ=people.organ(organ_id),
        organs=[people.organ(organ) for organ in sorted(keeps(person))],
        rows=[showing.imported(row) for row in page.rows],
        error=error,
        token=tokens.fresh_token(),
        pager={
            "shown": len(page.rows),
            "first_url": url_for("documents.imports") if before else None,
            "next_url": url_for("documents.imports", before=page.next_key) if page.next_key else None,
        },
    )


@bp.get("/documents/import/template.xlsx")
def import_template() -> ResponseReturnValue:
    """An empty 发文登记簿 with its explanations."""
    head = [register.LABELS[key] for key in register.COLUMNS]
    return _book(xlsx.write_book("发文登记簿", head, [], showing.TEMPLATE_NOTES), "发文登记簿模板.xlsx")


@bp.route("/documents/import/<int:import_id>", methods=["GET", "POST"])
def import_report(import_id: int) -> ResponseReturnValue:
    """The check's report, row by row; its button imports everything at once."""
    person = me()
    batch = importing.of(db.session(), person, import_id)
    if request.method == "POST":
        try:
            result = importing.confirm(person, import_id=import_id, token=token_of_form())
        except Sayable as error:
            return _report_page(batch.id, error), error.status
        duties = f"，其中主动公开 {result['proactive']} 件已列入公开任务" if result["proactive"] else ""
        flash(f"已导入 {result['documents']} 件公文{duties}。", "success")
        return redirect(url_for("documents.ledger"), 303)
    return _report_page(import_id)


def _report_page(import_id: int, error: GongkaiError | None = None) -> str:
    session = db.session()
    batch = importing.of(session, me(), import_id)
    rows: list[register.Row] = []
    if batch.state == "checked":
        with files.open_file(batch.file_hash) as file:
            rows = importing.check(session, batch.organ_id, file, batch.name)
    wrong = [row for row in rows if row.errors]
    only_wrong = request.args.get("show") != "all" and bool(wrong)
    number, shown = max(request.args.get("page", 1, type=int), 1), wrong if only_wrong else rows
    pages = max((len(shown) + queries.PAGE - 1) // queries.PAGE, 1)
    number = min(number, pages)
    return render_template(
        "documents/import_report.html",
        batch=batch,
        state=showing.IMPORT_STATES[batch.state],
        total=len(rows),
        wrong=len(wrong),
        only_wrong=only_wrong,
        rows=[showing.report_row(row) for row in shown[(number - 1) * queries.PAGE : number * queries.PAGE]],
        counts=showing.counts(rows),
        error=error,
        token=tokens.fresh_token(),
        pager={
            "number": number,
            "pages": pages,
            "total": len(shown),
            "url": lambda n: url_for(
                "documents.import_report", import_id=import_id, page=n, show=request.args.get("show")
            ),
        },
    )


@bp.post("/documents/import/<int:import_id>/drop")
def import_drop(import_id: int) -> ResponseReturnValue:
    """放弃导入."""
    importing.drop(me(), import_id=import_id, token=token_of_form())
    flash("已放弃这次导入，台账没有变化。", "success")
    return redirect(url_for("documents.imports"), 303)


room = Room(
    "documents",
    bp,
    ROUTES,
    nav=(
        NavItem("公文", "公文台账", "documents.ledger", "docs", order=310),
        NavItem("公文", "文号", "documents.numbers", "stamp", order=320),
        NavItem("公文", "导入发文登记簿", "documents.imports", "upload", order=330),
    ),
)
