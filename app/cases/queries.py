"""What pages read of cases: rows only, never an engine state. Bounded lists, keyset paging, capped counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from app.cases.models import Case, CaseTimer, Draft, FlowRow, WorkItem
from app.cases.sub_models import CaseCopy
from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound

PAGE = 25
#: counts stop here and show 「999+」
COUNT_CAP = 1000

c, w, k = table_of(Case), table_of(WorkItem), table_of(CaseCopy)


@dataclass(frozen=True)
class Page:
    """A page of rows with the keys of its neighbours (None: there is none)."""

    rows: Sequence[RowMapping]
    next_key: str | None


# --- inbox ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """What reaches a person: `shape` says which arms his inbox has, `params` holds their numbers.

    An arm is (what, limited to posts, limited to kinds): work waiting at a post, or in somebody's hands. After his own
    come those of the people he stands in for, and what he has handed over and still sees (`handed`).
    """

    shape: tuple[tuple[str, bool, bool], ...]
    params: dict[str, Any]


def reach(actor: Actor) -> Reach:
    """The arms of a person's inbox today."""
    shape: list[tuple[str, bool, bool]] = []
    params: dict[str, Any] = {}

    def arm(
        what: str, number: Any, posts: frozenset[int] = frozenset(), kinds: frozenset[str] = frozenset()
    ) -> None:
        place = len(shape)
        shape.append((what, bool(posts), bool(kinds)))
        params[f"n{place}"] = number
        if posts:
            params[f"posts{place}"] = sorted(posts)
        if kinds:
            params[f"kinds{place}"] = sorted(kinds)

    for post in sorted(actor.post_ids):
        arm("post", post)
    arm("held", actor.person_id)
    for each in actor.stands_for:
        for post in sorted(each.post_ids):
            arm("post", post, kinds=each.kinds)
        if each.whole or each.post_ids:
            arm("held", each.person_id, frozenset() if each.whole else each.post_ids, each.kinds)
    if actor.handed:
        arm("handed", sorted(actor.handed))
    return Reach(tuple(shape), params)


# --- 已办, 办结, 我拟的 ---------------------------------------------------------------------------------------

_done = (
    sa.select(
        w.c.id,
        w.c.case_id,
        w.c.label,
        w.c.decision,
        w.c.closed_at,
        w.c.how,
        c.c.number,
        c.c.title,
        c.c.status,
    )
    .join(c, c.c.id == w.c.case_id)
    .where(w.c.done_by == sa.bindparam("me"), w.c.id < sa.bindparam("before"))
    .order_by(w.c.id.desc())
    .limit(PAGE + 1)
)
_done_open = _done.where(c.c.status == "open")
_done_closed = _done.where(c.c.status != "open")
_started = (
    sa.select(
        c.c.id.label("case_id"), c.c.id, c.c.number, c.c.title, c.c.status, c.c.opened_at, c.c.closed_at
    )
    .where(c.c.started_by == sa.bindparam("me"), c.c.id < sa.bindparam("before"))
    .order_by(c.c.id.desc())
    .limit(PAGE + 1)
)
LISTS = {"done": _done_open, "closed": _done_closed, "mine": _started}


def listed(session: Session, actor: Actor, which: str, before: str | None) -> Page:
    """One of the lists 已办 (`done`), 办结 (`closed`), 我拟的 (`mine`), newest first."""
    try:
        limit = int(before) if before else 2**62
    except ValueError:
        raise NotFound() from None
    rows = session.execute(LISTS[which], {"me": actor.person_id, "before": limit}).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)


# --- 抄送 ------------------------------------------------------------------------------------------------------

_copies = (
    sa.select(
        k.c.id,
        k.c.case_id,
        k.c.sent_by,
        k.c.note,
        k.c.sent_at,
        k.c.read_at,
        c.c.number,
        c.c.title,
        c.c.status,
    )
    .join(c, c.c.id == k.c.case_id)
    .where(k.c.person_id == sa.bindparam("me"), k.c.id < sa.bindparam("before"))
    .order_by(k.c.id.desc())
    .limit(PAGE + 1)
)
_to_read = _copies.where(k.c.read_at.is_(None))
_read = _copies.where(k.c.read_at.is_not(None))
_unread_ids = (
    sa.select(k.c.id).where(k.c.person_id == sa.bindparam("me"), k.c.read_at.is_(None)).limit(COUNT_CAP)
)
_count_unread = sa.select(sa.func.count()).select_from(_unread_ids.subquery())


def copies(session: Session, actor: Actor, *, read: bool, before: str | None = None) -> Page:
    """What was 抄送 to a person: 待阅, or (`read`) 已阅; newest first."""
    try:
        limit = int(before) if before else 2**62
    except ValueError:
        raise NotFound() from None
    query = _read if read else _to_read
    rows = session.execute(query, {"me": actor.person_id, "before": limit}).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)


