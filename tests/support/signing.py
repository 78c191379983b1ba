"""Signing in, in tests.

sign_in(client, "fang")                      as if the right password had been typed, without Argon2's cost
sign_in_by_form(client, "fang", PASSWORD)    through the page, as a person does

A hash costs 60 ms by design. Tests make and check cheap ones, but for those of `REAL`, which is what people get.
"""

from __future__ import annotations

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import passwords, sessions
from app.accounts.models import Person
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from tests.support.organs import PASSWORD

REAL = passwords._chosen


def hash_cheaply() -> None:
    """From now on, in this process. Other than a one-time password's, so that the two are still told apart."""
    passwords._chosen = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@command
def _open(tx: Tx, login: str) -> str:
    person = tx.session.scalars(sa.select(Person).where(Person.login == login)).one()
    return sessions.open_one(tx, person, address="127.0.0.1", agent="test")


def sign_in(client: FlaskClient, login: str) -> FlaskClient:
    """Sign the client in as `login` (whoever it was before); returns the client."""
    key = _open(SYSTEM, login)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = key
        cookie["_fresh"] = True
    db.session().commit()
    return client


def sign_in_by_form(
    client: FlaskClient, login: str, password: str = PASSWORD, target: str | None = None
) -> TestResponse:
    """Post the sign-in page; the answer."""
    data = {"login": login, "password": password} | ({"next": target} if target else {})
    return client.post("/sign-in", data=data)
