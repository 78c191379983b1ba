"""The directory: organs, units, posts, people and holdings of the whole installation, kept in the process.

`directory()` costs nothing on the hot path: the version it is cached by arrives with the sign-in query. A
change
raises `installation.org_version` inside its own command, so that every process reads anew at its next
request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app, g
from sqlalchemy.orm import Session

from app.accounts import kinds, standing_rows
from app.accounts.deputy_models import Handover
from app.accounts.models import Holding, Installation, Officer, Organ, Person, Post, Unit
from app.accounts.standing import Arrangement, Away, acting
from app.core.actor import Actor, HeldPost, StandIn
from app.core.command import Tx
from app.core.db import db
from app.core.now import today

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OrganInfo:
    """An organ.

    `office_id` is the organ that handles for it, `settings` its own choices (`secrecy_levels` …).
    """

    id: int
    code: str
    name: str
    short_name: str
    kind: str
    office_id: int | None
    doc_prefix: str
    settings: Mapping[str, Any]
    active: bool


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """A unit of an organ."""

    id: int
    organ_id: int
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class PostInfo:
    """A post; `unit_id` is None for posts of the whole organ."""

    id: int
    kind: str
    name: str
    organ_id: int
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """A person; `login` is None for people who only sign on paper."""

    id: int
    name: str
    organ_id: int
    unit_id: int | None
    login: str | None
    active: bool = True
    nature: str = "business"
    note: str = ""


@dataclass(frozen=True)
class Directory:
    """An immutable snapshot; every lookup is a dictionary access. Lists come in the office's own order."""

    version: int
    kind: str
    name: str
    sign_in_note: str
    organs: Mapping[int, OrganInfo]
    units: Mapping[int, UnitInfo]
    posts: Mapping[int, PostInfo]
    people: Mapping[int, PersonInfo]
    officers: Mapping[str, int]
    arrangements: tuple[Arrangement, ...]
    absences: tuple[Away, ...]
    _ended: tuple[Arrangement, ...]
    _returned: tuple[Away, ...]
    _successors: Mapping[int, int]
    _handed: tuple[tuple[int, date, frozenset[int]], ...]
    _held_by: Mapping[int, tuple[PersonInfo, ...]]
    _posts_of: Mapping[int, tuple[HeldPost, ...]]
    _in_unit: Mapping[tuple[int, str], PostInfo]
    _in_organ: Mapping[tuple[int, str], PostInfo]
    _codes: Mapping[str, OrganInfo]
    _logins: Mapping[str, PersonInfo]
    _actors: dict[tuple[int, date], Actor] = field(default_factory=dict)

    def post_in_unit(self, unit_id: int, kind: str) -> PostInfo | None:
        """The active post of that kind in the unit."""
        return self._in_unit.get((unit_id, kind))

    def post_in_organ(self, organ_id: int, kind: str) -> PostInfo | None:
        """The active organ-wide post of that kind.

        Never that of the organ which handles for it (`office_id`).
        """
        return self._in_organ.get((organ_id, kind))

    def holders(self, post_id: int) -> tuple[PersonInfo, ...]:
        """Active people who hold the post now."""
        return self._held_by.get(post_id, ())

    def posts_of(self, person_id: int) -> tuple[HeldPost, ...]:
        """Active posts the person holds now."""
        return self._posts_of.get(person_id, ())

    def post(self, post_id: int) -> PostInfo | None:
        """A post, closed ones included."""
        return self.posts.get(post_id)

    def person(self, person_id: int) -> PersonInfo | None:
        """A person who is here now; None for those who left (their name: `name_of`)."""
        found = self.people.get(person_id)
        return found if found and found.active else None

    def name_of(self, person_id: int | None) -> str:
        """Anybody's name, also of people who left; 系统 for None."""
        if person_id is None:
            return "系统"
        found = self.people.get(person_id)
        return found.name if found else "（已不在名册）"

    def by_login(self, login: str) -> PersonInfo | None:
        """The person with that login name, active or not."""
        return self._logins.get(login)

    def organ(self, organ_id: int) -> OrganInfo:
        """An organ; raises KeyError for an id that does not exist."""
        return self.organs[organ_id]

    def organ_by_code(self, code: str) -> OrganInfo | None:
        """The organ with that code."""
        return self._codes.get(code)

    def unit(self, unit_id: int) -> UnitInfo | None:
        """A unit, closed ones included."""
        return self.units.get(unit_id)

    def units_of(self, organ_id: int) -> tuple[UnitInfo, ...]:
        """The active units of an organ."""
        return tuple(unit for unit in self.units.values() if unit.organ_id == organ_id and unit.active)

    def people_of(self, organ_id: int) -> tuple[PersonInfo, ...]:
        """The active business people of an organ."""
        people = self.people.values()
        return tuple(p for p in people if p.organ_id == organ_id and p.active and p.nature == "business")

    def handled_by(self, organ_id: int) -> tuple[OrganInfo, ...]:
        """The organs in whose name this one may act: itself, then those it handles for."""
        return (self.organ(organ_id), *(o for o in self.organs.values() if o.office_id == organ_id))

    def officer_role(self, person_id: int) -> str | None:
        """Which of the 三员 the person is."""
        return next((role for role, holder in self.officers.items() if holder == person_id), None)

    def _acting(self, day: date) -> Iterator[Arrangement]:
        """The arrangements of a day; of a day that is past also those that were ended since."""
        past = day < today()
        ended, returned = (self._ended, self._returned) if past else ((), ())
        return acting((*self.arrangements, *ended), (*self.absences, *returned), day)

    def stands_for(self, person_id: int, day: date) -> tuple[StandIn, ...]:
        """For whom a person acts on a day; nothing passes on from those people's own arrangements."""
        found = []
        for each in self._acting(day):
            principal = self.person(each.principal_id)
            if each.deputy_id != person_id or principal is None:
                continue
            own = {post.id for post in self.posts_of(person_id)}
            posts = tuple(
                post
                for post in self.posts_of(principal.id)
                if (not each.posts or post.id in each.posts) and post.kind not in kinds.GOVERNING
            )
            seen = tuple(post for post in posts if post.id not in own)
            found.append(StandIn(principal.id, principal.name, seen, not each.posts, each.processes))
        return tuple(found)

    def stand_ins_of(self, person_id: int, day: date) -> tuple[PersonInfo, ...]:
        """Who acts for a person on a day."""
        ids = [each.deputy_id for each in self._acting(day) if each.principal_id == person_id]
        return tuple(person for each in dict.fromkeys(ids) if (person := self.person(each)) is not None)

    def successor(self, person_id: int) -> PersonInfo | None:
        """Whoever took over from a person who handed over, followed to the one who is here now."""
        seen = {person_id}
        following = self._successors.get(person_id)
        while following is not None and following not in seen:
            seen.add(following)
            if following not in self._successors and (person := self.person(following)) is not None:
                return person
            following = self._successors.get(following)
        return None

    def actor(self, person_id: int) -> Actor | None:
        """The person as actor of this business day (no origin, no sign-in), or None when gone."""
        day = today()
        if (person_id, day) not in self._actors and (person := self.person(person_id)) is not None:
            unit = self.units.get(person.unit_id) if person.unit_id else None
            self._actors[person_id, day] = Actor(
                person_id=person.id,
                name=person.name,
                organ_id=person.organ_id,
                organ_name=self.organs[person.organ_id].name,
                unit_id=person.unit_id,
                unit_name=unit.name if unit else "",
                posts=self.posts_of(person.id),
                officer=self.officer_role(person.id),
                stands_for=self.stands_for(person.id, day),
                handed=frozenset().union(
                    *(ids for who, last, ids in self._handed if who == person.id and day <= last)
                ),
            )
        return self._actors.get((person_id, day))


