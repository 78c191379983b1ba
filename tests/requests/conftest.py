"""A working city in which requests are registered: as `tests/cases`, with what letters need of their organs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import now
from tests.requests.driving import Office
from tests.support.organs import City, city
from tests.support.ready import LETTERS, warm

__all__ = ["LETTERS", "city"]


@pytest.fixture
def house(app: Flask, city: City, starts_with_letters: None) -> Iterator[City]:
    """The city with calendar, processes and letter settings; the day is 2026-11-23."""
    now.pretend("2026-11-23")
    warm()
    yield city
    now.pretend(None)


@pytest.fixture
def office(client: FlaskClient, house: City) -> Office:
    """A browser in the working city, for requests."""
    return Office(client, house)
