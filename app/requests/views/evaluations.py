"""转主动公开: candidates, and the evaluation of one by hand."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import listing
from app.core.db import db
from app.core.errors import GongkaiError, NotFound
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import evaluating, queries
from app.requests.evaluating import TABS
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
    """One request: evaluate it, and where 「转」 leads."""
    session, person = db.session(), me()
    found = queries.one(session, person, request_id)
    error: GongkaiError | None = None
    if request.method == "POST":
        try:
            done = evaluating.evaluate(
                person,
                request_id=request_id,
                include=request.form.get("decision") == "include",
                reason=request.form.get("reason", ""),
                token=token_of(request.form),
            )
        except NotFound:
            raise
        except GongkaiError as refused:
            error = refused
        else:
            flash(done["said"], "success")
            return redirect(url_for("requests.evaluation", request_id=request_id), 303)
    page = render_template(
        "requests/evaluation.html",
        row=evaluating.one(session, found),
        documents=evaluating.documents(session, person, found),
        start_url=url_for("cases.start", process="disclosure_attribute"),
        may=person.holds("disclosure_head", found.organ_id),
        error=error,
        said=request.form,
        token=fresh_token(),
    )
    return page, 422 if error else 200
