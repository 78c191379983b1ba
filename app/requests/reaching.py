"""Who may work on a request: read on the locked rows by every command of the room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.cases import higher
from app.core.actor import Actor
from app.core.command import Tx
from app.core.errors import NotAllowed, NotFound, Refused
from app.requests import docket
from app.requests.kinds import PROCESS
from app.requests.models import Request

#: posts of the handling organ that work on every request of it
HANDLERS = frozenset({"registrar", "disclosure_head", "seal_clerk", "archivist", "legal_officer"})


def handles(actor: Actor, organ_id: int) -> bool:
    """Whether the person works on the requests of this organ."""
    return any(actor.acts_as(kind, organ_id, PROCESS) for kind in HANDLERS)


def locked(tx: Tx, request_id: int, *, open_only: bool = True) -> tuple[Request, dict[str, Any]]:
    """The request with its locked case. NotFound: not of the actor's organ; Refused: closed already."""
    case_id = tx.session.scalar(sa.select(Request.case_id).where(Request.id == request_id))
    if case_id is None:
        raise NotFound()
    case = higher.lock(tx, case_id)
    request = tx.session.get_one(Request, request_id, populate_existing=True)
    if tx.actor.organ_id != request.organ_id:
        raise NotFound()
    if not handles(tx.actor, request.organ_id):
        raise NotAllowed("这一步由受理登记岗或者政府信息公开工作机构办理。如工作需要，请联系单位管理员。")
    if open_only and request.state in ("closed", "dropped"):
        raise Refused("这个办件已经办结，不能再改。确需更正的，请登记新的事项并在备注中写明原登记号。")
    return request, case


def of_case(tx: Tx, case_id: int) -> Request:
    """The request of a case whose row is locked already (inside an action)."""
    return docket.of_case(tx, case_id).request
