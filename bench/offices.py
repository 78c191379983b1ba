"""Temporary offices: migrated, with the three organs of the tests, calendar, processes and one case under way."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app import calendar, create_app
from app.core import keys
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.settings import Settings, read_settings
from app.processes import service as processes
from app.processes.cli import shipped
from bench.rings import ring
from tests.cases.flows import drafted
from tests.support.clean_client import CleanClient
from tests.support.driving import Desk
from tests.support.organs import City, build_city
from tests.support.services import PostgresServer
from tests.support.template import prepare_database

TODAY = "2026-11-23"
RINGS = (3, 60)


@dataclass
class Office:
    """One office: where it lives, and a connection of our own that looks at its rows."""

    kind: str
    settings: Settings
    city: City

    @cached_property
    def engine(self) -> sa.Engine:
        """Our own connections; the server has its own in its process."""
        return sa.create_engine(self.settings.database, isolation_level="AUTOCOMMIT")

    def ask(self, text: str, **values: Any) -> Any:
        """The first column of the first row of a query."""
        with self.engine.connect() as connection:
            return connection.execute(sa.text(text), values).scalar()

    def run(self, text: str, **values: Any) -> None:
        """A statement of ours, outside the server."""
        with self.engine.connect() as connection:
            connection.execute(sa.text(text), values)

    def fold_log(self) -> int:
        """SQLite: copy the write-ahead log back into the database and empty it; bytes written by doing so."""
        before = written_by("self")
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)")
        return written_by("self") - before


def written_by(pid: int | str) -> int:
    """Bytes a process has handed to the file system so far (Linux)."""
    text = Path(f"/proc/{pid}/io").read_text()
    return int(text.split("wchar:")[1].split()[0])


@command
def _seed(tx: Tx) -> None:
    calendar.seed(tx)


class Offices:
    """Makes offices as copies of one prepared office per kind of database."""

    def __init__(self, folder: Path, postgres: PostgresServer | None) -> None:
        self.folder, self.postgres = folder, postgres
        self._templates: dict[str, tuple[Settings, City, str]] = {}
        self._made: list[Office] = []

    def make(self, kind: str, name: str) -> Office:
        """A fresh office; `kind` is sqlite or postgresql."""
        if kind not in self._templates:
            self._templates[kind] = self._prepare(kind)
        template, city, database = self._templates[kind]
        data = self.folder / f"{kind}-{name}"
        shutil.copytree(template.data, data)
        settings = self._settings(kind, data, self._copy(database))
        office = Office(kind, settings, city)
        self._made.append(office)
        return office

    def close(self) -> None:
        """Let go of every connection."""
        for office in self._made:
            office.engine.dispose()

    def _copy(self, database: str) -> str:
        if not database or self.postgres is None:
            return ""
        return self.postgres.create(template=database)

    def _settings(self, kind: str, data: Path, database: str) -> Settings:
        plain = read_settings({"GONGKAI_DATA": str(data), "GONGKAI_NOW": TODAY})
        if kind == "sqlite":
            return plain
        assert self.postgres is not None
        return replace(plain, database=self.postgres.url(database))

    def _prepare(self, kind: str) -> tuple[Settings, City, str]:
        data = self.folder / f"{kind}-template"
        data.mkdir()
        keys.generate(data / "keys")
        database = self.postgres.create() if kind == "postgresql" and self.postgres else ""
        settings = self._settings(kind, data, database)
        prepare_database(settings)
        app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
        app.test_client_class = CleanClient
        with app.app_context():
            city = build_city()
            _seed(SYSTEM)
            processes.install(SYSTEM, packages=[*shipped(), *map(ring, RINGS)])
            drafted(Desk(app.test_client()))
            db.session.remove()
            db.engine.dispose()
        return settings, city, database
