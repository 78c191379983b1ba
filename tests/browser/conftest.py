"""One office for a module: the working city behind a live server, with one chair in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.audit import sealing
from app.audit import service as auditing
from app.cases import rebuilding
from app.core import now
from app.core.db import db
from tests.browser.hands import Hands
from tests.cases.conftest import settle
from tests.conftest import MONDAY, settings_in
from tests.support import browser as browsing
from tests.support.clean_client import CleanClient
from tests.support.organs import City, build_city
from tests.support.web import LiveServer


@dataclass
class Office:
    """The application, its city, its server."""

    app: Flask
    city: City
    server: LiveServer

    def in_order(self) -> None:
        """Assert: the record is whole, and every open case is what its rows say."""
        with self.app.app_context():
            sealing.seal_all(sealing.settings_now())
            report = auditing.check_now()
            assert report.code == 0, [finding.text for finding in report.findings]
            assert rebuilding.check_all(db.session()).differences == {}
            db.session().rollback()


@pytest.fixture(scope="module")
def office(
    sqlite_template: Path, key_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The working city, shared by the tests of a module: each makes cases of its own."""
    data = tmp_path_factory.mktemp("office")
    shutil.copytree(key_folder, data / "keys")
    shutil.copyfile(sqlite_template, data / "gongkai.db")
    app = create_app(settings_in(data), TESTING=True)
    app.test_client_class = CleanClient
    with app.app_context():
        now.pretend(MONDAY)
        city = build_city()
        settle()
        db.session.remove()
    server = LiveServer.start(app)
    yield Office(app, city, server)
    server.stop()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def hands(chromium: Any, office: Office) -> Iterator[Hands]:
    """The chair; at the end no page may have met a script error or a refusal of the CSP."""
    with browsing.pages(chromium) as make:
        yield Hands(make, office.server)
