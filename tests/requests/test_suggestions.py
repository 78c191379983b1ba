"""主动公开建议 (条例44②): reviewed by the head, answered by letter, once for each suggestion."""

from __future__ import annotations

from app.core.db import db
from app.letters.models import Letter
from app.requests import evaluating
from app.requests.models import Delivery
from tests.requests.driving import Office
from tests.requests.test_ledger import answered
from tests.support.driving import errors_in

TOLD = {"method": "postal", "sent_on": "2026-11-23", "mail_no": "1099000000109", "decision": "send"}


def listed(office: Office, state: str) -> list[object]:
    page = evaluating.listed(db.session(), office.city.actor("jiang"), state, None)
    return [row["number"] for row in page.rows]


def text_of(letter: Letter) -> str:
    return "\n".join(block["text"] for block in letter.blocks)


def test_who_suggested_it_in_his_application_is_told_what_the_review_found(
    any_db: str, office: Office
) -> None:
    case = answered(office, suggests_open=True)
    office.archived(case)
    found = office.request(case)
    path = f"/requests/{found.id}/suggestion/told"
    early = office.post("bai", path, **TOLD, decision_reason="涉及公众利益")
    assert early.status_code == 422 and "还没有评估" in early.text
    office.act("jiang", case, "evaluate", decision="include", opinion="涉及公众利益调整")
    assert listed(office, "tell") == [found.number]
    page = office.sit("bai").get(f"/requests/{found.id}/evaluation").text
    assert "本机关将及时主动公开" in page and "涉及公众利益调整" in page
    empty = office.post("bai", path, **TOLD, decision_reason=" ")
    assert empty.status_code == 422 and "请写明理由" in empty.text
    seen = office.post("bai", path, **{**TOLD, "decision": "draft"}, decision_reason="涉及公众利益调整")
    assert seen.status_code == 303, errors_in(seen)
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L25").one()
    assert letter.state == "draft" and office.sit("bai").get(seen.location).status_code == 200
    future = office.post("bai", path, **{**TOLD, "sent_on": "2026-11-24"}, decision_reason="涉及公众利益调整")
    assert future.status_code == 422 and "与今天之间" in future.text
    done = office.post("bai", path, **TOLD, decision_reason="涉及公众利益调整")
    assert done.status_code == 303, errors_in(done)
    db.session().expire_all()
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L25").one()
    text = text_of(letter)
    assert letter.state == "issued" and letter.number and letter.pdf_hash
    assert "债务限额、余额情况”纳入主动公开" in text and "第四十四条第二款" in text and "行政复议" in text
    assert db.session().query(Delivery).filter_by(letter_id=letter.id).one().to == "何问渠"
    assert "已经告知申请人" in office.post("bai", path, **TOLD, decision_reason="涉及公众利益调整").text
    assert listed(office, "tell") == []


def test_a_suggestion_after_the_answer_is_reviewed_anew_and_answered_by_a_letter_of_its_own(
    any_db: str, office: Office
) -> None:
    case = answered(office)
    office.archived(case)
    found = office.request(case)
    office.post("jiang", f"/requests/{found.id}/evaluation", decision="keep", reason="只涉及一家企业")
    path = f"/requests/{found.id}/suggestion"
    office.day("2026-11-30")
    wrong = office.post("bai", path, suggested_on="2026-11-01", suggestion="公开全市债务")
    assert wrong.status_code == 422 and "答复日期与今天之间" in wrong.text and "公开全市债务" in wrong.text
    done = office.post("bai", path, suggested_on="2026-11-27", suggestion="把全市债务情况列入主动公开。")
    assert done.status_code == 303, errors_in(done)
    assert (listed(office, "waiting"), listed(office, "tell")) == ([found.number], [])
    told = f"{path}/told"
    assert "还没有评估" in office.post("bai", told, **TOLD, decision_reason="不涉及").text
    office.post("jiang", f"/requests/{found.id}/evaluation", decision="keep", reason="不涉及公众利益调整")
    assert (listed(office, "waiting"), listed(office, "tell")) == ([], [found.number])
    sent = office.post("bai", told, **{**TOLD, "sent_on": "2026-11-30"}, decision_reason="不涉及公众利益调整")
    assert sent.status_code == 303, errors_in(sent)
    text = text_of(db.session().query(Letter).filter_by(case_id=case, kind="L25").one())
    assert "2026年11月27日" in text and "不纳入主动公开的范围" in text and "全市债务情况" in text


def test_nobody_suggests_to_publish_what_was_not_given(office: Office) -> None:
    number = office.request(office.register()).id
    done = office.post("bai", f"/requests/{number}/suggestion", suggested_on="2026-11-23", suggestion="公开")
    assert done.status_code == 422 and "已经答复并提供了信息" in done.text
    none = office.post("bai", f"/requests/{number}/suggestion/told", **TOLD, decision_reason="理由")
    assert none.status_code == 422 and "没有建议转主动公开" in none.text
