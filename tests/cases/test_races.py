"""Two people, or a person and the clock, at the same moment: one act counts, the other reads why it does not.

Four kinds go round on one case 220 times on each database, two begin afresh 60 times: 2,000 rounds in all. `RACES` asks
for as many of every kind (`make soak`: 2,000).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.cases import offering, queries, rebuilding, service
from app.cases.models import Case, CaseTimer, FlowRow, WorkItem
from app.cases.operations import returning, withdrawing
from app.cases.operations.transfer import transfer
from app.cases.returns.past import seal
from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import GongkaiError, NotFound
from app.core.now import now
from app.core.record import Record
from tests.support.organs import City
from tests.support.rounds import begin_rounds, put_rounds, said

ROUNDS, FRESH = int(os.environ.get("RACES", "220")), int(os.environ.get("RACES", "60"))

Act = Callable[[], Any]


@command
def _join(tx: Tx, house: City) -> None:
    """谷监筑 holds the post of 房建业 as well."""
    post = tx.session.get_one(Post, house.post("housing", "drafter", "住房保障科"))
    staffing.grant(tx, post, tx.session.get_one(Person, house.people["gu"]))
    changed(tx)


class Track:
    """Two lanes that start at the same moment, each a thread with its own session."""

    def __init__(self, app: Flask) -> None:
        self.app, self.pool, self.gate = app, ThreadPoolExecutor(2), threading.Barrier(2)

    def run(self, first: Act, second: Act) -> tuple[Any, Any]:
        """What each gave: its result, or the sentence it was refused with."""
        ways = [self.pool.submit(self._lane, act) for act in (first, second)]
        return ways[0].result(60), ways[1].result(60)

    def _lane(self, act: Act) -> Any:
        with self.app.app_context():
            self.gate.wait(30)
            try:
                return act()
            except NotFound:
                return "不在"
            except GongkaiError as error:
                return error.message
            finally:
                db.session.remove()


@pytest.fixture
def track(app: Flask) -> Iterator[Track]:
    """The lanes."""
    made = Track(app)
    yield made
    made.pool.shutdown()


@pytest.fixture
def case(any_db: str, house: City) -> int:
    """A case that goes round, at a post of two."""
    put_rounds()
    _join(SYSTEM, house)
    return begin_rounds(house)


@pytest.fixture
def people(house: City, case: int) -> tuple[Actor, Actor]:
    """The two at the post."""
    return house.actor("fang"), house.actor("gu")


def waiting(session: Session, case: int) -> WorkItem:
    """The one open item."""
    session.commit()
    query = sa.select(WorkItem).where(WorkItem.case_id == case, WorkItem.status == "open")
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def whole(session: Session, case: int, steps: int) -> None:
    """One row per act, nothing lost or doubled, and the rows give the state."""
    session.commit()
    session.expire_all()
    found = session.get_one(Case, case)
    assert rebuilding.differences(session, found) == []
    assert found.record_seq == session.scalar(
        sa.select(sa.func.count())
        .select_from(Record)
        .where(Record.stream == "case", Record.stream_id == case)
    )
    rows = session.scalar(sa.select(sa.func.count()).select_from(FlowRow).where(FlowRow.case_id == case))
    assert rows == steps + 1


def one_won(results: tuple[Any, Any]) -> None:
    """One did it, the other reads a sentence of what happened."""
    done = [each for each in results if isinstance(each, dict)]
    told = [each for each in results if isinstance(each, str)]
    assert len(done) == 1, results
    assert told[0] == "不在" or told[0].endswith("。"), told


def test_two_complete_the_same_step(
    track: Track, case: int, people: tuple[Actor, Actor], session: Session
) -> None:
    for _ in range(ROUNDS):
        item = waiting(session, case).id
        one_won(
            track.run(*(partial(service.complete, who, item_id=item, submitted=said()) for who in people))
        )
    whole(session, case, ROUNDS)


def test_two_claim_the_same_step(
    track: Track, case: int, people: tuple[Actor, Actor], session: Session
) -> None:
    item = waiting(session, case).id
    for _ in range(ROUNDS):
        one_won(track.run(*(partial(service.claim, who, item_id=item) for who in people)))
        holder = waiting(session, case).holder_id
        service.put_back(next(each for each in people if each.person_id == holder), item_id=item)
    whole(session, case, 0)


def test_it_is_transferred_while_it_is_completed(
    track: Track, case: int, people: tuple[Actor, Actor], session: Session, house: City
) -> None:
    holder, other = people
    finished = 0
    for _ in range(ROUNDS):
        item = waiting(session, case)
        if item.holder_id is None:
            service.claim(holder, item_id=item.id)
        results = track.run(
            partial(transfer, holder, item_id=item.id, to=other.person_id, reason="出差"),
            partial(service.complete, holder, item_id=item.id, submitted=said()),
        )
        one_won(results)
        if isinstance(results[0], dict):
            assert waiting(session, case).holder_id == other.person_id
            holder, other = other, holder
        else:
            finished += 1
    service.complete(holder, item_id=waiting(session, case).id, submitted=said())
    whole(session, case, finished + 1)


def test_the_timer_fires_while_it_is_completed(
    track: Track, case: int, people: tuple[Actor, Actor], session: Session
) -> None:
    fang = people[0]
    steps = 0
    for _ in range(ROUNDS):
        item = waiting(session, case)
        timer = session.scalars(sa.select(CaseTimer).where(CaseTimer.case_id == case)).one()
        address, name, item_id = timer.address, timer.name, item.id
        session.execute(sa.update(CaseTimer).values(due_at=timer.due_at - timedelta(days=2)))
        session.commit()
        fired, done = track.run(
            partial(service.fire_timer, SYSTEM, case_id=case, address=address, name=name),
            partial(service.complete, fang, item_id=item_id, submitted=said()),
        )
        assert fired["fired"] is not isinstance(done, dict), (fired, done)
        steps += 1
    whole(session, case, steps)


def _sent_on(house: City, people: tuple[Actor, Actor], session: Session) -> tuple[int, int, int]:
    """A fresh case whose first step 房建业 has just completed: case, open item, row of the completion."""
    case = begin_rounds(house)
    service.complete(people[0], item_id=waiting(session, case).id, submitted=said())
    row = session.scalar(sa.select(sa.func.max(FlowRow.seq)).where(FlowRow.case_id == case)) or 0
    return case, waiting(session, case).id, row


def _here(session: Session, actor: Actor, case: int, item: int | None) -> offering.Standing:
    found = queries.item(session, item)[0] if item is not None else None
    return offering.standing(
        actor, queries.case(session, case, actor), queries.history(session, case), now(), found
    )


def test_it_is_taken_back_while_it_is_completed(
    track: Track, case: int, people: tuple[Actor, Actor], session: Session, house: City
) -> None:
    fang, gu = people
    for _ in range(FRESH):
        fresh, item, _row = _sent_on(house, people, session)
        _past, plan = withdrawing._plan(session, _here(session, fang, fresh, None))
        results = track.run(
            partial(withdrawing.withdraw, fang, case_id=fresh, seal_seen=seal(plan)),
            partial(service.complete, gu, item_id=item, submitted=said()),
        )
        one_won(results)
        whole(session, fresh, 2)


def test_it_is_returned_while_it_is_completed(
    track: Track, case: int, people: tuple[Actor, Actor], session: Session, house: City
) -> None:
    fang, gu = people
    for _ in range(FRESH):
        fresh, item, row = _sent_on(house, people, session)
        here = _here(session, gu, fresh, item)
        plan = returning._plan(session, here, returning._past(session, here), row)
        results = track.run(
            partial(
                returning.send_back, gu, item_id=item, target=row, reason="重看", seal_seen=seal(plan, "redo")
            ),
            partial(service.complete, fang, item_id=item, submitted=said()),
        )
        one_won(results)
        whole(session, fresh, 2)
