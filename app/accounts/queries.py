"""Reading for the pages of this room. Administration pages are small and rare: plain ORM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import kinds, rights
from app.accounts.directory import directory
from app.accounts.models import Holding, Officer, Organ, PeopleImport, Person, Post, SignIn, Unit
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound

PAGE = 50

#: a query of whatever columns
Selected = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Page:
    """One page of a list: `items`, its `number` (from 1), how many `pages`, and the `total`."""

    items: Sequence[Any]
    number: int
    pages: int
    total: int


@dataclass(frozen=True)
class PersonRow:
    """A person with the names around; `posts` are (post id, name) pairs."""

    person: Person
    organ: str
    unit: str
    posts: tuple[tuple[int, str], ...]
    role: str | None


def _session() -> Session:
    return db.session()


def _paged(query: Selected, number: int, order: Sequence[Any]) -> Page:
    session = _session()
    total = session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    rows = session.execute(query.order_by(*order).limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(rows, number, pages, total)


def _scope(actor: Actor, column: Any) -> sa.ColumnElement[bool]:
    """Rows of the organs whose administration pages this person may see."""
    if actor.officer in ("system_admin", "security_admin"):
        return sa.true()
    return column.in_(rights.administers(actor))  # type: ignore[no-any-return]


def people(
    actor: Actor,
    *,
    text: str = "",
    organ_id: int | None = None,
    unit_id: int | None = None,
    state: str = "active",
    number: int = 1,
) -> Page:
    """A page of people: `text` in name or login, `state` active, closed or all. Items are `PersonRow`."""
    query = people_query(actor, text=text, organ_id=organ_id, unit_id=unit_id, state=state)
    page = _paged(query, number, PEOPLE_ORDER)
    return Page(with_posts(page.items), page.number, page.pages, page.total)


PEOPLE_ORDER = (Organ.position, Organ.id, Unit.position, Unit.id, Person.id)


def people_query(
    actor: Actor,
    *,
    text: str = "",
    organ_id: int | None = None,
    unit_id: int | None = None,
    state: str = "active",
) -> Selected:
    """(Person, organ name, unit name) of the people an administrator sees."""
    query: Selected = (
        sa.select(Person, Organ.short_name, Unit.name)
        .join(Organ, Organ.id == Person.organ_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(_scope(actor, Person.organ_id))
    )
    if not actor.officer:
        query = query.where(Person.nature == "business")
    if text:
        like = f"%{text.replace('%', '').replace('_', '')}%"
        query = query.where(Person.name.like(like) | Person.login.like(like.lower()))
    if organ_id:
        query = query.where(Person.organ_id == organ_id)
    if unit_id:
        query = query.where(Person.unit_id == unit_id)
    if state in ("active", "closed"):
        query = query.where(Person.active.is_(state == "active"))
    return query


def with_posts(rows: Sequence[Any]) -> list[PersonRow]:
    """Add the posts and 三员 roles to (Person, organ, unit) rows."""
    ids = [row[0].id for row in rows]
    held: dict[int, list[tuple[int, str]]] = defaultdict(list)
    query = sa.select(Holding.person_id, Post.id, Post.name).join(Post, Post.id == Holding.post_id)
    for person_id, post_id, name in _session().execute(
        query.where(Holding.person_id.in_(ids)).order_by(Holding.since, Post.id)
    ):
        held[person_id].append((post_id, name))
    roles = {row.person_id: kinds.OFFICERS[row.role] for row in _session().scalars(sa.select(Officer))}
    return [PersonRow(p, organ, unit or "", tuple(held[p.id]), roles.get(p.id)) for p, organ, unit in rows]


def person(actor: Actor, person_id: int) -> PersonRow:
    """One person, or NotFound when he is not of an organ this actor administers."""
    query = people_query(actor, state="all").where(Person.id == person_id)
    row = _session().execute(query).first()
    if row is None:
        raise NotFound()
    return with_posts([row])[0]


def organs(actor: Actor, number: int = 1) -> Page:
    """A page of organs with how many people and posts each has: (Organ, people, posts)."""
    heads = (
        sa.select(sa.func.count())
        .where(Person.organ_id == Organ.id, Person.active.is_(True))
        .correlate(Organ)
        .scalar_subquery()
    )
    posts = (
        sa.select(sa.func.count())
        .where(Post.organ_id == Organ.id, Post.active.is_(True))
        .correlate(Organ)
        .scalar_subquery()
    )
    query = sa.select(Organ, heads, posts).where(_scope(actor, Organ.id))
    return _paged(query, number, (Organ.active.desc(), Organ.position, Organ.id))


def organ(actor: Actor, organ_id: int) -> Organ:
    """An organ this actor administers."""
    found = _session().get(Organ, organ_id)
    if found is None or not rights.sees_organ(actor, organ_id):
        raise NotFound()
    return found


def unit(actor: Actor, unit_id: int) -> Unit:
    """A unit of an organ this actor administers."""
    found = _session().get(Unit, unit_id)
    if found is None or not rights.sees_organ(actor, found.organ_id):
        raise NotFound()
    return found


def post(actor: Actor, post_id: int) -> Post:
    """A post of an organ this actor administers."""
    found = _session().get(Post, post_id)
    if found is None or not rights.sees_organ(actor, found.organ_id):
        raise NotFound()
    return found


def units(organ_id: int, *, closed: bool = False) -> list[Unit]:
    """Units of an organ in its own order."""
    query = sa.select(Unit).where(Unit.organ_id == organ_id).order_by(Unit.position, Unit.id)
    return list(_session().scalars(query if closed else query.where(Unit.active.is_(True))))


def posts(
    actor: Actor, *, organ_id: int | None = None, kind: str = "", vacant: bool = False, number: int = 1
) -> Page:
    """A page of posts with their holders: items are (Post, organ, unit, [(person id, name)])."""
    query: Selected = (
        sa.select(Post, Organ.short_name, Unit.name)
        .join(Organ, Organ.id == Post.organ_id)
        .outerjoin(Unit, Unit.id == Post.unit_id)
        .where(_scope(actor, Post.organ_id))
    )
    if organ_id:
        query = query.where(Post.organ_id == organ_id)
    if kind:
        query = query.where(Post.kind == kind)
    if vacant:
        held = sa.exists().where(Holding.post_id == Post.id)
        query = query.where(~held, Post.active.is_(True))
    order = (Organ.position, Organ.id, Unit.position, Unit.id, Post.id)
    page = _paged(query, number, order)
    holders = holders_of([row[0].id for row in page.items])
    items = [(p, organ, unit or "", holders[p.id]) for p, organ, unit in page.items]
    return Page(items, page.number, page.pages, page.total)


def holders_of(post_ids: Sequence[int]) -> defaultdict[int, list[tuple[int, str]]]:
    """post id -> [(person id, name)]."""
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    query = sa.select(Holding.post_id, Person.id, Person.name).join(Person, Person.id == Holding.person_id)
    for post_id, person_id, name in _session().execute(
        query.where(Holding.post_id.in_(post_ids)).order_by(Holding.since, Person.id)
    ):
        found[post_id].append((person_id, name))
    return found


def grantable(actor: Actor, organ_id: int, person_id: int) -> list[Post]:
    """Active posts of the organ that this actor may grant and the person does not hold."""
    held = sa.select(Holding.post_id).where(Holding.person_id == person_id)
    query = sa.select(Post).where(Post.organ_id == organ_id, Post.active.is_(True), Post.id.not_in(held))
    found = _session().scalars(query.order_by(Post.unit_id, Post.id))
    return [post for post in found if rights.may_grant(actor, post.organ_id, post.kind)]


def sign_ins(person_id: int, *, most: int = 20) -> list[SignIn]:
    """The latest sign-ins of a person."""
    query = sa.select(SignIn).where(SignIn.person_id == person_id).order_by(SignIn.id.desc()).limit(most)
    return list(_session().scalars(query))


def officer_accounts() -> list[Person]:
    """Active accounts of officer nature: candidates for the 三员."""
    query = sa.select(Person).where(Person.nature == "officer", Person.active.is_(True)).order_by(Person.id)
    return list(_session().scalars(query))


def people_import(actor: Actor, import_id: int) -> PeopleImport:
    """A list this person uploaded."""
    found = _session().get(PeopleImport, import_id)
    if found is None or found.person_id != actor.person_id:
        raise NotFound()
    return found


def taken_logins(logins: Sequence[str]) -> set[str]:
    """Those of the login names that somebody has."""
    found = _session().scalars(sa.select(Person.login).where(Person.login.in_(logins)))
    return {login for login in found if login is not None}


def demo_people() -> list[tuple[str, Any]]:
    """(unit or organ name, PersonInfo) of the people the sign-in page of a demonstration offers: those it has a
    word about."""
    book = directory()
    found = []
    for person in book.people.values():
        if not (person.active and person.login and person.note):
            continue
        unit = book.unit(person.unit_id) if person.unit_id else None
        organ = book.organ(person.organ_id)
        found.append((f"{organ.short_name} {unit.name}" if unit else organ.short_name, person))
    return found
