"""A new calendar: what would move is shown before, and computed afterwards in batches that stop and go on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import calendar
from app.calendar import hooks, jobs, recalculating, service
from app.calendar.models import CalendarMove, CalendarRun
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import NotAllowed, Refused
from app.core.record import Record
from app.notices.models import Notice
from app.requests import recalculating as ours
from app.requests.models import ClockEvent, Fee, Request
from tests.support.organs import City
from tests.support.requests import Put, add_event, put_request, put_version, seed_calendar
from tests.support.signing import sign_in
from workflows.law import events

TABLE = """日期,类型,名称
2027-01-01,放假,元旦
2027-01-04,放假,元旦
2027-01-10,上班,元旦
2027-02-06,放假,春节
"""
LATE = date(2026, 12, 7)  # its 20th working day lies in 2027: 2027-01-06


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """The city on 2026-12-07; 2027 is not imported."""
    now.pretend("2026-12-07")
    seed_calendar(SYSTEM)
    put_version(SYSTEM)
    monkeypatch.setattr(recalculating, "PAUSE", 0)
    return city


def confirm(city: City, text: str = TABLE, year: int = 2027) -> int:
    """The year through upload and confirmation; the run."""
    who = city.actor("qiao")
    number = service.upload(
        who, year=year, source="国办发明电〔2026〕9号", file_name="a.csv", data=text.encode()
    )
    run: int = service.confirm(who, upload_id=number["upload"])["run"]
    return run


def request(session: Session, put: Put) -> Request:
    session.commit()
    return session.get_one(Request, put.request, populate_existing=True)


def the_run(session: Session) -> CalendarRun:
    session.commit()
    query = sa.select(CalendarRun).order_by(CalendarRun.id.desc()).limit(1)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def recorded(session: Session, put: Put) -> list[str]:
    session.commit()
    query = sa.select(Record.summary).where(Record.stream == "case", Record.stream_id == put.case)
    return list(session.scalars(query.where(Record.action == "request.recalculated").order_by(Record.seq)))


def test_confirming_a_year_starts_a_run_that_gives_open_requests_their_dates(
    any_db: str, office: City, session: Session
) -> None:
    late = put_request(SYSTEM, office, received_on=LATE)
    early = put_request(SYSTEM, office, received_on=date(2026, 11, 2))
    assert request(session, late).due_on is None
    confirm(office)
    assert request(session, late).due_on is None, "not inside the command that confirms"
    jobs.recalculate()
    found = request(session, late)
    assert (found.due_on, found.due_why, found.sort_on) == (date(2027, 1, 6), None, date(2027, 1, 6))
    assert found.next_threshold_on == date(2026, 12, 28)
    assert recorded(session, late) == [
        "2027年放假安排确认，答复期限由 待定（2027年放假安排未导入），不早于 2027-01-03 改为 2027-01-06"
    ]
    assert recorded(session, early) == []
    run = the_run(session)
    assert (run.state, run.total, run.done, run.moved, run.failed) == ("done", 2, 2, 1, 0)


def test_it_stops_and_goes_on_where_it_was(
    any_db: str, office: City, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalculating, "BATCH", 2)
    puts = [put_request(SYSTEM, office, received_on=LATE, title=f"第{n}件") for n in range(7)]
    run_id = confirm(office)
    assert recalculating.step(SYSTEM, run_id=run_id)
    recalculating.stop(office.actor("qiao"), run_id=run_id)
    jobs.recalculate()
    run = the_run(session)
    assert (run.state, run.done, run.total) == ("stopped", 2, 7)
    assert [request(session, put).due_on is None for put in puts] == [False] * 2 + [True] * 5
    with pytest.raises(Refused, match="没有在进行"):
        recalculating.stop(office.actor("qiao"), run_id=run_id)
    recalculating.resume(office.actor("qiao"), run_id=run_id)
    jobs.recalculate()
    assert (the_run(session).state, the_run(session).done) == ("done", 7)
    assert all(len(recorded(session, put)) == 1 for put in puts)


def test_a_crash_in_the_middle_of_a_batch_loses_that_batch_only(
    any_db: str, office: City, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalculating, "BATCH", 2)
    puts = [put_request(SYSTEM, office, received_on=LATE, title=f"第{n}件") for n in range(5)]
    confirm(office)
    whole, calls = recalculating._keep, []

    def crash(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        whole(*args)

    monkeypatch.setattr(recalculating, "_keep", crash)
    with pytest.raises(RuntimeError):
        jobs.recalculate()
    assert (the_run(session).state, the_run(session).done) == ("running", 2)
    jobs.recalculate()
    assert (the_run(session).state, the_run(session).done, the_run(session).moved) == ("done", 5, 5)
    assert all(len(recorded(session, put)) == 1 for put in puts)


def test_two_workers_do_it_once(
    any_db: str, office: City, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalculating, "BATCH", 2)
    puts = [put_request(SYSTEM, office, received_on=LATE, title=f"第{n}件") for n in range(8)]
    confirm(office)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                jobs.recalculate()
                db.session.remove()
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
    assert (the_run(session).state, the_run(session).done) == ("done", 8)
    assert all(len(recorded(session, put)) == 1 for put in puts)


def test_a_newer_change_takes_over_from_one_that_is_not_finished(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=LATE)
    first = confirm(office)
    second = confirm(office, TABLE.replace("2027-01-04,放假,元旦\n", ""))
    jobs.recalculate()
    session.commit()
    states = {run.id: run.state for run in session.scalars(sa.select(CalendarRun))}
    assert states == {first: "replaced", second: "done"}
    assert request(session, put).due_on == date(2027, 1, 5)


def test_people_with_changed_cases_get_one_notice_each(any_db: str, office: City, session: Session) -> None:
    for n in range(3):
        put_request(SYSTEM, office, received_on=LATE, title=f"甲{n}", holder="bai")
    put_request(SYSTEM, office, received_on=LATE, title="乙", post="disclosure_head")
    put_request(SYSTEM, office, received_on=date(2026, 11, 2), title="不变", holder="wen")
    run = confirm(office)
    jobs.recalculate()
    session.commit()
    notices = session.scalars(sa.select(Notice).order_by(Notice.person_id)).all()
    assert sorted((n.person_id or 0, n.post_id or 0, n.text) for n in notices) == [
        (0, office.post("office", "disclosure_head"), "2027年放假安排确认，岗位上 1 件申请的期限有变化"),
        (office.people["bai"], 0, "2027年放假安排确认，您手上 3 件申请的期限有变化"),
    ]
    assert {n.url for n in notices} == {f"/calendar/runs/{run}"}


@command
def spoil(tx: Tx, put: Put) -> None:
    row = ClockEvent(request_id=put.request, kind="extension", on=LATE, data={"t": "gibberish"}, at=tx.now)
    tx.session.add(row)


def test_one_clock_that_cannot_be_computed_is_named_and_holds_up_nobody(
    office: City, session: Session
) -> None:
    broken = put_request(SYSTEM, office, received_on=LATE)
    good = put_request(SYSTEM, office, received_on=LATE)
    spoil(SYSTEM, broken)
    confirm(office)
    jobs.recalculate()
    assert request(session, good).due_on == date(2027, 1, 6)
    run = the_run(session)
    assert (run.state, run.moved, run.failed) == ("done", 1, 1)
    failed = session.scalars(sa.select(CalendarMove).where(CalendarMove.failed)).one()
    assert failed.ref_id == broken.request


@command
def demand(tx: Tx, put: Put) -> None:
    fee = Fee(
        request_id=put.request, mode="item", quantity=31, yuan=100, derivation=[], sent_on=LATE,
        delivered_on=LATE, due_on=date(2027, 1, 6), state="sent", at=tx.now,
    )  # fmt: skip
    tx.session.add(fee)


def test_the_day_of_a_fee_moves_too(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=LATE)
    add_event(put.request, events.FeeNotice(on=LATE, delivered=LATE))
    demand(SYSTEM, put)
    confirm(office, TABLE + "2027-01-06,放假,元旦\n")
    jobs.recalculate()
    assert session.scalar(sa.select(Fee.due_on)) == date(2027, 1, 7)
    assert recorded(session, put) == ["2027年放假安排确认，缴费期限由 2027-01-06 改为 2027-01-07"]


def test_an_arrival_to_be_confirmed_is_looked_at_on_the_new_day(office: City, session: Session) -> None:
    put = put_request(SYSTEM, office, received_on=None, arrived_on=LATE)
    assert request(session, put).next_threshold_on == date(2026, 12, 8)
    lines = (
        service.table.write(service.queries.days_of(session, 2026))
        + "2026-12-08,周二,节日,地方放假,自治条例\r\n"
    )
    confirm(office, lines, 2026)
    jobs.recalculate()
    assert request(session, put).next_threshold_on == date(2026, 12, 9)


def test_where_nothing_is_open_nothing_runs(office: City, session: Session) -> None:
    assert confirm(office) is None
    assert session.scalar(sa.select(sa.func.count()).select_from(CalendarRun)) == 0


# --- before it is confirmed ------------------------------------------------------------------------------------


def test_the_preview_says_what_would_move_and_moves_nothing(
    any_db: str, office: City, session: Session
) -> None:
    late = put_request(SYSTEM, office, received_on=LATE)
    put_request(SYSTEM, office, received_on=date(2026, 11, 2))
    after = service.queries.read_with(session, 2027, ())
    found = ours.foresee(session, after)
    assert (found.looked, found.more) == (1, False), (
        "what ends before the first day that changes is not computed"
    )
    (row,) = found.rows
    assert (row.ref_id, row.old[:2], row.new) == (late.request, "待定", "2027-01-04")
    assert request(session, late).due_on is None


def test_a_preview_is_bounded(office: City, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "LOOK", 3)
    for n in range(5):
        put_request(SYSTEM, office, received_on=LATE, title=f"第{n}件")
    found = ours.foresee(session, service.queries.read_with(session, 2027, ()))
    assert (found.looked, found.more, len(found.rows)) == (3, True, 3)


# --- pages -----------------------------------------------------------------------------------------------------


def test_the_pages_show_own_cases_and_count_those_of_others(
    client: FlaskClient, office: City, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = put_request(SYSTEM, office, received_on=LATE, title="本机关的")
    other = put_request(SYSTEM, office, "housing", received_on=LATE, title="外机关的")
    who = office.actor("qiao")
    upload = service.upload(
        who, year=2027, source="国办发明电〔2026〕9号", file_name="a.csv", data=TABLE.encode()
    )
    sign_in(client, "qiao")
    preview = client.get(f"/calendar/import/{upload['upload']}").text
    assert f"/cases/{own.case}" in preview and f"/cases/{other.case}" not in preview
    assert "其中其他机关" in preview and "2027-01-06" in preview
    done = client.post(f"/calendar/import/{upload['upload']}/confirm", data={})
    assert done.location.startswith("/calendar/runs/")
    page = client.get(done.location).text
    assert "正在重算" in page and "停下" in page and "已看 0 项，共 2 项" in page
    assert "正在按新的放假安排重算" in client.get("/calendar/").text
    assert client.post(f"{done.location}/stop", data={}).status_code == 303
    assert "接着算" in client.get(done.location).text
    client.post(f"{done.location}/resume", data={})
    jobs.recalculate()
    page = client.get(done.location).text
    assert "重算完毕" in page and f"/cases/{own.case}" in page and f"/cases/{other.case}" not in page
    assert "市住建局" in page
    theirs = sign_in(client, "cheng").get(done.location).text
    assert f"/cases/{other.case}" in theirs and f"/cases/{own.case}" not in theirs and "接着算" not in theirs
    assert client.get("/calendar/runs/999").status_code == 404
    assert client.get(f"{done.location}?after=x").status_code == 404


def test_only_those_who_may_change_the_calendar_stop_a_run(office: City) -> None:
    put_request(SYSTEM, office, received_on=LATE)
    run_id = confirm(office)
    with pytest.raises(NotAllowed):
        recalculating.stop(office.actor("wen"), run_id=run_id)


def test_a_batch_takes_the_same_statements_however_large(
    any_db: str, office: City, sql_counter: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(24):
        put_request(SYSTEM, office, received_on=LATE, title=f"第{n}件")
    run_id = confirm(office)
    seen = []
    for size in (1, 4, 15):
        monkeypatch.setattr(recalculating, "BATCH", size)
        with sql_counter() as count:
            recalculating.step(SYSTEM, run_id=run_id)
        seen.append(count.statements)
        assert count.commits == 1
    assert seen[1] == seen[2] <= 18, seen


def test_requests_are_computed_first_whichever_room_was_imported_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped = list(calendar.recalculators)
    assert [each.key for each in shipped][0] == ours.PART
    monkeypatch.setattr(hooks, "recalculators", [])
    for each in reversed(shipped):
        calendar.recalculate_with(each)
    assert hooks.recalculators == shipped


@command
def seed_again(tx: Tx) -> list[int]:
    """A release brings 2026 to an office that has not imported it."""
    tx.session.execute(sa.text("DELETE FROM calendar_days WHERE year = 2026"))
    tx.session.execute(sa.text("DELETE FROM calendar_years WHERE year = 2026"))
    return calendar.seed(tx)


def test_a_year_that_comes_with_a_release_starts_a_run_as_well(office: City, session: Session) -> None:
    put_request(SYSTEM, office, received_on=date(2026, 11, 2))
    assert seed_again(SYSTEM) == [2026]
    jobs.recalculate()
    assert (the_run(session).cause, the_run(session).state) == ("装入 2026 年放假安排", "done")
