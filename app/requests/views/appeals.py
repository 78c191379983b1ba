"""行政复议、行政诉讼: list, register, one of them with its work, its result and what it orders."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.attempt import attempt
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import appealed, appeals, applicants, ordering, queries
from app.requests.appealed import TABS
from app.requests.appeals import Filed
from app.requests.forms import AnswerForm, AppealForm, RegisterForm, ResultForm
from app.requests.intake import INTAKE
from app.requests.models import Appeal
from app.requests.opening import Application
from app.requests.views import bp


@bp.get("/requests/appeals", endpoint="appeals")
def appeal_list() -> ResponseReturnValue:
    """复议诉讼登记册, with table four of the year."""
    session, person, args = db.session(), me(), request.args
    state = args.get("state", "waiting")
    if state not in TABS:
        raise NotFound()
    page = appealed.listed(session, person, state, args.get("before"))
    return render_template(
        "requests/appeals.html",
        rows=page.rows,
        state=state,
        tabs=listing.tabs("requests.appeals", TABS, state),
        year=today().year,
        table=appealed.yearly(session, person, today().year),
        may_register=appeals.keeps(person, person.organ_id or 0) or appeals.reviewer(person),
        pager=listing.pager("requests.appeals", page, state=args.get("state")),
    )


@bp.route("/requests/appeals/new", methods=["GET", "POST"])
def appeal_new() -> ResponseReturnValue:
    """登记 a reconsideration or a suit; who answers it is told with the law's day."""
    person, form = me(), AppealForm()
    form.subject.choices = appealed.respondents(person)
    if request.method == "GET":
        form.copy_on.data = today()
        _prefill(form, request.args.get("request", type=int))
    if form.validate_on_submit():
        filed = Filed(
            kind=form.kind.data,
            track=form.track.data,
            case_no=form.case_no.data or "",
            body=form.body.data or "",
            party=form.party.data or "",
            copy_on=form.copy_on.data,
            subject_id=form.subject.data,
            request_no=form.request_no.data or "",
            counts=not form.joint.data,
            note=form.note.data or "",
        )
        done = attempt(form, lambda: appeals.register(person, filed=filed, token=token_of(request.form)))
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.appeal", appeal_id=done["appeal"]), 303)
    page = render_template("requests/appeal_new.html", form=form, token=fresh_token())
    return page, 422 if form.errors else 200


def _prefill(form: Any, request_id: int | None) -> None:
    if request_id is None:
        return
    found = queries.one(db.session(), me(), request_id)
    form.subject.data, form.request_no.data = found.subject_id, found.number
    form.party.data = found.applicant.get("name")


@bp.get("/requests/appeals/<int:appeal_id>")
def appeal(appeal_id: int) -> ResponseReturnValue:
    """One of them."""
    return _page(appealed.one(db.session(), me(), appeal_id))


@bp.get("/requests/appeals/items/<int:item_id>")
def appeal_item(item_id: int) -> ResponseReturnValue:
    """The work item that asks for the answer: the page of its appeal."""
    found = appealed.of_item(db.session(), me(), item_id)
    return redirect(url_for("requests.appeal", appeal_id=found.id))


def _page(row: Appeal, answering: Any = None, result: Any = None) -> ResponseReturnValue:
    if result is None:
        result = ResultForm(formdata=None, obj=row)
        result.decided_on.data = row.decided_on or today()
    shown = appealed.shown(db.session(), me(), row)
    wrong = (answering is not None and answering.errors) or result.errors
    page = render_template(
        "requests/appeal.html",
        appeal=shown,
        answering=answering or AnswerForm(formdata=None, on=today()),
        result=result,
        may_redo=shown["ours"] and any(me().holds(kind, row.organ_id) for kind in INTAKE),
        token=fresh_token(),
        day_words={"makeup": "调休上班", "weekend": "周末", "holiday": "放假", "rolled": "休息日，顺延"},
    )
    return page, 422 if wrong else 200


@bp.post("/requests/appeals/<int:appeal_id>/answer")
def appeal_answer(appeal_id: int) -> ResponseReturnValue:
    """登记答复举证已提交."""
    row, form = appealed.one(db.session(), me(), appeal_id), AnswerForm()
    if form.validate_on_submit():
        values = {"on": form.on.data, "how": form.how.data or ""}
        done = attempt(
            form, lambda: appeals.answer(me(), appeal_id=appeal_id, **values, token=token_of(request.form))
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.appeal", appeal_id=appeal_id), 303)
    return _page(row, answering=form)


@bp.post("/requests/appeals/<int:appeal_id>/result")
def appeal_result(appeal_id: int) -> ResponseReturnValue:
    """登记结果."""
    row, form = appealed.one(db.session(), me(), appeal_id), ResultForm()
    if form.validate_on_submit():
        values = {
            "result": form.result.data,
            "decided_on": form.decided_on.data,
            "decided_no": form.decided_no.data or "",
            "redo_by": form.redo_by.data,
        }
        done = attempt(
            form, lambda: appeals.decide(me(), appeal_id=appeal_id, **values, token=token_of(request.form))
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.appeal", appeal_id=appeal_id), 303)
    return _page(row, result=form)


@bp.route("/requests/appeals/<int:appeal_id>/redo", methods=["GET", "POST"])
def appeal_redo(appeal_id: int) -> ResponseReturnValue:
    """登记责令重新答复; the applicant is asked for only where the first request is not in this system."""
    row = appealed.one(db.session(), me(), appeal_id)
    if row.request_id is not None:
        if request.method == "GET":
            return redirect(url_for("requests.appeal", appeal_id=appeal_id))
        done = ordering.again(me(), appeal_id=appeal_id, token=token_of(request.form))
        flash(done["said"], "success")
        return redirect(url_for("cases.case", case_id=done["case"]), 303)
    form = RegisterForm()
    form.subject.choices = queries.subjects_of(row.organ_id)
    if request.method == "GET":
        form.subject.data, form.arrived_on.data, form.name.data = row.subject_id, row.decided_on, row.party
    if form.validate_on_submit():
        done = attempt(form, lambda: _unlinked(row, form))
        if done:
            flash(done["said"], "success")
            return redirect(url_for("cases.case", case_id=done["case"]), 303)
    page = render_template(
        "requests/appeal_redo.html",
        appeal=appealed.shown(db.session(), me(), row),
        form=form,
        token=fresh_token(),
    )
    return page, 422 if form.errors else 200


def _unlinked(row: Appeal, form: Any) -> Any:
    said = {key: form[key].data or "" for key in applicants.Said.__dataclass_fields__}
    application = Application(
        subject_id=row.subject_id,
        content=form.content.data or "",
        channel=form.channel.data,
        arrived_on=form.arrived_on.data,
        supply=form.supply.data,
        delivery=form.delivery.data,
    )
    return ordering.again(
        me(),
        appeal_id=row.id,
        said=applicants.read(said),
        application=application,
        token=token_of(request.form),
    )
