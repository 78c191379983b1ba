"""The registers: one row per entry, the same on the screen, on A4 and in the workbook."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import load_workbook

from app.core.db import db
from app.core.record import Record
from app.requests import exporting, ledger
from app.requests.ledger import BOOKS, Wanted
from app.requests.models import Delivery, Fee, Request
from tests.requests.driving import Office, text_file
from tests.requests.test_letters import asked_to_correct
from tests.support.driving import errors_in


def answered(office: Office, **said: object) -> int:
    """A request that was answered by post today."""
    case = office.register(**said)
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": text_file("债务限额与余额表", "债务限额.txt")})
    office.reviewed(case)
    office.signed(case)
    office.sent(case)
    return case


def cells(office: Office, book: str, login: str = "bai", **more: object) -> list[dict[str, object]]:
    found = ledger.page(db.session(), office.city.actor(login), Wanted(book, 2026, **more), None)  # type: ignore[arg-type]
    return [dict(zip(BOOKS[book].columns, line.cells, strict=True)) for line in found.lines]


def test_an_answered_request_fills_every_column_of_the_register(office: Office) -> None:
    case = answered(office, agent="任代之", suggests_open=True)
    office.register(name="苗田生", channel="online", content="垃圾分类站点清单")
    first, second = cells(office, "requests")
    assert first == {
        "登记号": "市府办依申〔2026〕1号",
        "申请人": "何问渠",
        "申请人类型": "自然人",
        "来件方式": "当面提交",
        "收到之日": date(2026, 11, 23),
        "申请内容": "2026年市本级政府债务限额、余额情况",
        "承办科室": "政府信息公开工作机构",
        "答复期限": date(2026, 12, 21),
        "答复日期": date(2026, 11, 23),
        "文号": office.request(case).reply_no,
        "答复种类": "予以公开",
        "年报行": "（一）",
        "送达方式": "邮政企业寄送",
        "签收日期": None,
        "备注": "代理人 任代之；建议转主动公开",
    }
    assert (second["登记号"], second["收到之日"], second["答复种类"]) == ("待编号", None, "待确认")


def test_the_registers_of_what_arrived_and_what_was_served_follow_the_same_case(office: Office) -> None:
    answered(office)
    (came,) = cells(office, "incoming")
    assert (came["定性"], came["去向"]) == ("申请", "登记为申请 市府办依申〔2026〕1号")
    served = cells(office, "deliveries")
    assert [row["邮件号"] for row in served if "答复书" in str(row["文书"])] == ["1099000000101"]
    assert len(cells(office, "deliveries", state="signed")) == 0


def test_a_fee_stands_in_its_book_with_its_derivation(office: Office) -> None:
    case = office.register()
    session = db.session()
    fee = Fee(
        request_id=office.request(case).id, mode="page", quantity=412, yuan=11180, derivation=["1—30 页 0 元"],
        sent_on=date(2026, 11, 23), state="sent", at=office.request(case).created,
    )  # fmt: skip
    session.add(fee)
    session.commit()
    (row,) = cells(office, "fees")
    assert (row["计费方式"], row["金额（元）"], row["状态"]) == ("按量", 11180, "待缴费")


def test_pages_follow_one_another_and_the_numbers_go_on(office: Office) -> None:
    for n in range(5):
        office.register(content=f"第{n}项信息")
    session, person, wanted = db.session(), office.city.actor("bai"), Wanted("requests", 2026)
    seen, after, number = [], None, 1
    for _ in range(3):
        found = ledger.page(session, person, wanted, after, number, limit=2)
        seen += [(line.number, line.cells[5]) for line in found.lines]
        after, number = found.next_key, found.next_number
    assert seen == [(n + 1, f"第{n}项信息") for n in range(5)] and after is None


def test_another_organ_sees_nothing_of_it(office: Office) -> None:
    office.register()
    assert cells(office, "requests", "cheng") == cells(office, "incoming", "cheng") == []
    page = office.sit("cheng").get(f"/requests/ledger?subject={office.city.organs['office']}")
    assert page.status_code == 404


def test_the_page_shows_the_book_its_tabs_and_an_empty_year(office: Office) -> None:
    case = office.register()
    html = office.sit("bai").get("/requests/ledger").text
    assert "依申请公开登记簿" in html and "市府办依申〔2026〕1号" in html and f"/cases/{case}" in html
    assert "2020年还没有登记" in office.sit("bai").get("/requests/ledger?year=2020").text
    for key in BOOKS:
        assert office.sit("bai").get(f"/requests/ledger?book={key}").status_code == 200
        assert BOOKS[key].title in office.sit("bai").get(f"/requests/ledger/print?book={key}").text


def test_an_export_is_neutral_to_spreadsheets_and_stands_in_the_record(office: Office) -> None:
    office.register(name="=cmd|' /C calc'!A0", content="@SUM(1+1)*cmd")
    answer = office.post("bai", "/requests/ledger/export", book="requests", year=2026)
    assert answer.status_code == 200 and answer.mimetype.endswith("sheet")
    data = answer.data
    answer.close()
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert sheet["A1"].value == "云汀市人民政府办公室依申请公开登记簿（2026年）"
    assert [cell.value for cell in sheet[2]] == ["序号", *BOOKS["requests"].columns]
    row = [cell.value for cell in sheet[3]]
    assert row[2] == "'=cmd|' /C calc'!A0" and row[6] == "'@SUM(1+1)*cmd"
    assert all(cell.data_type != "f" for cell in sheet[3])
    kept = db.session().query(Record).filter_by(action="request.register_export").one()
    assert exporting.digest(io.BytesIO(data)) in kept.body


def test_whoever_only_drafts_may_look_but_not_take_the_register_out(office: Office) -> None:
    office.register()
    assert "导出表格" not in office.sit("wen").get("/requests/ledger").text
    assert office.post("wen", "/requests/ledger/export", book="requests", year=2026).status_code == 403


def test_a_page_of_the_register_costs_the_same_for_one_row_and_for_many(
    office: Office, sql_counter: Any
) -> None:
    counts = []
    for size in (1, 6):
        while db.session().query(Request).count() < size:
            office.register(content=f"第{db.session().query(Request).count()}项")
        actor = office.city.actor("bai")
        with sql_counter() as count:
            found = ledger.page(db.session(), actor, Wanted("requests", 2026), None)
        assert len(found.lines) == size
        counts.append(sum("FROM installation" not in text for text in count.texts))
    assert counts[0] == counts[1] <= 6


def test_what_came_back_and_what_ended_without_an_answer_stand_in_the_register(office: Office) -> None:
    case = answered(office)
    request = office.request(case).id
    delivery = db.session().query(Delivery).filter_by(request_id=request).one().id
    office.day("2026-11-25")
    office.post(
        "bai",
        f"/requests/deliveries/{delivery}/bounced",
        bounced_on="2026-11-25",
        bounce_reason="unknown_addressee",
    )
    office.day("2026-11-26")
    again = office.post(
        "bai",
        f"/requests/{request}/deliveries",
        method="postal",
        sent_on="2026-11-26",
        mail_no="1099000000102",
    )
    assert again.status_code == 303, errors_in(again)
    (row,) = cells(office, "requests")
    assert "2026-11-25 退件（查无此人），2026-11-26 再次送达" in str(row["备注"])
    page = office.sit("bai").get(f"/cases/{case}").get_data(as_text=True)
    trail = page[page.index("流转记录") :]
    assert "退件（查无此人）" in trail and "第 2 次送达" in trail
    assert trail.index("退件（查无此人）") < trail.index("第 2 次送达")
    ended = asked_to_correct(office, method="direct", sent_on="2026-11-26")
    office.day("2026-12-15")
    office.act("bai", ended, "correction_wait", decision="lapsed", opinion="没有补正")
    last = cells(office, "requests")[-1]
    assert last["答复期限"] == "已终止办理，没有答复期限"
    printed = office.sit("bai").get("/requests/ledger/print?book=requests&year=2026").get_data(as_text=True)
    assert '<time datetime="2026-11-23">2026-11-23</time>' in printed, "a date is not broken in its middle"
