"""催办督办设置."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.errors import NotFound, Sayable
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.obligations import order_settings
from app.obligations.views import bp


@bp.route("/orders/settings", methods=["GET", "POST"])
def order_settings_page() -> ResponseReturnValue:
    """How this person's organ urges and orders."""
    person = me()
    organ_id = person.organ_id
    if organ_id is None:
        raise NotFound()
    shown, error = order_settings.shown(organ_id), None
    if request.method == "POST":
        said = {key: request.form.get(key, "") for key in ("urge_hours", "order_number")}
        try:
            done = order_settings.keep(person, organ_id=organ_id, token=token_of(request.form), **said)
            flash(done["said"], "success")
            return redirect(url_for("obligations.order_settings_page"), 303)
        except Sayable as refused:
            error, shown = refused, shown | said
    page = render_template(
        "obligations/order_settings.html",
        shown=shown,
        may=order_settings.keeps(person, organ_id),
        error=error,
        token=fresh_token(),
    )
    return page, error.status if error else 200
