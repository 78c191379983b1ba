"""常用语与签名: the page where a person keeps them, and the list an opinion field asks for."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.cases import phrases as desk
from app.cases.png import MOST_BYTES
from app.cases.views import bp
from app.core.db import db, dumps
from app.core.errors import GongkaiError, NotFound
from app.core.pages import me


@bp.route("/work/phrases", methods=["GET", "POST"])
def phrases() -> ResponseReturnValue:
    """The page; POST adds a phrase."""
    problems: list[str] = []
    if request.method == "POST":
        try:
            flash(desk.keep(me(), text=request.form.get("text", ""))["said"], "success")
            return redirect(url_for("cases.phrases"), 303)
        except GongkaiError as error:
            problems = [error.message]
    return _page(problems, text=request.form.get("text", "")), 422 if problems else 200


def _page(problems: list[str], text: str = "") -> str:
    session, person = db.session(), me()
    organ_id = person.organ_id or 0
    return render_template(
        "cases/phrases.html",
        phrases=desk.of(session, person.person_id),
        usual=desk.USUAL,
        image=desk.image(session, person.person_id),
        prints=desk.used(directory().organ(organ_id).settings),
        may_set=person.holds("unit_admin", organ_id),
        problems=problems,
        text=text,
        most=MOST_BYTES // 1000,
    )


@bp.get("/work/phrases/list")
def phrase_list() -> Response:
    """What an opinion field offers: JSON, a list of texts."""
    body = dumps(desk.texts(db.session(), me().person_id))
    return Response(body, mimetype="application/json", headers={"Cache-Control": "private, max-age=30"})


@bp.post("/work/phrases/<int:phrase_id>")
def arrange_phrase(phrase_id: int) -> ResponseReturnValue:
    """Delete a phrase or move it up."""
    up = request.form.get("act") == "up"
    flash(desk.arrange(me(), phrase_id=phrase_id, up=up)["said"], "success")
    return redirect(url_for("cases.phrases"), 303)


@bp.post("/work/signature")
def keep_signature() -> ResponseReturnValue:
    """Upload the image of one's own signature."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(["请选择一个 PNG 图片。"]), 422
    try:
        flash(desk.sign_with(me(), data=file.stream.read(MOST_BYTES + 1))["said"], "success")
    except GongkaiError as error:
        return _page([error.message]), 422
    return redirect(url_for("cases.phrases"), 303)


@bp.post("/work/signature/drop")
def drop_signature() -> ResponseReturnValue:
    """Take it away."""
    try:
        flash(desk.sign_without(me())["said"], "success")
    except NotFound:
        flash("您没有上传过签名图样。", "info")
    return redirect(url_for("cases.phrases"), 303)


@bp.post("/work/signature/use")
def use_signatures() -> ResponseReturnValue:
    """The organ's choice, by its 单位管理员."""
    flash(desk.use_images(me(), on=request.form.get("on") == "1")["said"], "success")
    return redirect(url_for("cases.phrases"), 303)
