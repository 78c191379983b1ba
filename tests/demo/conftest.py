"""The demonstration, made once for the tests that only look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.core.db import db
from app.office.demo.building import build
from tests.conftest import settings_in
from tests.support.clean_client import CleanClient


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, key_folder: Path, sqlite_template: Path
) -> Iterator[Flask]:
    """An office that holds the demonstration as of the base day."""
    data = tmp_path_factory.mktemp("demo")
    shutil.copytree(key_folder, data / "keys")
    shutil.copyfile(sqlite_template, data / "gongkai.db")
    office = create_app(settings_in(data), TESTING=True, WTF_CSRF_ENABLED=False)
    office.test_client_class = CleanClient
    with office.app_context():
        build(lambda line: None)
        yield office
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def city(made: Flask) -> Iterator[Flask]:
    """The demonstration, to look at: a test that changes it builds its own."""
    yield made
    db.session.rollback()
