"""What follows a request on the pages of its case: papers to print, the case file, appeals, evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.requests import appealed, appeals, evaluating, fixing, queries
from app.requests.reaching import handles

#: steps of the flow at which something is printed or filed
PRINTING = frozenset({"seal", "serve", "archive", "correction_send", "fee_send", "consult_send"})
#: what a clerk prints most: key of the paper -> label
PAPERS = {
    "registration": "登记表", "approval": "呈批单", "envelope": "信封", "receipt": "送达回证", "contents": "卷内目录",
}  # fmt: skip


def panels(
    session: Session, actor: Actor, case: Mapping[str, Any], item: Mapping[str, Any] | None
) -> list[tuple[str, Markup]]:
    """The panel 「打印、案卷」 on the case's page and at the steps where papers leave the house."""
    if not str(case["process_key"]).startswith("foi_") or (item is not None and item["step"] not in PRINTING):
        return []
    request = queries.of_case(session, case["id"])
    if request is None or not handles(actor, request.organ_id):
        return []
    rows = queries.appeals_of(session, request.id)
    panel = render_template(
        "requests/_file.html",
        request=request,
        item=item,
        papers=PAPERS,
        appeals=[
            appealed.line({column.name: getattr(row, column.name) for column in row.__table__.columns})
            for row in rows
        ],
        may_appeal=appeals.keeps(actor, request.organ_id) and request.number is not None,
        may_fix=fixing.may_ask(request),
        may_evaluate=request.state in ("answered", "closed") and request.outcome in evaluating.GIVEN,
    )
    return [("after", Markup(panel))]
