"""Tracking: the query, the progress, what may be handed in and downloaded there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, send_file, session, url_for
from flask.typing import ResponseReturnValue

from app import calendar
from app.accounts.directory import directory
from app.core.command import keyring
from app.core.db import db
from app.core.errors import GongkaiError, NotFound
from app.core.now import today
from app.core.tokens import fresh_token, token_of
from app.documents import files
from app.portal import answering, filing, throttle, tracking, withdrawing
from app.portal import progress as telling
from app.portal.forms import AnswerForm, TrackForm, WithdrawForm
from app.portal.offering import offer_of
from app.portal.views import bp
from app.portal.views.public import citizen, pdf
from app.requests import clocks
from workflows.law.clock import State as ClockState

NOTHING = "没有查到。请核对编号（或者查询码）和后四位；刚提交的申请用来件号或者查询码查询。"


@bp.route("/public/track", methods=["GET", "POST"])
def track() -> ResponseReturnValue:
    """查询进度: a number or code, and a second factor."""
    form, nothing = TrackForm(), ""
    if request.method == "POST":
        throttle.check("query", throttle.here())
        if form.validate():
            found = _find(form)
            if found is not None:
                session.pop("receipt", None)
                tracking.admit(found)
                return redirect(url_for("portal.progress"), 303)
            nothing = NOTHING
    page = render_template("portal/track.html", form=form, nothing=nothing)
    return page, 422 if nothing or form.errors else 200


def _find(form: TrackForm) -> int | None:
    """The request asked for. Wrong answers count against the address, the number, and numbers from everywhere alike."""
    said = tracking.read(form.number.data or "", form.last.data or "")
    against = [("wrong", throttle.here()), ("number", said.subject)] + (
        [] if said.code else [("everywhere", "")]
    )
    for scope, subject in against:
        throttle.refuse_beyond(scope, throttle.standing(db.session(), keyring(), scope, subject) + 1)
    found = tracking.find(db.session(), keyring(), said)
    if found is None:
        for scope, subject in against:
            throttle.count(citizen(), scope=scope, subject=subject)
    return found


@bp.get("/public/track/progress")
def progress() -> ResponseReturnValue:
    """One request as its applicant reads it."""
    return _page(AnswerForm(), fresh_token())


def _page(form: AnswerForm, token: str, taking_back: WithdrawForm | None = None) -> str:
    seen = tracking.see(db.session(), tracking.admitted())
    row, people = seen.request, directory()
    state = telling.clock_of(seen, calendar.current(), clocks.law_settings(row["organ_id"]), today())
    told = telling.progress(seen, state, today())
    subject = people.organ(row["subject_id"])
    back = _withdrawal(seen.request, state, taking_back)
    problem = "".join(taking_back.form_errors) if taking_back is not None and back is None else ""
    return render_template(
        "portal/progress.html", told=told, seen=seen, entries=telling.summary(told.milestones), form=form, token=token,
        offer=offer_of(subject), back=back, problem=problem, word=answering.KINDS[told.waits][0] if told.waits else "",
    )  # fmt: skip


def _attempt(
    form: AnswerForm | WithdrawForm, act: Callable[[], dict[str, Any]]
) -> ResponseReturnValue | None:
    """Do it and go back to the progress; None when it was refused, the reason on the form.

    What concerns no field (not found, too often, busy) has a page of its own.
    """
    try:
        done = act()
    except GongkaiError as error:
        if error.status in (404, 429, 503):
            raise
        form.blame(error)
        return None
    flash(done["said"], "success")
    return redirect(url_for("portal.progress"), 303)


@bp.post("/public/track/answer")
def answer() -> ResponseReturnValue:
    """补正、说明理由、缴费凭证."""
    request_id, form = tracking.admitted(), AnswerForm()
    throttle.check("upload", throttle.here())
    if form.validate():

        def hand_in() -> dict[str, Any]:
            done: dict[str, Any] = answering.hand_in(
                citizen(), request_id=request_id, kind=request.form.get("kind", ""), text=form.text.data or "",
                stored=filing.store({"files": request.files.getlist("files")}), token=token_of(request.form),
            )  # fmt: skip
            return done

        if (told := _attempt(form, hand_in)) is not None:
            return told
    return _page(form, fresh_token()), 422


def _withdrawal(row: Any, state: Any, form: WithdrawForm | None) -> WithdrawForm | None:
    """The form to take the application back, while that is possible."""
    ended = state is not None and state.state is ClockState.ENDED
    return (form or WithdrawForm(formdata=None)) if withdrawing.possible(row, ended) else None


@bp.post("/public/track/withdraw")
def withdraw() -> ResponseReturnValue:
    """撤回申请, once it was confirmed."""
    request_id, form = tracking.admitted(), WithdrawForm()
    throttle.check("upload", throttle.here())
    if form.validate():

        def take_back() -> dict[str, Any]:
            done: dict[str, Any] = withdrawing.withdraw(
                citizen(), request_id=request_id, reason=form.reason.data or "", sure=bool(form.sure.data),
                token=token_of(request.form),
            )  # fmt: skip
            return done

        if (told := _attempt(form, take_back)) is not None:
            return told
    return _page(AnswerForm(formdata=None), fresh_token(), form), 422


@bp.post("/public/track/leave")
def leave() -> ResponseReturnValue:
    """End the query: on a shared computer nobody reads it afterwards."""
    tracking.leave()
    session.pop("receipt", None)
    flash("已结束查询，本机不再显示您的申请。", "success")
    return redirect(url_for("portal.home"), 303)


@bp.get("/public/track/letters/<int:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """A letter as it was sent; a reply only after it was served."""
    seen = tracking.see(db.session(), tracking.admitted())
    row = next((each for each in seen.letters if each.id == letter_id), None)
    if row is None or not row.key:
        raise NotFound()
    with files.open_file(row.key) as file:
        return pdf(file.read(), f"{row.label}.pdf")


@bp.get("/public/track/files/<int:file_id>")
def supplied(file_id: int) -> ResponseReturnValue:
    """The information itself, where the applicant wanted it here."""
    seen = tracking.see(db.session(), tracking.admitted())
    row = next((each for each in seen.files if each.id == file_id), None)
    if row is None:
        raise NotFound()
    return send_file(
        files.content(row.key, int(row.amount or 0)), mimetype="application/octet-stream", as_attachment=True,
        download_name=row.label, etag=False,
    )  # fmt: skip
