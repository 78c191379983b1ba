"""What a person may read: one arm per post over (post_id, id), merged; so it costs the same however many there are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import Directory
from app.accounts.models import Person
from app.core.actor import Actor, StandIn
from app.core.db import db
from app.notices.models import Delivery, Notice, NoticeRead, NoticeReader

PAGE = 30
BOUND = 100  # unread notices are counted up to here and shown as 99+
WINDOW = (
    300  # per arm, so many of the newest unread notices are looked at: a bell costs the same for everybody
)

#: a room above hangs here when a notice of its things (`about`) still asks this target: given the columns of notices, a
#: condition. Where none holds any more (done, gone, claimed by a colleague) the notice counts as read.
still_asks: list[Callable[[Any], sa.ColumnElement[bool]]] = []

_notices = Notice.__table__
_reads = NoticeRead.__table__
_mark = (
    sa.select(NoticeReader.read_up_to).where(NoticeReader.person_id == sa.bindparam("me")).scalar_subquery()
)
_up_to = sa.func.coalesce(_mark, 0)
_not_read = ~sa.exists().where(_reads.c.notice_id == _notices.c.id, _reads.c.person_id == sa.bindparam("me"))


#: what asks for a step; the rest of what is said to a person is for him alone
of_work = sa.and_(_notices.c.item_id.is_not(None), _notices.c.about.is_(None))


def _stands(row: Any) -> sa.ColumnElement[bool]:
    """Whether what a notice asks for is still to be done; notices about nothing stand until they are read."""
    if not still_asks:
        return sa.true()
    return sa.or_(row.item_id.is_(None), *(condition(row) for condition in still_asks))


def _arms(posts: int, absent: int) -> list[Any]:
    """Conditions: the person's own notices, those of each post, and the work of each person he stands in for.

    Bind parameters me, post0, post1 …, absent0 ….
    """
    own = _notices.c.person_id == sa.bindparam("me")
    at_posts = (_notices.c.post_id == sa.bindparam(f"post{i}") for i in range(posts))
    for_others = (sa.and_(_notices.c.person_id == sa.bindparam(f"absent{i}"), of_work) for i in range(absent))
    return [own, *at_posts, *for_others]


def _posts(actor: Actor) -> list[int]:
    """The posts whose notices reach a person: his own, and those he stands in at for all of their work (代理)."""
    covered = (each.post_ids for each in actor.stands_for if not each.kinds)
    return sorted(actor.post_ids.union(*covered))


def _absent(actor: Actor) -> list[int]:
    """The people whose notices of work reach a person who stands in for them in everything."""
    return sorted({each.person_id for each in actor.stands_for if stands_fully(each)})


def stands_fully(each: StandIn) -> bool:
    """Whether a stand-in has what lies in the absent person's own hands, of whatever process."""
    return each.whole and not each.kinds


def reached(book: Directory, person_id: int | None, post_id: int | None, work: bool, day: date) -> set[int]:
    """Ids of whom a notice reaches that day: its person or the holders of its post, and those who stand in for them.

    `work`: it asks for a step; anything else said to a person is for him alone.
    """
    told = {person_id} if person_id is not None else {each.id for each in book.holders(post_id or 0)}
    found = set(told)
    for absent in told:
        for deputy in book.stand_ins_of(absent, day):
            for each in book.stands_for(deputy.id, day):
                at_post = post_id in each.post_ids and not each.kinds
                if each.person_id == absent and (
                    at_post if post_id is not None else work and stands_fully(each)
                ):
                    found.add(deputy.id)
    return found


def _values(actor: Actor) -> dict[str, Any]:
    posts = {f"post{i}": post for i, post in enumerate(_posts(actor))}
    absent = {f"absent{i}": person for i, person in enumerate(_absent(actor))}
    return {"me": actor.person_id, **posts, **absent}


