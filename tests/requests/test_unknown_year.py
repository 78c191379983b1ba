"""A year whose holidays nobody confirmed stops nobody: the correction that ends in it is asked for all the same (12.12)."""

from __future__ import annotations

from app.calendar import jobs
from app.core.db import db
from app.requests.models import ClockEvent
from tests.requests.driving import Office
from tests.requests.test_recalculation import confirm
from tests.support.driving import errors_in


def test_a_notice_whose_last_day_nobody_knows_yet_goes_out_and_is_dated_by_the_year(office: Office) -> None:
    office.day("2026-12-15")
    case = office.register(content="有关拆迁的所有材料")
    office.act(
        "bai", case, "examine", clear="no", lacking=["unclear"], lacking_note="没有指明项目。", decision="go"
    )
    office.act(
        "bai", case, "correction_draft", correction_items="写明项目名称。", guidance="可以写道路名称。",
        correction_days=15, decision="submit",
    )  # fmt: skip
    office.act("jiang", case, "correction_approve", decision="agree", opinion="同意")
    sent = office.send(
        "shi",
        case,
        "correction_send",
        method="direct",
        sent_on="2026-12-15",
        delivered_on="2026-12-15",
        decision="sent",
    )
    assert sent.status_code == 303, errors_in(sent)
    told = office.sit("shi").get("/work").text
    assert "补正期限待定（2027年放假安排未导入），不早于" in told
    assert "待定（放假安排未导入）" in office.sit("bai").get(f"/cases/{case}").text
    early = office.send("bai", case, "correction_wait", opinion="没有收到补正。", decision="lapsed")
    assert early.status_code in (409, 422) and "待定（2027年放假安排未导入）" in early.text
    confirm(office.city)
    jobs.recalculate()
    db.session().expire_all()
    found = office.request(case)
    assert found.next_threshold_on is not None and found.next_threshold_on.year in (2026, 2027)
    assert "2027-01-07" in office.sit("bai").get(f"/cases/{case}").text, (
        "12-31 is the 12th working day; 1-1, 1-4 off"
    )
    issued = db.session().query(ClockEvent).filter_by(kind="correction_issued").one()
    assert "deadline" not in issued.data and issued.data["days"] == 15
    office.day("2027-01-08")
    office.act("bai", case, "correction_wait", opinion="没有收到补正。", decision="lapsed")
    assert office.open_steps(case) == ["draft_reply"]
    office.drafted(case)
    assert office.open_steps(case) != ["draft_reply"], "the notice that ends it names the day that passed"
