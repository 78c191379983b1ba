"""The demonstration, made once for the tests that only look at it: every module has a copy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.core.db import db
from tests.support.ready import ReadyOffices, make_app


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, ready_offices: ReadyOffices) -> Iterator[Flask]:
    """An office that holds the demonstration as of the base day."""
    settings = ready_offices.copy_to(tmp_path_factory.mktemp("demo"), "sqlite", "demo")
    office = make_app(settings, WTF_CSRF_ENABLED=False)
    with office.app_context():
        yield office
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def city(made: Flask) -> Iterator[Flask]:
    """The demonstration, to look at: a test that changes it builds its own."""
    yield made
    db.session.rollback()