@functools.cache
def _unread_statement(posts: int, absent: int) -> Any:
    arms = []
    for arm in _arms(posts, absent):
        unread_ones = sa.select(_notices).where(arm, _notices.c.id > _up_to, _not_read)
        newest = unread_ones.order_by(_notices.c.id.desc()).limit(WINDOW).subquery()
        arms.append(sa.select(sa.select(newest.c.id).where(_stands(newest.c)).limit(BOUND).subquery()))
    return sa.select(sa.func.count()).select_from(sa.union_all(*arms).subquery())


def unread(actor: Actor) -> int:
    """How many notices the person has not read, counted up to 100 (shown as 99+)."""
    if actor.person_id is None:
        return 0
    found = db.session().scalar(_unread_statement(len(_posts(actor)), len(_absent(actor))), _values(actor))
    return min(int(found or 0), BOUND)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of notices, newest first; `before` continues it."""

    rows: list[Mapping[str, Any]]
    before: int | None


@functools.cache
def _page_statement(posts: int, absent: int, only_unread: bool) -> Any:
    arms = []
    for arm in _arms(posts, absent):
        query = sa.select(_notices).where(arm, _notices.c.id < sa.bindparam("before"))
        if only_unread:
            query = query.where(_notices.c.id > _up_to, _not_read, _stands(_notices.c))
        newest = query.order_by(_notices.c.id.desc()).limit(sa.bindparam("most"))
        arms.append(sa.select(newest.subquery()))
    every = sa.union_all(*arms).subquery()
    is_read = sa.or_(
        every.c.id <= _up_to,
        sa.not_(_stands(every.c)),
        sa.exists().where(_reads.c.notice_id == every.c.id, _reads.c.person_id == sa.bindparam("me")),
    )
    query = sa.select(every, is_read.label("is_read")).order_by(every.c.id.desc())
    return query.limit(sa.bindparam("most"))


def page(actor: Actor, *, before: int | None = None, only_unread: bool = False, most: int = PAGE) -> Page:
    """Up to `most` notices older than `before` that reach the person now."""
    values = _values(actor) | {"before": before or 2**62, "most": most + 1}
    statement = _page_statement(len(_posts(actor)), len(_absent(actor)), only_unread)
    rows = list(db.session().execute(statement, values).mappings())
    return Page([dict(row) for row in rows[:most]], rows[most - 1]["id"] if len(rows) > most else None)


def visible(actor: Actor, notice_id: int) -> Mapping[str, Any] | None:
    """A notice that reaches the person, or None."""
    row = db.session().execute(sa.select(_notices).where(_notices.c.id == notice_id)).mappings().first()
    if row is None:
        return None
    mine = row["person_id"] is not None and row["person_id"] == actor.person_id
    work = row["item_id"] is not None and row["about"] is None
    for_absent = work and row["person_id"] in _absent(actor)
    return dict(row) if mine or for_absent or row["post_id"] in _posts(actor) else None


def address_of(person_id: int) -> str:
    """The person's e-mail address, or nothing."""
    return db.session().scalar(sa.select(Person.email).where(Person.id == person_id)) or ""


def failures(before: int | None, most: int = PAGE) -> list[Any]:
    """Messages that could not be sent, newest first: to whom, since when, why. Never what they said."""
    query = (
        sa.select(
            Delivery.id,
            Delivery.channel,
            Delivery.attempts,
            Delivery.problem,
            Delivery.ended_at,
            Person.name,
            Notice.kind,
        )
        .join(Notice, Notice.id == Delivery.notice_id)
        .join(Person, Person.id == Delivery.person_id, isouter=True)
        .where(Delivery.state == "failed")
        .order_by(Delivery.id.desc())
        .limit(most + 1)
    )
    return list(db.session().execute(query if before is None else query.where(Delivery.id < before)))


def failed_count(_actor: Actor) -> int | None:
    """For the menu: how many messages failed, counted up to 100."""
    some = sa.select(Delivery.id).where(Delivery.state == "failed").limit(BOUND).subquery()
    return db.session().scalar(sa.select(sa.func.count()).select_from(some)) or None
