"""What pages read of orders, and what is late and might be ordered (拟督办). Keyset pages, bounded counts."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Person, Post
from app.cases.models import Case, WorkItem
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound
from app.core.now import business_date
from app.obligations.models import Obligation
from app.obligations.order_models import Order
from app.obligations.order_rights import owed, readable, sees, supervised
from app.requests.models import Request
from app.requests.supervision import Supervision

PAGE = 50
CAP = 1000
#: rows of a workbook
MOST_ROWS = 20_000

o, d = table_of(Order), table_of(Obligation)
c, w, r, s = table_of(Case), table_of(WorkItem), table_of(Request), table_of(Supervision)


@dataclass(frozen=True)
class Wanted:
    """`state`: mine (waits for me to report) | open | reported | late | closed | void | "" (all)."""

    state: str = ""
    organ: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Page:
    """A page and the key of the next one."""

    rows: Sequence[Any]
    next_key: str | None


def _number(text: str | None) -> int:
    if not text:
        return 2**62
    if not text.isdecimal() or len(text) > 18:
        raise NotFound()
    return int(text)


def _like(text: str) -> str:
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _scoped(actor: Actor, wanted: Wanted, today: date) -> Any:
    query = sa.select(o).where(readable(actor))
    if wanted.state == "mine":
        query = query.where(owed(actor), o.c.status == "open")
    elif wanted.state == "late":
        query = query.where(o.c.status.in_(("open", "reported")), o.c.due_on < today)
    elif wanted.state:
        query = query.where(o.c.status == wanted.state)
    if wanted.organ is not None:
        query = query.where(o.c.target_id == wanted.organ)
    if wanted.text:
        found = _like(wanted.text)
        query = query.where(sa.or_(o.c.title.like(found, escape="\\"), o.c.number.like(found, escape="\\")))
    return query


def register(session: Session, actor: Actor, wanted: Wanted, today: date, before: str | None) -> Page:
    """督办台账: what this person may read, newest first."""
    query = _scoped(actor, wanted, today).where(o.c.id < _number(before))
    rows = session.execute(query.order_by(o.c.id.desc()).limit(PAGE + 1)).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)


def lines(session: Session, actor: Actor, wanted: Wanted, today: date) -> Sequence[Any]:
    """The whole register for a workbook, oldest first, at most `MOST_ROWS` + 1."""
    query = _scoped(actor, wanted, today).order_by(o.c.id).limit(MOST_ROWS + 1)
    return session.execute(query).mappings().all()


def order(session: Session, actor: Actor, order_id: int) -> Any:
    """One order this person may read; else NotFound."""
    row = (
        session.execute(sa.select(o).where(o.c.id == order_id)).mappings().first()
        if order_id < 2**62
        else None
    )
    if row is None or not sees(actor, row):
        raise NotFound()
    return row


_open = o.c.status == sa.literal_column("'open'")


def _arm(condition: Any, most: int) -> Any:
    return sa.select(sa.select(o).where(_open, condition).order_by(o.c.due_on, o.c.id).limit(most).subquery())


@functools.cache
def _waiting_for(posts: int, most: int) -> Any:
    """The statement of a person with so many posts: building it takes longer than running it, and every page asks."""
    arms = [_arm(o.c.person_id == sa.bindparam("me"), most)]
    arms += [_arm(o.c.post_id == sa.bindparam(f"post{place}"), most) for place in range(posts)]
    found = sa.union_all(*arms).subquery()
    return sa.select(found).order_by(found.c.due_on, found.c.id).limit(most)


def waiting(session: Session, actor: Actor, most: int = 20) -> Sequence[Any]:
    """Orders this person has to report on, soonest first: for 待办. One statement, an arm per index, bounded."""
    if actor.person_id is None or actor.officer:
        return []
    posts = sorted(actor.post_ids)
    values = {"me": actor.person_id} | {f"post{place}": post for place, post in enumerate(posts)}
    return session.execute(_waiting_for(len(posts), most), values).mappings().all()


_waits = sa.or_(o.c.status == "reported", sa.and_(o.c.status == "open", o.c.asked_due.is_not(None)))
_of_givers = o.c.organ_id.in_(sa.bindparam("given", expanding=True))
_to_decide = sa.select(sa.func.count()).select_from(
    sa.select(o.c.id).where(_of_givers, _waits).limit(CAP).subquery()
)


def to_decide(session: Session, actor: Actor) -> int:
    """Orders of this 督查岗 whose report or extension waits for its decision; stops at the cap."""
    given = sorted({post.organ_id for post in actor.posts if post.kind == "supervisor"})
    return int(session.scalar(_to_decide, {"given": given}) or 0)


# --- 拟督办 ---------------------------------------------------------------------------------------------------


def _late_arm(whose: Any) -> Any:
    """Late items over an index of what is open; what rests (挂起) is not late by its own limit, which stands still."""
    day, at = sa.bindparam("today", type_=sa.Date), sa.bindparam("now", type_=w.c.due_at.type)
    return (
        sa.select(
            w.c.id, w.c.case_id, w.c.label, w.c.due_at, w.c.due_on, w.c.organ_id, w.c.post_id, w.c.holder_id,
            c.c.number, c.c.title, c.c.organ_id.label("case_organ"),
        )
        .join(c, c.c.id == w.c.case_id)
        .where(
            w.c.status == sa.literal_column("'open'"), whose, w.c.due_on <= day,
            sa.or_(w.c.due_on < day, w.c.due_at <= at), w.c.organ_id.in_(sa.bindparam("organs", expanding=True)),
            c.c.suspended_at.is_(None),
        )
    )  # fmt: skip


_late_arms = (
    _late_arm(sa.and_(w.c.holder_id.is_(None), w.c.post_id.in_(sa.select(table_of(Post).c.id)))),
    _late_arm(w.c.holder_id.in_(sa.select(table_of(Person).c.id))),
    _late_arm(sa.and_(w.c.holder_id.is_(None), w.c.post_id.is_(None), w.c.incident.is_not(None))),
)
_late = sa.union_all(*_late_arms).subquery()
_late_steps = sa.select(_late).order_by(_late.c.due_on, _late.c.id)


def late_steps(session: Session, actor: Actor, now: datetime, before: str | None) -> Page:
    """Open steps late at `now` in the organs watched, longest first: past their day, the law's or their own moment.

    The rule itself decides, as it does in 待办; whether anybody has been reminded makes no difference.
    """
    values = {"organs": sorted(supervised(actor)), "now": now, "today": business_date(now)}
    return _offset(session, _late_steps, before, values)


def late_duties(session: Session, actor: Actor, today: date, before: str | None) -> Page:
    """Duties to publish past their day, in the organs watched."""
    query = (
        sa.select(d.c.id, d.c.title, d.c.organ_id, d.c.unit_id, d.c.due_on)
        .where(d.c.organ_id.in_(sorted(supervised(actor))), d.c.status == "open", d.c.due_on < today)
        .order_by(d.c.due_on, d.c.id)
    )
    return _offset(session, query, before)


def late_replies(session: Session, actor: Actor, today: date, before: str | None) -> Page:
    """Requests past the day of their reply in the organs watched: number and dates, and how often the 督查岗 was told."""
    told = sa.and_(s.c.request_id == r.c.id, s.c.due_on == r.c.due_on)
    query = (
        sa.select(r.c.id, r.c.organ_id, r.c.due_on, s.c.times, s.c.last_on, r.c.number, r.c.case_id)
        .join(s, told, isouter=True)
        .where(
            r.c.organ_id.in_(sorted(supervised(actor))), r.c.state == "open", r.c.sort_on < today, r.c.due_on < today
        )
        .order_by(r.c.due_on, r.c.id)
    )  # fmt: skip
    return _offset(session, query, before)


def _offset(session: Session, query: Any, after: str | None, values: Mapping[str, Any] | None = None) -> Page:
    """A page by number of rows left out: these lists are short, and shrink while they are read."""
    start = 0 if not after else min(_number(after), 10_000)
    rows = session.execute(query.offset(start).limit(PAGE + 1), values or {}).mappings().all()
    return Page(rows[:PAGE], str(start + PAGE) if len(rows) > PAGE else None)


def ordered(session: Session, column: str, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Running orders on cases (`case_id`) or duties (`duty_id`): id -> (order, number)."""
    if not ids:
        return {}
    query = sa.select(o.c[column], o.c.id, o.c.number).where(
        o.c[column].in_(list(ids)), o.c.status.in_(("open", "reported"))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def case_facts(session: Session, actor: Actor, case_id: int) -> Any:
    """Number, title and organ of a case in the organs this person watches; else NotFound."""
    query = sa.select(c.c.id, c.c.number, c.c.title, c.c.organ_id).where(
        c.c.id == case_id, c.c.organ_id.in_(sorted(supervised(actor)))
    )
    return _one(session, query)


def duty_facts(session: Session, actor: Actor, duty_id: int) -> Any:
    """Title, organ and day of a duty in the organs this person watches; else NotFound."""
    query = sa.select(d.c.id, d.c.title, d.c.organ_id, d.c.due_on).where(
        d.c.id == duty_id, d.c.organ_id.in_(sorted(supervised(actor)))
    )
    return _one(session, query)


def _one(session: Session, query: Any) -> Any:
    row = session.execute(query).mappings().first()
    if row is None:
        raise NotFound()
    return row
