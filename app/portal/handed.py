"""On the pages of a case: what its applicant handed in on the public site, before the form of the step that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.requests import queries, showing
from app.requests.models import Incoming
from app.requests.reaching import handles


def panels(
    session: Session, actor: Actor, case: Mapping[str, Any], _item: Mapping[str, Any] | None
) -> list[tuple[str, Markup]]:
    """来件 about the request that came from the tracking page, newest first; nothing where there are none."""
    if not str(case["process_key"]).startswith("foi_") or not handles(actor, case["organ_id"]):
        return []
    request = queries.of_case(session, case["id"])
    if request is None:
        return []
    query = sa.select(Incoming).where(Incoming.about_id == request.id, Incoming.kind == "supplement")
    rows = [
        showing.incoming_row(row) for row in session.scalars(query.order_by(Incoming.id.desc()).limit(20))
    ]
    return [("before", Markup(render_template("portal/_handed.html", rows=rows)))] if rows else []
