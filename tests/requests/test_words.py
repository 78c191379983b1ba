"""What the office reads of a period: while it stands still, on the day of the last notice, and when it is over."""

from __future__ import annotations

import re
from html import unescape

from tests.requests.driving import Office
from tests.requests.test_letters import asked_to_correct
from tests.requests.test_opinions import asked


def read(office: Office, path: str, who: str = "bai") -> str:
    """The words of a page."""
    html = office.sit(who).get(path).get_data(as_text=True)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_a_row_whose_clock_stands_still_says_how_much_is_used(office: Office) -> None:
    asked(office, ("third", "云汀市清河建筑有限公司", "报价清单"))
    office.day("2026-11-30")
    assert "第三方意见征求（自 11-24 起），已用 0 个工作日" in read(office, "/requests")


def test_the_last_day_for_the_notice_to_correct_is_said_in_its_row(office: Office) -> None:
    case = office.register()
    office.day("2026-12-01")
    assert "补正告知今日截止" not in read(office, "/requests")
    office.day("2026-12-02")
    assert "补正告知今日截止（第 7 个工作日）" in read(office, "/requests")
    assert "补正告知今日截止" in read(office, f"/cases/{case}")
    office.examined(case)
    assert "补正告知今日截止" not in read(office, "/requests")


def test_what_ended_without_an_answer_is_neither_in_time_nor_due(office: Office) -> None:
    case = asked_to_correct(office, method="direct")
    office.day("2026-12-09")
    office.act("bai", case, "correction_wait", decision="lapsed", opinion="没有补正")
    assert "逾期不补正，视为放弃申请" in read(office, f"/cases/{case}")
    office.drafted(case)
    office.signed(case)
    number = office.case(case).data.get("doc_no")
    office.act("shi", case, "seal", doc_no=number, sealed_on="2026-12-09", copies=2, decision="sealed")
    said = {"method": "post", "sent_on": "2026-12-09", "mail_no": "1099000000101", "decision": "served"}
    response = office.send("shi", case, "serve", **said)
    page = read(office, response.location, "shi")
    assert "终止办理的通知已于 2026-12-09 送出" in page and "在期限内" not in page
    clock = read(office, f"/requests/{office.request(case).id}/clock")
    assert "逾期不补正，视为放弃申请" in clock and "未定" not in clock and "未填" not in clock
