"""Pages for people: list, one person, make, change, close, reset; who holds which post; the import."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from app.accounts import importing, kinds, lockout, personnel, queries, rights, service, sheets, signing
from app.accounts.directory import directory
from app.accounts.forms import (
    CloseForm,
    GrantForm,
    ImportForm,
    NewPersonForm,
    OfficerForm,
    PersonForm,
    choices,
)
from app.accounts.models import Person
from app.accounts.views import bp, page_number, turn
from app.core import xlsx
from app.core.actor import Actor
from app.core.attempt import attempt
from app.core.command import keyring
from app.core.db import db
from app.core.errors import Refused
from app.core.now import today
from app.core.pages import me


def organ_choices(person: Actor) -> list[tuple[int, str]]:
    """Active organs whose pages the person sees, as options."""
    book = directory()
    return [(o.id, o.name) for o in book.organs.values() if o.active and rights.sees_organ(person, o.id)]


def unit_choices(organ_ids: list[int]) -> list[tuple[int, str]]:
    """Units of these organs, named with their organ when there are several."""
    book, several = directory(), len(organ_ids) > 1
    return [
        (unit.id, f"{book.organ(organ_id).short_name} {unit.name}" if several else unit.name)
        for organ_id in organ_ids
        for unit in book.units_of(organ_id)
    ]


@bp.get("/people")
def people() -> ResponseReturnValue:
    """人员名单."""
    chosen: dict[str, Any] = {
        "text": request.args.get("q", "").strip()[:40],
        "organ_id": request.args.get("organ", type=int),
        "state": request.args.get("state", "active"),
    }
    page = queries.people(me(), **chosen, number=page_number())
    return render_template(
        "accounts/people.html",
        page=page,
        pager=turn(page),
        chosen=chosen,
        organs=organ_choices(me()),
        who=me(),
    )


@bp.get("/people/<int:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """One person: data, posts, sign-ins, and what this administrator may do."""
    return _person_page(person_id, GrantForm(formdata=None))


def _person_page(person_id: int, form: GrantForm, status: int = 200) -> ResponseReturnValue:
    row = queries.person(me(), person_id)
    posts = []
    if row.person.nature == "business" and row.person.active and row.person.id != me().person_id:
        posts = queries.grantable(me(), row.person.organ_id, row.person.id)
    form.post_id.choices = choices([(post.id, post.name) for post in posts], "请选择")
    lock = lockout.account_lock(db.session(), keyring(), row.person.login) if row.person.login else None
    held = {post_id: queries.post(me(), post_id) for post_id, _ in row.posts if _sees_post(post_id)}
    page = render_template(
        "accounts/person.html",
        row=row,
        form=form,
        posts=posts,
        lock=lock,
        who=me(),
        signed=queries.sign_ins(row.person.id, most=5) if me().officer == "system_admin" else [],
        may_end=lambda key: key in held and rights.may_grant(me(), held[key].organ_id, held[key].kind),
    )
    return page, status


def _sees_post(post_id: int) -> bool:
    post = directory().post(post_id)
    return post is not None and rights.sees_organ(me(), post.organ_id)


@bp.route("/people/new", methods=["GET", "POST"])
def person_new() -> ResponseReturnValue:
    """增加人员; the one-time password is shown once, on the answer itself."""
    organs = organ_choices(me())
    form = NewPersonForm(organ_id=request.args.get("organ", type=int))
    form.organ_id.choices = choices(organs, "请选择" if len(organs) > 1 else None)
    form.unit_id.choices = choices(unit_choices([key for key, _ in organs]), "不属于某个科室")
    if me().officer != "system_admin":
        del form.nature
    if form.validate_on_submit():
        data = {"name": form.name.data, "login": form.login.data or None, "unit_id": form.unit_id.data}
        data |= {"email": form.email.data or "", "phone": form.phone.data or ""}
        nature = form.nature.data if "nature" in form else "business"
        made = attempt(
            form, lambda: personnel.create_person(me(), organ_id=form.organ_id.data, nature=nature, **data)
        )
        if made:
            return _made(*made)
    return render_template("accounts/person_form.html", form=form, row=None), 422 if form.errors else 200


def _made(person_id: int, password: str | None) -> ResponseReturnValue:
    if password is None:
        flash("已增加。此人不登录系统，只在纸上签批。", "success")
        return redirect(url_for("accounts.person", person_id=person_id), 303)
    row = queries.person(me(), person_id)
    return render_template("accounts/one_time.html", title="账号已建立", row=row, password=password)


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
def person_edit(person_id: int) -> ResponseReturnValue:
    """修改人员."""
    row = queries.person(me(), person_id)
    form = PersonForm(obj=row.person)
    form.unit_id.choices = choices(unit_choices([row.person.organ_id]), "不属于某个科室")
    if form.validate_on_submit():
        data = {"name": form.name.data, "login": form.login.data or None, "unit_id": form.unit_id.data}
        data |= {"email": form.email.data or "", "phone": form.phone.data or ""}
        if attempt(form, lambda: personnel.change_person(me(), person_id, **data) or True):
            flash(f"{form.name.data} 的信息已保存。", "success")
            return redirect(url_for("accounts.person", person_id=person_id), 303)
    return render_template("accounts/person_form.html", form=form, row=row), 422 if form.errors else 200


@bp.route("/people/<int:person_id>/close", methods=["GET", "POST"])
def person_close(person_id: int) -> ResponseReturnValue:
    """停用账号, after showing what the person leaves behind."""
    row, form = queries.person(me(), person_id), CloseForm()
    if form.validate_on_submit():
        knowing = bool(form.knowing.data)
        if attempt(form, lambda: personnel.deactivate_person(me(), person_id, knowing=knowing)):
            flash(f"{row.person.name} 的账号已停用，岗位已免去，登录已结束。", "success")
            return redirect(url_for("accounts.people"), 303)
    left = personnel.left_behind(db.session(), person_id)
    page = render_template("accounts/person_close.html", form=form, row=row, left=left)
    return page, 422 if form.errors else 200


@bp.post("/people/<int:person_id>/open")
def person_open(person_id: int) -> ResponseReturnValue:
    """启用账号."""
    done = personnel.activate_person(me(), person_id)
    flash(f"{done['person']} 的账号已启用。岗位须重新授予，登录前须由系统管理员重置密码。", "success")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/reset")
def person_reset(person_id: int) -> ResponseReturnValue:
    """重置密码; the one-time password is shown once, on the answer itself."""
    password = signing.reset_password(me(), person_id)
    row = queries.person(me(), person_id)
    return render_template("accounts/one_time.html", title="密码已重置", row=row, password=password)


@bp.post("/people/<int:person_id>/unlock")
def person_unlock(person_id: int) -> ResponseReturnValue:
    """解除登录锁定."""
    found = signing.unlock(me(), person_id)
    flash("登录锁定已解除。" if found else "这个账号没有被锁定，现在就可以登录。", "success")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/posts")
def grant(person_id: int) -> ResponseReturnValue:
    """授予岗位."""
    form = GrantForm()
    form.post_id.choices = choices((key, post.name) for key, post in directory().posts.items())
    queries.person(me(), person_id)
    if form.validate():
        done = attempt(form, lambda: service.grant_post(me(), person_id, form.post_id.data))
        if done:
            flash(f"{done['person']} 已任「{done['post']}」，待办即时可见。", "success")
            return redirect(url_for("accounts.person", person_id=person_id), 303)
    return _person_page(person_id, form, 422)


@bp.post("/people/<int:person_id>/posts/<int:post_id>/end")
def revoke(person_id: int, post_id: int) -> ResponseReturnValue:
    """免去岗位."""
    done = service.revoke_post(me(), person_id, post_id)
    flash(f"{done['person']} 不再任「{done['post']}」，其登录已结束，须重新登录。", "success")
    if done["empty"]:
        flash(f"「{done['post']}」现在没有人，送到这个岗位的办件将无人办理，请尽快任命。", "warning")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


# ------------------------------------------------------------------ lists as spreadsheets


def _download(data: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(data), mimetype=xlsx.MIME, as_attachment=True, download_name=name, max_age=0)


@bp.get("/people/export.xlsx")
def people_export() -> ResponseReturnValue:
    """The whole list this administrator sees."""
    query = queries.people_query(me(), state="all").order_by(*queries.PEOPLE_ORDER)
    rows = queries.with_posts(db.session.execute(query).all())
    return _download(sheets.export(rows), f"人员名单-{today().isoformat()}.xlsx")


@bp.get("/people/template.xlsx")
def people_template() -> ResponseReturnValue:
    """The empty list."""
    return _download(sheets.template(me(), directory()), "人员名单模板.xlsx")


@bp.route("/people/import", methods=["GET", "POST"])
def people_import() -> ResponseReturnValue:
    """Upload a list; it is checked row by row, and nothing is imported yet."""
    form = ImportForm()
    if form.validate_on_submit():
        made = attempt(form, lambda: _keep(form.file.data))
        if made:
            return redirect(url_for("accounts.people_import_check", import_id=made["id"]), 303)
    return render_template(
        "accounts/import.html", form=form, most=sheets.MOST_ROWS
    ), 422 if form.errors else 200


def _keep(upload: Any) -> dict[str, int]:
    rows = sheets.read(upload.stream)
    checked = sheets.check(rows, me(), directory(), queries.taken_logins(sheets.logins(rows)))
    kept: dict[str, int] = importing.keep_list(me(), file_name=upload.filename or "", rows=checked)
    return kept


@bp.route("/people/import/<int:import_id>", methods=["GET", "POST"])
def people_import_check(import_id: int) -> ResponseReturnValue:
    """The row-by-row report, and the confirmation of the whole."""
    found, form = queries.people_import(me(), import_id), FlaskForm()
    rows = sorted(found.rows, key=lambda row: (not row["faults"], row["row"]))
    faulty = [row for row in rows if row["faults"]]
    message = ""
    if form.validate_on_submit():
        try:
            made = importing.confirm_list(me(), import_id, rows)
            return render_template("accounts/imported.html", made=made, total=len(rows))
        except Refused as error:
            message = error.message
    page = render_template(
        "accounts/import_check.html", found=found, rows=rows, faulty=faulty, message=message, form=form
    )
    return page, 422 if message else 200


# ------------------------------------------------------------------ 三员


@bp.route("/officers", methods=["GET", "POST"])
def officers() -> ResponseReturnValue:
    """三员: who they are; the 安全管理员 appoints."""
    form, book = OfficerForm(), directory()
    candidates = queries.officer_accounts()
    form.person_id.choices = choices([(one.id, one.name) for one in candidates], "请选择")
    if form.validate_on_submit():
        done = attempt(form, lambda: service.appoint_officer(me(), form.role.data, form.person_id.data))
        if done:
            flash(f"{done['person']} 已任{done['role']}。有关人员须重新登录。", "success")
            return redirect(url_for("accounts.officers"), 303)
    names = [(kinds.OFFICERS[role], book.officers.get(role)) for role in kinds.OFFICERS]
    shown = [(label, db.session.get(Person, holder) if holder else None) for label, holder in names]
    page = render_template("accounts/officers.html", form=form, shown=shown, who=me())
    return page, 422 if form.errors else 200
