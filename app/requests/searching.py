"""检索与权属判断: where was looked, how, by whom, with what result; and who is asked for help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.core.actions import ActionContext
from app.core.errors import Refused
from app.documents.service import clean, day
from app.requests import handing
from app.requests.kinds import FOUND
from app.requests.models import Request, Search


def searched(context: ActionContext, request: Request) -> dict[str, Any]:
    """Keep the search record (条例36(四)) and open the hand-offs that were chosen; {found}."""
    said = context.answers
    found = clean(said.get("found")) or ""
    if found not in FOUND and not said.get("handoff"):
        raise Refused("请填写检索结果。", fields={"found": "请选择。"})
    if clean(said.get("search_scope")):
        keep(context, request, said, unit_id=None, found=found or "found")
    if said.get("handoff"):
        units = [int(str(unit)) for unit in said.get("handoff_units") or []]
        handing.open_round(
            context, request, units, day(said.get("handoff_due")), clean(said.get("handoff_note"))
        )
    return {"found": found}


def keep(
    context: ActionContext,
    request: Request,
    said: Mapping[str, Any],
    *,
    unit_id: int | None,
    found: str,
    prefix: str = "search",
) -> None:
    """One search record; `prefix` names the fields of the form."""
    tx = context.tx
    tx.session.execute(
        sa.insert(Search).values(
            request_id=request.id,
            unit_id=unit_id,
            scope=(clean(said.get(f"{prefix}_scope")) or "")[:500],
            method=(clean(said.get(f"{prefix}_method")) or "")[:500],
            keywords=(clean(said.get(f"{prefix}_keywords")) or "")[:300] or None,
            found=found,
            result=clean(said.get(f"{prefix}_result") or said.get(f"{prefix}_answer")),
            by=tx.actor.person_id,
            at=tx.now,
        )
    )
