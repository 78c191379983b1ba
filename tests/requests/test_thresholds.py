"""Reminders of requests: at their thresholds, once, in the record, and at the cost of what is due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import staffing
from app.accounts.directory import changed, directory
from app.accounts.models import Person
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.jobs import JOBS
from app.core.record import Record
from app.notices import gateway
from app.notices.models import Notice
from app.requests import clocks, reminding
from app.requests.models import ClockEvent, Consultation, Request
from app.requests.supervision import Supervision
from tests.support.organs import City
from tests.support.requests import Put, add_event, put_request, put_version, seed_calendar
from tests.support.signing import sign_in
from workflows.law import events

RECEIVED = date(2026, 10, 12)  # due 2026-11-09
DUE = date(2026, 11, 9)


@pytest.fixture
def office(city: City) -> City:
    """The city with its calendar, a 督查岗 in the government's office, and a version for cases to hang on."""
    now.pretend("2026-10-12")
    seed_calendar(SYSTEM)
    put_version(SYSTEM)
    appoint_supervisor(SYSTEM, city)
    return city


@command
def appoint_supervisor(tx: Tx, city: City) -> None:
    changed(tx)
    post = staffing.find_or_add_post(tx, city.organs["office"], "supervisor", None)
    staffing.grant(tx, post, tx.session.get_one(Person, city.people["ke"]))


def remind() -> None:
    job, _ = JOBS["requests.remind"]
    job()


def told(session: Session, kind: str | None = None) -> list[Notice]:
    session.commit()
    query = sa.select(Notice).order_by(Notice.id)
    return list(session.scalars(query.where(Notice.kind == kind) if kind else query))


def posts_told(session: Session) -> set[str]:
    """Kinds of the posts that were told, and names of the people."""
    people = directory()
    return {people.posts[n.post_id].kind if n.post_id else people.name_of(n.person_id) for n in told(session)}


def request(session: Session, put: Put) -> Request:
    session.commit()
    return session.get_one(Request, put.request, populate_existing=True)


def stream(session: Session, put: Put) -> list[str]:
    session.commit()
    query = (
        sa.select(Record).where(Record.stream == "case", Record.stream_id == put.case).order_by(Record.seq)
    )
    rows = list(session.scalars(query))
    assert {row.actor_name for row in rows} <= {"系统"}
    return [row.summary for row in rows]


def test_whoever_has_the_work_and_the_registrar_are_told_at_five_three_one_and_on_the_last_day(
    any_db: str, office: City, session: Session
) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED, holder="wen")
    put_request(SYSTEM, office, received_on=date(2026, 10, 15), title="另一件")
    said = {}
    day = RECEIVED
    while day <= DUE:
        now.pretend(day.isoformat())
        before = len(told(session))
        remind()
        for notice in told(session)[before:]:
            if "债务" in notice.text:
                said.setdefault(day, []).append(notice.text.split("：")[0])
        day += timedelta(days=1)
    assert said == {
        date(2026, 11, 2): ["答复期限剩 5 个工作日"] * 2,
        date(2026, 11, 4): ["答复期限剩 3 个工作日"] * 2,
        date(2026, 11, 6): ["答复期限剩 1 个工作日"] * 2,
        DUE: ["答复期限今日到期"] * 2,
    }
    assert posts_told(session) == {"registrar", "文承远"}
    assert len(stream(session, put)) == 4
    assert stream(session, put)[0] == "系统提醒：答复期限剩 5 个工作日，已告知经办人、受理登记岗"


