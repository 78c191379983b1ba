"""送达 of any letter of a request: every attempt is a row (domain.md 12.10; 国办公开办函〔2016〕235号)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.requests.models import Delivery, Request
from workflows.law import service as law_service

#: the word of the forms -> the word of the law room
POSTAL = {"post": "postal"}

d = table_of(Delivery)
_earlier = (
    sa.select(sa.func.count() + 1)
    .select_from(d)
    .where(d.c.request_id == sa.bindparam("v_request_id"), d.c.letter == sa.bindparam("v_letter"))
    .scalar_subquery()
)
_COLUMNS = "request_id letter_id letter to method sent_on mail_no signed_on signed_by warning by at".split()
_add = sa.insert(d).values(
    {name: sa.bindparam(f"v_{name}", type_=d.c[name].type) for name in _COLUMNS} | {"attempt": _earlier}
)
_add_one = _add.returning(d.c.id, d.c.attempt)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How something was sent: `method` a word of the forms or of the law room; `to` NULL for the applicant."""

    method: str
    sent_on: date
    letter: str
    signed_on: date | None = None
    signed_by: str | None = None
    mail_no: str | None = None
    letter_id: int | None = None
    to: str | None = None

    @property
    def kind(self) -> law_service.Method:
        """The way of the law. Refused when it is none."""
        try:
            return law_service.Method(POSTAL.get(self.method, self.method))
        except ValueError:
            raise Refused("请选择送达方式。", fields={"method": "请选择。"}) from None

    @property
    def warning(self) -> str | None:
        """A courier other than the postal enterprise carries its warning."""
        return law_service.COURIER_WARNING if self.kind is law_service.Method.COURIER else None


def add(tx: Tx, request: Request, attempt: Attempt) -> tuple[int, int]:
    """Keep one attempt of service; its id, and which one of its letter it is. One statement."""
    row = tx.session.execute(_add_one, _row(tx, request, attempt)).one()
    return row.id, row.attempt


def add_all(tx: Tx, request: Request, sent: Sequence[Attempt]) -> None:
    """Keep attempts for several letters, each numbered per letter. One statement."""
    if sent:
        tx.session.execute(_add, [_row(tx, request, attempt) for attempt in sent])


def _row(tx: Tx, request: Request, attempt: Attempt) -> dict[str, Any]:
    row = {
        "request_id": request.id,
        "letter_id": attempt.letter_id,
        "letter": attempt.letter[:120],
        "to": (attempt.to or str(request.applicant.get("name") or ""))[:100],
        "method": attempt.kind.value,
        "sent_on": attempt.sent_on,
        "mail_no": attempt.mail_no[:40] if attempt.mail_no else None,
        "signed_on": attempt.signed_on,
        "signed_by": attempt.signed_by[:60] if attempt.signed_by else None,
        "warning": attempt.warning,
        "by": tx.actor.person_id,
        "at": tx.now,
    }
    return {f"v_{name}": value for name, value in row.items()}
