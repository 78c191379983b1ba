"""Signing in and out, sign-in rows, the cookie, the one statement of the hot path."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import door, sessions, signing
from app.accounts.models import SignIn
from app.core.keys import sm3
from app.core.now import wall
from app.core.record import Record
from tests.support.bodies import without_tokens
from tests.support.organs import PASSWORD, City
from tests.support.signing import sign_in, sign_in_by_form


def cookie_key(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["_user_id"])


def actions(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Record.action).order_by(Record.id)))


def test_the_right_password_opens_a_sign_in_and_leads_home(
    any_db: str, city: City, client: FlaskClient, session: Session
) -> None:
    answer = sign_in_by_form(client, " Fang ")
    assert answer.status_code == 303
    assert client.get("/me").status_code == 200
    row = session.scalars(sa.select(SignIn)).one()
    assert row.person_id == city.people["fang"]
    assert row.key_hash == sm3(cookie_key(client).encode()) and row.key_hash != cookie_key(client)
    assert actions(session)[-1] == "sign_in"


def test_everybody_gets_to_his_own_home(city: City, client: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        homes = {login: door.home_of(city.actor(login)) for login in ("fang", "kuang", "ping", "yu")}
    assert homes["kuang"] == homes["ping"] == "/people"
    if "audit.records" in app.view_functions:
        assert homes["yu"].startswith("/audit")
    sign_in(client, "kuang")
    assert client.get("/sign-in").location == "/people"


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    city: City, client: FlaskClient, session: Session
) -> None:
    pages = []
    for login in ("fang", "nobody"):
        answer = sign_in_by_form(client, login, "wrong-password-1")
        assert answer.status_code == 422
        pages.append(without_tokens(answer.text).replace(f'value="{login}"', ""))
    assert "登录名或密码不对" in pages[0]
    assert pages[0] == pages[1]
    assert actions(session)[-2:] == ["sign_in.refused"] * 2
    bodies = session.scalars(sa.select(Record.body).where(Record.action == "sign_in.refused")).all()
    assert not any("nobody" in body or "wrong" in body for body in bodies)


def test_closed_accounts_and_people_without_login_cannot_sign_in(
    city: City, client: FlaskClient, session: Session
) -> None:
    session.execute(sa.text("UPDATE people SET active = false WHERE login = 'fang'"))
    session.commit()
    assert sign_in_by_form(client, "fang").status_code == 422
    assert sign_in_by_form(client, "").status_code == 422


def test_the_cookie_is_dead_after_signing_out_even_when_somebody_kept_it(
    city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    sign_in_by_form(client, "fang")
    kept = client.get_cookie("gongkai")
    assert kept is not None
    assert client.post("/sign-out").location == "/sign-in"
    thief = app.test_client()
    thief.set_cookie("gongkai", kept.value)
    assert "/sign-in" in str(thief.get("/me").location)
    assert actions(session)[-1] == "sign_out"


def test_the_key_changes_at_every_sign_in_and_the_former_ends(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in_by_form(client, "fang")
    first = cookie_key(client)
    sign_in_by_form(client, "fang")
    assert cookie_key(client) != first
    ends = session.scalars(sa.select(SignIn.end_reason).order_by(SignIn.id)).all()
    assert ends == ["again", ""]


def test_a_cookie_from_before_signing_in_keeps_nothing(city: City, client: FlaskClient) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "x"
    sign_in_by_form(client, "fang")
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


@pytest.mark.parametrize(("idle", "open_"), [(29, True), (31, False)])
def test_thirty_idle_minutes_end_it(
    city: City, client: FlaskClient, session: Session, idle: int, open_: bool
) -> None:
    sign_in(client, "fang")
    session.execute(sa.update(SignIn).values(last_seen=wall() - timedelta(minutes=idle)))
    session.commit()
    assert (client.get("/me").status_code == 200) is open_


def test_twelve_hours_end_it_however_busy(city: City, client: FlaskClient, session: Session) -> None:
    sign_in(client, "fang")
    session.execute(sa.update(SignIn).values(began_at=wall() - timedelta(hours=12, minutes=1)))
    session.commit()
    assert client.get("/me").status_code == 302


def test_the_business_clock_does_not_touch_sign_ins(
    city: City, client: FlaskClient, business_day: Callable[[str], None]
) -> None:
    sign_in(client, "fang")
    business_day("2027-03-01")
    assert client.get("/me").status_code == 200


def test_the_hot_path_takes_one_statement(
    any_db: str, city: City, client: FlaskClient, app: Flask, sql_counter: Callable[[], Any]
) -> None:
    sign_in(client, "fang")
    client.get("/me")  # the directory is in memory from now on
    key = cookie_key(client)

    def load() -> door.SignedIn | None:
        with app.test_request_context("/me"):
            return door.load(key)

    with sql_counter() as count:
        found = Context().run(load)
    assert found is not None and found.actor is not None
    assert (count.statements, count.commits) == (1, 0), count
    actor = found.actor
    assert (actor.organ_name, actor.unit_name) == ("云汀市住房和城乡建设局", "住房保障科")
    assert [post.kind for post in actor.posts] == ["drafter"]


def test_last_seen_is_written_only_when_five_minutes_old(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "fang")

    def seen_after(minutes: int) -> bool:
        before = wall() - timedelta(minutes=minutes)
        session.execute(sa.update(SignIn).values(last_seen=before))
        session.commit()
        client.get("/me")
        return session.scalars(sa.select(SignIn)).one().last_seen > before

    assert not seen_after(4)
    assert seen_after(6)
    assert "sign_in.seen" not in actions(session)


def test_a_sign_in_made_while_the_account_changes_is_dead(
    city: City, client: FlaskClient, session: Session
) -> None:
    sign_in(client, "fang")
    session.execute(sa.text("UPDATE people SET version = version + 1 WHERE login = 'fang'"))
    session.commit()
    assert client.get("/me").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "/a\nb",
        "/a\tb",
        "/\x00",
        "",
        "/" * 3,
    ],
)
def test_next_never_leaves_the_house(city: City, client: FlaskClient, target: str) -> None:
    assert door.safe_next(target) is None
    answer = sign_in_by_form(client, "fang", target=target)
    assert answer.location == "/sign-in"


def test_next_leads_to_a_path_of_the_house(city: City, client: FlaskClient) -> None:
    refused = client.get("/me?x=1")
    assert refused.location == "/sign-in?next=/me?x%3D1" or "next=" in str(refused.location)
    assert sign_in_by_form(client, "fang", target="/me?x=1").location == "/me?x=1"


def test_one_ends_a_forgotten_sign_in_of_ones_own_and_nobody_elses(
    city: City, client: FlaskClient, app: Flask, session: Session
) -> None:
    forgotten, other = app.test_client(), app.test_client()
    sign_in(forgotten, "fang")
    sign_in(other, "gu")
    sign_in(client, "fang")
    rows = {row.person_id: row.id for row in session.scalars(sa.select(SignIn).order_by(SignIn.id.desc()))}
    mine = session.scalars(sa.select(SignIn.id).where(SignIn.person_id == city.people["fang"])).all()
    assert client.post(f"/me/sign-ins/{rows[city.people['gu']]}/end").status_code == 404
    assert client.post(f"/me/sign-ins/{min(mine)}/end").status_code == 303
    assert forgotten.get("/me").status_code == 302
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 200


def test_the_sign_in_page_says_that_no_secrets_belong_here(city: City, client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    assert "本系统为非涉密系统，严禁上传、处理、传输国家秘密。" in page
    assert "演示人员" not in page


def test_a_demonstration_offers_its_people(city: City, client: FlaskClient, session: Session) -> None:
    session.execute(
        sa.text("UPDATE installation SET kind = 'demo', sign_in_note = '初始密码 abc', org_version = 99")
    )
    session.execute(sa.text("UPDATE people SET note = '科室迟交被催办' WHERE login = 'fang'"))
    session.commit()
    page = client.get("/sign-in").text
    assert "演示人员" in page and "房建业" in page and "科室迟交被催办" in page and "初始密码 abc" in page
    assert "梁定音" not in page  # signs on paper only
    assert 'value="fang"' in client.get("/sign-in?login=fang").text


def test_too_many_attempts_from_one_address_are_turned_away(settings: Any, city: City) -> None:
    from app import create_app

    busy = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=True)
    client = busy.test_client()
    answers = [client.post("/sign-in", data={"login": "", "password": ""}) for _ in range(61)]
    assert answers[-1].status_code == 429
    assert "请等一分钟再试" in answers[-1].text


def test_signing_in_takes_the_sign_in_of_the_right_person_only(city: City, session: Session) -> None:
    key = signing.sign_in("fang", PASSWORD, address="10.0.0.1")
    found = sessions.find(session, key)
    assert found is not None and found.person_id == city.people["fang"]
    assert sessions.find(session, key + "x") is None
    assert sessions.find(session, sm3(key.encode())) is None
