"""What a password must be, changing it, one-time passwords."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.accounts.models import Person, SignIn
from app.core.record import Record
from tests.support.organs import PASSWORD, City
from tests.support.signing import REAL, sign_in, sign_in_by_form

NEW = "云淡风轻-0907-漫步"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("abc123", "至少要 10 位"),
        ("x" * 129, "超过 128 位"),
        ("aaaaaaaaaaaa", "不同的字符太少"),
        ("1212121212", "不同的字符太少"),
        ("1234567890", "太常见"),
        ("Password123", "太常见"),
        ("p@ssw0rd2026", "太常见"),
        ("Admin@2026!", "太常见"),
        ("gongkai2026", "太常见"),
        ("qwertyuiop1", "太常见"),
        ("1qaz2wsx3edc", "太常见"),
        ("woaini5201314", "太常见"),
        ("ｐａｓｓｗｏｒｄ１２３", "太常见"),
        ("fangjianye-88", "姓名或登录名"),
        ("我是房建业的密码呀", "至少要 10 位"),
        ("我是房建业的新密码呀", "姓名或登录名"),
        (" 银杏-清河路-47", "空格"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(text: str, why: str) -> None:
    fault = passwords.fault(text, name="房建业", login="fangjianye")
    assert fault is not None and why in fault


@pytest.mark.parametrize(
    "text", [NEW, "correct horse battery", "清河路上三棵银杏树站", "t7#Kx9!mQz2w", PASSWORD]
)
def test_a_good_password_is_taken(text: str) -> None:
    assert passwords.fault(text, name="房建业", login="fang") is None


@given(st.text(max_size=200))
def test_the_policy_never_stumbles(text: str) -> None:
    fault = passwords.fault(text, name="房建业", login="fang")
    assert fault is None or fault.endswith("。")


def test_one_time_passwords_pass_their_own_hash_only() -> None:
    first, hashed = passwords.one_time()
    second, _ = passwords.one_time()
    assert first != second and re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", first)
    assert passwords.matches(hashed, first) and not passwords.matches(hashed, second)
    assert not passwords.matches(None, first) and not passwords.matches("", first)


def test_the_hash_is_argon2id_and_costs_46_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_chosen", REAL)
    hashed = passwords.make_hash(NEW)
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert passwords.matches(hashed, NEW) and not passwords.matches(hashed, NEW + "x")


def shown_password(page: str) -> str:
    """The one-time password on the page that shows it once."""
    found = re.search(r'data-copy="([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})"', page)
    assert found is not None
    return found.group(1)


def change(client: FlaskClient, current: str, new: str, again: str | None = None) -> tuple[int, str]:
    data = {"password": current, "password_new": new, "password_again": again or new}
    answer = client.post("/me/password", data=data)
    return answer.status_code, answer.text


def test_changing_ends_every_other_sign_in_and_rotates_this_one(
    any_db: str, city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    other = sign_in(app.test_client(), "fang")
    sign_in_by_form(client, "fang")
    with client.session_transaction() as cookie:
        before = cookie["_user_id"]
    assert change(client, PASSWORD, NEW)[0] == 303
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 302
    assert sign_in_by_form(app.test_client(), "fang").status_code == 422
    assert sign_in_by_form(app.test_client(), "fang", NEW).status_code == 303
    assert "password.changed" in session.scalars(sa.select(Record.action)).all()


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("nonsense", NEW, NEW, "现在的密码不对"),
        (PASSWORD, NEW, NEW + "x", "两次输入的新密码不一样"),
        (PASSWORD, PASSWORD, PASSWORD, "新密码与现在的相同"),
        (PASSWORD, "kurz-und", "kurz-und", "至少要 10 位"),
        ("", NEW, NEW, "请输入现在的密码"),
    ],
)
def test_a_change_that_is_refused_says_why_and_changes_nothing(
    city: City, client: FlaskClient, current: str, new: str, again: str, sentence: str
) -> None:
    sign_in(client, "fang")
    status, page = change(client, current, new, again)
    assert status == 422 and sentence in page
    assert new not in page
    assert client.get("/me").status_code == 200


def test_a_reset_password_must_be_changed_before_anything_else(
    city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    victim = sign_in(app.test_client(), "fang")
    sign_in(client, "kuang")
    page = client.post(f"/people/{city.people['fang']}/reset")
    assert page.status_code == 200
    one_time = shown_password(page.text)
    assert victim.get("/me").status_code == 302
    assert sign_in_by_form(victim, "fang", one_time).status_code == 303
    assert victim.get("/me").location == "/me/password"
    assert victim.post("/me", data={"email": ""}).location == "/me/password"
    assert "初始密码" in victim.get("/me/password").text
    assert change(victim, one_time, NEW)[0] == 303
    assert victim.get("/me").status_code == 200
    told = " ".join(session.scalars(sa.select(Record.body)).all())
    assert one_time not in told and "password.reset" in session.scalars(sa.select(Record.action)).all()
    stored = session.scalars(sa.select(Person.password_hash)).all()
    assert not any(one_time in (text or "") for text in stored)


def test_one_officer_cannot_reset_another(city: City, client: FlaskClient, session: Session) -> None:
    sign_in(client, "kuang")
    answer = client.post(f"/people/{city.people['yu']}/reset")
    assert answer.status_code == 409 and "flask accounts reset" in answer.text


def test_the_row_of_a_sign_in_holds_no_key(city: City, client: FlaskClient, session: Session) -> None:
    sign_in_by_form(client, "fang")
    with client.session_transaction() as cookie:
        key = cookie["_user_id"]
    row = session.scalars(sa.select(SignIn)).one()
    assert key not in [str(getattr(row, column.key)) for column in SignIn.__table__.columns]
