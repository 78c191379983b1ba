"""Acts on a request beside the flow: 事项, 延期, 撤回, 送达, 催办, 查看号码."""

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
from app.requests import (
    clocks,
    deciding,
    extending,
    handing,
    intake,
    papers,
    queries,
    serving,
    showing,
    splitting,
    standing,
    withdrawing,
)
from app.requests.forms import BouncedForm, DeliveryForm, ExtensionForm, SignedForm, WithdrawForm
from app.requests.models import Delivery, Extension, Handoff, Request
from app.requests.views import bp
from workflows.law import grounds, replies


def _to_case(request_row: Request) -> ResponseReturnValue:
    return redirect(url_for("cases.case", case_id=request_row.case_id), 303)


# --- 申请事项 -----------------------------------------------------------------------------------------------------


@bp.route("/requests/<int:request_id>/matters", methods=["GET", "POST"])
def matters(request_id: int) -> ResponseReturnValue:
    """申请事项: outcome, grounds and reason of each; choosing the outcome narrows the grounds."""
    found = queries.one(db.session(), me(), request_id)
    known = deciding.matters_of(db.session(), request_id)
    rows, version = [showing.matter(m) for m in known], deciding.version_of(known)
    error: GongkaiError | None = None
    if request.method == "POST":
        rows = _rows_of_form()
        if request.form.get("act") == "split":
            rows.append({"id": "", "text": "", "outcome": "", "grounds": [], "reason": "", "facts": {}})
        else:
            done, error = tried(
                lambda: deciding.decide(
                    me(), request_id=request_id, said=rows, split_reason=request.form.get("split_reason", ""),
                    principal=request.form.get("principal", ""),
                    version=request.form.get("version", ""), token=token_of(request.form),
                )
            )  # fmt: skip
            if done:
                flash(done["said"], "success")
                back = request.form.get("back", type=int)
                item = case_queries.item(db.session(), back)[0] if back else None
                if item and item["case_id"] == found.case_id:
                    return redirect(url_for("cases.work", item_id=back), 303)
                return _to_case(found)
    return _matters_page(found, rows, version, error)


def _matters_page(
    found: Request, rows: list[dict[str, Any]], version: str, error: GongkaiError | None = None
) -> ResponseReturnValue:
    page = render_template(
        "requests/matters.html",
        request=found,
        rows=rows,
        error=error,
        replies=replies.REPLIES,
        grounds=grounds.GROUNDS,
        token=fresh_token(),
        back=request.values.get("back", ""),
        split_reason=request.form.get("split_reason", ""),
        entered=showing.entered(),
        version=request.form.get("version", version),
        said=request.form,
    )
    return page, 422 if error else 200


@bp.post("/requests/<int:request_id>/split")
def split(request_id: int) -> ResponseReturnValue:
    """拆分为另一件申请: one of several matters gets a number and a case of its own."""
    found, said = queries.one(db.session(), me(), request_id), request.form
    done, error = tried(
        lambda: splitting.split(
            me(), request_id=request_id, matter_id=said.get("apart", 0, type=int),
            reason=said.get("apart_reason", ""), token=token_of(said),
        )
    )  # fmt: skip
    if done:
        flash(done["said"], "success")
        return redirect(url_for("cases.case", case_id=done["case"]), 303)
    known = deciding.matters_of(db.session(), request_id)
    return _matters_page(found, [showing.matter(m) for m in known], deciding.version_of(known), error)


def _rows_of_form() -> list[dict[str, Any]]:
    said = request.form
    count = min(said.get("count", 0, type=int), 60)
    rows = []
    for n in range(1, count + 1):
        if said.get(f"gone_{n}"):
            continue
        facts = {key.split("__", 1)[1]: value for key, value in said.items() if key.startswith(f"fact_{n}__")}
        rows.append(
            {
                "id": said.get(f"id_{n}", ""),
                "text": said.get(f"text_{n}", ""),
                "outcome": said.get(f"outcome_{n}", ""),
                "grounds": said.getlist(f"grounds_{n}"),
                "reason": said.get(f"reason_{n}", ""),
                "facts": facts,
            }
        )
    return rows


@bp.post("/requests/items/<int:item_id>/letter")
def letter_now(item_id: int) -> ResponseReturnValue:
    """先看文书: the letter of the step, as far as it is typed."""
    done = papers.draft_now(me(), item_id=item_id, token=token_of(request.form))
    return redirect(url_for("letters.show", letter_id=done["letter"]), 303)


