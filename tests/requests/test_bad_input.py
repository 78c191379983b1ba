"""What an office must not do, and what it is told instead (issue: bad input)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.requests import deciding
from app.requests.models import Applicant, ClockEvent, Delivery, Matter, Request
from tests.requests.driving import Office
from tests.requests.test_turns import unclear
from tests.support.driving import errors_in


def page_of(response: Any) -> str:
    """The text of a refused page."""
    assert response.status_code in (409, 422), errors_in(response)
    return str(response.get_data(as_text=True))


def refused_at_the_counter(office: Office, **answers: Any) -> str:
    """What the registration page says to these answers; nothing was written."""
    from tests.requests.driving import APPLICANT

    said = {
        **APPLICANT, "subject": office.city.organs["office"], "channel": "counter", "arrived_on": "2026-11-23",
        "content": "政府债务情况", "supply": "paper", "delivery": "post", **answers,
    }  # fmt: skip
    text = page_of(office.post("bai", "/requests/new", **said))
    assert db.session().query(Request).count() == 0
    return text


def test_a_receipt_in_the_future_is_refused(office: Office) -> None:
    assert "到达日期不能晚于今天" in refused_at_the_counter(office, arrived_on="2026-11-24")
    assert "确认日期不能晚于今天" in refused_at_the_counter(
        office, channel="online", confirmed_on="2026-11-24"
    )


def test_fields_with_control_characters_or_too_long_are_refused_where_they_stand(office: Office) -> None:
    assert "看不见的控制字符" in refused_at_the_counter(office, name="何\u202e问渠")
    assert "看不见的控制字符" in refused_at_the_counter(office, content="债务\x00情况")
    assert "最多 5000 个字" in refused_at_the_counter(office, content="债" * 10_000)
    assert "最多 100 个字" in refused_at_the_counter(office, name="何" * 10_000)
    assert "校验位不对" in refused_at_the_counter(office, id_no="990101198001010015")


def test_emoji_are_text_and_stay_what_they_are(office: Office) -> None:
    case = office.register(name="何问渠🙂", content="清河路🚧改造项目合同")
    assert office.request(case).content == "清河路🚧改造项目合同"
    assert db.session().query(Applicant).one().name == "何问渠🙂"
    assert "清河路🚧改造项目合同" in office.sit("bai").get("/requests").get_data(as_text=True)


def test_a_correction_notice_after_the_seventh_day_goes_out_but_does_not_restart(office: Office) -> None:
    case = unclear(office, arrived_on="2026-11-10")
    found = office.request(case)
    said = [event.data for event in db.session().query(ClockEvent).filter_by(kind="correction_issued")]
    assert said[0]["date"] == "2026-11-23"
    office.act(
        "bai", case, "correction_wait", received_on="2026-11-23", received_channel="counter",
        correction_note="望汀苑项目", decision="received",
    )  # fmt: skip
    found = office.request(case)
    assert found.due_on == date(2026, 12, 8), "twenty working days from 2026-11-10, not from the correction"
    page = office.sit("bai").get(f"/requests/{found.id}/clock").get_data(as_text=True)
    assert "超过7个工作日" in page


def test_a_second_correction_notice_is_refused(office: Office) -> None:
    case = unclear(office)
    office.act(
        "bai", case, "correction_wait", received_on="2026-11-23", received_channel="counter",
        correction_note="望汀苑项目", decision="received",
    )  # fmt: skip
    again = office.send(
        "bai", case, "examine", clear="no", lacking=["unclear"], lacking_note="仍不明确", decision="go"
    )
    assert "补正只能要求一次（条例第三十条）" in page_of(again)
    assert office.open_steps(case) == ["examine"]


def test_a_second_extension_is_refused(office: Office) -> None:
    case = office.register(arrived_on="2026-11-02")
    path = f"/requests/{office.request(case).id}/extension"
    assert office.post("bai", path, days="5", reason="信息数量多").status_code == 303
    assert "只能延期一次" in page_of(office.post("bai", path, days="5", reason="还是多"))
    item = office.item(case, "extension")
    office.post("jiang", f"/requests/extensions/{item.id}", decision="agree", opinion="同意")
    assert "只能延期一次" in page_of(office.post("bai", path, days="5", reason="还是多"))


def test_a_consultation_after_the_due_day_is_refused_before_anybody_signs_it(office: Office) -> None:
    case = office.register(arrived_on="2026-10-20")
    office.examined(case)
    office.searched(case, consult=True)
    number = office.request(case).id
    office.post(
        "bai", f"/requests/{number}/consultations", kind="third", party="清河建筑公司", content="报价清单"
    )
    assert "已过，现在征求意见不能再暂停" in page_of(
        office.send("bai", case, "consult_plan", decision="submit")
    )


def answered(office: Office, **serving: Any) -> int:
    case = office.register()
    office.examined(case, nature="publication", nature_reason="要求提供公报", publication_where="市图书馆")
    office.decided(case, "R10")
    office.drafted(case)
    office.signed(case)
    office.sent(case, **serving)
    return case


def test_a_courier_is_recorded_with_its_warning(office: Office) -> None:
    answered(office, method="courier")
    row = db.session().query(Delivery).one()
    assert row.method == "courier" and "不符合" in (row.warning or "")


def test_a_letter_without_remedy_text_is_not_sent_for_review(office: Office) -> None:
    @command
    def forget(tx: Tx) -> None:
        for organ in tx.session.query(Organ):
            organ.settings = {**organ.settings, "letters": {**organ.settings["letters"], "authority": ""}}
        changed(tx)

    forget(SYSTEM)
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R1", fact_1__published_where="市政府网站")
    text = page_of(office.send("bai", case, "draft_reply", redaction_checked=True, decision="submit"))
    assert "救济途径" in text and "补上" in text


def test_a_reply_without_its_ground_or_its_content_is_not_sent_for_review(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case)
    undecided = page_of(office.send("bai", case, "draft_reply", decision="submit"))
    assert "还没有选答复种类" in undecided
    number = office.request(case).id
    (matter,) = deciding.matters_of(db.session(), number)
    said = {"count": 1, "id_1": matter.id, "text_1": matter.text, "outcome_1": "R3"}
    refused = page_of(office.post("bai", f"/requests/{number}/matters", **said))
    assert "没有选不予公开的理由" in refused


def test_a_closed_request_cannot_be_changed(office: Office) -> None:
    case = answered(office)
    office.archived(case)
    number = office.request(case).id
    (matter,) = deciding.matters_of(db.session(), number)
    said = {"count": 1, "id_1": matter.id, "text_1": "别的", "outcome_1": "R10"}
    assert "已经办结，不能再改" in page_of(office.post("bai", f"/requests/{number}/matters", **said))
    assert "不能延期" in office.sit("bai").get(f"/requests/{number}/extension").get_data(as_text=True)
    withdrawn = office.post("bai", f"/requests/{number}/withdraw", on="2026-11-23", how="书面撤回")
    assert "已经办结，不能再改" in page_of(withdrawn)


def test_an_attachment_of_another_case_is_refused(office: Office) -> None:
    from app.documents.models import Attachment
    from tests.requests.driving import text_file

    other = office.register(content="另一件申请")
    office.examined(other)
    office.searched(other)
    office.decided(other, "R2", fact_1__supply_way="随本答复书提供")
    office.drafted(other, files={"supplied": text_file("秘密", "别人的.txt")})
    foreign = db.session().query(Attachment).filter_by(case_id=other).one().id
    case = office.register(name="柳三问", id_no="", phone="19900000103")
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supply_way="随本答复书提供")
    refused = office.send(
        "bai", case, "draft_reply", supplied=[foreign], redaction_checked=True, decision="submit"
    )
    assert "supplied" in page_of(refused) or "附件" in page_of(refused)
    assert db.session().query(Attachment).filter_by(case_id=case).count() == 0


def test_two_clerks_deciding_at_once_do_not_write_over_each_other(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case)
    number = office.request(case).id
    (matter,) = deciding.matters_of(db.session(), number)
    seen = {"count": 1, "id_1": matter.id, "text_1": matter.text}
    office.sit("qiao")
    page = office.client.get(f"/requests/{number}/matters").get_data(as_text=True)
    import re

    version = re.search(r'name="version" value="([^"]*)"', page)
    assert version is not None
    office.decided(case, "R1", fact_1__published_where="市政府网站")
    late = office.post(
        "qiao", f"/requests/{number}/matters", **seen, outcome_1="R4", version=version.group(1)
    )
    assert "刚刚" in page_of(late) and "白受之" in page_of(late)
    assert db.session().query(Matter).one().outcome == "R1"


@pytest.mark.parametrize(
    "path", ["", "/clock", "/matters", "/extension", "/withdraw", "/deliveries", "/applicant"]
)
def test_requests_of_another_organ_do_not_exist(office: Office, path: str) -> None:
    case = office.register()
    number = office.request(case).id
    foreign = office.sit("cheng").get(f"/requests/{number}{path}")
    missing = office.client.get(f"/requests/999999{path}")
    assert foreign.status_code == missing.status_code == 404


def test_reading_a_number_in_clear_is_recorded(office: Office) -> None:
    case = office.register()
    number = office.request(case).id
    hidden = office.sit("bai").get(f"/requests/{number}/applicant").get_data(as_text=True)
    assert "990101198001010014" not in hidden and "19900000101" not in hidden
    assert "请写明查看的原因" in page_of(office.post("bai", f"/requests/{number}/applicant", reason=" "))
    shown = office.post("bai", f"/requests/{number}/applicant", reason="与申请人电话确认")
    assert "990101198001010014" in shown.get_data(as_text=True)
    from app.core.record import Record

    kept = db.session().query(Record).filter_by(action="request.unmask").one()
    assert "990101198001010014" not in str(kept.body) and "与申请人电话确认" in kept.summary
