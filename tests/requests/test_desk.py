"""What the desk is told before it acts: what a step will do, where applications begin, what still needs an act."""

from __future__ import annotations

import re

from tests.requests.driving import Office
from tests.requests.test_ledger import answered
from tests.requests.test_letters import charged


def foretold(office: Office, login: str, case: int, step: str, **answers: object) -> str:
    """The lines of the confirmation."""
    item = office.item(case, step)
    return "".join(office.sit(login).post(f"/work/{item.id}/preview", data=answers).get_json()["items"])


def test_filing_says_beforehand_in_which_row_the_application_counts_and_that_it_is_evaluated(
    office: Office,
) -> None:
    case = answered(office, suggests_open=True)
    said = {"archive_no": "2026-公开-0001", "box_no": "1", "retention": "30", "pages": 12, "decision": "done"}
    lines = foretold(office, "jian", case, "archive", **said)
    assert "列入年度报告" in lines and "转主动公开评估" in lines
    assert office.request(case).state == "answered" and office.open_steps(case) == ["archive"]


def test_a_payment_says_beforehand_what_it_begins_anew_and_one_too_late_that_it_ends(office: Office) -> None:
    case = charged(office)
    paid = {"paid_on": "2026-11-23", "receipt_no": "0001", "decision": "paid"}
    due = office.request(case).due_on
    assert "重新起算，答复期限 2026-12-21" in foretold(office, "bai", case, "fee_wait", **paid)
    assert office.request(case).due_on == due and office.open_steps(case) == ["fee_wait"]
    office.day("2027-03-01")
    late = foretold(office, "bai", case, "fee_wait", **{**paid, "paid_on": "2027-03-01"})
    assert "缴费已超过缴费期限" in late


def test_who_takes_in_finds_the_registration_where_work_is_begun(office: Office) -> None:
    page = office.sit("bai").get("/start").text
    assert "接收登记" in page and 'href="/requests/new"' in page
    assert 'class="btn btn-primary" href="/requests/new"' not in office.sit("jian").get("/start").text


def test_what_waits_to_be_confirmed_is_not_told_in_quiet_grey(office: Office) -> None:
    office.register(channel="ordinary")
    page = office.sit("bai").get("/requests").text
    found = re.search(r'status-(\w+)">收到之日待确认', page)
    assert found and found[1] == "soon"
