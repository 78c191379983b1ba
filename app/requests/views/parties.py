"""征求意见: who is asked, what came back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.attempt import attempt
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from app.requests import clocks, consulting, delivering, informing, queries, showing, standing
from app.requests.forms import ConsultationForm, DeliveredForm, InformForm, OpinionForm, UnreachedForm
from app.requests.models import Consultation, Request
from app.requests.views import bp


@bp.route("/requests/<int:request_id>/consultations", methods=["GET", "POST"])
def consultations(request_id: int) -> ResponseReturnValue:
    """The parties of a request; add one."""
    session = db.session()
    found = queries.one(session, me(), request_id)
    form = ConsultationForm()
    if form.validate_on_submit():
        names = ("kind", "party", "address", "content")
        values = {name: form[name].data or "" for name in names}
        done = attempt(
            form, lambda: consulting.plan(me(), request_id=request_id, **values, token=token_of(request.form))
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.consultations", request_id=request_id), 303)
    return (
        render_template(
            "requests/consultations.html",
            request=found,
            form=form,
            token=fresh_token(),
            rows=showing.consultations(session, found, clocks.compute(session, found, today())),
            due=standing.due(found),
        ),  # fmt: skip
        422 if form.errors else 200,
    )


def _party(consultation_id: int) -> tuple[Consultation, Request]:
    row = db.session().get(Consultation, consultation_id)
    if row is None:
        raise NotFound()
    return row, queries.one(db.session(), me(), row.request_id)


@bp.get("/requests/consultations/<int:consultation_id>")
def consultation(consultation_id: int) -> ResponseReturnValue:
    """One party: 签收 and 意见."""
    row, found = _party(consultation_id)
    delivered = DeliveredForm(formdata=None, delivered_on=row.delivered_on or today())
    opinion = OpinionForm(formdata=None, returned_on=today())
    return _page(row, found, delivered, opinion)


def _page(
    row: Consultation,
    found: Request,
    delivered: DeliveredForm,
    opinion: OpinionForm,
    status: int = 200,
    inform: InformForm | None = None,
    unreached: UnreachedForm | None = None,
) -> ResponseReturnValue:
    session = db.session()
    parties = showing.consultations(session, found, clocks.compute(session, found, today()))
    told = inform or InformForm(formdata=None, content=row.content, sent_on=today())
    (shown,) = [each for each in parties if each["id"] == row.id]
    page = render_template(
        "requests/consultation.html", request=found, row=shown, delivered=delivered, opinion=opinion,
        unreached=unreached or UnreachedForm(formdata=None),
        inform=told if inform is not None or informing.owed(found, row) else None,
        token=fresh_token(),
    )  # fmt: skip
    return page, status


@bp.post("/requests/consultations/<int:consultation_id>/delivered")
def consultation_delivered(consultation_id: int) -> ResponseReturnValue:
    """登记签收."""
    row, found = _party(consultation_id)
    form = DeliveredForm()
    if form.validate_on_submit():
        done = attempt(
            form,
            lambda: delivering.delivered(
                me(), consultation_id=consultation_id, on=form.delivered_on.data,
                how=form.delivered_how.data or "signed", note=form.delivery_note.data or "", token=token_of(request.form),
            ),
        )  # fmt: skip
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.consultation", consultation_id=consultation_id), 303)
    return _page(row, found, form, OpinionForm(formdata=None), 422)


@bp.post("/requests/consultations/<int:consultation_id>/unreached")
def consultation_unreached(consultation_id: int) -> ResponseReturnValue:
    """登记无法送达."""
    row, found = _party(consultation_id)
    form = UnreachedForm()
    if form.validate_on_submit():
        done = attempt(
            form,
            lambda: delivering.unreached(
                me(), consultation_id=consultation_id, why=form.why.data or "", token=token_of(request.form)
            ),
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.consultations", request_id=found.id), 303)
    given = OpinionForm(formdata=None, returned_on=today())
    return _page(row, found, DeliveredForm(formdata=None, delivered_on=today()), given, 422, unreached=form)


@bp.post("/requests/consultations/<int:consultation_id>/opinion")
def consultation_opinion(consultation_id: int) -> ResponseReturnValue:
    """登记意见."""
    row, found = _party(consultation_id)
    form = OpinionForm()
    if form.validate_on_submit():
        done = attempt(
            form,
            lambda: consulting.opinion(
                me(), consultation_id=consultation_id, opinion=form.opinion.data, on=form.returned_on.data,
                text=form.opinion_text.data or "",
                reasonable={"yes": True, "no": False}.get(form.reasonable.data or ""),
                token=token_of(request.form),
            ),
        )  # fmt: skip
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.consultations", request_id=found.id), 303)
    return _page(row, found, DeliveredForm(formdata=None), form, 422)


@bp.post("/requests/consultations/<int:consultation_id>/inform")
def consultation_inform(consultation_id: int) -> ResponseReturnValue:
    """告知第三方决定公开."""
    row, found = _party(consultation_id)
    form = InformForm()
    if form.validate_on_submit():
        names = ("content", "reason", "method", "sent_on", "mail_no")
        values = {name: form[name].data or "" for name in names}
        done = attempt(
            form,
            lambda: informing.inform(
                me(), consultation_id=consultation_id, **values, token=token_of(request.form)
            ),
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("letters.show", letter_id=done["letter"]), 303)
    return _page(row, found, DeliveredForm(formdata=None), OpinionForm(formdata=None), 422, form)


@bp.post("/requests/consultations/<int:consultation_id>/remove")
def consultation_remove(consultation_id: int) -> ResponseReturnValue:
    """Take back a party that was not asked yet."""
    _row, found = _party(consultation_id)
    done = consulting.unplan(me(), consultation_id=consultation_id, token=token_of(request.form))
    flash(done["said"], "success")
    return redirect(url_for("requests.consultations", request_id=found.id), 303)
