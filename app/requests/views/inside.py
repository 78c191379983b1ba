"""会商、协查: two forms on one page."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.attempt import attempt
from app.core.db import db
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import inside as papers
from app.requests import queries, standing
from app.requests.forms import AssistForm, TalkForm
from app.requests.views import bp


@bp.route("/requests/<int:request_id>/inside", methods=["GET", "POST"])
def inside(request_id: int) -> ResponseReturnValue:
    """会商纪要, 协查函."""
    found = queries.one(db.session(), me(), request_id)
    variant = request.form.get("variant", "talk")
    forms = {"talk": TalkForm(formdata=None, meeting_on=today()), "ask": AssistForm(formdata=None)}
    if request.method == "POST" and variant in forms:
        form = forms[variant] = TalkForm() if variant == "talk" else AssistForm()
        if form.validate_on_submit():
            fields = {field.short_name: field.data for field in form if field.short_name != "csrf_token"}
            done = attempt(
                form,
                lambda: papers.make(
                    me(), request_id=request_id, variant=variant, fields=fields, token=token_of(request.form)
                ),
            )
            if done:
                flash(done["said"], "success")
                return redirect(url_for("letters.show", letter_id=done["letter"]), 303)
    wrong = any(form.errors for form in forms.values())
    page = render_template(
        "requests/inside.html", request=found, forms=forms, token=fresh_token(), due=standing.due(found)
    )
    return page, 422 if wrong else 200
