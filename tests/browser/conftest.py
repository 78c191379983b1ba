"""One office for a module: the working city behind a live server, with one chair in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.audit import sealing
from app.audit import service as auditing
from app.cases import rebuilding
from app.core import now
from app.core.db import db
from tests.browser.hands import Hands
from tests.conftest import MONDAY
from tests.support import browser as browsing
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.ready import ReadyOffices, make_app, warm
from tests.support.web import LiveServer


@dataclass
class Office:
    """The application, its city, its server."""

    app: Flask
    city: City
    server: LiveServer

    @contextmanager
    def behind(self) -> Iterator[Desk]:
        """A desk without a browser, for what happened before anybody looks; ends the transaction."""
        self.app.config["WTF_CSRF_ENABLED"] = False
        try:
            with self.app.app_context():
                yield Desk(self.app.test_client())
                db.session.remove()
        finally:
            self.app.config["WTF_CSRF_ENABLED"] = True

    def let_in(self, page: Any, login: str) -> None:
        """Give the page's profile the cookie of a session of this person, as if he had signed in."""
        self.server.let_in(page, login)

    def in_order(self) -> None:
        """Assert: the record is whole, and every open case is what its rows say."""
        with self.app.app_context():
            sealing.seal_all(sealing.settings_now())
            report = auditing.check_now()
            assert report.code == 0, [finding.text for finding in report.findings]
            assert rebuilding.check_all(db.session()).differences == {}
            db.session().rollback()


@pytest.fixture(scope="module")
def office(ready_offices: ReadyOffices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The working city, shared by the tests of a module: each makes cases of its own."""
    app = make_app(ready_offices.copy_to(tmp_path_factory.mktemp("office"), "sqlite", "settled"))
    with app.app_context():
        now.pretend(MONDAY)
        warm()
        db.session.remove()
    server = LiveServer.start(app)
    yield Office(app, ready_offices.city("sqlite"), server)
    server.stop()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def hands(chromium: Any, office: Office) -> Iterator[Hands]:
    """The chair; at the end no page may have met a script error or a refusal of the CSP."""
    with browsing.pages(chromium) as make:
        yield Hands(make, office.server)


@pytest.fixture(scope="module")
def pages(chromium: Any) -> Iterator[Callable[..., Page]]:
    """Pages of any size for a module; a script error or a refusal of the CSP fails it."""
    with browsing.pages(chromium) as make:
        yield make
