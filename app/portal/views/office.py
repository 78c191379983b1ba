"""The office's side: what an organ offers, tables of a platform, what goes back, keys of the interface."""

from __future__ import annotations

import io
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import OrganInfo, directory
from app.core import xlsx
from app.core.attempt import attempt
from app.core.command import keyring
from app.core.db import db
from app.core.errors import NotFound, Refused, Sayable
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.portal import exporting, importing, service, sheets
from app.portal.forms import ImportForm, PartnerForm
from app.portal.models import Partner
from app.portal.offering import FIELDS, installed, offer_of
from app.portal.permissions import keeps
from app.portal.platform import COLUMNS
from app.portal.views import bp

STATES = {"checked": ("waiting", "待确认"), "done": ("done", "已导入"), "dropped": ("void", "已放弃")}


def _organ() -> OrganInfo:
    """The organ that is being kept: the one named, else the person's own."""
    mine = sorted(keeps(me()))
    wanted = request.values.get("organ", type=int) or (me().organ_id if me().organ_id in mine else None)
    wanted = wanted or (mine[0] if mine else None)
    if wanted not in mine:
        raise NotFound()
    return directory().organ(wanted)


def _tabs(endpoint: str, organ: OrganInfo) -> list[dict[str, Any]]:
    people = directory()
    organs = [people.organ(number) for number in sorted(keeps(me()))]
    return [
        {"label": each.short_name, "url": url_for(endpoint, organ=each.id), "current": each.id == organ.id}
        for each in organs
    ]


