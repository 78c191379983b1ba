"""The public site: organs, guide, application, receipt. Nobody signs in; nothing personal stands in an address."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, send_file, session, url_for
from flask.typing import ResponseReturnValue

from app.core.actor import PUBLIC, Actor
from app.core.db import db
from app.core.errors import NotFound, Sayable
from app.core.now import today
from app.core.tokens import fresh_token, token_of
from app.documents.views_files import PDF_CSP
from app.portal import filing, published, receipts, throttle, tracking
from app.portal.forms import ApplyForm
from app.portal.offering import FIELDS, fee_scale, offer, offers, remedies
from app.portal.views import bp
from app.requests import applicants

FILES = ("identity_files", "agent_files", "content_files")


def citizen() -> Actor:
    """Who acts at the public site, with the address it came from."""
    return replace(PUBLIC, origin=request.remote_addr or "")


@bp.get("/public/")
def home() -> ResponseReturnValue:
    """Organs that take applications here; query; advice."""
    return render_template("portal/home.html", offers=offers())


@bp.get("/public/<code>/")
def guide(code: str) -> ResponseReturnValue:
    """指南 (条例12): where, when, how, what it costs, and what to do without a reply."""
    found = offer(code)
    return render_template(
        "portal/guide.html", offer=found, labels={key: label for key, (label, _, _) in FIELDS.items()},
        remedies=remedies(found.organ), fees=fee_scale(),
    )  # fmt: skip


@bp.route("/public/<code>/apply", methods=["GET", "POST"])
def apply(code: str) -> ResponseReturnValue:
    """申请表 (条例29②)."""
    found, form = offer(code), ApplyForm()
    chosen = False
    if request.method == "POST":
        throttle.check("submit", throttle.here())
        chosen = any(each.filename for key in FILES for each in request.files.getlist(key))
        if form.validate():
            try:
                made = _submit(found.code, found.organ.id, form)
            except Sayable as error:
                if error.status in (429, 503):
                    raise
                form.blame(error)
            else:
                tracking.admit(made["request"])
                session["receipt"] = made["request"]
                return redirect(url_for("portal.receipt"), 303)
    page = render_template(
        "portal/apply.html", offer=found, form=form, token=fresh_token(), again=chosen and bool(form.errors)
    )
    return page, 422 if form.errors else 200


def _submit(code: str, organ_id: int, form: ApplyForm) -> dict[str, Any]:
    said = applicants.read({key: form[key].data or "" for key in applicants.Said.__dataclass_fields__})
    values = {key: form[key].data for key in ("content", "supply", "delivery", "suggests_open")}
    application = filing.application_of(today(), organ_id, values)
    stored = filing.store({key: request.files.getlist(key) for key in FILES})
    result: dict[str, Any] = filing.submit(
        citizen(),
        organ_code=code,
        said=said,
        application=application,
        stored=stored,
        token=token_of(request.form),
    )
    return result


@bp.post("/public/<code>/similar")
def similar(code: str) -> ResponseReturnValue:
    """Published items like the text that is being typed: {items: [{title, url, number, published_on}]}."""
    found = offer(code)
    throttle.check("similar", throttle.here())
    ids = [found.organ.id] + ([found.organ.office_id] if found.organ.office_id else [])
    return {"items": published.similar(db.session(), ids, request.form.get("content", "")[:1000])}


def _mine() -> receipts.Receipt:
    """The receipt of what this browser handed in, while its query lasts."""
    if session.get("receipt") != tracking.admitted():
        raise NotFound("回执已经关闭。请回到「查询进度」，用来件号和后四位查询。")
    return receipts.receipt(db.session(), int(session["receipt"]))


@bp.get("/public/receipt")
def receipt() -> ResponseReturnValue:
    """The number and the query code, to print or keep."""
    return render_template("portal/receipt.html", receipt=_mine(), steps=receipts.NEXT)


@bp.get("/public/receipt.pdf")
def receipt_pdf() -> ResponseReturnValue:
    """The receipt as a file."""
    return pdf(receipts.receipt_pdf(_mine()), "政府信息公开申请提交回执.pdf")


def pdf(content: bytes, name: str) -> ResponseReturnValue:
    """A PDF to keep."""
    response = send_file(
        io.BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name, etag=False
    )
    response.headers["Content-Security-Policy"] = PDF_CSP
    return response