@bp.post("/requests/<int:request_id>/receipt")
def receipt(request_id: int) -> ResponseReturnValue:
    """制发登记回执, where it could not be issued with the number."""
    found = queries.one(db.session(), me(), request_id)
    done = papers.issue_receipt(me(), request_id=request_id, token=token_of(request.form))
    flash(done["said"], "success")
    return _to_case(found)


# --- 延期答复 -----------------------------------------------------------------------------------------------------


@bp.route("/requests/<int:request_id>/extension", methods=["GET", "POST"])
def extension(request_id: int) -> ResponseReturnValue:
    """报请延期: both dates are shown before it is sent (条例33②)."""
    session = db.session()
    found = queries.one(session, me(), request_id)
    form = ExtensionForm()
    if form.validate_on_submit():
        days = int(form.days.data) if str(form.days.data).isdigit() else 0
        values = {"request_id": request_id, "days": days, "reason": form.reason.data or ""}
        done = attempt(form, lambda: extending.ask(me(), **values, token=token_of(request.form)))
        if done:
            flash(done["said"], "success")
            return _to_case(found)
    if request.method == "GET":
        form.days.data = "20"
    days = int(form.days.data) if str(form.days.data or "").isdigit() else 20
    old, new = extending.foresee(session, found, min(max(days, 1), 20), today())
    return (
        render_template(
            "requests/extension.html",
            request=found,
            form=form,
            token=fresh_token(),
            old=old,
            new=new,
            days=days,
            why=showing.extension_obstacle(
                found,
                clocks.compute(session, found, today()),
                queries.rows_of(session, Extension, found.id),
            ),
        ),  # fmt: skip
        422 if form.errors else 200,
    )


@bp.route("/requests/extensions/<int:item_id>", methods=["GET", "POST"])
def extension_item(item_id: int) -> ResponseReturnValue:
    """批准延期, by the head of 工作机构."""
    session, person = db.session(), me()
    item, case = case_queries.item(session, item_id)
    if item["kind"] != extending.KIND or not (receives(item, person, case) or near(item, person, case)):
        raise NotFound()
    row = session.query(Extension).filter_by(item_id=item_id).one()
    found = queries.one(session, person, row.request_id)
    error: GongkaiError | None = None
    if request.method == "POST":
        done, error = tried(
            lambda: extending.decide(
                person, item_id=item_id, agree=request.form.get("decision") == "agree",
                opinion=request.form.get("opinion", ""), token=token_of(request.form),
            )
        )  # fmt: skip
        if done:
            flash(done["said"], "success")
            return _to_case(found)
    old, new = extending.foresee(session, found, row.days, today())
    return (
        render_template(
            "requests/extension_item.html",
            item=item,
            case=case,
            request=found,
            row=row,
            old=old,
            new=new,
            error=error,
            said=request.form,
            token=fresh_token(),
            due=standing.due(found),
        ),  # fmt: skip
        422 if error else 200,
    )


# --- 撤回 ---------------------------------------------------------------------------------------------------------


@bp.route("/requests/<int:request_id>/withdraw", methods=["GET", "POST"])
def withdraw(request_id: int) -> ResponseReturnValue:
    """登记申请人撤回."""
    found = queries.one(db.session(), me(), request_id)
    form = WithdrawForm()
    if request.method == "GET":
        form.on.data = today()
    if form.validate_on_submit():
        values = {"request_id": request_id, "on": form.on.data, "how": form.how.data or ""}
        done = attempt(form, lambda: withdrawing.withdraw(me(), **values, token=token_of(request.form)))
        if done:
            flash(done["said"], "success")
            return _to_case(found)
    return (
        render_template("requests/withdraw.html", request=found, form=form, token=fresh_token()),
        422 if form.errors else 200,
    )


# --- 送达 ---------------------------------------------------------------------------------------------------------