@bp.route("/exchange/site", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """公开网站设置: the guide of an organ, and whether it takes applications here."""
    organ = _organ()
    found, errors, typed = offer_of(organ), {}, None
    kept = dict(organ.settings.get("portal") or {})
    if request.method == "POST":
        typed = {key: request.form.get(key, "") for key in FIELDS} | {"open": "open" in request.form}
        said = {key: str(typed[key]) for key in FIELDS}
        try:
            done = service.keep_settings(
                me(), organ_id=organ.id, open_=bool(typed["open"]), said=said, token=token_of(request.form)
            )
        except Refused as error:
            errors = dict(error.fields) or {"open": error.message}
        else:
            flash("公开网站设置已保存。" if done["changed"] else "设置没有变化。", "success")
            return redirect(url_for("portal.settings", organ=organ.id), 303)
    rows = [
        {
            "key": key, "label": label, "most": most, "many": many, "error": errors.get(key, ""),
            "value": typed[key] if typed else kept.get(key, ""),
            "default": found.said[key] if key not in kept else "",
        }
        for key, (label, most, many) in FIELDS.items()
    ]  # fmt: skip
    page = render_template(
        "portal/settings.html", organ=organ, offer=found, rows=rows, token=fresh_token(), installed=installed(),
        open=typed["open"] if typed else found.open, errors=errors, tabs=_tabs("portal.settings", organ),
    )  # fmt: skip
    return page, 422 if errors else 200


# --- tables of a platform ---------------------------------------------------------------------------------------------


@bp.route("/exchange/imports", methods=["GET", "POST"])
def imports() -> ResponseReturnValue:
    """导入平台申请: upload a table; what was uploaded lately."""
    form = ImportForm()
    if request.method == "POST":
        made = attempt(form, lambda: _upload(form))
        if made:
            return redirect(url_for("portal.import_show", import_id=made["id"]), 303)
    rows = [
        {"row": row, "status": STATES[row.state], "url": url_for("portal.import_show", import_id=row.id)}
        for row in importing.recent(db.session(), me())
    ]
    page = render_template("portal/imports.html", form=form, rows=rows, token=fresh_token())
    return page, 422 if form.errors else 200


def _upload(form: ImportForm) -> dict[str, Any]:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Refused("请选择要导入的表格。", fields={"file": "请选择文件。"})
    try:
        rows = sheets.read(given.stream, given.filename)
    except Refused as error:
        raise Refused(error.message, fields={"file": error.message}) from error
    result: dict[str, Any] = importing.upload(
        me(), name=given.filename, rows=rows, token=token_of(request.form)
    )
    return result


@bp.get("/exchange/imports/template.xlsx")
def import_template() -> ResponseReturnValue:
    """An empty table."""
    return _file(sheets.template(), xlsx.MIME, "平台申请模板.xlsx")


@bp.get("/exchange/imports/<int:import_id>")
def import_show(import_id: int) -> ResponseReturnValue:
    """The report, row by row."""
    kept = importing.of(db.session(), me(), import_id)
    return render_template(
        "portal/import_show.html", kept=kept, status=STATES[kept.state], rows=importing.rows_of(kept),
        token=fresh_token(), columns=COLUMNS,
    )  # fmt: skip


@bp.post("/exchange/imports/<int:import_id>/confirm")
def import_confirm(import_id: int) -> ResponseReturnValue:
    """Register every row."""
    importing.of(db.session(), me(), import_id)
    try:
        done = importing.confirm(me(), import_id=import_id, token=token_of(request.form))
    except Refused as error:
        flash(error.message, "danger")
        return redirect(url_for("portal.import_show", import_id=import_id), 303)
    known = f"，另有 {done['known']} 件早已登记" if done["known"] else ""
    flash(f"已导入 {done['fresh']} 件{known}。尚未确认的，请逐件与申请人确认。", "success")
    return redirect(url_for("requests.queue"), 303)


@bp.post("/exchange/imports/<int:import_id>/drop")
def import_drop(import_id: int) -> ResponseReturnValue:
    """Give the table up."""
    importing.drop(me(), import_id=import_id, token=token_of(request.form))
    flash("已放弃，表格内容已清除。", "success")
    return redirect(url_for("portal.imports"), 303)


@bp.get("/exchange/states")
def export() -> ResponseReturnValue:
    """办理状态和答复 of the platform's applications, to carry back by hand."""
    rows: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = exporting.states(db.session(), me().organ_id or 0, after=after)
        rows += page["rows"]
        after = page["next"]
    if request.args.get("format") == "json":
        response = Response(_json(rows), mimetype="application/json")
        response.headers["Content-Disposition"] = "attachment; filename=states.json"
        return response
    return _file(
        sheets.write_csv(exporting.HEAD, map(exporting.cells, rows)), "text/csv", "平台申请办理状态.csv"
    )


def _json(rows: list[dict[str, Any]]) -> bytes:
    import orjson

    return orjson.dumps({"rows": rows}, option=orjson.OPT_INDENT_2)


def _file(content: bytes, mime: str, name: str) -> ResponseReturnValue:
    return send_file(io.BytesIO(content), mimetype=mime, as_attachment=True, download_name=name, etag=False)


# --- keys of the interface ---------------------------------------------------------------------------------------------


@bp.route("/exchange/partners", methods=["GET", "POST"])
def partners() -> ResponseReturnValue:
    """平台接口: keys, each shown once when it is made."""
    organ, form, shown = _organ(), PartnerForm(), None
    if organ.office_id is not None:
        organ = directory().organ(organ.office_id)
    if form.validate_on_submit():
        made = attempt(
            form,
            lambda: service.add_partner(
                me(), organ_id=organ.id, name=form.name.data or "", token=token_of(request.form)
            ),
        )
        if made:
            partner = db.session().get(Partner, made["id"])
            shown = {"partner": partner, "key": service.key_once(keyring(), partner)} if partner else None
            form = PartnerForm(formdata=None)
    query = sa.select(Partner).where(Partner.organ_id == organ.id).order_by(Partner.id.desc()).limit(50)
    page = render_template(
        "portal/partners.html", organ=organ, form=form, rows=db.session().scalars(query).all(), shown=shown,
        token=fresh_token(), base=request.host_url.rstrip("/"),
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/exchange/partners/<int:partner_id>/end")
def partner_end(partner_id: int) -> ResponseReturnValue:
    """停用."""
    try:
        done = service.end_partner(me(), partner_id=partner_id, token=token_of(request.form))
    except Sayable as error:
        flash(error.message, "warning")
        return redirect(url_for("portal.partners"), 303)
    flash(f"「{done['name']}」的密钥已停用。", "success")
    return redirect(url_for("portal.partners", organ=done["organ"]), 303)
