"""What comes with a report on an order: uploaded ahead as everywhere, kept with the report, read by who reads the order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.cases.asking import with_uploads
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.pages import me
from app.documents import beforehand, hooks
from app.obligations import order_queries
from app.obligations.orders import FIELD


def take_up(form: Any) -> list[str]:
    """Keep what was chosen with a report, beside what an earlier attempt kept (`form.chosen`); refusals as sentences."""
    sent = MultiDict((FIELD, each) for each in request.files.getlist(FIELD))
    merged, refused = with_uploads(
        request.form,
        sent,
        lambda key, upload: beforehand.keep(me(), upload.stream, upload.filename or "", key),
    )
    form.chosen = [int(each) for each in merged.getlist(FIELD) if each.isdecimal() and len(each) < 19]
    return refused


def waiting(session: Session, actor: Actor, chosen: Sequence[int]) -> list[dict[str, Any]]:
    """What of these is uploaded and not reported yet."""
    mine = beforehand.waiting(session, actor.person_id)
    return [mine[str(each)] for each in chosen if str(each) in mine]


def sees(session: Session, actor: Actor, order_id: int) -> bool:
    """Whether the person may fetch what came with a report on this order: whoever reads the order."""
    try:
        order_queries.order(session, actor, order_id)
    except NotFound:
        return False
    return True


hooks.may_see_kept[FIELD] = sees
