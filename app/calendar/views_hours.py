"""办公时间."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.calendar import keeping_hours
from app.calendar.views import bp
from app.core.errors import NotFound, Sayable
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


@bp.route("/hours", methods=["GET", "POST"])
def hours() -> ResponseReturnValue:
    """When this person's organ works, and when nobody is reminded."""
    person = me()
    organ_id = person.organ_id
    if organ_id is None:
        raise NotFound()
    shown, error = keeping_hours.shown(organ_id), None
    if request.method == "POST":
        said = {key: request.form.get(key, "") for key in keeping_hours.FIELDS}
        try:
            done = keeping_hours.keep(person, organ_id=organ_id, said=said, token=token_of(request.form))
            flash(done["said"], "success")
            return redirect(url_for("calendar.hours"), 303)
        except Sayable as refused:
            error, shown = refused, said
    page = render_template(
        "calendar/hours.html",
        shown=shown,
        labels=keeping_hours.FIELDS,
        may=keeping_hours.keeps(person, organ_id),
        error=error,
        token=fresh_token(),
    )
    return page, error.status if error else 200