def test_telling_twice_is_telling_once(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-11-02")
    remind()
    assert len(told(session)) == 1
    remind()
    assert reminding.remind(SYSTEM) == 0
    assert len(told(session)) == 1 and len(stream(session, put)) == 1
    assert request(session, put).next_threshold_on == date(2026, 11, 4)


def test_two_workers_tell_it_once(any_db: str, office: City, app: Flask, session: Session) -> None:
    puts = [put_request(SYSTEM, office, received_on=RECEIVED, title=f"第{n}件") for n in range(6)]
    now.pretend("2026-11-02")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                remind()
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
    remind()
    assert len(told(session)) == 6
    assert all(len(stream(session, put)) == 1 for put in puts)


def test_an_overdue_reply_reaches_the_head_and_the_supervisor_every_week(
    any_db: str, office: City, session: Session
) -> None:
    put = put_request(SYSTEM, office, "housing", received_on=RECEIVED)
    now.pretend("2026-11-09")
    remind()
    before = len(told(session))
    for day in ("2026-11-10", "2026-11-11", "2026-11-16", "2026-11-17", "2026-11-24"):
        now.pretend(day)
        remind()
    late = told(session)[before:]
    assert {n.kind for n in late} == {"overdue"}
    assert [n.created_at.date().isoformat() for n in late] == sorted(
        ["2026-11-10", "2026-11-17", "2026-11-24"] * 3
    )
    people = directory()
    assert {people.posts[n.post_id or 0].kind for n in late} == {"registrar", "disclosure_head", "supervisor"}
    assert late[0].text.startswith("答复已超期 1 个工作日：市住建局依申〔2026〕1号")
    row = session.scalars(sa.select(Supervision)).one()
    assert (row.organ_id, row.office_id) == (office.organs["housing"], office.organs["office"])
    assert (row.due_on, row.times, row.last_on) == (DUE, 3, date(2026, 11, 24))
    assert "督查岗" in stream(session, put)[-1]
    assert request(session, put).next_threshold_on == date(2026, 12, 1)


def test_an_office_without_supervisor_still_tells_the_head(city: City, session: Session) -> None:
    now.pretend("2026-10-12")
    seed_calendar(SYSTEM)
    put_version(SYSTEM)
    put_request(SYSTEM, city, "housing", received_on=RECEIVED)
    now.pretend("2026-11-10")
    remind()
    assert posts_told(session) == {"registrar", "disclosure_head"}
    assert session.scalar(sa.select(sa.func.count()).select_from(Supervision)) == 0


def test_an_act_on_the_morning_of_a_threshold_loses_no_reminder(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-11-04")  # the worker was down on the 2nd, and somebody acts before it comes back
    add_event(put.request, events.ReasonReceived(on=date(2026, 11, 4)))
    remind()
    assert [n.text.split("：")[0] for n in told(session)] == ["答复期限剩 3 个工作日"], (
        "the last, not each missed one"
    )
    assert request(session, put).next_threshold_on == date(2026, 11, 6)


def test_a_request_registered_late_is_told_of_at_once(office: City, session: Session) -> None:
    now.pretend("2026-11-24")
    put_request(SYSTEM, office, received_on=RECEIVED)
    remind()
    assert {n.text.split("：")[0] for n in told(session)} == {"答复已超期 11 个工作日"}


def test_an_act_on_an_overdue_request_does_not_end_its_reminders(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-11-10")
    remind()
    now.pretend("2026-11-12")
    add_event(put.request, events.ReasonReceived(on=date(2026, 11, 12)))
    assert request(session, put).next_threshold_on == date(2026, 11, 17)


def test_an_extended_request_is_told_of_by_its_new_date(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-11-02")
    remind()
    add_event(put.request, events.Extension(on=date(2026, 11, 2), days=10))
    assert request(session, put).due_on == date(2026, 11, 23)
    assert request(session, put).next_threshold_on == date(2026, 11, 16)
    now.pretend("2026-11-16")
    remind()
    assert [n.text.split("：")[0] for n in told(session)] == ["答复期限剩 5 个工作日"] * 2


@command
def ask(tx: Tx, put: Put, kind: str, sent_on: date, delivered_on: date | None) -> None:
    """征求意见 sent."""
    tx.session.add(
        Consultation(
            request_id=put.request, kind=kind, party="云汀甲公司", content="债务明细", state="sent",
            sent_on=sent_on, delivered_on=delivered_on, at=tx.now,
        )
    )  # fmt: skip
    tx.session.flush()
    clocks.refresh(tx, tx.session.get_one(Request, put.request, populate_existing=True))


def test_a_pause_that_ends_by_itself_is_noticed_and_the_clock_goes_on(
    any_db: str, office: City, session: Session
) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-10-14")
    ask(SYSTEM, put, "third", date(2026, 10, 14), date(2026, 10, 15))  # 15 working days: 2026-11-05
    now.pretend("2026-10-15")
    remind()
    assert request(session, put).clock == "paused"
    now.pretend("2026-11-04")
    remind()
    assert [n.text.split("（")[0] for n in told(session)] == ["「云汀甲公司」的第三方意见征求剩 1 个工作日"]
    assert request(session, put).clock == "paused"
    now.pretend("2026-11-06")
    remind()
    assert (
        "期限已于 2026-11-05 届满，没有收到意见；第三方逾期未提出意见的，由本机关依法决定"
        in told(session)[-1].text
    )
    found = request(session, put)
    assert (found.clock, found.due_on) == ("running", date(2026, 12, 1))


def test_an_open_pause_waits_in_silence(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-10-14")
    ask(SYSTEM, put, "other", date(2026, 10, 14), None)
    for day in ("2026-10-15", "2026-11-10", "2026-11-24"):
        now.pretend(day)
        remind()
    assert told(session) == []
    assert request(session, put).next_threshold_on is None


def test_a_correction_that_did_not_come_is_told(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    add_event(put.request, events.CorrectionIssued(on=date(2026, 10, 14), deadline=date(2026, 11, 4)))
    assert request(session, put).next_threshold_on == date(2026, 11, 5)
    now.pretend("2026-11-05")
    remind()
    (notice,) = told(session)
    assert notice.text.startswith("补正期限已于 2026-11-04 届满，没有收到补正")
    assert request(session, put).next_threshold_on is None


def test_a_fee_that_was_not_paid_is_told(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    add_event(put.request, events.FeeNotice(on=date(2026, 10, 14), delivered=date(2026, 10, 14)))
    now.pretend("2026-11-14")
    remind()
    (notice,) = told(session)
    assert notice.text.startswith("缴费期限已于 2026-11-13 届满")


def test_an_arrival_that_nobody_confirms_raises_the_alarm(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=None, arrived_on=date(2026, 10, 12))
    remind()
    assert told(session) == []
    now.pretend("2026-10-13")
    remind()
    assert [n.text.split("：")[0] for n in told(session)] == ["今日须与申请人确认收到之日（条例第三十一条）"]
    now.pretend("2026-10-14")
    remind()
    assert posts_told(session) == {"registrar", "disclosure_head"}
    assert "至今没有确认" in told(session)[-1].text
    assert request(session, put).next_threshold_on == date(2026, 10, 21)


def test_one_who_holds_the_post_that_is_told_is_not_told_twice(office: City, session: Session) -> None:
    put_request(SYSTEM, office, received_on=RECEIVED, holder="bai")  # 白受之 is a registrar
    now.pretend("2026-11-02")
    remind()
    assert posts_told(session) == {"registrar"}


@command
def close(tx: Tx, put: Put) -> None:
    request = tx.session.get_one(Request, put.request, populate_existing=True)
    request.state = "answered"


def test_a_request_that_was_answered_is_left_alone(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=RECEIVED)
    close(SYSTEM, put)
    now.pretend("2026-11-24")
    remind()
    assert told(session) == []
    assert request(session, put).next_threshold_on is None


@command
def spoil(tx: Tx, put: Put) -> None:
    tx.session.add(
        ClockEvent(request_id=put.request, kind="extension", on=RECEIVED, data={"t": "gibberish"}, at=tx.now)
    )


def test_one_clock_that_cannot_be_computed_holds_up_nobody(office: City, session: Session) -> None:
    broken = put_request(SYSTEM, office, received_on=RECEIVED)
    put_request(SYSTEM, office, received_on=RECEIVED, title="好的一件")
    spoil(SYSTEM, broken)
    now.pretend("2026-11-02")
    remind()
    assert len(told(session)) == 1 and "好的一件" in told(session)[0].text
    assert request(session, broken).next_threshold_on == date(2026, 11, 3)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_case_that_is_locked_is_neither_waited_for_nor_forgotten(
    database: str, office: City, session: Session
) -> None:
    locked = put_request(SYSTEM, office, received_on=RECEIVED)
    put_request(SYSTEM, office, received_on=RECEIVED, title="另一件")
    now.pretend("2026-11-02")
    session.commit()
    with db.engine.connect() as somebody, somebody.begin():
        somebody.execute(sa.text("SELECT id FROM cases WHERE id = :c FOR UPDATE"), {"c": locked.case})
        remind()
        assert len(told(session)) == 1
        session.commit()
    remind()
    assert len(told(session)) == 2


def test_the_statements_are_the_same_whatever_is_open_and_however_many_are_due(
    any_db: str, office: City, sql_counter: Callable[[], Any], session: Session
) -> None:
    def cost() -> list[str]:
        session.commit()
        with sql_counter() as count:
            reminding.remind(SYSTEM)
        return list(count.texts)

    put_request(SYSTEM, office, received_on=RECEIVED)
    now.pretend("2026-11-02")
    gateway.active()  # read once, as in any office that has run for a minute
    one = cost()
    now.pretend("2026-10-12")
    for n in range(8):
        put_request(SYSTEM, office, received_on=RECEIVED, title=f"第{n}件")
    for n in range(30):
        put_request(SYSTEM, office, received_on=date(2026, 11, 2), title=f"没有到期 {n}")
    now.pretend("2026-11-02")
    several = cost()
    assert len(several) == len(one) <= 14, "\n".join(several)
    assert len(told(session)) == 9


def test_the_supervisor_of_the_office_sees_number_and_dates_of_another_organ_and_nothing_else(
    client: FlaskClient, office: City, session: Session
) -> None:
    put_request(SYSTEM, office, "housing", received_on=RECEIVED, title="何问渠家的拆迁补偿")
    own = put_request(SYSTEM, office, received_on=RECEIVED, title="本机关的一件")
    now.pretend("2026-11-24")
    proposed = sign_in(client, "ke").get("/orders/late?what=replies").text
    assert "市住建局依申〔2026〕1号" in proposed and "还没有提醒过" in proposed, "before any job has run"
    remind()
    assert "已提醒 1 次" in client.get("/orders/late?what=replies").text
    text = sign_in(client, "ke").get("/supervisions").text
    assert "市住建局依申〔2026〕1号" in text and "已超期 11 个工作日" in text and "2026-11-09" in text
    assert "拆迁" not in text and "何问渠" not in text
    assert f"/cases/{own.case}" in text and "1 次" in text, "told once, however late"
    assert sign_in(client, "bai").get("/supervisions").status_code == 403
    close(SYSTEM, own)
    text = sign_in(client, "ke").get("/supervisions").text
    assert f"/cases/{own.case}" not in text
    assert f"/cases/{own.case}" in client.get("/supervisions?state=all").text
    assert client.get("/supervisions?before=x").status_code == 404