@bp.route("/requests/<int:request_id>/deliveries", methods=["GET", "POST"])
def deliveries(request_id: int) -> ResponseReturnValue:
    """送达 register of a request, and 再次送达."""
    session = db.session()
    found = queries.one(session, me(), request_id)
    form = _again_form(found)
    if request.method == "GET":
        form.sent_on.data = today()
    if form.validate_on_submit():
        values = {
            "method": form.method.data,
            "sent_on": form.sent_on.data,
            "mail_no": form.mail_no.data or "",
            "delivery_id": form.letter.data,
        }
        done = attempt(
            form, lambda: serving.again(me(), request_id=request_id, **values, token=token_of(request.form))
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.deliveries", request_id=request_id), 303)
    return _deliveries(found, form)


def _again_form(found: Request, **said: Any) -> DeliveryForm:
    """再次送达: the last attempt of every letter; the reply stands first."""
    rows = queries.rows_of(db.session(), Delivery, found.id)
    last = {(row.letter, row.to): row for row in rows}
    reply = f"{found.reply_no or ''} 答复书".strip()
    ordered = sorted(last.values(), key=lambda row: (row.letter != reply, -row.id))
    form = DeliveryForm(letter=ordered[0].id if ordered else None, **said)
    form.letter.choices = [(row.id, f"{row.letter}（{row.to}）") for row in ordered]
    return form


def _deliveries(
    found: Request, form: Any = None, wrong: Any = None, wrong_id: int = 0
) -> ResponseReturnValue:
    rows = [showing.delivery(row) for row in queries.rows_of(db.session(), Delivery, found.id)]
    form = form or _again_form(found, formdata=None, sent_on=today())
    return (
        render_template(
            "requests/deliveries.html",
            request=found,
            rows=rows,
            form=form,
            token=fresh_token(),
            wrong=wrong,
            wrong_id=wrong_id,
            signed=SignedForm(formdata=None, signed_on=today()),
            bounced=BouncedForm(formdata=None, bounced_on=today()),
        ),  # fmt: skip
        422 if (form and form.errors) or (wrong and wrong.errors) else 200,
    )


@bp.post("/requests/deliveries/<int:delivery_id>/signed")
def delivery_signed(delivery_id: int) -> ResponseReturnValue:
    """登记签收."""
    return _settle_delivery(delivery_id, SignedForm(), serving.signed, ("signed_on", "signed_by"))


@bp.post("/requests/deliveries/<int:delivery_id>/bounced")
def delivery_bounced(delivery_id: int) -> ResponseReturnValue:
    """登记退件."""
    return _settle_delivery(delivery_id, BouncedForm(), serving.bounced, ("bounced_on", "bounce_reason"))


def _settle_delivery(delivery_id: int, form: Any, act: Any, names: tuple[str, ...]) -> ResponseReturnValue:
    row = db.session().get(Delivery, delivery_id)
    if row is None:
        raise NotFound()
    found = queries.one(db.session(), me(), row.request_id)
    if form.validate_on_submit():
        values = {name: form[name].data for name in names}
        done = attempt(
            form, lambda: act(me(), delivery_id=delivery_id, **values, token=token_of(request.form))
        )
        if done:
            flash(done["said"], "success")
            return redirect(url_for("requests.deliveries", request_id=found.id), 303)
    return _deliveries(found, None, form, delivery_id)


# --- 催办, 查看号码 -----------------------------------------------------------------------------------------------


@bp.post("/requests/handoffs/<int:handoff_id>/urge")
def urge(handoff_id: int) -> ResponseReturnValue:
    """催办 a unit."""
    row = db.session().get(Handoff, handoff_id)
    if row is None:
        raise NotFound()
    queries.one(db.session(), me(), row.request_id)
    done = handing.urge(me(), handoff_id=handoff_id, token=token_of(request.form))
    flash(done["said"], "success")
    return redirect(url_for("cases.case", case_id=done["case"]), 303)


@bp.route("/requests/<int:request_id>/applicant", methods=["GET", "POST"])
def applicant(request_id: int) -> ResponseReturnValue:
    """申请人 of a request; the numbers in clear only after a reason, and each look is recorded."""
    found = queries.one(db.session(), me(), request_id)
    shown: dict[str, str] | None = None
    error: GongkaiError | None = None
    if request.method == "POST":
        reason = request.form.get("reason", "")
        shown, error = tried(lambda: intake.unmask(me(), request_id=request_id, reason=reason))
    return (
        render_template(
            "requests/applicant.html",
            request=found,
            applicant=showing.applicant(found),
            shown=shown,
            error=error,
            earlier=showing.earlier(db.session(), found),
        ),  # fmt: skip
        422 if error else 200,
    )
