"""What a person may read: one arm per post over (post_id, id), merged; so it costs the same however many there are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import Directory
from app.accounts.models import Person
from app.core.actor import Actor
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


@dataclass(frozen=True, slots=True)
class _Arm:
    """Whose notices reach a person: his own, a post's, the work of somebody he stands in for; of some processes only
    where `kinds` names them."""

    what: str
    number: int
    kinds: frozenset[str] = frozenset()


def _arms(actor: Actor) -> list[_Arm]:
    """What reaches a person: his own and his posts', and as far as each 代理 goes those of whom he stands in for."""
    found = {("post", post): _Arm("post", post) for post in sorted(actor.post_ids)}
    for each in actor.stands_for:
        places = [("post", post) for post in sorted(each.post_ids)]
        places += [("absent", each.person_id)] if each.whole else []
        for what, number in places:
            known = found.get((what, number))
            kinds = known.kinds | each.kinds if known and known.kinds and each.kinds else each.kinds
            if known is None or known.kinds:
                found[what, number] = _Arm(what, number, kinds)
    return [_Arm("own", actor.person_id or 0), *found.values()]


#: the arms of a statement: what each is, and whether it asks for processes
_Shape = tuple[tuple[str, bool], ...]


def _shape(arms: Sequence[_Arm]) -> _Shape:
    return tuple((arm.what, bool(arm.kinds)) for arm in arms)


def _conditions(shape: _Shape) -> Iterator[sa.ColumnElement[bool]]:
    """One condition per arm; bind parameters n0, n1 …, kinds0, kinds1 …"""
    for place, (what, limited) in enumerate(shape):
        target = _notices.c.post_id if what == "post" else _notices.c.person_id
        condition = target == sa.bindparam(f"n{place}")
        if what == "absent":
            condition = sa.and_(condition, of_work)
        if limited:
            condition = sa.and_(
                condition, _notices.c.process.in_(sa.bindparam(f"kinds{place}", expanding=True))
            )
        yield condition


def reached(
    book: Directory, person_id: int | None, post_id: int | None, work: bool, process: str | None, day: date
) -> set[int]:
    """Ids of whom a notice reaches that day: its person or the holders of its post, and those who stand in for them.

    `work`: it asks for a step; anything else said to a person is for him alone. `process`: of the case it is about.
    """
    told = {person_id} if person_id is not None else {each.id for each in book.holders(post_id or 0)}
    found = set(told)
    for absent in told:
        for deputy in book.stand_ins_of(absent, day):
            for each in book.stands_for(deputy.id, day):
                covered = not each.kinds or process in each.kinds
                there = post_id in each.post_ids if post_id is not None else work and each.whole
                if each.person_id == absent and covered and there:
                    found.add(deputy.id)
    return found


def _values(actor: Actor, arms: Sequence[_Arm]) -> dict[str, Any]:
    values: dict[str, Any] = {"me": actor.person_id}
    for place, arm in enumerate(arms):
        values[f"n{place}"] = arm.number
        if arm.kinds:
            values[f"kinds{place}"] = sorted(arm.kinds)
    return values


@functools.cache
def _unread_statement(shape: _Shape) -> Any:
    arms = []
    for arm in _conditions(shape):
        unread_ones = sa.select(_notices).where(arm, _notices.c.id > _up_to, _not_read)
        newest = unread_ones.order_by(_notices.c.id.desc()).limit(WINDOW).subquery()
        arms.append(sa.select(sa.select(newest.c.id).where(_stands(newest.c)).limit(BOUND).subquery()))
    return sa.select(sa.func.count()).select_from(sa.union_all(*arms).subquery())


def unread(actor: Actor) -> int:
    """How many notices the person has not read, counted up to 100 (shown as 99+)."""
    if actor.person_id is None:
        return 0
    arms = _arms(actor)
    found = db.session().scalar(_unread_statement(_shape(arms)), _values(actor, arms))
    return min(int(found or 0), BOUND)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of notices, newest first; `before` continues it."""

    rows: list[Mapping[str, Any]]
    before: int | None


@functools.cache
def _page_statement(shape: _Shape, only_unread: bool) -> Any:
    arms = []
    for arm in _conditions(shape):
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
    arms = _arms(actor)
    values = _values(actor, arms) | {"before": before or 2**62, "most": most + 1}
    statement = _page_statement(_shape(arms), only_unread)
    rows = list(db.session().execute(statement, values).mappings())
    return Page([dict(row) for row in rows[:most]], rows[most - 1]["id"] if len(rows) > most else None)


def visible(actor: Actor, notice_id: int) -> Mapping[str, Any] | None:
    """A notice that reaches the person, or None."""
    row = db.session().execute(sa.select(_notices).where(_notices.c.id == notice_id)).mappings().first()
    if row is None:
        return None
    work = row["item_id"] is not None and row["about"] is None
    return dict(row) if any(_lies_in(row, work, arm) for arm in _arms(actor)) else None


def _lies_in(row: Mapping[Any, Any], work: bool, arm: _Arm) -> bool:
    target = row["post_id"] if arm.what == "post" else row["person_id"]
    covered = not arm.kinds or row["process"] in arm.kinds
    return target == arm.number and covered and (work or arm.what != "absent")


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
