"""接收登记: paper and counter in one page, by keyboard; what is related stands beside it while one types (F13)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.command import keyring
from app.core.db import db
from app.core.errors import GongkaiError
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.documents import beforehand
from app.requests import applicants, intake, queries, showing
from app.requests.forms import RegisterForm
from app.requests.opening import Application
from app.requests.views import bp


@bp.route("/requests/new", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """接收登记 an application that came on paper, over the counter, by mail or by telephone."""
    person = me()
    form = RegisterForm()
    form.subject.choices = queries.subjects_of(person.organ_id or 0)
    incoming_id = request.values.get("incoming", type=int)
    if request.method == "GET":
        _prefill(form, incoming_id)
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            files = _files()
            result = intake.register(
                person,
                said=applicants.read(
                    {key: form[key].data or "" for key in applicants.Said.__dataclass_fields__}
                ),
                application=_application(form, files),
                incoming_id=incoming_id,
                token=token_of(request.form),
            )
        except GongkaiError as error:
            form.blame(error)
            problems = [] if error.fields else [error.message]
        else:
            flash(result["said"], "success")
            return redirect(url_for("cases.case", case_id=result["case"]), 303)
    return (
        render_template(
            "requests/register.html",
            form=form,
            problems=problems,
            token=fresh_token(),
            incoming=incoming_id,
            today=today(),
        ),  # fmt: skip
        422 if form.errors or problems else 200,
    )


def _prefill(form: Any, incoming_id: int | None) -> None:
    form.arrived_on.data = today()
    if incoming_id is None:
        return
    incoming = queries.one_incoming(db.session(), me(), incoming_id)
    form.arrived_on.data, form.channel.data = incoming.arrived_on, incoming.channel
    form.name.data, form.content.data, form.mail_no.data = incoming.sender, incoming.summary, incoming.mail_no


def _files() -> tuple[int, ...]:
    """Scans that came along: identity proof, authorisation, envelope."""
    kept = []
    for upload in request.files.getlist("files"):
        if upload.filename:
            kept.append(int(beforehand.keep(me(), upload.stream, upload.filename, "application_files")["id"]))
    return tuple(kept)


def _application(form: Any, files: tuple[int, ...]) -> Application:
    return Application(
        subject_id=form.subject.data,
        content=form.content.data or "",
        channel=form.channel.data,
        arrived_on=form.arrived_on.data,
        supply=form.supply.data,
        delivery=form.delivery.data,
        confirmed_on=form.confirmed_on.data,
        oral=bool(form.oral.data),
        suggests_open=bool(form.suggests_open.data),
        mail_no=form.mail_no.data or "",
        note=form.note.data or "",
        files=files,
    )


@bp.post("/requests/related")
def related() -> ResponseReturnValue:
    """What this applicant asked before and who asked the same: a fragment for the side of the registration page."""
    said, person = request.form, me()
    rows = applicants.related(
        db.session(),
        keyring(),
        person.organ_id or 0,
        name=said.get("name", "")[:100],
        id_no=said.get("id_no", "").strip()[:40],
        phone=said.get("phone", "").strip()[:30],
        content=said.get("content", "")[:5000],
    )
    return render_template("requests/_related.html", rows=[showing.related(dict(row)) for row in rows])