_version = sa.select(Installation.org_version).where(Installation.id == 1)
_raise = sa.update(Installation).where(Installation.id == 1).values(org_version=Installation.org_version + 1)


def directory() -> Directory:
    """The directory as this request knows it; outside a request, as the database has it now."""
    session: Session = db.session()
    if g.get("gongkai_org_changed"):
        return read(
            session
        )  # inside a command that has changed it: true for this command, not yet for anybody else
    version = g.get("gongkai_org_version")
    if version is None:
        version = session.scalar(_version) or 0
    kept: Directory | None = current_app.extensions.get("gongkai_directory")
    if kept is None or kept.version != version:
        kept = read(session)
        current_app.extensions["gongkai_directory"] = kept
    return kept


@contextmanager
def as_in_a_request() -> Iterator[None]:
    """Ask for the version once for all that is done inside, as a request does; who changes the directory there is heard."""
    g.gongkai_org_version = db.session().scalar(_version) or 0
    try:
        yield
    finally:
        g.gongkai_org_version = None


def kept_with(name: str, read_it: Callable[[Session], T]) -> T:
    """What changes only together with the directory (its writers call `changed`): read once per version."""
    session: Session = db.session()
    if g.get("gongkai_org_changed"):
        return read_it(session)
    version = directory().version
    kept: tuple[int, T] | None = current_app.extensions.get(name)
    if kept is None or kept[0] != version:
        kept = current_app.extensions[name] = (version, read_it(session))
    return kept[1]


