"""待办 as an office wants it (features.md H1): by what remains, with what the law says, found by whatever one knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from app.cases.models import Case, WorkItem
from app.core.db import db
from tests.cases.pressing import words_of
from tests.requests.driving import Office


def rows(client: FlaskClient, path: str = "/work") -> list[str]:
    """The rows of the inbox as a person reads them."""
    html = client.get(path).text
    found = re.findall(r'<tr id="item-\d+">(.*?)</tr>', html, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in found]


def items(case: int) -> list[WorkItem]:
    session = db.session()
    session.commit()
    query = sa.select(WorkItem).where(WorkItem.case_id == case, WorkItem.status == "open")
    return list(session.scalars(query.execution_options(populate_existing=True)))


def stored(case: int) -> Case:
    session = db.session()
    session.commit()
    return session.get_one(Case, case, populate_existing=True)


def test_an_item_is_sorted_by_the_sooner_of_its_own_day_and_the_law(any_db: str, office: Office) -> None:
    case = office.register()
    (item,) = items(case)
    assert stored(case).due_on == office.request(case).due_on == date(2026, 12, 21)
    assert item.due_on == date(2026, 11, 25), "the step has two days of its own"
    office.day("2026-12-18")
    office.examined(case)
    (item,) = items(case)
    assert item.due_on == date(2026, 12, 21), "three days of its own end after the law's day"
    assert item.due_at is not None and item.due_at.date() == date(2026, 12, 23), "its own stays visible"


def test_the_row_shows_applicant_both_days_and_who_sent_it(office: Office) -> None:
    office.register()
    (row,) = rows(office.sit("bai"))
    for words in ("何问渠", "要件与性质审查", "2026-12-21", "剩 20 个工作日", "2026-11-25", "剩 2 个工作日"):
        assert words in row, row


def test_every_list_leads_from_the_day_to_how_it_is_counted_with_one_click(office: Office) -> None:
    path = f"/requests/{office.request(office.register()).id}/clock"
    for page in ("/work", "/requests"):
        text = office.sit("bai").get(page).text
        link = re.search(rf'<a class="due-link" href="{path}".*?</a>', text, re.S)
        assert link and "2026-12-21" in link.group(), page
    assert "第 20 个工作日" in office.sit("bai").get(path).text


def test_the_strip_counts_and_filters(office: Office) -> None:
    office.register()
    office.day("2026-11-26")
    office.register(content="另一件")
    client = office.sit("bai")
    page = client.get("/work").text
    assert re.search(r"已超期</span> <span[^>]*>1<", page)
    assert len(rows(client, "/work?due=late")) == 1
    assert len(rows(client, "/work?due=soon")) == 1
    assert len(rows(client, "/work?due=today")) == 0
    assert len(rows(client, "/work?desk=sign")) == 0


def test_confirmation_waits_under_its_own_count(office: Office) -> None:
    office.register(channel="ordinary", mail_no="XA99001122334")
    client = office.sit("bai")
    assert re.search(r"待确认</span> <span[^>]*>1<", client.get("/work").text)
    (row,) = rows(client, "/work?desk=confirm")
    assert "与申请人确认" in row and "收到之日待确认" in row


def test_one_search_finds_by_number_applicant_mail_number_and_title(office: Office) -> None:
    case = office.register(channel="ordinary", mail_no="XA99001122334")
    office.register(name="吴有知", id_no="990101198001010030", content="学区划分方案", phone="19900000102")
    client = office.sit("bai")
    number = stored(case).number
    for text in (number, "何问渠", "问渠", "XA99001122334", "政府债务"):
        assert len(rows(client, f"/work?q={text}")) == 1, text
        assert "何问渠" in rows(client, f"/work?q={text}")[0]
        assert number in client.get(f"/search?q={text}").text, text
    assert "没有符合条件的待办" in words_of(client.get("/work?q=不存在的人"))


def test_another_organ_finds_nothing_by_the_applicants_name(office: Office) -> None:
    case = office.register()
    number = stored(case).number
    assert number not in office.sit("fang").get("/search?q=何问渠").text
    assert number not in office.sit("shui").get("/search?q=何问渠").text


def test_the_inbox_of_requests_is_read_in_eight_statements(
    any_db: str, office: Office, sql_counter: Callable[[], Any]
) -> None:
    for number in range(6):
        office.register(content=f"第{number}件的内容", name=f"申请人{number}")
    client = office.sit("bai")
    client.get("/work")
    with sql_counter() as count:
        assert client.get("/work").status_code == 200
    assert count.statements <= 8, str(count)


def test_an_open_page_hears_of_new_work_and_of_nothing_else(
    any_db: str, office: Office, sql_counter: Callable[[], Any]
) -> None:
    office.register()
    client = office.sit("bai")
    first = client.get("/work/pulse")
    tag = first.headers["ETag"]
    assert f'data-stamp="{first.get_json()["stamp"]}"' in client.get("/work").text
    with sql_counter() as count:
        again = client.get("/work/pulse", headers={"If-None-Match": tag})
    assert again.status_code == 304 and count.statements <= 5, str(count)
    office.register(content="新来的一件")
    changed = client.get("/work/pulse", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.get_json()["counts"]["all"] == 2


def test_a_filter_is_kept_under_a_name_and_only_for_oneself(office: Office) -> None:
    office.register()
    client = office.sit("bai")
    kept = client.post("/work/filters", data={"name": "本周确认", "desk": "confirm"}, follow_redirects=True)
    assert "已保存筛选「本周确认」" in kept.text and "/work?desk=confirm" in kept.text
    assert "没有筛选条件" in client.post("/work/filters", data={"name": "空"}, follow_redirects=True).text
    (number,) = re.findall(r"/work/filters/(\d+)/drop", client.get("/work").text)
    assert "本周确认" not in office.sit("jiang").get("/work").text
    assert office.sit("jiang").post(f"/work/filters/{number}/drop").status_code == 404
    assert office.sit("bai").post(f"/work/filters/{number}/drop").status_code == 303
    client.get("/work")
    assert "本周确认" not in client.get("/work").text
