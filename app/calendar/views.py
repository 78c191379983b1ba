"""Pages: 工作日历, the import of a year, and its preview."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import FileField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from app.calendar import hooks, months, queries, service, table
from app.calendar.permissions import may_change, require_change
from app.core.db import db
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.now import SHANGHAI, today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of

bp = Blueprint("calendar", __name__, url_prefix="/calendar", template_folder="templates")


class ImportForm(FlaskForm):  # type: ignore[misc]
    """导入一年的放假安排."""

    year = IntegerField(
        "年度", [InputRequired("请填写年度"), NumberRange(*service.YEARS, "请填写四位年份，如 2027")]
    )
    source = StringField(
        "依据",
        [InputRequired("请填写依据"), Length(max=300, message="不超过 300 字")],
        description="国务院办公厅通知的文号或网址，如 国办发明电〔2026〕7号。",
    )
    file = FileField(
        "放假安排表（CSV）", description="列名：日期、类型（放假、上班、地方放假）、名称。可先下载样表。"
    )


@bp.get("/")
def index() -> ResponseReturnValue:
    """工作日历: a year at a glance."""
    calendar, confirmed = queries.current(), queries.years()
    chosen = request.args.get("year", today().year, type=int)
    years = sorted({*confirmed, today().year, today().year + 1})
    if chosen not in years:
        raise NotFound
    days = queries.days_of(db.session(), chosen)
    known = chosen in calendar.years
    return render_template(
        "calendar/index.html",
        year=chosen,
        years=years,
        confirmed=confirmed,
        known=queries.year(chosen),
        months=months.months(calendar, chosen, today()) if known else [],
        holidays=months.holidays(days),
        may_change=may_change(me()),
        waiting=queries.waiting() if may_change(me()) else [],
        runs=queries.unfinished() if not me().is_officer else [],
        shanghai=SHANGHAI,
    )


@bp.get("/<int:year>.csv")
def download(year: int) -> ResponseReturnValue:
    """A confirmed year as a file that the import reads again: the sample to fill in, too."""
    if queries.year(year) is None:
        raise NotFound
    text = table.write(queries.days_of(db.session(), year))
    headers = {"Content-Disposition": f"attachment; filename=holidays-{year}.csv"}
    return Response(text, mimetype="text/csv", headers=headers)


@bp.route("/import", methods=["GET", "POST"])
def year_import() -> ResponseReturnValue:
    """导入: upload a year; nothing changes until its preview is confirmed."""
    require_change(me())
    form = ImportForm(data={"year": today().year + 1})
    status = 200
    if request.method == "POST":
        status = 409
        if form.validate_on_submit():
            try:
                done = _upload(form)
                return redirect(url_for("calendar.preview", upload_id=done["upload"]), 303)
            except NotAllowed:
                raise
            except Refused as error:
                _blame(form, error)
    return _import_page(form), status


def _import_page(form: ImportForm, year: int | None = None, refused: str = "") -> str:
    confirmed = queries.years()
    return render_template(
        "calendar/import.html",
        form=form,
        sample=confirmed[-1] if confirmed else None,
        proposed_year=year or today().year + 1,
        refused=refused,
        token=fresh_token(),
    )


@bp.post("/propose")
def propose() -> ResponseReturnValue:
    """取得建议: a year as the library has it; to be checked, like an upload."""
    require_change(me())
    year = request.form.get("proposed_year", 0, type=int)
    try:
        done = service.propose(me(), year=year, token=token_of(request.form))
    except NotAllowed:
        raise
    except Refused as error:
        return _import_page(ImportForm(None, data={"year": year}), year, error.message), error.status
    return redirect(url_for("calendar.preview", upload_id=done["upload"]), 303)


def _upload(form: ImportForm) -> dict[str, Any]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused("请选择文件。", fields={"file": "请选择文件"})
    data = file.stream.read(table.MOST_BYTES + 1)
    return service.upload(
        me(),
        year=form.year.data,
        source=form.source.data,
        file_name=file.filename,
        data=data,
        token=token_of(request.form),
    )


def _blame(form: ImportForm, error: Refused) -> None:
    """Put a refusal at the fields it names, else at the file."""
    for name, message in (error.fields or {"file": error.message}).items():
        field = form[name]
        field.errors = [*field.errors, error.message if name == "file" else message]


@bp.get("/import/<int:upload_id>")
def preview(upload_id: int) -> ResponseReturnValue:
    """预览: every line with its problem, and what would change."""
    require_change(me())
    return _preview(upload_id)


def _preview(upload_id: int, refused: Refused | None = None) -> str:
    kept = queries.upload(upload_id) if upload_id < 2**62 else None
    if kept is None:
        raise NotFound
    rows = [table.RowReport(**row) for row in kept.rows]
    bad = [row for row in rows if row.problem]
    changes, foreseen = [], []
    if not bad and kept.state == "waiting":
        changes = table.compare(queries.days_of(db.session(), kept.year), table.specials(kept.rows))
        after = queries.read_with(db.session(), kept.year, table.specials(kept.rows))
        foreseen = [_foreseen(look(db.session(), after)) for look in hooks.previews if changes]
    return render_template(
        "calendar/preview.html",
        upload=kept,
        rows=rows,
        bad=bad,
        changes=changes,
        foreseen=foreseen,
        refused=refused,
        source=request.form.get("source", ""),
        doubts=table.doubts(rows, kept.year),
        fresh=queries.year(kept.year) is None,
        labels=table.KIND_LABELS,
        week=table.WEEK,
        parse_day=table.parse_day,
        token=fresh_token(),
        shanghai=SHANGHAI,
    )


#: rows of a preview that are shown
SHOWN = 50


def _foreseen(found: hooks.Foreseen) -> dict[str, Any]:
    """What would move of one kind: the person's own organ row by row, of others only how many."""
    own = [row for row in found.rows if row.organ_id == me().organ_id]
    return {
        "label": found.label,
        "looked": found.looked,
        "more": found.more,
        "moved": len(found.rows),
        "others": len(found.rows) - len(own),
        "rows": own[:SHOWN],
        "hidden": max(0, len(own) - SHOWN),
    }


@bp.post("/import/<int:upload_id>/confirm")
def confirm(upload_id: int) -> ResponseReturnValue:
    """确认: the uploaded year counts from now on; open deadlines are recalculated."""
    try:
        done = service.confirm(
            me(),
            upload_id=upload_id,
            source=request.form.get("source", ""),
            token=token_of(request.form),
        )
    except Refused as error:
        if "source" not in error.fields:
            raise
        return _preview(upload_id, error), error.status
    what = "已确认" if done["fresh"] else f"已更改 {done['days']} 天"
    flash(f"{done['year']} 年放假安排{what}，期限按新的安排计算。", "success")
    if done["run"]:
        return redirect(url_for("calendar.runs", run_id=done["run"]), 303)
    return redirect(url_for("calendar.index", year=done["year"]), 303)


@bp.post("/import/<int:upload_id>/drop")
def drop(upload_id: int) -> ResponseReturnValue:
    """放弃: the upload is put away, the calendar stays as it is."""
    done = service.drop(me(), upload_id=upload_id, token=token_of(request.form))
    flash(f"已放弃这次上传，{done['year']} 年放假安排没有改动。", "success")
    return redirect(url_for("calendar.index"), 303)
