"""工作日历: years, imports and who may change them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import calendar
from app.calendar import queries, service, table
from app.calendar.models import CalendarUpload
from app.core.actor import SYSTEM
from app.core.command import command
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.record import Record
from tests.support.organs import City
from tests.support.signing import sign_in

seed = command(service.seed)
NOTICE = "国办发明电〔2026〕99号"
GOOD = """日期,类型,名称
2027-01-01,放假,元旦
2027-01-02,放假,元旦
2027-01-03,放假,元旦
2026-12-27,上班,元旦
2027/2/6,放假,春节
2027年2月7日,放假,春节
2027-02-08,放假,春节
2027-02-20,上班,春节
2027-04-05,放假,清明节
2027-05-01,放假,劳动节
2027-05-02,放假,劳动节
2027-06-09,放假,端午节
2027-09-15,放假,中秋节
2027-10-01,放假,国庆节
2027-10-02,放假,国庆节
2027-10-03,放假,国庆节
""".encode()


def upload(city: City, who: str = "qiao", data: bytes = GOOD, year: int = 2027) -> int:
    done = service.upload(city.actor(who), year=year, source=NOTICE, file_name="2027.csv", data=data)
    number: int = done["upload"]
    return number


@pytest.fixture
def years(app: Flask, city: City) -> list[int]:
    """The shipped years."""
    loaded: list[int] = seed(SYSTEM)
    return loaded


def test_the_shipped_years_are_loaded_once_and_only_where_missing(years: list[int]) -> None:
    assert years == [2024, 2025, 2026]
    assert seed(SYSTEM) == []
    found = calendar.current()
    assert found.years == frozenset({2024, 2025, 2026})
    assert found.is_makeup(date(2026, 9, 20))
    assert found.special(date(2026, 10, 1)).source.startswith("https://www.gov.cn/")  # type: ignore[union-attr]


def test_an_office_without_a_calendar_says_so_and_goes_on(app: Flask) -> None:
    due = calendar.current().add_workdays(date(2026, 11, 23), 20)
    assert due.reason == "待定（2026年放假安排未导入）"


def test_an_upload_changes_nothing_until_it_is_confirmed(city: City, years: list[int]) -> None:
    upload(city)
    assert 2027 not in calendar.current().years


def test_confirming_a_year_makes_it_count_everywhere(city: City, years: list[int]) -> None:
    before = calendar.current()
    number = upload(city)
    assert service.confirm(city.actor("qiao"), upload_id=number) == {
        "year": 2027,
        "days": 16,
        "fresh": True,
        "run": None,
    }
    after = calendar.current()
    assert after.version == before.version + 1
    assert after.is_workday(date(2026, 12, 27)), "a notice may name days of the week before its year"
    assert not after.is_workday(date(2027, 2, 8))
    assert after.add_workdays(date(2026, 12, 10), 20).date == date(2027, 1, 7)


def test_hooks_run_inside_the_command_with_both_calendars(city: City, years: list[int]) -> None:
    seen: list[Any] = []
    calendar.changed.append(lambda tx, change: seen.append((tx.actor.name, change)))
    try:
        service.confirm(city.actor("qiao"), upload_id=upload(city))
    finally:
        calendar.changed.pop()
    ((name, change),) = seen
    assert (name, change.year, change.fresh) == ("乔录言", 2027, True)
    assert 2027 in change.after.years and 2027 not in change.before.years
    assert len(change.days) == 16


def test_a_hook_that_refuses_undoes_the_change(city: City, years: list[int]) -> None:
    def refuse(tx: Any, change: Any) -> None:
        raise Refused("有办件正在重算，请稍后再试。")

    number = upload(city)
    calendar.changed.append(refuse)
    try:
        with pytest.raises(Refused):
            service.confirm(city.actor("qiao"), upload_id=number)
    finally:
        calendar.changed.pop()
    assert 2027 not in calendar.current().years
    assert queries.upload(number).state == "waiting"  # type: ignore[union-attr]


def test_changing_a_confirmed_year_records_each_day_old_and_new(
    city: City, years: list[int], session: Session
) -> None:
    lines = table.write(queries.days_of(session, 2026)).splitlines()
    text = "\n".join(line for line in lines if "2026-10-10" not in line)
    number = upload(city, data=text.encode(), year=2026)
    assert service.confirm(city.actor("qiao"), upload_id=number) == {
        "year": 2026,
        "days": 1,
        "fresh": False,
        "run": None,
    }
    row = session.scalars(sa.select(Record).where(Record.action == "calendar.year_confirmed")).one()
    assert "更改 2026 年放假安排 1 天" in row.summary
    assert '"old":{"2026-10-10":"调休上班（国庆节）"}' in row.body
    assert '"new":{"2026-10-10":"周末"}' in row.body
    assert row.actor_name == "乔录言"


def test_what_is_downloaded_can_be_uploaded_again(years: list[int], session: Session) -> None:
    days = queries.days_of(session, 2026)
    rows = table.read(table.write(days).encode(), 2026, NOTICE)
    assert not [row for row in rows if row.problem]
    assert table.compare(days, table.specials([row.as_dict() for row in rows])) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("2027-13-01,放假,元旦", "日期认不出来"),
        ("2027-02-30,放假,春节", "日期认不出来"),
        ("明天,放假,元旦", "日期认不出来"),
        (",放假,元旦", "日期认不出来"),
        ("2028-01-01,放假,元旦", "不是 2027 年的日期"),
        ("2026-12-20,放假,元旦", "不是 2027 年的日期"),
        ("2027-01-01,歇着,元旦", "类型应是"),
        ("2027-01-01,放假,", "没有写节日名称"),
        ("2027-01-04,上班,元旦", "本来就是工作日"),
        ("2027-01-01,放假", "没有写节日名称"),
    ],
)
def test_each_bad_line_is_told_apart(line: str, problem: str) -> None:
    rows = table.read(f"日期,类型,名称\n2027-01-02,放假,元旦\n{line}\n".encode(), 2027, NOTICE)
    assert rows[0].problem == ""
    assert problem in rows[1].problem
    assert rows[1].line == 3


def test_double_days_and_wrong_weekdays_are_told() -> None:
    text = "日期,星期,类型,名称\n2027-01-01,周五,放假,元旦\n2027-01-01,周五,放假,元旦\n2027-01-02,周日,放假,元旦\n"
    rows = table.read(text.encode(), 2027, NOTICE)
    assert [row.problem for row in rows] == ["", "与第 2 行日期重复", "星期写的是“周日”，实际是星期六"]


def test_a_table_from_a_chinese_spreadsheet_program_is_read() -> None:
    assert not any(row.problem for row in table.read(GOOD.decode().encode("gb18030"), 2027, NOTICE))
    assert not any(row.problem for row in table.read(b"\xef\xbb\xbf" + GOOD, 2027, NOTICE))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04" + bytes(200),
        "日期,类型\n2027-01-01,放假\n".encode(),
        "日期,类型,名称\n".encode(),
        ("日期,类型,名称\n" + "2027-01-01,放假,元旦\n" * 300).encode(),
        b"a" * (table.MOST_BYTES + 1),
        b'"' + b"a" * 140_000,
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        table.read(data, 2027, NOTICE)
    assert "。" in refused.value.message
    assert refused.value.fields


def test_a_table_that_lacks_what_every_year_has_is_doubted_not_refused() -> None:
    rows = table.read("日期,类型,名称\n2027-01-01,放假,元旦\n".encode(), 2027, NOTICE)
    said = "".join(table.doubts(rows, 2027))
    assert "没有提到：春节、清明、劳动、端午、中秋、国庆" in said
    assert "10月1日（国庆节）" in said
    assert table.doubts(table.read(GOOD, 2027, NOTICE), 2027) == []


def test_a_table_with_a_bad_line_cannot_be_confirmed(city: City, years: list[int]) -> None:
    number = upload(city, data=GOOD + "2027-13-45,放假,国庆节\n".encode())
    with pytest.raises(Refused, match="问题行"):
        service.confirm(city.actor("qiao"), upload_id=number)
    assert 2027 not in calendar.current().years


def test_an_upload_that_was_compared_with_an_older_calendar_is_refused(city: City, years: list[int]) -> None:
    first, second = upload(city), upload(city)
    service.confirm(city.actor("qiao"), upload_id=first)
    with pytest.raises(Refused, match="已被改过"):
        service.confirm(city.actor("qiao"), upload_id=second)


def test_an_upload_is_confirmed_once_and_a_repeat_answers_the_same(city: City, years: list[int]) -> None:
    number, token = upload(city), "2b1f7b6e-5f0e-4d37-9d77-2f3c5d5f8a10"
    first = service.confirm(city.actor("qiao"), upload_id=number, token=token)
    assert service.confirm(city.actor("qiao"), upload_id=number, token=token) == first
    with pytest.raises(Refused, match="已经确认或放弃"):
        service.confirm(city.actor("qiao"), upload_id=number)
    with pytest.raises(Refused, match="已经确认或放弃"):
        service.drop(city.actor("qiao"), upload_id=number)


def test_a_dropped_upload_changes_nothing(city: City, years: list[int]) -> None:
    number = upload(city)
    service.drop(city.actor("qiao"), upload_id=number)
    with pytest.raises(Refused):
        service.confirm(city.actor("qiao"), upload_id=number)
    with pytest.raises(NotFound):
        service.drop(city.actor("qiao"), upload_id=9999)


@pytest.mark.parametrize("who", ["li", "cheng", "jiang"])
def test_only_administrators_of_the_office_organ_change_the_calendar(who: str, city: City) -> None:
    """li is 流程管理员 and cheng 单位管理员 of a department: not theirs."""
    with pytest.raises(NotAllowed):
        upload(city, who)


def test_the_pages_show_every_kind_of_day_by_word(client: FlaskClient, city: City, years: list[int]) -> None:
    sign_in(client, "wang")
    text = client.get("/calendar/?year=2026").text
    assert "国庆节，放假" in text and "国庆节，调休上班" in text
    assert text.count('class="cal-month"') == 12
    assert "导入放假安排" not in text
    unknown = client.get("/calendar/?year=2027").text
    assert "2027 年放假安排未导入" in unknown and "cal-month" not in unknown
    assert client.get("/calendar/?year=1999").status_code == 404
    assert client.get("/calendar/2026.csv").text.startswith("\ufeff日期,星期,名称,类型,依据")
    assert client.get("/calendar/2027.csv").status_code == 404
    assert client.get("/calendar/import").status_code == 403


def test_a_year_is_imported_through_the_pages(client: FlaskClient, city: City, years: list[int]) -> None:
    sign_in(client, "qiao")
    form = {"year": "2027", "source": NOTICE, "submission_token": "0b1f7b6e-5f0e-4d37-9d77-2f3c5d5f8a11"}
    answer = client.post("/calendar/import", data=form | {"file": (BytesIO(GOOD), "2027.csv")})
    assert answer.status_code == 303, answer.text
    preview = client.get(answer.location)
    assert "没有问题" in preview.text and "确认 2027 年放假安排" in preview.text
    assert "等待确认" in client.get("/calendar/").text
    done = client.post(f"{answer.location}/confirm", data={})
    assert done.location == "/calendar/?year=2027"
    assert "国办发明电〔2026〕99号" in client.get(done.location).text
    assert "已确认" in client.get(answer.location).text


def test_a_bad_upload_keeps_what_was_typed(client: FlaskClient, city: City, years: list[int]) -> None:
    sign_in(client, "qiao")
    bad = {"year": "2027", "source": "我写的依据", "file": (BytesIO(b"x,y\n1,2\n"), "a.csv")}
    answer = client.post("/calendar/import", data=bad)
    assert answer.status_code == 409
    assert "缺少：日期、类型、名称" in answer.text and "我写的依据" in answer.text
    answer = client.post("/calendar/import", data={"year": "", "source": ""})
    assert "请填写年度" in answer.text and "请填写依据" in answer.text
    answer = client.post("/calendar/import", data={"year": "2027", "source": NOTICE})
    assert "请选择文件" in answer.text
    assert client.get("/calendar/import/999").status_code == 404


def test_formulas_in_a_name_leave_as_text(city: City, years: list[int], session: Session) -> None:
    data = GOOD + "2027-12-25,地方放假,=HYPERLINK(1)\n".encode()
    service.confirm(city.actor("qiao"), upload_id=upload(city, data=data))
    assert "'=HYPERLINK(1)" in table.write(queries.days_of(session, 2027))


def test_outside_a_sign_in_the_calendar_costs_one_statement_per_request(
    city: City, years: list[int], sql_counter: Callable[[], Any], app: Flask
) -> None:
    calendar.current()
    with app.test_request_context(), sql_counter() as count:
        calendar.current()
        calendar.current()
    assert len([text for text in count.texts if "calendar" in text]) == 1


def test_for_a_signed_in_person_the_version_rides_with_the_sign_in(
    client: FlaskClient, city: City, years: list[int], sql_counter: Callable[[], Any]
) -> None:
    calendar.current()
    sign_in(client, "wang")
    client.get("/calendar/")
    with sql_counter() as count:
        client.get("/calendar/")
    assert not [text for text in count.texts if text.startswith("SELECT calendar_state.version")]


def test_a_change_reaches_a_process_that_has_the_old_calendar(
    any_db: str, city: City, app: Flask, session: Session
) -> None:
    seed(SYSTEM)
    old = calendar.current()
    service.confirm(city.actor("qiao"), upload_id=upload(city))
    app.extensions["gongkai_calendar"] = old  # another process
    assert 2027 in calendar.current().years
    assert session.scalar(sa.select(sa.func.count()).select_from(CalendarUpload)) == 1
