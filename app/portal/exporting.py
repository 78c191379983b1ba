"""States and replies of a platform's applications, for the platform to fetch: rows, JSON, CSV, the letters' bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.core.errors import NotFound
from app.letters.models import Letter
from app.portal.models import PlatformApplication
from app.portal.tracking import ON_THE_WAY, REPLIES
from app.requests.kinds import STATES
from app.requests.models import Request
from workflows.law.replies import REPLIES as OUTCOMES

PAGE = 500
HEAD = (
    "平台编号",
    "登记号",
    "状态",
    "提交日期",
    "收到申请之日",
    "答复期限",
    "答复结果",
    "发文字号",
    "答复日期",
    "办结日期",
)

p, r, letter = table_of(PlatformApplication), table_of(Request), table_of(Letter)


def states(session: Session, organ_id: int, *, after: int = 0, since: date | None = None) -> dict[str, Any]:
    """Applications of the platform, oldest first: {rows, next}; `next` is the id to go on after, None at the end.

    With `since`, only those that came, were answered or closed on that day or later. Two statements.
    """
    query = (
        sa.select(p.c.id, p.c.number.label("platform_no"), r)
        .join(r, r.c.id == p.c.request_id)
        .where(p.c.organ_id == organ_id, p.c.id > after)
        .order_by(p.c.id)
        .limit(PAGE + 1)
    )
    if since is not None:
        days = (r.c.arrived_on, r.c.received_on, r.c.answered_on, r.c.closed_on)
        query = query.where(sa.or_(*(day >= since for day in days)))
    found = session.execute(query).mappings().all()
    page = found[:PAGE]
    letters = _letters(session, [row["case_id"] for row in page])
    rows = [_state(row) | {"letters": letters[row["case_id"]] if row["answered_on"] else []} for row in page]
    return {"rows": rows, "next": page[-1]["id"] if len(found) > PAGE else None}


def _state(row: Any) -> dict[str, Any]:
    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "platform_no": row["platform_no"],
        "number": row["number"],
        "state": row["state"],
        "state_word": STATES[row["state"]],
        "arrived_on": day(row["arrived_on"]),
        "received_on": day(row["received_on"]),
        "due_on": day(row["due_on"]),
        "outcome": row["outcome"] if row["answered_on"] else None,
        "outcome_word": OUTCOMES[row["outcome"]].name if row["outcome"] and row["answered_on"] else None,
        "reply_no": row["reply_no"],
        "answered_on": day(row["answered_on"]),
        "closed_on": day(row["closed_on"]),
    }


def _letters(session: Session, cases: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if not cases:
        return found
    query = sa.select(
        letter.c.case_id, letter.c.id, letter.c.title, letter.c.number, letter.c.dated_on, letter.c.pdf_hash
    )
    query = query.where(
        letter.c.case_id.in_(cases), letter.c.state == "issued", letter.c.kind.in_((*ON_THE_WAY, *REPLIES))
    )
    for row in session.execute(query.order_by(letter.c.id)):
        found[row.case_id].append(
            {
                "id": row.id,
                "title": row.title,
                "number": row.number,
                "dated_on": row.dated_on.isoformat(),
                "sm3": row.pdf_hash,
            }
        )
    return found


def cells(row: dict[str, Any]) -> list[Any]:
    """A row under HEAD."""
    keys = ("platform_no", "number", "state_word", "arrived_on", "received_on", "due_on", "outcome_word")
    return [row[key] for key in (*keys, "reply_no", "answered_on", "closed_on")]


def letter_of(session: Session, organ_id: int, letter_id: int) -> Letter:
    """A letter that a platform's applicant was served; else NotFound."""
    query = (
        sa.select(Letter)
        .join(r, r.c.case_id == letter.c.case_id)
        .join(p, p.c.request_id == r.c.id)
        .where(
            letter.c.id == letter_id, p.c.organ_id == organ_id, letter.c.state == "issued", r.c.answered_on.is_not(None),
            letter.c.kind.in_((*ON_THE_WAY, *REPLIES)),
        )
    )  # fmt: skip
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    return found
