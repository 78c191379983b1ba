"""A working city in which requests are registered: as `tests/cases`, with what letters need of their organs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from tests.cases.conftest import settle
from tests.requests.driving import Office
from tests.support.organs import City, city

__all__ = ["city"]

LETTERS = {
    "office_address": "云汀市清河路1号",
    "contact": "联系人：江维公，电话：0990-1990001",
    "authority": "云汀市人民政府",
    "authority_address": "云汀市清河路1号",
    "court": "云汀市中级人民法院",
}


@command
def _settings(tx: Tx, more: dict[str, Any]) -> None:
    for organ in tx.session.query(Organ):
        organ.settings = {**organ.settings, "letters": LETTERS, **more.get(organ.code, {})}
    changed(tx)


@pytest.fixture
def house(app: Flask, city: City) -> Iterator[City]:
    """The city with calendar, processes and letter settings; the day is 2026-11-23."""
    now.pretend("2026-11-23")
    settle()
    _settings(SYSTEM, {})
    yield city
    now.pretend(None)


@pytest.fixture
def office(client: FlaskClient, house: City) -> Office:
    """A browser in the working city, for requests."""
    return Office(client, house)
