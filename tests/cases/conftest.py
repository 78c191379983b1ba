"""A working city: organs, people, calendar and the shipped processes."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import calendar
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.processes import service as processes
from app.processes.cli import shipped
from tests.support.driving import Desk
from tests.support.organs import City, city

__all__ = ["city"]


@command
def _seed(tx: Tx) -> None:
    calendar.seed(tx)


@pytest.fixture
def house(app: Flask, city: City) -> City:
    """The city with calendar and processes: cases can be started."""
    settle()
    return city


def settle() -> None:
    """Give the city at hand its calendar and the shipped processes."""
    _seed(SYSTEM)
    processes.install(SYSTEM, packages=shipped())
    calendar.current()  # warm, as in any office that has run for a minute


@pytest.fixture
def desk(client: FlaskClient, house: City) -> Desk:
    """A browser in the working city."""
    return Desk(client)
