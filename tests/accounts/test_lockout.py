"""Lockout per account and per address, with the same face for accounts that do not exist."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import lockout, signing
from app.accounts.jobs import sweep
from app.accounts.models import SignInFailure
from app.core.now import wall
from app.core.record import Record
from tests.support.organs import City
from tests.support.signing import sign_in, sign_in_by_form


def fail(client: FlaskClient, login: str, times: int) -> int:
    status = 0
    for _ in range(times):
        status = sign_in_by_form(client, login, "wrong-password-1").status_code
    return status


@pytest.mark.parametrize("login", ["fang", "nobody"])
def test_the_fifth_failure_locks_the_account_and_says_until_when(
    any_db: str, city: City, client: FlaskClient, login: str
) -> None:
    assert fail(client, login, 4) == 422
    assert fail(client, login, 1) == 429
    answer = sign_in_by_form(client, login)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "分钟后）可以再试" in answer.text
    assert sign_in_by_form(client, "gu").status_code == 303


def test_the_lock_ends_by_itself(city: City, client: FlaskClient, session: Session) -> None:
    fail(client, "fang", 5)
    session.execute(sa.update(SignInFailure).values(locked_until=wall() - timedelta(seconds=1)))
    session.commit()
    assert sign_in_by_form(client, "fang").status_code == 303


def test_attempts_while_locked_are_neither_counted_nor_recorded(
    city: City, client: FlaskClient, session: Session
) -> None:
    fail(client, "fang", 12)
    assert session.scalar(sa.select(sa.func.count()).where(Record.action == "sign_in.refused")) == 5


def test_a_right_password_forgets_the_failures(city: City, client: FlaskClient) -> None:
    fail(client, "fang", 4)
    assert sign_in_by_form(client, "fang").status_code == 303
    assert fail(client, "fang", 4) == 422


def test_failures_far_apart_do_not_add_up(city: City, client: FlaskClient, session: Session) -> None:
    fail(client, "fang", 4)
    session.execute(sa.update(SignInFailure).values(last_at=wall() - timedelta(minutes=16)))
    session.commit()
    assert fail(client, "fang", 1) == 422


def test_an_address_that_tries_many_accounts_is_locked(
    city: City, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lockout.MOST, "address", 3)
    for login in ("a1", "a2", "a3"):
        last = fail(client, login, 1)
    assert last == 429
    answer = sign_in_by_form(client, "fang")
    assert answer.status_code == 429 and "网络" in answer.text


def test_the_system_administrator_unlocks(city: City, client: FlaskClient, app: Flask) -> None:
    fail(client, "fang", 5)
    admin = sign_in(app.test_client(), "kuang")
    address = f"/people/{city.people['fang']}"
    assert "解除锁定" in admin.get(address).text
    assert admin.post(f"{address}/unlock").status_code == 303
    assert sign_in_by_form(client, "fang").status_code == 303


def test_the_console_unlocks_and_resets(city: City, client: FlaskClient, app: Flask) -> None:
    fail(client, "yu", 5)
    runner = app.test_cli_runner()
    assert "已解除" in runner.invoke(args=["accounts", "unlock", "yu"]).output
    output = runner.invoke(args=["accounts", "reset", "yu"]).output
    password = output.split("：")[1].split()[0]
    assert sign_in_by_form(client, "yu", password).status_code == 303
    assert "没有登录名为" in runner.invoke(args=["accounts", "reset", "nobody"]).output


def test_failures_are_kept_as_digests_and_swept(city: City, client: FlaskClient, session: Session) -> None:
    fail(client, "fang", 1)
    rows = session.scalars(sa.select(SignInFailure)).all()
    assert {row.scope for row in rows} == {"account", "address"}
    assert all(len(row.subject) == 64 for row in rows)
    session.execute(sa.update(SignInFailure).values(last_at=wall() - timedelta(days=2)))
    session.commit()
    sweep()
    assert session.scalars(sa.select(SignInFailure)).all() == []


def test_guessing_the_password_on_the_change_page_counts_too(city: City, client: FlaskClient) -> None:
    sign_in(client, "fang")
    data = {"password": "x", "password_new": "云淡风轻-0907", "password_again": "云淡风轻-0907"}
    answers = [client.post("/me/password", data=data).status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]


def test_a_lock_found_inside_the_command_refuses_the_right_password(city: City, session: Session) -> None:
    stored = session.scalar(sa.text("SELECT password_hash FROM people WHERE login = 'fang'"))
    for _ in range(5):
        signing.refuse(signing.stranger("10.0.0.9"), login="fang", address="10.0.0.9")
    with pytest.raises(signing.Locked):
        signing.enter(signing.stranger("10.0.0.1"), city.people["fang"], stored=stored, address="10.0.0.1")