def changed(tx: Tx) -> None:
    """Say at the *start* of a command that it changes the directory.

    One such command at a time, caches refresh.
    """
    tx.session.execute(_raise)
    g.gongkai_org_changed = True
    tx.after_commit(_settled)


def _settled() -> None:
    g.gongkai_org_changed = False
    g.gongkai_org_version = None


def read(session: Session) -> Directory:
    """Read everything; the version first, so that a change in between can only make the snapshot too new."""
    installation = session.execute(sa.select(*Installation.__table__.c).where(Installation.id == 1)).first()
    organs = {
        row.id: OrganInfo(
            row.id,
            row.code,
            row.name,
            row.short_name,
            row.kind,
            row.office_id,
            row.doc_prefix,
            row.settings or {},
            row.active,
        )
        for row in session.execute(sa.select(*Organ.__table__.c).order_by(Organ.position, Organ.id))
    }
    units = {
        row.id: UnitInfo(row.id, row.organ_id, row.name, row.active)
        for row in session.execute(sa.select(*Unit.__table__.c).order_by(Unit.position, Unit.id))
    }
    rows = session.execute(sa.select(*Post.__table__.c).order_by(Post.id)).all()
    order = {kind: place for place, kind in enumerate(kinds.POST_KINDS)}
    rows = sorted(rows, key=lambda row: (order.get(row.kind, 99), row.id))
    posts = {row.id: PostInfo(row.id, row.kind, row.name, row.organ_id, row.unit_id) for row in rows}
    active = {row.id for row in rows if row.active}
    people = _people(session)
    held_by: dict[int, list[PersonInfo]] = defaultdict(list)
    posts_of: dict[int, list[HeldPost]] = defaultdict(list)
    for row in session.execute(
        sa.select(Holding.post_id, Holding.person_id).order_by(Holding.since, Holding.person_id)
    ):
        post, person = posts[row.post_id], people[row.person_id]
        if row.post_id in active and person.active:
            held_by[post.id].append(person)
            posts_of[person.id].append(HeldPost(post.id, post.kind, post.name, post.organ_id, post.unit_id))
    return Directory(
        version=installation.org_version if installation else 0,
        kind=installation.kind if installation else "office",
        name=installation.name if installation else "",
        sign_in_note=installation.sign_in_note if installation else "",
        organs=organs,
        units=units,
        posts=posts,
        people=people,
        officers={
            row.role: row.person_id for row in session.execute(sa.select(Officer.role, Officer.person_id))
        },
        arrangements=standing_rows.arrangements(session),
        absences=standing_rows.absences(session),
        _ended=standing_rows.ended(session),
        _returned=standing_rows.returned(session),
        _successors=_successors(session),
        _handed=_handed(session),
        _held_by={key: tuple(value) for key, value in held_by.items()},
        _posts_of={key: tuple(value) for key, value in posts_of.items()},
        _in_unit={(p.unit_id, p.kind): p for p in posts.values() if p.unit_id and p.id in active},
        _in_organ={(p.organ_id, p.kind): p for p in posts.values() if p.unit_id is None and p.id in active},
        _codes={organ.code: organ for organ in organs.values()},
        _logins={person.login: person for person in people.values() if person.login},
    )


_everyone = sa.select(
    Person.id,
    Person.name,
    Person.organ_id,
    Person.unit_id,
    Person.login,
    Person.active,
    Person.nature,
    Person.note,
).order_by(Person.id)


def _people(session: Session) -> dict[int, PersonInfo]:
    return {row.id: PersonInfo(*row) for row in session.execute(_everyone)}


def _successors(session: Session) -> dict[int, int]:
    """Who took over last from each person who handed over."""
    rows = session.execute(sa.select(Handover.person_id, Handover.successor_id).order_by(Handover.id))
    return {row.person_id: row.successor_id for row in rows}


def _handed(session: Session) -> tuple[tuple[int, date, frozenset[int]], ...]:
    """(who handed over, last day of the transition, the items)."""
    columns = sa.select(Handover.person_id, Handover.until_on, Handover.items).where(
        Handover.until_on >= today()
    )
    return tuple((row.person_id, row.until_on, frozenset(row.items)) for row in session.execute(columns))
