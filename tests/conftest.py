"""Fixtures for every room.

    client, app, session, settings     a fresh, migrated office per test, on SQLite (TESTING, CSRF off)
    any_db                             ask for it, and the test runs on SQLite and on a real PostgreSQL
    business_day                       `business_day("2026-10-08")`; tests start on Monday 2026-11-23, 09:00
    sql_counter                        `with sql_counter() as count: …; count.statements, count.commits`
    live_server                        waitress on a loopback port, CSRF on: `live_server.url("/path")`
    page, phone, new_page              headless Chromium, 1280x800 and 390x844; script and CSP errors fail
    axe, looks_ok                      `axe(page)`: no WCAG A/AA violation; `looks_ok(page)`: no English, fits
    postgres, redis_url                the servers themselves, started once per test process

The database of a test is a copy of an office made once per test process: by the real migrations, and further by the
ordinary commands where the test starts with a city (`tests.support.ready`).
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

# What importing, collecting and a test make mostly stays for a while: looking for garbage at every 700th new object was
# a tenth of a test process's work.
gc.set_threshold(20_000, 10, 10)

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from app.core import keys, now
from app.core.db import db
from app.core.settings import Settings, read_settings
from tests.support import browser as browsing
from tests.support import pure, signing
from tests.support.counting import Count, counting
from tests.support.organs import City
from tests.support.ready import ReadyOffices, alone, level_of, make_app
from tests.support.services import PostgresServer, RedisServer
from tests.support.web import LiveServer

#: modules that take longest, first the longest
LONGEST = (
    "browser/test_reviewers_day.py",
    "browser/test_redrawing.py",
    "browser/test_pages.py",
    "browser/test_five_documents.py",
    "bench/test_bench.py",
    "browser/test_requests.py",
    "demo/test_making.py",
    "browser/test_operations.py",
    "ui_gallery/test_gallery.py",
    "browser/test_asking.py",
    "setup/test_run.py",
    "hostile/test_through_pages.py",
    "setup/test_deploy.py",
    "setup/test_worker.py",
    "requests/test_costs.py",
)
MONDAY = "2026-11-23"  # the base day of the demonstration city; its year is in the calendar

_checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis_settings.register_profile("dev", deadline=None, suppress_health_check=_checks)
hypothesis_settings.register_profile(
    "ci", parent=hypothesis_settings.get_profile("dev"), derandomize=True, database=None
)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "dev")

pure.remember()
signing.hash_cheaply()

for _name in [name for name in os.environ if name.startswith("GONGKAI_")]:
    del os.environ[_name]  # the settings of whoever runs the tests are not the tests' settings


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `any_db` runs once per database."""
    if "any_db" in metafunc.fixturenames:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a page drives a browser: `-m "not browser"` leaves it out.

    Modules with browsers and real processes go first, the longest of them before the others: they wait much, while the
    other test processes compute, and the end of a run is not one long test that everybody waits for.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    slow = {
        item.path for item in items if item.get_closest_marker("browser") or item.get_closest_marker("slow")
    }
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(
        key=lambda item: (item.path not in slow, place.get("/".join(item.path.parts[-2:]), len(LONGEST)))
    )


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: the search for garbage need not go through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database of this test: `sqlite`, unless parametrised otherwise."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def any_db(database: str) -> str:
    """Run the test on both databases; gives the kind."""
    return database


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process, in a folder of its own."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server of this test process."""
    server = RedisServer.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty Redis."""
    redis_server.empty()
    return redis_server.url


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "run"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def key_folder(run_folder: Path) -> Path:
    """Keys that all tests of this run share."""
    folder = run_folder / "keys"
    with alone(run_folder):
        keys.generate(folder)
    return folder


@pytest.fixture(scope="session")
def ready_offices(
    run_folder: Path,
    key_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> ReadyOffices:
    """The offices that tests start from, by kind of database and level."""

    def server() -> PostgresServer:
        found: PostgresServer = request.getfixturevalue("postgres")
        return found

    return ReadyOffices(run_folder, tmp_path_factory.mktemp("ready"), key_folder, settings_in, server)


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings of an office in `folder`, at the base day."""
    plain = read_settings({"GONGKAI_DATA": str(folder), "GONGKAI_NOW": MONDAY})
    return replace(plain, **changes)


@pytest.fixture
def starts_with_city(database: str, ready_offices: ReadyOffices) -> City:
    """The test's database begins with the three organs in it; gives their ids."""
    return ready_offices.city(database)


@pytest.fixture
def starts_settled() -> None:
    """The test's database begins with the city, its calendar and the shipped processes."""


@pytest.fixture
def starts_with_letters() -> None:
    """The test's database begins as settled, with what letters need of their organs."""


@pytest.fixture
def settings(
    database: str, tmp_path: Path, ready_offices: ReadyOffices, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Settings of a fresh office with a migrated database: empty, unless a fixture of the test starts further."""
    server = None if database == "sqlite" else ready_offices.start_postgres()
    found = ready_offices.copy_to(tmp_path / "data", database, level_of(request.fixturenames))
    yield found
    if server is not None:
        server.drop(found.database.rsplit("/", 1)[-1])


@pytest.fixture
def empty_database(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database in which nothing was ever done, not even a migration."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application of a fresh office, with its context pushed."""
    office = make_app(settings, WTF_CSRF_ENABLED=False)
    with office.app_context():
        yield office
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a browser."""
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the pushed context, for arranging and looking; end with `session.commit()`."""
    return db.session()


@pytest.fixture(autouse=True)
def _real_time_afterwards() -> Iterator[None]:
    now.pretend(MONDAY)
    yield
    now.pretend(None)


@pytest.fixture
def business_day() -> Callable[[str], None]:
    """Set the business clock: an ISO date (09:00 in Shanghai) or date-time. Ask for it after `app`."""
    return now.pretend


@pytest.fixture
def sql_counter(app: Flask) -> Callable[[], Any]:
    """A context manager that counts statements and commits of the office's engine, in all threads."""

    def count() -> Any:
        return counting(db.engine)

    return count


@pytest.fixture
def live_server(app: Flask) -> Iterator[LiveServer]:
    """The office behind waitress on a loopback port, with CSRF protection as in real life."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = LiveServer.start(app)
    yield server
    server.stop()
    assert threading.active_count() < 60, "a server leaks threads"


@pytest.fixture(scope="session")
def chromium(run_folder: Path) -> Iterator[Any]:
    """One headless Chromium per test process."""
    browsing.share_measured(run_folder / "measured")
    with browsing.chromium() as running:
        yield running


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`new_page(width=1280, height=800)`: a page in a browser profile of its own."""
    with browsing.pages(chromium) as make:
        yield make


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page on a desk: 1280x800."""
    return new_page(1280, 800)


@pytest.fixture
def phone(new_page: Callable[..., Any]) -> Any:
    """A page on a phone: 390x844."""
    return new_page(390, 844)


@pytest.fixture
def axe() -> Callable[[Any], None]:
    """Assert that a page has no WCAG 2 A or AA violation."""
    return browsing.axe


@pytest.fixture
def looks_ok() -> Callable[[Any], None]:
    """Assert that a page does not scroll sideways and speaks no English."""
    return browsing.looks_ok


__all__ = ["Count", "settings_in"]
