"""One search over number, title, applicant and mail number, within what a person may see.

Rooms above add what they know (`registry.SEARCHES`): a SELECT of case ids of the organ, by the pattern.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.models import Case, WorkItem
from app.cases.queries import PAGE, Page
from app.cases.registry import SEARCHES
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound

#: cases a filter of the inbox looks through
MOST = 300

c, w = table_of(Case), table_of(WorkItem)


def pattern(text: str) -> str:
    """`text` anywhere, for LIKE with a backslash as escape."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def found(actor: Actor, text: str) -> Any:
    """The condition on cases: of the person's organ or come to it, and holding the text somewhere."""
    organ, like = actor.organ_id or 0, pattern(text)
    came = sa.exists().where(w.c.case_id == c.c.id, w.c.organ_id == organ)
    ways = [c.c.number.like(like, escape="\\"), c.c.title.like(like, escape="\\")]
    ways += [c.c.id.in_(search(organ, text, like)) for search in SEARCHES]
    return sa.and_(sa.or_(c.c.organ_id == organ, came), sa.or_(*ways))


def cases(session: Session, actor: Actor, text: str) -> list[int]:
    """Ids of open cases that hold the text, the newest first; at most MOST."""
    query = sa.select(c.c.id).where(c.c.status == "open", found(actor, text)).order_by(c.c.id.desc())
    return list(session.scalars(query.limit(MOST)))


def page(session: Session, actor: Actor, text: str, before: str | None) -> Page:
    """检索: cases that hold the text, newest first; none without a text. `before` is the key of the last row seen."""
    try:
        below = int(before) if before else 2**62
    except ValueError:
        raise NotFound() from None
    if not text:
        return Page([], None)
    columns = (
        c.c.id,
        c.c.id.label("case_id"),
        c.c.number,
        c.c.title,
        c.c.status,
        c.c.opened_at,
        c.c.closed_at,
    )
    query = sa.select(*columns).where(c.c.id < below, found(actor, text)).order_by(c.c.id.desc())
    rows = session.execute(query.limit(PAGE + 1)).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)
