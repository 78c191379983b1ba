"""The register of reconsideration and litigation as pages read it: one's own office's, and what one entered for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import directory
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound
from app.core.now import local_text, today
from app.requests import appeals, queries
from app.requests.appeals import KINDS, RESULTS, TRACKS, WORK
from app.requests.models import NEVER, Appeal, Request
from app.requests.queries import PAGE, Page

a, r = table_of(Appeal), table_of(Request)
MOST_WAITING = 200
TABS = {"waiting": "待答复举证", "pending": "尚未审结", "decided": "已审结", "all": "全部"}
#: the columns of table four: kind, tracks, what they are called (国办公开办函〔2021〕30号)
GROUPS = (
    ("reconsideration", ("ordinary", "summary"), "行政复议"),
    ("litigation", ("direct",), "未经复议直接起诉"),
    ("litigation", ("after",), "复议后起诉"),
)


def _visible(actor: Actor) -> Any:
    """Of the person's office; and what his 复议机构 entered for others."""
    organ_id = actor.organ_id if not actor.officer else None
    if organ_id is None:
        return sa.false()
    ours = a.c.organ_id == organ_id
    return sa.or_(ours, a.c.from_organ_id == organ_id) if appeals.reviewer(actor) else ours


def listed(session: Session, actor: Actor, state: str, before: str | None) -> Page:
    """Rows of a tab: what waits, soonest first and all of it (up to `MOST_WAITING`); the others by page, newest first."""
    query = sa.select(a, r.c.number.label("request_no"), r.c.title, r.c.case_id).outerjoin(
        r, r.c.id == a.c.request_id
    )
    query = query.where(_visible(actor))
    if state == "waiting":
        query = query.where(a.c.answered_on.is_(None), a.c.result == "pending")
        soonest = sa.func.coalesce(a.c.answer_due_on, NEVER)
        waiting = session.execute(query.order_by(soonest, a.c.id).limit(MOST_WAITING)).mappings()
        return Page([line(row) for row in waiting], None)
    if state == "pending":
        query = query.where(a.c.result == "pending")
    elif state == "decided":
        query = query.where(a.c.result != "pending")
    try:
        if before:
            query = query.where(a.c.id < int(before))
    except ValueError:
        raise NotFound() from None
    rows = session.execute(query.order_by(a.c.id.desc()).limit(PAGE + 1)).mappings().all()
    key = str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None
    return Page([line(row) for row in rows[:PAGE]], key)


def one(session: Session, actor: Actor, appeal_id: int) -> Appeal:
    """An appeal this person may see; else NotFound."""
    found = session.scalars(sa.select(Appeal).where(Appeal.id == appeal_id, _visible(actor))).first()
    if found is None:
        raise NotFound()
    return found


def of_item(session: Session, actor: Actor, item_id: int) -> Appeal:
    """The appeal whose answer a work item asks for."""
    found = session.scalars(sa.select(Appeal).where(Appeal.item_id == item_id, _visible(actor))).first()
    if found is None:
        raise NotFound()
    return found


def line(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of the register, in words."""
    open_ = row["answered_on"] is None and row["result"] == "pending"
    natural = row["kind"] == "litigation"
    return dict(row) | {
        "url": url_for("requests.appeal", appeal_id=row["id"]),
        "kind_word": KINDS[row["kind"]],
        "track_word": TRACKS[row["track"]],
        "result_word": RESULTS[row["result"]],
        "subject": directory().organ(row["subject_id"]).short_name,
        "work": WORK[row["kind"]],
        "open": open_,
        "due": _left(row["answer_due_on"], row["answer_due_why"], open_, natural),
    }


def _left(on: date | None, why: str | None, open_: bool, natural: bool) -> dict[str, Any]:
    """For `ui.due`: working days for a reconsideration, natural days for a suit (glossary A)."""
    days = calendar.current()
    return {
        "date": on,
        "left": days.days_left(today(), on) if on and open_ and not natural else None,
        "days_left": (on - today()).days if on and open_ and natural else None,
        "unit": "天（自然日）" if natural else "个工作日",
        "unknown": (why or "") if on is None else "",
        "makeup": bool(on and days.is_makeup(on)),
    }


def shown(session: Session, actor: Actor, row: Appeal) -> dict[str, Any]:
    """An appeal on its page. Whoever entered it for another office sees no more of the request than its number."""
    columns = {column.name: getattr(row, column.name) for column in Appeal.__table__.columns}
    found = session.get(Request, row.request_id) if row.request_id else None
    redo = session.get(Request, row.redo_id) if row.redo_id else None
    ours = actor.organ_id == row.organ_id
    limit = appeals.due(row)
    return line(columns) | {
        "ours": ours,
        "respondent": directory().organ(row.subject_id).name,
        "request_no": found.number if found else None,
        "request": found if ours else None,
        "redo": redo if ours else None,
        "redo_no": redo.number if redo else None,
        "law": appeals.period(row.kind, row.track),
        "limit": limit,
        "by_name": directory().name_of(row.by) if row.by else "系统",
        "from_name": directory().organ(row.from_organ_id).name,
        "at_text": local_text(row.at),
        "answers": ours and answerer(session, actor, row),
        "keeps": (ours and appeals.keeps(actor, row.organ_id)) or appeals.reviewer(actor),
        "late": bool(row.answered_on and limit.date and row.answered_on > limit.date),
    }


def answerer(session: Session, actor: Actor, row: Appeal) -> bool:
    """Whether this person registers the answer."""
    from app.cases.models import WorkItem

    item = session.get(WorkItem, row.item_id) if row.item_id else None
    if item is None:
        return any(actor.holds(kind, row.organ_id) for kind in appeals.ANSWERERS)
    own = item.post_id in actor.post_ids or item.holder_id == actor.person_id
    return own or actor.for_whom(item.holder_id, item.post_id, item.process_key) is not None


def respondents(actor: Actor) -> list[tuple[int, str]]:
    """For whom the person registers: the subjects of his office; for a 复议机构 every organ."""
    own = queries.subjects_of(actor.organ_id or 0)
    if not appeals.reviewer(actor):
        return own
    rest = [(o.id, o.name) for o in directory().organs.values() if o.active and o.id not in dict(own)]
    return [*rest, *own]


def yearly(session: Session, actor: Actor, year: int) -> list[dict[str, Any]]:
    """Table four of the annual report for the office: per group 维持, 纠正, 其他, 尚未审结, 总计.

    Decided ones count in the year of the decision, pending ones where they were received until the year's end
    (domain.md 2.4). One statement.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    open_then = sa.and_(a.c.copy_on <= last, sa.or_(a.c.decided_on.is_(None), a.c.decided_on > last))
    query = (
        sa.select(
            a.c.kind,
            a.c.track,
            sa.case((open_then, "pending"), else_=a.c.result).label("said"),
            sa.func.count(),
        )
        .where(a.c.organ_id == (actor.organ_id or 0), a.c.counts)
        .where(sa.or_(open_then, sa.and_(a.c.decided_on >= first, a.c.decided_on <= last)))
        .group_by(a.c.kind, a.c.track, "said")
    )
    return tally([tuple(row) for row in session.execute(query)])


def tally(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """(kind, track, result, count) as the three groups of table four; each total is the sum of its four (E4)."""
    found = []
    for kind, tracks, label in GROUPS:
        counts = {
            key: sum(n for k, t, result, n in rows if k == kind and t in tracks and result == key)
            for key in ("upheld", "corrected", "other", "pending")
        }
        found.append({"label": label, **counts, "total": sum(counts.values())})
    return found
