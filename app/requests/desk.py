"""What the inbox of the office says of requests: applicant, number of the reply, the statutory day; and finding them.

Applicants' names are plain text (their ID and telephone numbers are not), so part of a name finds them within the organ.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from app.cases.registry import Told
from app.core.actor import Actor
from app.core.db import table_of
from app.core.now import today
from app.requests import clocks, docket, standing
from app.requests.intake import INTAKE
from app.requests.kinds import PROCESS
from app.requests.models import Applicant, Consultation, Delivery, Incoming, Request
from workflows.law.clock import State

r, a, i = table_of(Request), table_of(Applicant), table_of(Incoming)
d, o = table_of(Delivery), table_of(Consultation)
COLUMNS = "id case_id organ_id applicant reply_no received_on state clock due_on due_why not_before".split()
_cases: sa.BindParameter[Any] = sa.bindparam("cases", expanding=True)
_rows = {
    name: sa.select(*(r.c[column] for column in COLUMNS), *made).where(r.c.case_id.in_(_cases))
    for name, made in docket.CLOCKWORK.items()
}


def told(session: Session, cases: Sequence[int]) -> dict[int, Told]:
    """For the rows of a page, in one statement; where a period is paused, its clock says how much of it is used."""
    rows = session.execute(_rows[session.get_bind().dialect.name], {"cases": list(cases)})
    return {row.case_id: _told(row, today()) for row in rows}


def _told(row: Any, day: date) -> Told:
    paused = row.state == "open" and row.clock == State.PAUSED.value and row.received_on is not None
    state = clocks.of_row(row, day) if paused else None
    due = standing.due(row._mapping, state)
    if row.received_on is not None:
        due["why"] = url_for("requests.clock", request_id=row.id)
    return Told(str(row.applicant.get("name") or ""), row.reply_no or "", due)


def beginning(actor: Actor) -> dict[str, str] | None:
    """An application is not begun from 发起办件 but taken in; who takes in is shown where."""
    organ = actor.organ_id
    if organ is None or not any(actor.acts_as(kind, organ, PROCESS) for kind in INTAKE):
        return None
    return {
        "name": "依申请公开",
        "text": "收到的申请（当面、信函、平台、邮箱、传真）先接收登记，系统按来件方式确定收到申请之日，并开始办理。",
        "url": url_for("requests.register"),
        "button": "接收登记",
    }


def search(organ: int, text: str, like: str) -> sa.Select[Any]:
    """Cases of requests by number, reply number, applicant or the number of a letter by post."""

    def holds(column: Any) -> Any:
        return column.like(like, escape="\\")

    named = sa.select(a.c.id).where(a.c.organ_id == organ, holds(a.c.name))
    came = sa.select(i.c.id).where(i.c.organ_id == organ, i.c.mail_no == text)
    went = sa.union_all(*(sa.select(t.c.request_id).where(t.c.mail_no == text) for t in (d, o)))
    ways = (
        holds(r.c.number),
        holds(r.c.reply_no),
        r.c.applicant_id.in_(named),
        r.c.incoming_id.in_(came),
        r.c.id.in_(went),
    )
    return sa.select(r.c.case_id).where(r.c.organ_id == organ, sa.or_(*ways))
