"""The worked examples of the handbook, row by row, and rows that cannot be computed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.law.test_calendar import CALENDAR
from workflows.law import worksheet
from workflows.law.calendar import Calendar

DATA = Path(__file__).with_name("data")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def application(received: str = "2026-03-02", *events: dict[str, object], **more: str) -> dict[str, str]:
    """One computed row of an application."""
    text = json.dumps(events, ensure_ascii=False)
    row = {"case_id": "X", "kind": "依申请", "received_at": received, "events_json": text, **more}
    return worksheet.deadline(row, CALENDAR)


@pytest.mark.parametrize("row", rows("deadline_cases.csv"), ids=lambda row: row["case_id"])
def test_every_worked_deadline_holds_in_every_column(row: dict[str, str]) -> None:
    assert worksheet.deadline(row, CALENDAR) == row, row["note"]


@pytest.mark.parametrize("row", rows("fee_cases.csv"), ids=lambda row: f"{row['mode']}{row['quantity']}")
def test_every_worked_fee_holds(row: dict[str, str]) -> None:
    assert worksheet.fee(row) == {**row, "status": ""}


@pytest.mark.parametrize(
    ("kind", "received", "due", "source"),
    [
        ("直接起诉6个月", "2026-03-02", "2026-09-02", "行诉法46"),
        ("诉讼举证15日(自然日)", "2026-11-12", "2026-11-27", "行诉法67；demo 5"),
        ("复议被申请人答复10日(工作日,普通程序)", "2026-11-16", "2026-11-30", "复议法48、88②；demo 5"),
        ("其他执法决定公示20个工作日", "2026-02-10", "2026-03-16", "118号"),
        ("办事条件变更1个工作日", "2026-09-30", "2026-10-08", "S1四(四)"),
    ],
)
def test_further_periods_are_known_by_their_words(kind: str, received: str, due: str, source: str) -> None:
    found = worksheet.deadline({"kind": kind, "received_at": received}, CALENDAR)
    assert (found["reply_due"], found["status"]) == (due, ""), source
    assert found["basis"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kind": "某事项", "received_at": "2026-03-02"}, "不认识事项"),
        ({"kind": "依申请", "received_at": ""}, "没有收到（起算）日期"),
        ({"kind": "依申请", "received_at": "2026-02-30"}, "2026-02-30"),
        ({"kind": "依申请", "received_at": "20260302"}, "2026-03-11 这样"),
        ({"kind": "依申请", "received_at": "0001-01-01"}, "不对"),
        ({"kind": "依申请", "received_at": "2026-03-02", "events_json": "{"}, "不是 JSON"),
        ({"kind": "依申请", "received_at": "2026-03-02", "events_json": '{"t": "x"}'}, "应是一个列表"),
        ({"kind": "依申请", "received_at": "2026-03-02", "events_json": "[7]"}, "第 1 项"),
        ({"kind": "依申请", "received_at": "2026-03-02", "events_json": '[{"t": "x"}]'}, "种类“x”不认识"),
        ({"kind": "依申请", "received_at": "2026-03-02", "events_json": '[{"t": "extension"}]'}, "没有日期"),
        (
            {
                "kind": "依申请",
                "received_at": "2026-03-02",
                "events_json": '[{"t": "extension", "date": "2026-03-09", "days": "十"}]',
            },
            "应是整数",
        ),
        (
            {
                "kind": "依申请",
                "received_at": "2026-03-02",
                "events_json": '[{"t": "consult_sent", "date": "2026-03-09", "kind": "谁"}]',
            },
            "征求对象",
        ),
        (
            {"kind": "依申请", "received_at": "2026-03-02", "submitted_or_arrived_at": "2026-03-03"},
            "早于提交",
        ),
        (
            {"kind": "送达/按时判定", "channel": "直接送达", "events_json": '{"sent": "2026-03-30"}'},
            "没有答复期限",
        ),
        (
            {"kind": "送达/按时判定", "channel": "信鸽", "reply_due": "2026-03-30", "events_json": "{}"},
            "信鸽",
        ),
    ],
)
def test_a_row_that_cannot_be_computed_says_why_and_gives_no_date(row: dict[str, str], reason: str) -> None:
    found = worksheet.deadline(row, CALENDAR)
    assert reason in found["status"]
    assert found["status"].startswith("无法计算：")
    assert not found["reply_due"] or row.get("reply_due")


def test_what_waits_for_somebody_has_no_date_but_a_reason() -> None:
    asked = application(
        "2026-03-02", {"t": "correction_issued", "date": "2026-03-05", "deadline": "2026-03-26"}
    )
    assert asked["reply_due"] == ""
    assert "等待补正，收到补正后重新起算" in asked["status"]
    sent = application("2026-03-02", {"t": "consult_sent", "date": "2026-03-05", "kind": "third"})
    assert sent["reply_due"] == ""
    assert "第三方意见征求尚未结束" in sent["status"]


def test_a_year_nobody_confirmed_is_named_and_never_guessed() -> None:
    found = worksheet.deadline({"kind": "依申请", "received_at": "2026-03-02"}, Calendar())
    assert (found["reply_due"], found["status"]) == ("", "CALENDAR_MISSING:2026")
    found = worksheet.deadline({"kind": "申请行政复议60日", "received_at": "2026-12-20"}, CALENDAR)
    assert (found["reply_due"], found["status"]) == ("", "CALENDAR_MISSING:2027")


def test_a_courier_is_warned_about_and_judged_by_the_signature() -> None:
    row = {
        "kind": "送达/按时判定",
        "channel": "其他快递（顺丰）",
        "reply_due": "2026-03-30",
        "events_json": '{"sent": "2026-03-30", "received": "2026-03-31"}',
    }
    found = worksheet.deadline(row, CALENDAR)
    assert (found["status"], "235号" in found["warn"]) == ("LATE", True)


@pytest.mark.parametrize(
    ("mode", "quantity", "reason"),
    [
        ("按斤", "3", "不认识计费方式"),
        ("按量(单件页数)", "-1", "0 至"),
        ("按量(单件页数)", "1.5", "不是整数"),
        ("按量(单件页数)", "", "不是整数"),
        ("按件(当月第k件单件金额)", "0", "第 1 件"),
        ("按件(累计)", "9" * 12, "0 至"),
    ],
)
def test_a_fee_that_cannot_be_computed_says_why(mode: str, quantity: str, reason: str) -> None:
    found = worksheet.fee({"mode": mode, "quantity": quantity})
    assert found["fee_yuan"] == ""
    assert reason in found["status"]


names = st.sampled_from(
    ["consult_sent", "extension", "correction_issued", "fee_notice", "delay", "replied", "x"]
)
days = st.sampled_from(["2026-03-02", "2026-12-31", "2199-12-31", "", None, 5, "去年", "9999-12-31"])
events = st.dictionaries(
    st.sampled_from(["t", "date", "days", "kind", "delivered", "returned", "deadline", "until"]),
    st.one_of(names, days, st.integers(), st.none(), st.lists(st.integers(), max_size=1)),
)
cells = st.one_of(
    st.text(max_size=12), days.map(str), st.lists(events, max_size=3).map(json.dumps), events.map(json.dumps)
)


@given(
    st.dictionaries(st.sampled_from(worksheet.DEADLINE_COLUMNS[:6]), cells),
    st.sampled_from(["依申请", "送达", "主动公开", "申请复议", "政府年报", "?"]),
)
def test_no_row_whatever_raises(row: dict[str, str], kind: str) -> None:
    found = worksheet.deadline({**row, "kind": kind}, CALENDAR)
    assert found["reply_due"] or found["status"] or kind == "依申请"
    assert worksheet.fee({"mode": kind, "quantity": row.get("note", "")})["status"]
