"""公开任务: 20 working days, told in time, closed once with where and when, moved with the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import calendar
from app.calendar import jobs as calendar_jobs
from app.calendar import service as calendar_service
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.record import Record
from app.documents.hooks import Imported
from app.documents.models import SecrecyReview
from app.notices.models import Notice
from app.obligations import jobs, planning, recalculating, service
from app.obligations.models import Obligation
from tests.obligations.factories import case_of, make_duty, schedule, seed
from tests.support.organs import City
from tests.support.signing import sign_in
from tests.support.web import LiveServer
from workflows.law.calendar import Calendar, DayKind, SpecialDay, YearTable

URL = "https://www.yunting.gov.cn/zwgk/art/2026/11/23/art_1.html"


@pytest.fixture(autouse=True)
def _calendar(app: Flask) -> None:
    seed(SYSTEM)


def close(city: City, login: str, duty: int, **more: Any) -> Any:
    given = {"url": URL, "published_on": date(2026, 11, 23), "channel": "website"} | more
    return service.close(city.actor(login), duty_id=duty, **given)


# --- opening -------------------------------------------------------------------------------------------------------


def test_a_document_is_due_twenty_working_days_after_it_was_formed(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    result, said = schedule(SYSTEM, case_of(city), "2026-10-28")
    assert result["due_on"] == "2026-11-25" and said == ["已列入公开任务，请于 2026-11-25 前发布。"]
    duty = session.query(Obligation).one()
    assert duty.due_on == date(2026, 11, 25) and duty.status == "open" and duty.basis.endswith("第二十六条")
    counted = [step for step in duty.derivation if step["number"]]
    assert len(counted) == 20 and counted[-1]["day"] == "2026-11-25"


def test_a_date_in_an_unknown_year_is_left_open_with_its_bound(
    app: Flask, city: City, session: Session
) -> None:
    result, said = schedule(SYSTEM, case_of(city), "2026-12-10")
    assert result["due_on"] is None and result["due_unknown"] == "2027年放假安排未导入"
    assert "待定" in said[0] and "不早于" in said[0]
    assert session.query(Obligation).one().sort_on >= date(2027, 1, 1)


def test_scheduling_again_moves_the_same_open_duty(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    first, _ = schedule(SYSTEM, case_of(city), "2026-10-28")
    assert schedule(SYSTEM, case_of(city), "2026-10-28")[0] == first
    schedule(SYSTEM, case_of(city), "2026-10-29")
    assert session.query(Obligation).one().due_on == date(2026, 11, 26)
    duty = session.query(Obligation).one()
    close(city, "ke", duty.id)
    schedule(SYSTEM, case_of(city), "2026-10-30")
    session.refresh(duty)
    assert duty.due_on == date(2026, 11, 26) and duty.status == "closed"


def test_scheduling_costs_one_statement(
    app: Flask, city: City, sql_counter: Callable[[], Any], any_db: str
) -> None:
    with app.test_request_context():
        calendar.current()
        with sql_counter() as plain:
            command(lambda tx: None)(SYSTEM)
        with sql_counter() as count:
            schedule(SYSTEM, case_of(city), "2026-10-28")
    assert count.statements - plain.statements == 1


def test_imported_rows_open_duties_and_published_ones_are_closed_at_once(
    app: Flask, city: City, session: Session
) -> None:
    from app.documents import service as documents

    @command
    def imported(tx: Tx) -> None:
        ids = [documents.open_document(tx, organ_id=city.organs["office"], title=str(i)) for i in range(3)]
        day = date(2026, 10, 28)
        rows = [Imported(ids[0], city.organs["office"], None, "甲", "proactive", day)]
        rows += [Imported(ids[1], city.organs["office"], None, "乙", "proactive", day, day, URL)]
        rows += [Imported(ids[2], city.organs["office"], None, "丙", "on_request", day)]
        service.open_for_imported(tx, rows)

    imported(city.actor("ke"))
    found = {duty.title: duty for duty in session.query(Obligation)}
    assert sorted(found) == sorted("甲乙") and found["甲"].status == "open"
    assert (found["乙"].status, found["乙"].published_url, found["乙"].next_threshold_on) == (
        "closed",
        URL,
        None,
    )


def test_a_document_that_is_no_longer_public_need_not_be_published(
    app: Flask, city: City, session: Session
) -> None:
    from app.documents import service as documents

    document = command(lambda tx: documents.open_document(tx, organ_id=city.organs["office"], title="甲"))(
        SYSTEM
    )
    duty = make_duty(city, document_id=document)
    command(lambda tx: service.attribute_changed(tx, document, "proactive", "withheld"))(SYSTEM)
    assert session.get_one(Obligation, duty).status == "ended"
    with pytest.raises(Refused):
        close(city, "ke", duty)


# --- closing -------------------------------------------------------------------------------------------------------


def test_a_publication_is_entered_once_and_recorded(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    duty = make_duty(city)
    assert close(city, "ke", duty) == {"id": duty, "late": False}
    row = session.get_one(Obligation, duty)
    assert (row.status, row.published_url, row.channel) == ("closed", URL, "政府网站政府信息公开专栏")
    assert row.next_threshold_on is None and row.closed_by == city.people["ke"]
    entry = session.query(Record).filter_by(action="publication.close").one()
    assert "柯文书" in entry.summary and entry.stream == "organ"
    with pytest.raises(Refused, match="柯文书"):
        close(city, "ke", duty)


def test_a_form_sent_twice_closes_once(app: Flask, city: City, session: Session) -> None:
    duty = make_duty(city)
    token = "5f0a2f6e-1111-4a2f-9a3b-2f0f2a9a7c11"
    assert close(city, "ke", duty, token=token) == close(city, "ke", duty, token=token)
    assert session.query(Record).filter_by(action="publication.close").count() == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": ""}, "请填写发布网址"),
        ({"url": "www.yunting.gov.cn/1"}, "http"),
        ({"url": "javascript:alert(1)"}, "http"),
        ({"url": "https://user:secret@yunting.gov.cn/1"}, "用户名"),
        ({"url": "https://yunting.gov.cn/a b"}, "写法有误"),
        ({"url": "https://yunting/1"}, "写法有误"),
        ({"url": "https://[::1"}, "写法有误"),
        ({"url": "https://yunting.gov.cn/" + "x" * 500}, "500"),
        ({"published_on": None}, "发布日期"),
        ({"published_on": date(2026, 11, 19)}, "早于形成日期"),
        ({"published_on": date(2026, 11, 24)}, "晚于今天"),
        ({"channel": "hearsay"}, "渠道"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(
    app: Flask, city: City, session: Session, wrong: dict[str, Any], says: str
) -> None:
    duty = make_duty(city)
    with pytest.raises(Refused, match=says) as refusal:
        close(city, "ke", duty, **wrong)
    assert set(refusal.value.fields) == set(wrong)
    assert session.get_one(Obligation, duty).status == "open"


def test_a_late_publication_says_why(app: Flask, city: City, session: Session) -> None:
    duty = make_duty(city, "2026-10-08")
    with pytest.raises(Refused, match="超期原因"):
        close(city, "ke", duty)
    assert close(city, "ke", duty, cause="网站改版")["late"]
    assert session.get_one(Obligation, duty).overdue_cause == "网站改版"


def test_a_publication_in_time_that_is_entered_late_needs_no_excuse(app: Flask, city: City) -> None:
    duty = make_duty(city, "2026-10-08")
    assert not close(city, "ke", duty, published_on=date(2026, 11, 2))["late"]


@pytest.mark.parametrize(
    ("login", "may"),
    [
        ("ke", True),
        ("bai", True),
        ("wen", True),
        ("wang", True),
        ("jiang", False),
        ("shen", False),
        ("li", None),
        ("fang", None),
    ],
)
def test_publisher_registrar_and_the_drafting_unit_may_close(
    app: Flask, city: City, login: str, may: bool | None
) -> None:
    duty = make_duty(city)
    if may:
        close(city, login, duty)
        return
    with pytest.raises(NotAllowed if may is False else NotFound):
        close(city, login, duty)


def test_an_organ_without_people_is_served_by_the_one_that_handles_for_it(app: Flask, city: City) -> None:
    close(city, "ke", make_duty(city, organ="government", unit=None))


def test_a_mistaken_entry_is_taken_back_with_a_reason(app: Flask, city: City, session: Session) -> None:
    duty = make_duty(city)
    close(city, "ke", duty)
    with pytest.raises(Refused, match="原因"):
        service.reopen(city.actor("ke"), duty_id=duty, reason="")
    service.reopen(city.actor("ke"), duty_id=duty, reason="填成了另一份文件的网址")
    row = session.get_one(Obligation, duty)
    assert (row.status, row.published_url, row.closed_by) == ("open", None, None)
    assert row.next_threshold_on is not None
    assert URL in session.query(Record).filter_by(action="publication.reopen").one().body
    with pytest.raises(Refused):
        service.reopen(city.actor("ke"), duty_id=duty, reason="再来")


# --- thresholds ----------------------------------------------------------------------------------------------------


def test_reminders_come_at_five_three_and_one_days_on_the_day_and_after_it(
    app: Flask, city: City, session: Session, business_day: Callable[[str], None]
) -> None:
    business_day("2026-10-28")
    make_duty(city, "2026-10-28")  # due on 2026-11-25
    told: dict[str, str] = {}
    day = date(2026, 10, 28)
    while day < date(2026, 12, 12):
        business_day(day.isoformat())
        before = session.query(Notice).count()
        jobs.remind()
        jobs.remind()
        fresh = (
            session.query(Notice)
            .order_by(Notice.id.desc())
            .limit(session.query(Notice).count() - before)
            .all()
        )
        if fresh:
            told[day.isoformat()] = fresh[-1].text
        day += timedelta(days=1)
    assert list(told) == [
        "2026-10-28", "2026-11-18", "2026-11-20", "2026-11-24", "2026-11-25", "2026-11-26", "2026-12-03", "2026-12-10",
    ]  # fmt: skip
    assert "新列入" in told["2026-10-28"] and "剩 5 个工作日" in told["2026-11-18"]
    assert "今日到期" in told["2026-11-25"] and "已超期 1 个工作日" in told["2026-11-26"]


def test_late_duties_are_told_to_the_head_as_well(app: Flask, city: City, session: Session) -> None:
    make_duty(city, "2026-10-08")
    jobs.remind()
    posts = {notice.post_id for notice in session.query(Notice)}
    assert posts == {city.post("office", "publisher"), city.post("office", "disclosure_head")}


def test_a_job_that_slept_tells_once(
    app: Flask, city: City, session: Session, business_day: Callable[[str], None]
) -> None:
    make_duty(city, "2026-11-20")
    jobs.remind()
    business_day("2026-12-20")
    jobs.remind()
    assert session.query(Notice).filter(Notice.text.contains("超期")).count() <= 2
    assert session.query(Notice).count() <= 3


def test_reminding_costs_what_is_due_and_not_what_is_open(
    app: Flask, city: City, session: Session, sql_counter: Callable[[], Any], any_db: str
) -> None:
    make_duty(city, number=1)
    jobs.remind()
    for number in range(2, 40):
        make_duty(city, number=number)
    session.query(Obligation).update({"next_threshold_on": date(2026, 12, 31)})
    session.commit()
    with sql_counter() as idle:
        jobs.remind()
    session.query(Obligation).filter_by(case_id=5).update({"next_threshold_on": date(2026, 11, 23)})
    session.commit()
    with sql_counter() as one:
        jobs.remind()
    session.query(Obligation).filter(Obligation.case_id > 10).update(
        {"next_threshold_on": date(2026, 11, 23)}
    )
    session.commit()
    with sql_counter() as many:
        jobs.remind()
    assert idle.statements <= 3 and many.statements == one.statements <= idle.statements + 4
    assert session.query(Obligation).filter(Obligation.next_threshold_on <= date(2026, 11, 23)).count() == 0


# --- a new calendar ------------------------------------------------------------------------------------------------


def test_a_confirmed_year_moves_open_duties_and_says_so(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    open_, closed = make_duty(city, "2026-12-10", number=1), make_duty(city, "2026-10-28", number=2)
    close(city, "ke", closed)
    days = [SpecialDay(date(2027, 1, 1), DayKind.OFF, "元旦")]
    after = Calendar([YearTable(2026, ()), YearTable(2027, tuple(days))], version=9)
    foreseen = recalculating.foresee(session, after)
    assert [(row.ref_id, row.new) for row in foreseen.rows] == [(open_, "2027-01-08")]
    number = calendar_service.upload(
        city.actor("qiao"),
        year=2027,
        source="国办发明电〔2026〕99号",
        file_name="a.csv",
        data="日期,类型,名称\n2027-01-01,放假,元旦\n".encode(),
    )["upload"]
    calendar_service.confirm(city.actor("qiao"), upload_id=number)
    assert session.get_one(Obligation, open_).due_on is None, "the run has not begun"
    calendar_jobs.recalculate()
    session.expire_all()
    assert session.get_one(Obligation, open_).due_on == date(2027, 1, 8)
    assert session.get_one(Obligation, closed).due_on == date(2026, 11, 25)
    entry = session.query(Record).filter_by(action="publication.recalculate").one()
    assert "2027-01-08" in entry.body and "2027年放假安排未导入" in entry.body


def test_thresholds_are_pure_arithmetic() -> None:
    cal = Calendar([YearTable(2026, ())])
    due = date(2026, 11, 25)
    assert planning.next_threshold(cal, due, date(2026, 11, 1)) == date(2026, 11, 18)
    assert planning.next_threshold(cal, due, date(2026, 11, 18)) == date(2026, 11, 20)
    assert planning.next_threshold(cal, due, date(2026, 11, 24)) == due
    assert planning.next_threshold(cal, due, due) == date(2026, 11, 26)
    assert planning.next_threshold(cal, due, date(2026, 11, 26)) == date(2026, 12, 3)
    assert planning.next_threshold(cal, None, due) is None


# --- pages ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_soonest_first_in_words(app: Flask, city: City, client: FlaskClient) -> None:
    for number, formed in enumerate(("2026-11-20", "2026-10-08", "2026-10-26", "2026-12-10"), 1):
        make_duty(city, formed, number=number)
    page = sign_in(client, "ke").get("/obligations").text
    order = [page.index(f"第{number}号文件") for number in (2, 3, 1, 4)]
    assert order == sorted(order)
    assert "已超期" in page and "今日到期" in page and "待定（2027年放假安排未导入）" in page
    late = client.get("/obligations?state=late").text
    assert "第2号文件" in late and "第3号文件" not in late
    assert "没有符合条件" in client.get("/obligations?q=没有的").text


def test_each_sees_the_duties_of_his_reach(app: Flask, city: City, client: FlaskClient) -> None:
    duty = make_duty(city)
    for login, status in (("ke", 200), ("wen", 200), ("lu", 200), ("fang", 404), ("shui", 404)):
        answer = sign_in(client, login).get(f"/obligations/{duty}")
        assert answer.status_code == status, login
    assert sign_in(client, "yu").get("/obligations").status_code == 403


def test_only_who_may_close_is_offered_it_and_others_read_who_does(
    app: Flask, city: City, client: FlaskClient
) -> None:
    make_duty(city)
    offer = "回填网址<span"
    assert offer in sign_in(client, "ke").get("/obligations").text
    other = sign_in(client, "lu").get("/obligations").text
    assert offer not in other and "由柯文书" in other
    assert "您不用办" in client.get("/obligations/1").text


@command
def _reviewed(tx: Tx, organ: int, *conclusions: str) -> None:
    rows = [
        {"organ_id": organ, "case_id": 7, "round": number, "number": "市府办保审〔2026〕1号", "checklist": {}}
        | {
            "deidentified": {},
            "conclusion": conclusion,
            "remark": "隐去附件第3页的联系电话",
            "digest": "0" * 64,
        }
        | {"files": [], "at": tx.now}
        for number, conclusion in enumerate(conclusions, 1)
    ]
    tx.session.execute(sa.insert(SecrecyReview), rows)


def test_the_publisher_is_reminded_of_what_must_be_left_out(
    any_db: str, app: Flask, city: City, session: Session, client: FlaskClient
) -> None:
    duty = make_duty(city)
    _reviewed(SYSTEM, city.organs["office"], "open", "partial")
    jobs.remind()
    assert "只部分公开" in session.query(Notice).one().text
    session.commit()
    assert "部分公开" in sign_in(client, "ke").get("/obligations").text
    page = client.get(f"/obligations/{duty}").text
    assert "隐去附件第3页的联系电话" in page and "data-confirm" in page


def test_a_later_review_that_opens_everything_leaves_nothing_out(
    app: Flask, city: City, client: FlaskClient
) -> None:
    duty = make_duty(city)
    _reviewed(SYSTEM, city.organs["office"], "partial", "open")
    assert "隐去附件" not in sign_in(client, "ke").get(f"/obligations/{duty}").text


def test_the_list_is_paged_by_key(app: Flask, city: City, session: Session, client: FlaskClient) -> None:
    for number in range(1, 56):
        make_duty(city, number=number)
    page = sign_in(client, "ke").get("/obligations").text
    assert "第50号文件" in page and "第51号文件" not in page
    last = session.query(Obligation).filter_by(case_id=50).one()
    after = client.get(f"/obligations?after={last.sort_on}_{last.id}").text
    assert "第51号文件" in after and "第50号文件" not in after
    assert client.get("/obligations?after=x").status_code == 404


def test_closing_through_the_page_keeps_what_was_typed(app: Flask, city: City, client: FlaskClient) -> None:
    duty = make_duty(city)
    sign_in(client, "wen")
    answer = client.post(
        f"/obligations/{duty}/close",
        data={"url": "yunting.gov.cn/1", "published_on": "2026-11-23", "channel": "gazette"},
    )
    assert (
        answer.status_code == 409
        and "yunting.gov.cn/1" in answer.text
        and 'aria-invalid="true"' in answer.text
    )
    good = {"url": URL, "published_on": "2026-11-23", "channel": "gazette"}
    answer = client.post(f"/obligations/{duty}/close", data=good, follow_redirects=True)
    assert "已回填发布网址" in answer.text and "没有待发布的文件" in answer.text
    page = client.get(f"/obligations/{duty}").text
    assert URL in page and "政府公报" in page and "noopener" in page


def test_the_derivation_shows_every_day(app: Flask, city: City, client: FlaskClient) -> None:
    duty = make_duty(city, "2026-09-18")
    page = sign_in(client, "ke").get(f"/obligations/{duty}").text
    for word in ("期限怎么算的", "2026-09-20", "调休上班", "国庆", "民事诉讼法第八十五条第二款"):
        assert word in page, word


def test_the_pages_look_right(
    app: Flask, city: City, live_server: LiveServer, page: Any, looks_ok: Any, axe: Any
) -> None:
    for number, formed in enumerate(("2026-11-20", "2026-10-08", "2026-10-26", "2026-12-10"), 1):
        make_duty(city, formed, number=number)
    closed = make_duty(city, number=5)
    close(city, "ke", closed)
    live_server.let_in(page, "ke")
    for path in ("/obligations", "/obligations?state=closed", "/obligations/2", f"/obligations/{closed}"):
        page.goto(live_server.url(path))
        for width, height in ((390, 844), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            looks_ok(page)
            axe(page)
