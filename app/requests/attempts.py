"""送达 of any letter of a request: every attempt is a row (domain.md 12.10; 国办公开办函〔2016〕235号)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from app.core.command import Tx
from app.core.errors import Refused
from app.requests.models import Delivery, Request
from workflows.law import service as law_service

#: the word of the forms -> the word of the law room
POSTAL = {"post": "postal"}


def add(
    tx: Tx,
    request: Request,
    *,
    method: str,
    sent_on: date,
    letter: str,
    signed_on: date | None = None,
    signed_by: str | None = None,
    mail_no: str | None = None,
    letter_id: int | None = None,
    to: str | None = None,
) -> Delivery:
    """One attempt of service, numbered per letter; a courier other than the postal enterprise carries its warning."""
    try:
        kind = law_service.Method(POSTAL.get(method, method))
    except ValueError:
        raise Refused("请选择送达方式。", fields={"method": "请选择。"}) from None
    count = sa.select(sa.func.count()).select_from(Delivery)
    attempt = (
        tx.session.scalar(count.where(Delivery.request_id == request.id, Delivery.letter == letter)) or 0
    )
    row = Delivery(
        request_id=request.id, letter_id=letter_id, letter=letter[:120],
        to=(to or str(request.applicant.get("name") or ""))[:100], attempt=attempt + 1, method=kind.value,
        sent_on=sent_on, mail_no=mail_no[:40] if mail_no else None, signed_on=signed_on,
        signed_by=signed_by[:60] if signed_by else None, warning=law_service.COURIER_WARNING if kind is law_service.Method.COURIER else None,
        by=tx.actor.person_id, at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row
