"""Offices that tests start from: each is built once per run of the tests by the ordinary commands, then copied.

    empty      migrated, nothing in it
    city       the three organs with their people (`tests.support.organs`)
    settled    the same with the calendar and the shipped processes: cases can be started
    letters    the same with what letters need of their organs: requests can be answered
    demo       the demonstration as of the base day, with its files

Every level is built on a copy of a lower one. A test's fixtures say where it starts: whoever depends on
`starts_with_city`, `starts_settled` or `starts_with_letters` finds that level in the test's own database.

SQLite offices and keys lie in a folder that all processes of a run share; whoever needs one first builds it, the
others wait for him. PostgreSQL databases are those of the process's own server.
"""

from __future__ import annotations

import copy
import fcntl
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from app import calendar, create_app
from app.accounts.directory import changed, directory
from app.accounts.models import Organ
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.settings import Settings
from app.office.demo.building import build as build_demonstration
from app.processes import service as processes
from app.processes.cli import shipped
from tests.support import pure
from tests.support.clean_client import CleanClient
from tests.support.organs import City, build_city
from tests.support.services import PostgresServer
from tests.support.template import prepare_database

LEVELS = ("empty", "city", "settled", "letters")
#: on a copy of what an office is built
LOWER = {"city": "empty", "settled": "city", "letters": "settled", "demo": "empty"}
#: the fixture whose presence asks for a level
ASKING = {"starts_with_city": "city", "starts_settled": "settled", "starts_with_letters": "letters"}
#: when the offices were built: before any test's morning begins, on its day
BUILT_AT = "2026-11-23T08:50:00"

LETTERS = {
    "office_address": "云汀市清河路1号",
    "contact": "联系人：江维公，电话：0990-1990001",
    "authority": "云汀市人民政府",
    "authority_address": "云汀市清河路1号",
    "court": "云汀市中级人民法院",
}


def level_of(fixtures: Iterable[str]) -> str:
    """The highest level that one of a test's fixtures asks for."""
    asked = {ASKING[name] for name in fixtures if name in ASKING}
    return max(asked, key=LEVELS.index, default="empty")


@command
def _seed(tx: Tx) -> None:
    calendar.seed(tx)


def settle() -> None:
    """Give the city at hand its calendar and the shipped processes."""
    _seed(SYSTEM)
    processes.install(SYSTEM, packages=shipped())
    calendar.current()  # warm, as in any office that has run for a minute


@command
def set_letters(tx: Tx, more: dict[str, Any]) -> None:
    """Give every organ the settings of its letters, and `more` by its code."""
    for organ in tx.session.query(Organ):
        organ.settings = {**organ.settings, "letters": LETTERS, **more.get(organ.code, {})}
    changed(tx)


def warm() -> None:
    """What any office has read that has run for a minute; ends the transaction."""
    directory()
    calendar.current()
    db.session().commit()


def make_app(settings: Settings, **config: Any) -> Flask:
    """The application as tests use it: test clients see nothing of the test's own context, a crash of the machine
    may lose its SQLite rows."""
    app = create_app(settings, TESTING=True, **config)
    app.test_client_class = CleanClient
    with app.app_context():
        _hurry(db.engine)
        pure.share_statements(db.engine)
    return app


def _hurry(engine: sa.Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process of the run at a time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Ready:
    """A built office: its data folder, the name of its PostgreSQL database if it has one, and the ids in it."""

    data: Path
    database: str
    city: City


@dataclass
class ReadyOffices:
    """The offices to copy, built when first asked for. `shared` is the run's folder, `own` this process's."""

    shared: Path
    own: Path
    keys: Path
    settings_in: Callable[..., Settings]
    start_postgres: Callable[[], PostgresServer]
    _built: dict[tuple[str, str], Ready] = field(default_factory=dict)

    def get(self, kind: str, level: str) -> Ready:
        """The office with that kind of database (`sqlite`, `postgresql`) at that level."""
        if (kind, level) not in self._built:
            self._built[kind, level] = self._shared(level) if kind == "sqlite" else self._build(kind, level)
        return self._built[kind, level]

    def city(self, kind: str, level: str = "city") -> City:
        """The ids of the city in a copy of that level."""
        return copy.deepcopy(self.get(kind, level).city)

    def copy_to(self, data: Path, kind: str, level: str) -> Settings:
        """A data folder with keys and a copy of the office; a PostgreSQL database is the caller's to drop."""
        found = self.get(kind, level)
        shutil.copytree(found.data, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        if kind == "sqlite":
            return self.settings_in(data)
        server = self.start_postgres()
        return self.settings_in(data, database=server.url(server.create(template=found.database)))

    def _shared(self, level: str) -> Ready:
        if level in LOWER:
            self.get("sqlite", LOWER[level])  # has a lock of its own
        folder = self.shared / level
        folder.mkdir(exist_ok=True)
        with alone(folder):
            known = folder / "ready"
            if known.exists():
                found: Ready = pickle.loads(known.read_bytes())
                return found
            built = self._build("sqlite", level)
            known.write_bytes(pickle.dumps(built))
        return built

    def _build(self, kind: str, level: str) -> Ready:
        data = (self.shared if kind == "sqlite" else self.own) / level / "data"
        if level == "empty":
            return self._build_empty(kind, data)
        lower = LOWER[level]
        settings, city = self.copy_to(data, kind, lower), self.city(kind, lower)
        app = make_app(settings)
        now.pretend(BUILT_AT)
        with app.app_context():
            if level == "city":
                city = build_city()
            elif level == "settled":
                settle()
            elif level == "letters":
                set_letters(SYSTEM, {})
            else:
                build_demonstration(lambda _line: None)
            db.session.remove()
            db.engine.dispose()
        return _ready(settings, city)

    def _build_empty(self, kind: str, data: Path) -> Ready:
        shutil.copytree(self.keys, data / "keys")
        settings = self.settings_in(data)
        if kind == "postgresql":
            server = self.start_postgres()
            settings = self.settings_in(data, database=server.url(server.create("template_office")))
        prepare_database(settings)
        return _ready(settings, City())


def _ready(settings: Settings, city: City) -> Ready:
    return Ready(settings.data, "" if settings.sqlite else settings.database.rsplit("/", 1)[-1], city)
