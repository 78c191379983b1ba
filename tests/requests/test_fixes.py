"""本人信息更正 (条例41): found by a clerk, agreed to by the head, sent by whoever seals; L23 to the applicant and where it goes."""

from __future__ import annotations

from typing import Any

import pytest

from app.cases.models import WorkItem
from app.core.db import db
from app.core.record import Record
from app.letters.models import Letter
from app.requests import queries
from app.requests.models import Delivery, Incoming, RecordFix
from tests.requests.driving import Office
from tests.requests.test_ledger import answered
from tests.requests.test_suggestions import text_of
from tests.support.driving import errors_in

SAID = {
    "asked_on": "2026-11-23", "record_name": "登记表的房屋面积一栏", "evidence": "房屋所有权证复印件",
    "finding": "fixed", "result": "登记表房屋面积一栏记录不准确，现更正为86.5平方米",
}  # fmt: skip
SENT = {"method": "postal", "sent_on": "2026-11-23", "mail_no": "1099000000110"}


def asked(office: Office, **more: str) -> tuple[int, int]:
    """A correction that waits for the head; case and item."""
    case = answered(office)
    office.archived(case)
    done = office.post("bai", f"/requests/{office.request(case).id}/fixes", **{**SAID, **more})
    assert done.status_code == 303, errors_in(done)
    return case, item(case, "record_fix")


def item(case: int, kind: str) -> int:
    return int(db.session().query(WorkItem.id).filter_by(case_id=case, kind=kind, status="open").one()[0])


def written(case: int) -> list[Letter]:
    db.session().expire_all()
    return db.session().query(Letter).filter_by(case_id=case, kind="L23").order_by(Letter.part).all()


def test_a_correction_is_agreed_to_by_the_head_and_sent_by_the_seal_clerk(
    any_db: str, office: Office
) -> None:
    case, number = asked(office)
    path = f"/requests/fixes/{number}"
    page = office.sit("jiang").get(path).text
    assert "86.5平方米" in page and "更正答复书" in page
    assert office.post("bai", path, decision="agree").status_code in (403, 404)
    empty = office.post("jiang", path, decision="refuse", opinion="")
    assert empty.status_code == 422 and "请写明意见" in empty.text
    agreed = office.post("jiang", path, decision="agree", opinion="属实")
    assert agreed.status_code == 303, errors_in(agreed)
    (letter,) = written(case)
    assert letter.state == "approved" and letter.number
    last = f"/requests/fixes/{item(case, 'fix_send')}"
    assert "制发并登记送出" in office.sit("shi").get(last).text
    future = office.post("shi", last, **{**SENT, "sent_on": "2026-11-24"})
    assert future.status_code == 422 and "与今天之间" in future.text
    done = office.post("shi", last, **SENT)
    assert done.status_code == 303, errors_in(done)
    (letter,) = written(case)
    text = text_of(letter)
    assert letter.state == "issued" and "反映的情况属实" in text and "房屋所有权证复印件" in text
    assert "第四十一条" in text and "行政复议" in text
    assert db.session().query(Delivery).filter_by(letter_id=letter.id).one().mail_no == SENT["mail_no"]
    assert db.session().query(RecordFix).one().state == "sent"
    assert "已送达" in office.sit("bai").get(f"/requests/{office.request(case).id}/fixes").text


def test_what_is_another_organs_to_correct_is_passed_on_and_the_applicant_is_told(
    any_db: str, office: Office
) -> None:
    where = {"owner": "云汀市自然资源和规划局", "owner_contact": "电话：19900000456"}
    case, number = asked(office, finding="moved", result="房屋面积由不动产登记机构登记", **where)
    office.post("jiang", f"/requests/fixes/{number}", decision="agree")
    office.post("shi", f"/requests/fixes/{item(case, 'fix_send')}", **SENT)
    answer, passed_on = written(case)
    assert (answer.state, passed_on.state) == ("issued", "issued")
    assert passed_on.addressee == where["owner"] and "何问渠提出的政府信息更正申请" in text_of(passed_on)
    assert "转送云汀市自然资源和规划局处理" in text_of(answer) and answer.addressee == "何问渠"
    assert db.session().query(Delivery).filter_by(to=where["owner"]).count() == 1


