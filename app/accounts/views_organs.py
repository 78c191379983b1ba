"""Pages for organs, units and posts."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import kinds, queries, rights, service
from app.accounts.directory import directory
from app.accounts.forms import (
    EditOrganForm,
    NewOrganForm,
    NewPostForm,
    OrganForm,
    PostForm,
    UnitForm,
    choices,
)
from app.accounts.views import bp, page_number, turn
from app.accounts.views_people import organ_choices, unit_choices
from app.core.attempt import attempt
from app.core.pages import me


@bp.get("/organs")
def organs() -> ResponseReturnValue:
    """机关."""
    page = queries.organs(me(), page_number())
    return render_template(
        "accounts/organs.html",
        page=page,
        pager=turn(page),
        organ_kinds=kinds.ORGAN_KINDS,
        book=directory(),
        who=me(),
    )


@bp.get("/organs/<int:organ_id>")
def organ(organ_id: int) -> ResponseReturnValue:
    """One organ: its units, its posts and who holds them."""
    found = queries.organ(me(), organ_id)
    page = queries.posts(me(), organ_id=organ_id, number=page_number())
    may_units = me().officer == "system_admin" or me().holds("unit_admin", organ_id)
    return render_template(
        "accounts/organ.html",
        organ=found,
        units=queries.units(organ_id, closed=True),
        page=page,
        pager=turn(page),
        organ_kinds=kinds.ORGAN_KINDS,
        office=directory().organs.get(found.office_id) if found.office_id else None,
        may_units=may_units,
        may_post=lambda kind: rights.may_grant(me(), organ_id, kind),
        who=me(),
    )


def _offices(form: OrganForm, organ_id: int | None = None) -> None:
    organs = directory().organs.values()
    options = [(o.id, o.name) for o in organs if o.active and o.office_id is None and o.id != organ_id]
    form.office_id.choices = choices(options, "自己办理")


def _data(form: OrganForm) -> dict[str, object]:
    names = ("name", "short_name", "kind", "office_id", "secrecy_levels")
    return {name: form[name].data for name in names} | {"doc_prefix": form.doc_prefix.data or ""}


@bp.route("/organs/new", methods=["GET", "POST"])
def organ_new() -> ResponseReturnValue:
    """设立机关."""
    form = NewOrganForm()
    _offices(form)
    if form.validate_on_submit():
        made = attempt(form, lambda: service.create_organ(me(), code=form.code.data, **_data(form)))
        if made:
            flash(f"机关「{form.name.data}」已设立。接着设科室、增加人员。", "success")
            return redirect(url_for("accounts.organ", organ_id=made["id"]), 303)
    return render_template("accounts/organ_form.html", form=form, organ=None), 422 if form.errors else 200


@bp.route("/organs/<int:organ_id>/edit", methods=["GET", "POST"])
def organ_edit(organ_id: int) -> ResponseReturnValue:
    """修改机关."""
    found = queries.organ(me(), organ_id)
    kept = {"secrecy_levels": 3, "withdraw_unopened": False} | (found.settings or {})
    form = EditOrganForm(obj=found, **{name: kept[name] for name in ("secrecy_levels", "withdraw_unopened")})
    _offices(form, organ_id)
    if form.validate_on_submit():
        data = _data(form) | {name: bool(form[name].data) for name in ("active", "withdraw_unopened")}
        if attempt(form, lambda: service.change_organ(me(), organ_id, **data) or True):
            flash("机关信息已保存。", "success")
            return redirect(url_for("accounts.organ", organ_id=organ_id), 303)
    return render_template("accounts/organ_form.html", form=form, organ=found), 422 if form.errors else 200


@bp.route("/organs/<int:organ_id>/units/new", methods=["GET", "POST"])
def unit_new(organ_id: int) -> ResponseReturnValue:
    """设立科室."""
    found, form = queries.organ(me(), organ_id), UnitForm()
    del form.active
    if form.validate_on_submit() and attempt(
        form, lambda: service.create_unit(me(), organ_id, name=form.name.data)
    ):
        flash(f"科室「{form.name.data}」已设立，并设了承办人、科室负责人两个岗位。", "success")
        return redirect(url_for("accounts.organ", organ_id=organ_id), 303)
    return render_template(
        "accounts/unit_form.html", form=form, organ=found, unit=None
    ), 422 if form.errors else 200


@bp.route("/units/<int:unit_id>", methods=["GET", "POST"])
def unit_edit(unit_id: int) -> ResponseReturnValue:
    """修改科室."""
    unit = queries.unit(me(), unit_id)
    organ, form = queries.organ(me(), unit.organ_id), UnitForm(obj=unit)
    if form.validate_on_submit():
        data = {"name": form.name.data, "active": bool(form.active.data)}
        if attempt(form, lambda: service.change_unit(me(), unit_id, **data) or True):
            flash("科室信息已保存。", "success")
            return redirect(url_for("accounts.organ", organ_id=organ.id), 303)
    return render_template(
        "accounts/unit_form.html", form=form, organ=organ, unit=unit
    ), 422 if form.errors else 200


@bp.get("/posts")
def posts() -> ResponseReturnValue:
    """岗位: who holds which post where."""
    chosen: dict[str, Any] = {
        "organ_id": request.args.get("organ", type=int),
        "kind": request.args.get("kind", ""),
        "vacant": request.args.get("vacant") == "1",
    }
    page = queries.posts(me(), **chosen, number=page_number())
    return render_template(
        "accounts/posts.html",
        page=page,
        pager=turn(page),
        chosen=chosen,
        organs=organ_choices(me()),
        post_kinds=kinds.POST_KINDS,
        who=me(),
        may_post=lambda post: rights.may_grant(me(), post.organ_id, post.kind),
    )


@bp.route("/posts/new", methods=["GET", "POST"])
def post_new() -> ResponseReturnValue:
    """设岗."""
    organs = organ_choices(me())
    form = NewPostForm(organ_id=request.args.get("organ", type=int))
    form.organ_id.choices = choices(organs, "请选择" if len(organs) > 1 else None)
    form.unit_id.choices = choices(unit_choices([key for key, _ in organs]), "全机关")
    form.kind.choices = choices(
        (kind, label)
        for kind, (label, _) in kinds.POST_KINDS.items()
        if me().officer == "security_admin" or kind not in kinds.GOVERNING
    )
    if form.validate_on_submit():
        data = {"organ_id": form.organ_id.data, "kind": form.kind.data, "unit_id": form.unit_id.data}
        if attempt(form, lambda: service.create_post(me(), **data, name=form.name.data or "")):
            flash("岗位已设立。接着在人员页面授予岗位。", "success")
            return redirect(url_for("accounts.organ", organ_id=form.organ_id.data), 303)
    return render_template("accounts/post_form.html", form=form, post=None), 422 if form.errors else 200


@bp.route("/posts/<int:post_id>", methods=["GET", "POST"])
def post_edit(post_id: int) -> ResponseReturnValue:
    """修改岗位名称，或撤销岗位."""
    post = queries.post(me(), post_id)
    form = PostForm(obj=post)
    if form.validate_on_submit():
        data = {"name": form.name.data, "active": bool(form.active.data)}
        if attempt(form, lambda: service.change_post(me(), post_id, **data) or True):
            flash("岗位已保存。", "success")
            return redirect(url_for("accounts.organ", organ_id=post.organ_id), 303)
    return render_template("accounts/post_form.html", form=form, post=post), 422 if form.errors else 200
