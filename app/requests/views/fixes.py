"""本人信息更正 (条例41): registered and answered from the request by which the information was given."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cases import queries as case_queries
from app.cases.reaching import near, receives
from app.core.attempt import attempt, tried
from app.core.db import db
from app.core.errors import GongkaiError, NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import fixing, queries, showing
from app.requests.forms import FixForm, FixSendForm
from app.requests.kinds import FINDINGS
from app.requests.models import RecordFix, Request
from app.requests.views import bp


@bp.route("/requests/<int:request_id>/fixes", methods=["GET", "POST"])
def fixes(request_id: int) -> ResponseReturnValue:
    """The corrections asked for, and a new one."""
    found, form = queries.one(db.session(), me(), request_id), FixForm()
    if request.method == "GET":
        form.asked_on.data = today()
    if form.validate_on_submit():
        names = ("record_name", "evidence", "finding", "result", "owner", "owner_contact")
        said = fixing.Found(form.asked_on.data, **{name: form[name].data or "" for name in names})
        done = attempt(
            form, lambda: fixing.ask(me(), request_id=request_id, found=said, token=token_of(request.form))
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.fixes", request_id=request_id), 303)
    page = render_template(
        "requests/fixes.html",
        request=found,
        form=form,
        rows=[_shown(row, found) for row in queries.rows_of(db.session(), RecordFix, found.id)],
        may=fixing.may_ask(found) and fixing.open_one(db.session(), found.id) is None,
        token=fresh_token(),
    )
    return page, 422 if form.errors else 200


def _shown(row: RecordFix, found: Request) -> dict[str, Any]:
    """A correction in words, with its letters."""
    written = [
        letter
        for letter in showing.letters_of(db.session(), me(), found)
        if letter["kind"] == "L23" and letter["part"] in (str(row.id), f"{row.id}m")
    ]
    columns = {column.name: getattr(row, column.name) for column in RecordFix.__table__.columns}
    kind = {"asked": "waiting", "refused": "returned", "agreed": "waiting", "sent": "done"}[row.state]
    return columns | {
        "finding_word": FINDINGS[row.finding],
        "status": (kind, fixing.STATES[row.state]),
        "letters": written,
    }


@bp.route("/requests/fixes/<int:item_id>", methods=["GET", "POST"])
def fix_item(item_id: int) -> ResponseReturnValue:
    """批准更正答复 by the head; 送达 by whoever seals and posts."""
    session, person = db.session(), me()
    item, case = case_queries.item(session, item_id)
    ours = item["kind"] in (fixing.ASKED, fixing.SENDING)
    if not ours or not (receives(item, person, case) or near(item, person, case)):
        raise NotFound()
    row = session.query(RecordFix).filter_by(item_id=item_id).first()
    if row is None:
        raise NotFound()
    found = queries.one(session, person, row.request_id)
    error: GongkaiError | None = None
    form = FixSendForm()
    if request.method == "GET":
        form.sent_on.data = today()
    elif item["kind"] == fixing.SENDING:
        if form.validate_on_submit():
            said = {name: form[name].data or "" for name in ("method", "sent_on", "mail_no")}
            done = attempt(
                form, lambda: fixing.send(person, item_id=item_id, **said, token=token_of(request.form))
            )
            if done:
                flash(done["said"], "success")
                return redirect(url_for("letters.show", letter_id=done["letter"]), 303)
    else:
        done, error = tried(
            lambda: fixing.decide(
                person, item_id=item_id, agree=request.form.get("decision") == "agree",
                opinion=request.form.get("opinion", ""), token=token_of(request.form),
            )
        )  # fmt: skip
        if done:
            flash(done["said"], "success")
            return redirect(url_for("cases.inbox"), 303)
    page = render_template(
        "requests/fix_item.html",
        item=item,
        request=found,
        row=_shown(row, found),
        sending=item["kind"] == fixing.SENDING,
        form=form,
        error=error,
        said=request.form,
        token=fresh_token(),
    )
    return page, 422 if error or (request.method == "POST" and form.errors) else 200
