"""E-mail through a real SMTP server: what is said, when it is repeated, and what a killed worker costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import deputies
from app.accounts.models import Person
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.now import today, wall
from app.notices import choosing, delivery, queries, service
from app.notices.models import Delivery, Notice
from app.notices.service import KINDS
from tests.notices.mailing import later, note, states, tell
from tests.support.organs import City
from tests.support.services import free_port
from tests.support.signing import sign_in


def test_a_mail_says_what_kind_of_notice_waits_and_nothing_about_whom(
    any_db: str, post_office: Any, office: Any
) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    done = delivery.deliver()
    assert (done.sent, states()) == (1, ["sent"])
    mail = post.got[0]
    assert mail["Subject"] == "〔催办〕政务公开办理平台有一条新通知"
    assert mail["To"] == "fang@yunting.test" and mail["Auto-Submitted"] == "auto-generated"
    assert post.envelopes[0][:2] == ("gongkai@yunting.test", ["fang@yunting.test"])
    text = mail.get_content()
    assert mail.get_content_charset() == "utf-8" and not mail.is_multipart()
    assert "/notices/1" in text and "http" not in text
    assert "苗田生" not in text and "房建业" not in text and "/work/41" not in text
    assert delivery.deliver().sent == 0, "once"


def test_a_post_is_mailed_to_those_who_hold_it_now_have_an_address_and_want_it(
    any_db: str, post_office: Any, office: Any
) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    choosing.choose(city.actor("yan"), by_email=False, by_webhook=True, quiet=True, digest=False, off={})
    notes = [
        note("1", post=city.post("housing", "unit_head", "住房保障科")),  # gu
        note("2", post=city.post("housing", "secrecy_officer")),  # yan, who does not want it
        note("3", post=city.post("housing", "unit_head", "建筑业科")),  # li, without an address
        note("4", person=city.people["wang"]),  # without an address
    ]
    tell(SYSTEM, notes=notes)
    delivery.deliver()
    assert [mail["To"] for mail in post.got] == ["gu@yunting.test"]
    assert db.session.scalar(sa.select(sa.func.count()).where(Notice.mailed_at.is_(None))) == 0


def test_without_a_mail_server_nothing_waits_for_one(app: Flask, city: City, session: Session) -> None:
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert session.scalar(sa.select(sa.func.count()).where(Notice.mailed_at.is_(None))) == 0
    assert delivery.deliver() == delivery.Round()
    assert "没有设置邮件服务器" in app.test_cli_runner().invoke(args=["notices", "deliver"]).output


def test_what_fails_is_tried_again_later_and_at_last_shown(post_office: Any, office: Any) -> None:
    post, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    post.fail = "451 try later fang@yunting.test"
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().later == 1
    assert delivery.deliver().later == 0, "not before its time"
    for minutes in (1.1, 5.1, 15.1, 61, 241):
        later(minutes)
        assert len(states()) == 1
        delivery.deliver()
    assert states() == ["failed"]
    row = db.session.scalars(sa.select(Delivery)).one()
    assert (row.attempts, row.problem) == (6, "邮件服务器未接收（451）")
    client = app.test_client()
    sign_in(client, "kuang")
    page = client.get("/notices/failures").text
    assert "房建业" in page and "邮件服务器未接收（451）" in page
    assert "苗田生" not in page and "fang@yunting.test" not in page
    post.fail = ""
    assert client.post("/notices/failures", data={"delivery": str(row.id)}).status_code == 303
    assert delivery.deliver().sent == 1
    assert client.post("/notices/failures", data={"delivery": str(row.id)}).status_code == 409
    assert client.post("/notices/failures", data={"delivery": "999"}).status_code == 404
    assert "没有未送出的提醒" in client.get("/notices/failures").text


def test_an_address_the_server_refuses_for_good_is_not_tried_again(post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    post.refuse = "550 no such user"
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().failed == 1
    assert service.retry(city.actor("kuang"), delivery_id=None) == {"count": 1}
    post.refuse = "451 busy"
    assert delivery.deliver().later == 1


def test_one_bad_address_does_not_hold_up_the_others(post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    bad = "x\r\nBcc: everybody@yunting.test"
    db.session.execute(sa.update(Person).where(Person.id == city.people["fang"]).values(email=bad))
    db.session.commit()
    tell(SYSTEM, notes=[note(login, person=city.people[login]) for login in ("fang", "gu", "yan")])
    done = delivery.deliver()
    assert (done.sent, done.failed) == (2, 1)
    assert all("everybody" not in str(envelope) for envelope in post.envelopes)


def test_a_server_that_is_down_costs_nothing_but_time(office: Any) -> None:
    _, city = office(f"smtp://127.0.0.1:{free_port()}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"]), note("b", person=city.people["gu"])])
    assert delivery.deliver().later == 2
    assert db.session.scalars(sa.select(Delivery.problem)).all() == ["连不上邮件服务器"] * 2


def test_whoever_left_meanwhile_is_not_written_to(post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    delivery.expand(SYSTEM)
    db.session.execute(sa.update(Person).where(Person.id == city.people["fang"]).values(active=False))
    db.session.commit()
    delivery.deliver()
    assert (states(), post.got) == (["dropped"], [])


def test_everybody_chooses_for_himself_on_the_page(post_office: Any, office: Any) -> None:
    _, port = post_office()
    app, city = office(f"smtp://127.0.0.1:{port}")
    client: FlaskClient = app.test_client()
    sign_in(client, "fang")
    assert "提醒方式" in client.get("/notices/").text and "邮件提醒" not in client.get("/notices/").text
    kinds = {f"email.{kind}": "y" for kind in KINDS} | {"email.shown": "y"}
    assert client.post("/notices/choices", data=kinds).status_code == 303, "not by e-mail at all"
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    assert delivery.deliver().sent == 0
    client.post("/notices/choices", data=kinds | {"by_email": "y"})
    tell(SYSTEM, notes=[note("b", person=city.people["fang"])])
    assert delivery.deliver().sent == 1
    assert "还没有登记邮箱" in sign_in(client, "wang").get("/notices/choices").text


def stand_in(city: City, absent: str, deputy: str, **more: Any) -> None:
    """From today to tomorrow."""
    wanted = deputies.Wanted(
        city.people[absent], city.people[deputy], "period", today(), today() + timedelta(days=1), **more
    )
    deputies.appoint(city.actor(absent), wanted=wanted)


def test_who_stands_in_is_mailed_and_reads_what_asks_the_absent_person_for_work(
    any_db: str, post_office: Any, office: Any
) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    stand_in(city, "li", "gu")
    tell(SYSTEM, notes=[note("own", person=city.people["li"])])
    asks = replace(note("work", person=city.people["li"]), item_id=41)
    tell(SYSTEM, notes=[asks, note("post", post=city.post("housing", "unit_head", "建筑业科"))])
    post.got.clear()
    delivery.deliver()
    assert [mail["To"] for mail in post.got] == ["gu@yunting.test"] * len(post.got)
    about = sa.select(Delivery.notice_id).where(Delivery.person_id == city.people["gu"])
    reached = {row.dedupe for row in db.session.scalars(sa.select(Notice).where(Notice.id.in_(about)))}
    assert {"work", "post"} <= reached and "own" not in reached
    seen = {row["dedupe"] for row in queries.page(city.actor("gu")).rows}
    assert {"work", "post"} <= seen and "own" not in seen
    number = db.session.scalars(sa.select(Notice.id).where(Notice.dedupe == "work")).one()
    private = db.session.scalars(sa.select(Notice.id).where(Notice.dedupe == "own")).one()
    assert queries.visible(city.actor("gu"), number) and queries.visible(city.actor("gu"), private) is None


def test_who_stands_in_at_one_post_hears_of_that_post_alone(post_office: Any, office: Any) -> None:
    _, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    stand_in(city, "yan", "gu", posts=[city.post("housing", "secrecy_officer")])
    tell(
        SYSTEM,
        notes=[
            replace(note("work", person=city.people["yan"]), item_id=41),
            note("his", post=city.post("housing", "secrecy_officer")),
            note("other", post=city.post("housing", "text_checker")),
        ],
    )
    seen = {row["dedupe"] for row in queries.page(city.actor("gu")).rows}
    assert "his" in seen and not seen & {"work", "other"}


def test_the_machinery_goes_by_the_real_clock(business_day: Any, post_office: Any, office: Any) -> None:
    post, port = post_office()
    _, city = office(f"smtp://127.0.0.1:{port}")
    business_day("2031-01-01")
    tell(SYSTEM, notes=[note("a", person=city.people["fang"])])
    business_day("2026-11-23")
    assert delivery.deliver().sent == 1
    row = db.session.scalars(sa.select(Delivery)).one()
    assert abs((wall() - row.next_at).total_seconds()) < 60