def copies_unread(session: Session, actor: Actor) -> int:
    """How much waits to be read; never counts beyond the cap."""
    return int(session.execute(_count_unread, {"me": actor.person_id}).scalar_one())


_places = (
    sa.select(w.c.case_id, w.c.label, w.c.post_id, w.c.holder_id, w.c.incident)
    .where(w.c.case_id.in_(sa.bindparam("cases", expanding=True)), w.c.status == "open")
    .order_by(w.c.id)
)


def places(session: Session, cases: Sequence[int]) -> dict[int, list[RowMapping]]:
    """Where cases stand now: their open items."""
    found: dict[int, list[RowMapping]] = {}
    if cases:
        for row in session.execute(_places, {"cases": list(cases)}).mappings():
            found.setdefault(row["case_id"], []).append(row)
    return found


# --- one item, one case ----------------------------------------------------------------------------------------

#: the case without its engine state: only commands load that
CASE_FACTS = tuple(column for column in c.columns if column.name != "state")
_item = (
    sa.select(w, *(column.label(f"of_case_{column.name}") for column in CASE_FACTS))
    .join(c, c.c.id == w.c.case_id)
    .where(w.c.id == sa.bindparam("item"))
)


def item(session: Session, item_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A work item and its case (without state); NotFound when there is none. The caller checks the relation."""
    found = session.execute(_item, {"item": item_id}).mappings().first()
    if found is None:
        raise NotFound()
    return (
        {column.name: found[column.name] for column in w.columns},
        {column.name: found[f"of_case_{column.name}"] for column in CASE_FACTS},
    )


_case = sa.select(*CASE_FACTS).where(c.c.id == sa.bindparam("case"))
_reaches_organ = sa.select(sa.literal(1)).where(
    w.c.organ_id == sa.bindparam("organ"), w.c.case_id == sa.bindparam("case")
)


def case(session: Session, case_id: int, actor: Actor) -> dict[str, Any]:
    """A case this person may see: of his organ, or with a work item that came to his organ. Else NotFound."""
    found = session.execute(_case, {"case": case_id}).mappings().first()
    if found is None or actor.officer or actor.organ_id is None:
        raise NotFound()
    if found["organ_id"] != actor.organ_id:
        through = session.execute(_reaches_organ.limit(1), {"organ": actor.organ_id, "case": case_id}).first()
        if through is None:
            raise NotFound()
    return dict(found)


_history = sa.select(w).where(w.c.case_id == sa.bindparam("case")).order_by(w.c.id)


def history(session: Session, case_id: int, limit: int = 500) -> list[dict[str, Any]]:
    """Every work item of a case, in order of arrival."""
    return [dict(row) for row in session.execute(_history.limit(limit), {"case": case_id}).mappings()]


def draft(session: Session, item_id: int, person_id: int | None) -> Draft | None:
    """What this person has typed for this item and not sent."""
    return session.get(Draft, (item_id, person_id)) if person_id else None


# --- incidents, timers, rows ------------------------------------------------------------------------------------


def stuck(
    session: Session, organ_id: int, empty_posts: Sequence[int], gone: Sequence[int], after: str | None
) -> Page:
    """Open items of an organ that nobody can do: marked so, at a post without people, held by who has left."""
    try:
        start = int(after) if after else 0
    except ValueError:
        raise NotFound() from None
    query = (
        sa.select(w, c.c.number, c.c.title)
        .join(c, c.c.id == w.c.case_id)
        .where(w.c.organ_id == organ_id, w.c.status == "open", w.c.id > start)
        .where(
            sa.or_(
                w.c.incident.is_not(None),
                sa.and_(w.c.holder_id.is_(None), w.c.post_id.in_(list(empty_posts))),
                w.c.holder_id.in_(list(gone)),
            )
        )
        .order_by(w.c.id)
        .limit(PAGE + 1)
    )
    rows = session.execute(query).mappings().all()
    return Page(rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None)


def due_timers(session: Session, moment: Any, limit: int = 100) -> list[CaseTimer]:
    """Timer rows that are due; those that failed five times wait for a person, those of a case that rests for its end."""
    query = (
        sa.select(CaseTimer)
        .join(c, c.c.id == CaseTimer.case_id)
        .where(CaseTimer.due_at <= moment, CaseTimer.tries < 5, c.c.suspended_at.is_(None))
        .order_by(CaseTimer.due_at)
    )
    return list(session.scalars(query.limit(limit)))


def flow_rows(session: Session, case_id: int) -> list[FlowRow]:
    """The rows of a case's flow, in order."""
    return list(session.scalars(sa.select(FlowRow).where(FlowRow.case_id == case_id).order_by(FlowRow.seq)))


def open_cases(session: Session, after: int, limit: int = 200) -> list[Case]:
    """Open cases with their state, by id, for checks."""
    query = sa.select(Case).options(sa.orm.undefer(Case.state)).where(Case.status == "open", Case.id > after)
    return list(session.scalars(query.order_by(Case.id).limit(limit)))