def test_what_the_head_gives_back_is_void_and_may_be_asked_again(office: Office) -> None:
    case, number = asked(office, finding="kept", result="原始凭证记载的面积与登记表一致")
    again = office.post("bai", f"/requests/{office.request(case).id}/fixes", **SAID)
    assert again.status_code == 422 and "上一项更正还没有办完" in again.text
    assert (
        office.post("jiang", f"/requests/fixes/{number}", decision="refuse", opinion="请核原件").status_code
        == 303
    )
    assert [letter.state for letter in written(case)] == ["void"]
    anew = office.post("bai", f"/requests/{office.request(case).id}/fixes", **SAID)
    assert anew.status_code == 303, errors_in(anew)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("evidence", "", "提供的证据"),
        ("finding", "", "请选择"),
        ("asked_on", "2026-12-01", "答复日期与今天之间"),
        ("finding", "told", "有权更正的机关"),
    ],
)
def test_what_is_missing_is_named_and_nothing_typed_is_lost(
    office: Office, field: str, value: str, sentence: str
) -> None:
    number = office.request(answered(office)).id
    wrong: dict[str, Any] = {**SAID, field: value}
    done = office.post("bai", f"/requests/{number}/fixes", **wrong)
    assert done.status_code == 422 and sentence in done.text and "86.5平方米" in done.text


def test_only_what_was_given_can_be_corrected(office: Office) -> None:
    number = office.request(office.register()).id
    assert "这件不能登记更正" in office.sit("bai").get(f"/requests/{number}/fixes").text
    done = office.post("bai", f"/requests/{number}/fixes", **SAID)
    assert done.status_code == 422 and "更正的是本机关提供的政府信息" in done.text


def test_a_letter_that_asks_for_a_correction_is_a_kind_of_its_own_among_what_arrives(office: Office) -> None:
    done = office.post(
        "bai", "/incoming/new", kind="own_record", channel="ordinary", arrived_on="2026-11-23", sender="何问渠",
        summary="登记表的面积不对，请更正",
    )  # fmt: skip
    assert done.status_code == 303, errors_in(done)
    (row,) = queries.incoming(db.session(), office.city.actor("bai"), "own_record", None).rows
    page = office.sit("bai").get(f"/incoming/{row['id']}").text
    assert "第四十一条" in page and "找原申请件" in page
    put = {"kind": "own_record", "routed_to": "综合一科审核、答复", "note": "网上公布的信息，没有原申请件"}
    done = office.post("bai", f"/incoming/{row['id']}", **put)
    assert done.status_code == 303, errors_in(done)
    assert "综合一科审核、答复" in office.sit("bai").get(f"/incoming/{row['id']}").text


def test_what_was_taken_for_something_else_may_still_be_registered_as_an_application(office: Office) -> None:
    arrived = {
        "channel": "ordinary",
        "arrived_on": "2026-11-23",
        "sender": "何问渠",
        "summary": "想要债务情况",
    }
    office.post("bai", "/incoming/new", kind="undetermined", **arrived)
    (row,) = queries.incoming(db.session(), office.city.actor("bai"), "", None).rows
    done = office.post("bai", f"/incoming/{row['id']}", kind="petition", routed_to="市信访局")
    assert done.status_code == 303, errors_in(done)
    assert "登记为申请" in office.sit("bai").get(f"/incoming/{row['id']}").text
    case = office.register(incoming=row["id"])
    kept = db.session().get(Incoming, row["id"], populate_existing=True)
    assert kept is not None and (kept.kind, kept.case_id, kept.routed_to) == ("request", case, None)
    told = (
        db.session().query(Record).filter_by(action="incoming.determine").order_by(Record.id.desc()).first()
    )
    assert told is not None and "由信访投诉举报改为申请" in told.summary
    with pytest.raises(AssertionError, match="已经有办件"):
        office.register(incoming=row["id"])
