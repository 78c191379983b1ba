"""撤回 before both sides confirmed: the day they spoke is the day of receipt, and the application counts once in and once out."""

from __future__ import annotations

from datetime import date

from tests.requests.driving import Office
from tests.support.driving import errors_in


def test_an_application_nobody_confirmed_yet_is_taken_back_and_counted_once(
    any_db: str, office: Office
) -> None:
    case = office.register(channel="ordinary", arrived_on="2026-11-20")
    number = office.request(case).id
    assert office.open_steps(case) == ["confirm_receipt"]
    assert "登记撤回" in office.sit("bai").get(f"/cases/{case}").text
    said = {"on": "2026-11-23", "how": "来电说已从别处得到，电话已记录"}
    early = office.post("bai", f"/requests/{number}/withdraw", **{**said, "on": "2026-11-19"})
    assert early.status_code == 422 and "到达日期与今天之间" in early.text
    done = office.post("bai", f"/requests/{number}/withdraw", **said)
    assert done.status_code == 303, errors_in(done)
    request = office.request(case)
    assert office.open_steps(case) == ["draft_closing"]
    assert (request.received_on, request.state, request.clock) == (date(2026, 11, 23), "open", "ended")
    assert request.number and request.year == 2026
    office.act(
        "bai", case, "draft_closing", no_letter=True, no_letter_reason="来电撤回，已记录", decision="submit"
    )
    office.archived(case)
    request = office.request(case)
    assert (request.state, request.outcome, request.report_row) == ("closed", "R16", "other")


def test_it_is_told_by_letter_where_the_office_wants_one(office: Office) -> None:
    case = office.register(channel="email")
    said = {"on": "2026-11-23", "how": "回复邮件说不用了"}
    office.post("bai", f"/requests/{office.request(case).id}/withdraw", **said)
    office.act("bai", case, "draft_closing", decision="submit", draft_note="邮件撤回")
    office.signed(case)
    assert office.open_steps(case) == ["seal"]
