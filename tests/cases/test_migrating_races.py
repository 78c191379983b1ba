"""A migration and a clerk, the clock, or another migration at the same moment: both orders are right, nothing is done twice."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import processes
from app.cases import migrating, migration_runs, rebuilding, service
from app.cases.migration_models import MigrationRow
from app.cases.models import Case, CaseTimer, FlowRow, WorkItem
from app.core.actor import SYSTEM, Actor
from app.core.command import Tx, command
from app.processes import service as versions
from app.processes.packages import assemble
from tests.cases.test_migrating import version_in_use
from tests.cases.test_races import Track, case, people, track, waiting
from tests.support.organs import City
from tests.support.rounds import KEY, begin_rounds, rounds, said
from workflows.engine.migrating import Change

__all__ = ["case", "people", "track"]

ROUNDS = 8


@command
def take(tx: Tx, case: int, old: int, new: int, renames: dict[tuple[str, str], str]) -> str:
    """One case to another version; what came of it."""
    runtimes = processes.runtime(old), processes.runtime(new)
    return migrating.migrate(tx, case, *runtimes, Change(renames), "换版").result


@pytest.fixture
def pair(any_db: str, case: int, session: Session) -> tuple[int, int]:
    """The version the case runs on, and one in which `pass_on` is called `hand_on`."""
    old = version_in_use(session, KEY)
    texts = dict(rounds().texts)
    texts["process.bpmn"] = (
        texts["process.bpmn"].replace('"pass_on"', '"hand_on"').replace(">pass_on<", ">hand_on<")
    )
    versions.install(SYSTEM, packages=[assemble(texts)])
    return old, version_in_use(session, KEY)


RENAMED = {(KEY, "pass_on"): "hand_on"}


def on_version(session: Session, house: City, old: int) -> int:
    """A fresh case on the old version, with some rows behind it."""
    processes_of = sa.text("UPDATE processes SET active_id = :v WHERE key = 'rounds'")
    session.execute(processes_of, {"v": old})
    session.commit()
    fresh = begin_rounds(house)
    service.complete(house.actor("fang"), item_id=waiting(session, fresh).id, submitted=said())
    service.complete(house.actor("fang"), item_id=waiting(session, fresh).id, submitted=said())
    return fresh


def sound(session: Session, case: int, rows: int) -> None:
    session.commit()
    session.expire_all()
    assert rebuilding.differences(session, session.get_one(Case, case)) == []
    count = sa.select(sa.func.count()).select_from(FlowRow).where(FlowRow.case_id == case)
    assert session.scalar(count) == rows
    open_items = sa.select(sa.func.count()).select_from(WorkItem)
    assert session.scalar(open_items.where(WorkItem.case_id == case, WorkItem.status == "open")) == 1


def test_a_step_is_completed_while_its_case_is_migrated(
    track: Track, people: tuple[Actor, Actor], session: Session, house: City, pair: tuple[int, int]
) -> None:
    for _ in range(ROUNDS):
        fresh = on_version(session, house, pair[0])
        item = waiting(session, fresh).id
        results = track.run(
            partial(service.complete, people[0], item_id=item, submitted=said()),
            partial(take, SYSTEM, fresh, *pair, RENAMED),
        )
        assert isinstance(results[0], dict) and results[1] == "mapped", results
        sound(session, fresh, 5)


def test_the_timer_fires_while_its_case_is_migrated(
    track: Track, people: tuple[Actor, Actor], session: Session, house: City, pair: tuple[int, int]
) -> None:
    for _ in range(ROUNDS):
        fresh = on_version(session, house, pair[0])
        timer = session.scalars(sa.select(CaseTimer).where(CaseTimer.case_id == fresh)).one()
        address, name = timer.address, timer.name
        session.commit()
        fired, moved = track.run(
            partial(service.fire_timer, SYSTEM, case_id=fresh, address=address, name=name),
            partial(take, SYSTEM, fresh, *pair, RENAMED),
        )
        assert fired["fired"] and moved == "mapped", (fired, moved)
        sound(session, fresh, 5)


def test_two_workers_of_one_run_take_every_case_once(
    track: Track, people: tuple[Actor, Actor], session: Session, house: City, pair: tuple[int, int]
) -> None:
    begun = [on_version(session, house, pair[0]) for _ in range(ROUNDS)]
    organ = session.get_one(Case, begun[0]).organ_id
    actors = (house.actor(name) for name in house.people)
    admin = next(each for each in actors if each and each.holds(migration_runs.ADMIN, organ))
    versions_of = sa.text("UPDATE processes SET active_id = :v WHERE key = 'rounds'")
    session.execute(versions_of, {"v": pair[1]})
    session.execute(sa.text("UPDATE process_versions SET status = 'active' WHERE id = :v"), {"v": pair[1]})
    session.commit()
    numbers = [session.get_one(Case, each).number for each in begun]
    renames = [[*old, new] for old, new in RENAMED.items()]
    trial = migration_runs.rehearse(
        admin, from_id=pair[0], to_id=pair[1], organ_id=organ, renames=renames, numbers=numbers
    )
    migration_runs.work()
    run = migration_runs.carry_out(admin, run_id=trial["run"])["run"]
    track.run(migration_runs.work, migration_runs.work)
    migration_runs.work()
    session.commit()
    rows = session.scalars(sa.select(MigrationRow.result).where(MigrationRow.run_id == run)).all()
    assert list(rows) == ["mapped"] * ROUNDS
    for each in begun:
        sound(session, each, 4)


def test_two_migrations_of_one_case_are_one(
    track: Track, people: tuple[Actor, Actor], session: Session, house: City, pair: tuple[int, int]
) -> None:
    for _ in range(ROUNDS):
        fresh = on_version(session, house, pair[0])
        results: Any = track.run(*(partial(take, SYSTEM, fresh, *pair, RENAMED) for _ in range(2)))
        assert sorted(results) == ["mapped", "refused"]
        sound(session, fresh, 4)
