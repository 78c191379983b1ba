"""What pages read of requests: rows only; bounded lists, keyset paging, capped counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound
from app.requests.models import Appeal, Incoming, Request

PAGE = 25
COUNT_CAP = 1000

r, i = table_of(Request), table_of(Incoming)
LIVE = ("unconfirmed", "open")


@dataclass(frozen=True)
class Page:
    """A page of rows; `next_key` leads to the next, None at the end."""

    rows: Sequence[Any]
    next_key: str | None


@dataclass(frozen=True)
class Filter:
    """What the list is asked for: `state` live | answered | closed | all, `text` over number, applicant, content."""

    state: str = "live"
    text: str = ""


def organs_of(actor: Actor) -> list[int]:
    """The handling organs whose requests a person sees: his own."""
    return [actor.organ_id] if actor.organ_id is not None and not actor.officer else []


def subjects_of(organ_id: int) -> list[tuple[int, str]]:
    """The answering subjects an organ handles for: itself, and those whose `office_id` it is (domain.md 12.4)."""
    people = directory()
    mine = [o for o in people.organs.values() if o.active and (o.id == organ_id or o.office_id == organ_id)]
    return [(o.id, o.name) for o in sorted(mine, key=lambda o: (o.id != organ_id, o.id), reverse=True)]


def one(session: Session, actor: Actor, request_id: int) -> Request:
    """A request this person may see; else NotFound."""
    found = session.get(Request, request_id)
    if found is None or found.organ_id not in organs_of(actor):
        raise NotFound()
    return found


def of_case(session: Session, case_id: int) -> Request | None:
    """The request of a case."""
    return session.scalars(sa.select(Request).where(Request.case_id == case_id)).first()


def _wanted(actor: Actor, wanted: Filter) -> Any:
    query = sa.select(r).where(r.c.organ_id.in_(organs_of(actor)))
    states = {"live": LIVE, "answered": ("answered",), "closed": ("closed", "dropped")}.get(wanted.state)
    if states:
        query = query.where(r.c.state.in_(states))
    if wanted.text:
        pattern = "%" + wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            sa.or_(
                r.c.number.like(pattern, escape="\\"),
                r.c.content.like(pattern, escape="\\"),
                r.c.reply_no.like(pattern, escape="\\"),
                sa.cast(r.c.applicant, sa.Text).like(pattern, escape="\\"),
            )
        )
    return query


def queue(session: Session, actor: Actor, wanted: Filter, after: str | None) -> Page:
    """Requests by what is left: live ones soonest first, finished ones newest first."""
    query = _wanted(actor, wanted)
    live = wanted.state == "live"
    try:
        if after and live:
            day, _, number = after.partition("_")
            query = query.where(
                sa.tuple_(r.c.sort_on, r.c.id)
                > sa.tuple_(sa.literal(date.fromisoformat(day)), sa.literal(int(number)))
            )
        elif after:
            query = query.where(r.c.id < int(after))
    except ValueError:
        raise NotFound() from None
    query = query.order_by(r.c.sort_on, r.c.id) if live else query.order_by(r.c.id.desc())
    rows = session.execute(query.limit(PAGE + 1)).mappings().all()
    key = None
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        key = f"{last['sort_on']}_{last['id']}" if live else str(last["id"])
    return Page(rows[:PAGE], key)


def counts(session: Session, actor: Actor, soon: date, today: date) -> dict[str, int]:
    """The strip above the queue: overdue, today, soon (until `soon`), paused, unconfirmed."""
    live = r.c.state == "open"

    def count(condition: Any) -> Any:
        return sa.func.count().filter(condition)

    query = sa.select(
        count(sa.and_(live, r.c.due_on < today)).label("overdue"),
        count(sa.and_(live, r.c.due_on == today)).label("today"),
        count(sa.and_(live, r.c.due_on > today, r.c.due_on <= soon)).label("soon"),
        count(sa.and_(live, r.c.clock.in_(("paused", "waiting_correction", "waiting_fee")))).label("waiting"),
        count(r.c.state == "unconfirmed").label("unconfirmed"),
    ).where(r.c.organ_id.in_(organs_of(actor)), r.c.state.in_(LIVE))
    return dict(session.execute(query).mappings().one())


def _capped(table: Any, condition: Any) -> Any:
    rows = sa.select(table.c.id).where(table.c.organ_id == sa.bindparam("organ"), condition).limit(COUNT_CAP)
    return sa.select(sa.func.count()).select_from(rows.subquery()).scalar_subquery()


_in_menu = sa.select(
    _capped(r, r.c.state.in_(LIVE)).label("live"),
    _capped(i, i.c.kind == "undetermined").label("undetermined"),
)


def menu_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Requests in hand and 来件 nobody has determined: one statement per page, and never counted beyond the cap."""
    if has_request_context() and "request_counts" in g:
        return dict(g.request_counts)
    organs = organs_of(actor)
    found = dict(session.execute(_in_menu, {"organ": organs[0] if organs else 0}).mappings().one())
    if has_request_context():
        g.request_counts = found
    return found


def incoming(session: Session, actor: Actor, kind: str, before: str | None) -> Page:
    """来件 of the organ, newest first."""
    query = sa.select(i).where(i.c.organ_id.in_(organs_of(actor)))
    if kind:
        query = query.where(i.c.kind == kind)
    try:
        if before:
            query = query.where(i.c.id < int(before))
    except ValueError:
        raise NotFound() from None
    rows = session.execute(query.order_by(i.c.id.desc()).limit(PAGE + 1)).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)


def one_incoming(session: Session, actor: Actor, incoming_id: int) -> Incoming:
    """A 来件 this person may see; else NotFound."""
    found = session.get(Incoming, incoming_id)
    if found is None or found.organ_id not in organs_of(actor):
        raise NotFound()
    return found


def rows_of(session: Session, model: Any, request_id: int) -> list[Any]:
    """All rows of a table that hang on a request, in order."""
    return list(session.scalars(sa.select(model).where(model.request_id == request_id).order_by(model.id)))


def appeals_of(session: Session, request_id: int) -> list[Appeal]:
    """Reconsiderations and suits about a request."""
    return rows_of(session, Appeal, request_id)
