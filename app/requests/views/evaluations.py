"""转主动公开: candidates, the evaluation of one by hand, and what an applicant suggested."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.attempt import attempt, tried
from app.core.db import db
from app.core.errors import GongkaiError, NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import evaluating, queries, suggesting
from app.requests.evaluating import TABS
from app.requests.forms import SuggestForm, SuggestionToldForm
from app.requests.models import Request
from app.requests.views import bp


@bp.get("/requests/evaluations")
def evaluations() -> ResponseReturnValue:
    """What was given to several, or suggested for everybody."""
    session, person, args = db.session(), me(), request.args
    state = args.get("state", "waiting")
    if state not in TABS:
        raise NotFound()
    page = evaluating.listed(session, person, state, args.get("before"))
    return render_template(
        "requests/evaluations.html",
        rows=page.rows,
        state=state,
        tabs=listing.tabs("requests.evaluations", TABS, state),
        pager=listing.pager("requests.evaluations", page, state=args.get("state")),
    )


@bp.route("/requests/<int:request_id>/evaluation", methods=["GET", "POST"])
def evaluation(request_id: int) -> ResponseReturnValue:
    """One request: evaluate it, where 「转」 leads, and what the applicant who suggested it is told."""
    found = queries.one(db.session(), me(), request_id)
    error: GongkaiError | None = None
    if request.method == "POST":
        said = request.form
        done, error = tried(
            lambda: evaluating.evaluate(
                me(), request_id=request_id, include=said.get("decision") == "include",
                reason=said.get("reason", ""), token=token_of(said),
            )
        )  # fmt: skip
        if done:
            flash(done["said"], "success")
            return _back(request_id)
    return _page(found, error=error)


def _back(request_id: int) -> ResponseReturnValue:
    return redirect(url_for("requests.evaluation", request_id=request_id), 303)


def _page(
    found: Request, error: GongkaiError | None = None, suggest: Any = None, tell: Any = None
) -> ResponseReturnValue:
    session, person = db.session(), me()
    suggested = suggesting.newest(session, found)
    letter = suggesting.letter_of(session, found, suggested.part) if suggested else None
    page = render_template(
        "requests/evaluation.html",
        row=evaluating.one(session, found),
        documents=evaluating.documents(session, person, found),
        start_url=url_for("cases.start", process="disclosure_attribute"),
        may=person.holds("disclosure_head", found.organ_id),
        error=error,
        said=request.form,
        suggested=suggested,
        decision=suggesting.DECISIONS.get(suggested.include) if suggested else None,
        letter=letter,
        suggest=suggest or SuggestForm(formdata=None, suggested_on=today()),
        tell=tell
        or SuggestionToldForm(
            formdata=None, sent_on=today(), decision_reason=suggested.reason if suggested else ""
        ),
        token=fresh_token(),
    )
    wrong = error or (suggest and suggest.errors) or (tell and tell.errors)
    return page, 422 if wrong else 200


@bp.post("/requests/<int:request_id>/suggestion")
def suggestion(request_id: int) -> ResponseReturnValue:
    """登记建议 of an applicant who was answered."""
    found, form = queries.one(db.session(), me(), request_id), SuggestForm()
    if form.validate_on_submit():
        values = {"on": form.suggested_on.data, "text": form.suggestion.data or ""}
        done = attempt(
            form,
            lambda: suggesting.suggest(me(), request_id=request_id, **values, token=token_of(request.form)),
        )
        if done:
            flash(done["said"], "success")
            return _back(request_id)
    return _page(found, suggest=form)


@bp.post("/requests/<int:request_id>/suggestion/told")
def suggestion_told(request_id: int) -> ResponseReturnValue:
    """主动公开建议审核意见: look at it first, or issue it and enter how it was sent."""
    found, form = queries.one(db.session(), me(), request_id), SuggestionToldForm()
    if form.validate_on_submit():
        values: dict[str, Any] = {"request_id": request_id, "reason": form.decision_reason.data or ""}
        act = suggesting.draft
        if request.form.get("decision") != "draft":
            act = suggesting.tell
            values |= {name: form[name].data or "" for name in ("method", "sent_on", "mail_no")}
        done = attempt(form, lambda: act(me(), **values, token=token_of(request.form)))
        if done:
            if said := done.get("said"):
                flash(said, "success")
            return redirect(url_for("letters.show", letter_id=done["letter"]), 303)
    return _page(found, tell=form)
