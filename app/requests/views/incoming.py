"""来件: everything that arrived, before and after it was determined (domain.md 12.2)."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.attempt import attempt
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import intake, queries, showing
from app.requests.forms import DetermineForm, IncomingForm
from app.requests.kinds import CHANNELS, INCOMING
from app.requests.views import bp


@bp.get("/incoming")
def incoming() -> ResponseReturnValue:
    """来件登记簿, newest first."""
    kind, before = request.args.get("kind", ""), request.args.get("before")
    if kind and kind not in INCOMING:
        raise NotFound()
    page = queries.incoming(db.session(), me(), kind, before)
    return render_template(
        "requests/incoming.html",
        rows=[showing.incoming(row) for row in page.rows],
        kinds=INCOMING,
        wanted=kind,
        pager={
            "shown": len(page.rows),
            "first_url": url_for("requests.incoming", kind=kind or None) if before else None,
            "next_url": url_for("requests.incoming", kind=kind or None, before=page.next_key)
            if page.next_key
            else None,
        },
    )


@bp.route("/incoming/new", methods=["GET", "POST"])
def incoming_new() -> ResponseReturnValue:
    """登记来件."""
    form = IncomingForm()
    if request.method == "GET":
        form.arrived_on.data = today()
    if form.validate_on_submit():
        names = ("kind", "channel", "sender", "summary", "mail_no", "note")
        said = {name: form[name].data or "" for name in names}
        arrival = intake.Arrival(arrived_on=form.arrived_on.data, **said)
        made = attempt(form, lambda: intake.take_in(me(), arrival=arrival, token=token_of(request.form)))
        if made:
            flash(made["said"], "success")
            return redirect(url_for("requests.incoming_show", incoming_id=made["incoming"]), 303)
    return (
        render_template("requests/incoming_form.html", form=form, token=fresh_token()),
        422 if form.errors else 200,
    )


@bp.route("/incoming/<int:incoming_id>", methods=["GET", "POST"])
def incoming_show(incoming_id: int) -> ResponseReturnValue:
    """One 来件, and 定性."""
    found = queries.one_incoming(db.session(), me(), incoming_id)
    form = DetermineForm(kind=found.kind, routed_to=found.routed_to)
    if form.validate_on_submit():
        names = ("kind", "routed_to", "note")
        values = {name: form[name].data or "" for name in names}
        done = attempt(
            form,
            lambda: intake.determine(me(), incoming_id=incoming_id, **values, token=token_of(request.form)),
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.incoming"), 303)
        db.session.refresh(found)
    return (
        render_template(
            "requests/incoming_show.html",
            incoming=showing.incoming_row(found),
            form=form,
            token=fresh_token(),
            channels=CHANNELS,
        ),  # fmt: skip
        422 if form.errors else 200,
    )
