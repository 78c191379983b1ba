"""A working city: organs, people, calendar and the shipped processes."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.driving import Desk
from tests.support.organs import City, city
from tests.support.ready import settle, warm

__all__ = ["city", "settle"]


@pytest.fixture
def house(app: Flask, city: City, starts_settled: None) -> City:
    """The city with calendar and processes: cases can be started."""
    warm()
    return city


@pytest.fixture
def desk(client: FlaskClient, house: City) -> Desk:
    """A browser in the working city."""
    return Desk(client)
