"""征求意见: whoever is asked is asked under the clause that is his, and each opinion has its own days."""

from __future__ import annotations

from app.core.db import db
from app.letters.models import Letter
from app.requests.models import Consultation, Delivery
from tests.requests.driving import Office
from tests.support.driving import errors_in


def asked(office: Office, *parties: tuple[str, str, str]) -> int:
    """A request for which (kind, name, content) are asked today; the case's id."""
    case = office.register()
    office.examined(case)
    office.searched(case, consult=True)
    number = office.request(case).id
    for kind, party, content in parties:
        response = office.post(
            "bai", f"/requests/{number}/consultations", kind=kind, party=party, content=content
        )
        assert response.status_code == 303, errors_in(response)
    office.act("bai", case, "consult_plan", decision="submit")
    office.act("jiang", case, "consult_approve", decision="agree", opinion="同意")
    office.act("shi", case, "consult_send", method="post", sent_on="2026-11-23", decision="sent")
    return case


def rows(case: int, office: Office) -> list[Consultation]:
    request = office.request(case)
    return db.session().query(Consultation).filter_by(request_id=request.id).order_by(Consultation.id).all()


def letter_to(case: int, party: str) -> str:
    letter = db.session().query(Letter).filter_by(case_id=case, addressee=party, state="issued").one()
    return "\n".join(block["text"] for block in letter.blocks)


def test_each_is_asked_under_the_clause_that_is_his(office: Office) -> None:
    case = asked(
        office,
        ("third", "云汀市清河建筑有限公司", "中标合同报价清单"),
        ("joint", "云汀市财政局", "《关于清河路片区改造资金安排的通知》"),
        ("other", "云汀市审计局", "清河路片区改造项目审计情况"),
    )
    third, joint, other = (
        letter_to(case, party) for party in ("云汀市清河建筑有限公司", "云汀市财政局", "云汀市审计局")
    )
    assert "第三十二条" in third and "决定是否公开" in third and "视为同意" not in third
    assert "第三十四条" in joint and "15个工作日" in joint and "视为同意公开" in joint
    assert "第三十三条" in other and "第三十四条" not in other
    assert "共同制作" not in other and "不视为同意公开" in other


def test_two_opinions_of_one_party_have_their_own_days(office: Office) -> None:
    name = "云汀市清河建筑有限公司"
    case = asked(office, ("third", name, "中标合同报价清单"), ("third", name, "施工组织设计"))
    first, second = (row.id for row in rows(case, office))
    office.post("bai", f"/requests/consultations/{first}/delivered", delivered_on="2026-11-23")
    office.day("2026-11-30")
    office.post("bai", f"/requests/consultations/{second}/delivered", delivered_on="2026-11-30")
    office.day("2026-12-15")
    page = office.sit("bai").get(f"/requests/consultations/{first}").get_data(as_text=True)
    assert "2026-12-14" in page and "2026-12-21" not in page
    early = office.post("bai", f"/requests/consultations/{second}/opinion", opinion="none")
    assert early.status_code == 422 and "2026-12-21" in early.get_data(as_text=True)
    assert "还没有收到" in office.send("bai", case, "consult_wait", decision="go_on").get_data(as_text=True)
    over = office.post("bai", f"/requests/consultations/{first}/opinion", opinion="none")
    assert over.status_code == 303, errors_in(over)


def test_an_organ_that_does_not_answer_is_not_waited_for_for_ever(office: Office) -> None:
    case = asked(office, ("other", "云汀市审计局", "清河路片区改造项目审计情况"))
    (party,) = rows(case, office)
    number = party.id
    early = office.post("bai", f"/requests/consultations/{number}/opinion", opinion="none")
    assert early.status_code == 422 and "2026-12-14" in early.get_data(as_text=True)
    assert office.request(case).clock == "paused"
    office.day("2026-12-15")
    over = office.post("bai", f"/requests/consultations/{number}/opinion", opinion="none")
    assert over.status_code == 303, errors_in(over)
    office.act("bai", case, "consult_wait", decision="go_on")
    found = office.request(case)
    assert found.clock == "running" and found.due_why == "2027年放假安排未导入", "no pause is open any more"
    derived = office.sit("bai").get(f"/requests/{found.id}/clock").get_data(as_text=True)
    assert "不再等候" in derived and "收到意见" not in derived
    assert "不再等候" in office.sit("bai").get(f"/requests/consultations/{number}").get_data(as_text=True)


def test_a_third_party_that_objected_is_told_what_is_disclosed_and_why(office: Office) -> None:
    name = "云汀市清河建筑有限公司"
    case = asked(office, ("third", name, "中标合同报价清单"))
    (party,) = rows(case, office)
    number = party.id
    office.post("bai", f"/requests/consultations/{number}/delivered", delivered_on="2026-11-23")
    said = {
        "opinion": "disagree",
        "returned_on": "2026-11-23",
        "opinion_text": "属于商业秘密",
        "reasonable": "no",
    }
    assert office.post("bai", f"/requests/consultations/{number}/opinion", **said).status_code == 303
    office.act("bai", case, "consult_wait", decision="go_on")
    office.decided(case, "R2", fact_1__supplied="中标合同报价清单")
    letter = {
        "content": "中标合同报价清单", "reason": "报价已在中标公示中公布，不再属于商业秘密", "method": "postal",
        "sent_on": "2026-11-23", "mail_no": "1099000000103",
    }  # fmt: skip
    early = office.post("jiang", f"/requests/consultations/{number}/inform", **letter)
    assert "答复签发后" in early.get_data(as_text=True)
    office.drafted(case)
    office.reviewed(case)
    office.signed(case)
    page = office.sit("jiang").get(f"/requests/consultations/{number}").get_data(as_text=True)
    assert "告知第三方决定公开" in page
    named = office.post(
        "jiang", f"/requests/consultations/{number}/inform", **{**letter, "reason": "何问渠申请"}
    )
    assert named.status_code == 422 and "不得透露申请人" in named.get_data(as_text=True)
    done = office.post("jiang", f"/requests/consultations/{number}/inform", **letter)
    assert done.status_code == 303, errors_in(done)
    sent = db.session().query(Letter).filter_by(case_id=case, kind="L9", state="issued").one()
    text = "\n".join(block["text"] for block in sent.blocks)
    assert (
        "第三十二条" in text and "中标公示" in text and "如不服本告知，可以" in text and "何问渠" not in text
    )
    assert "已经告知" in office.post("jiang", f"/requests/consultations/{number}/inform", **letter).text


def test_the_day_a_party_signed_is_entered_once(office: Office) -> None:
    case = asked(office, ("joint", "云汀市财政局", "资金安排的通知"))
    (party,) = rows(case, office)
    number = party.id
    sent = db.session().query(Delivery).filter_by(to="云汀市财政局").one().id
    done = office.post(
        "bai", f"/requests/deliveries/{sent}/signed", signed_on="2026-11-23", signed_by="财政局收发室"
    )
    assert done.status_code == 303, errors_in(done)
    (party,) = rows(case, office)
    db.session().refresh(party)
    assert party.delivered_on is not None
    page = office.sit("bai").get(f"/requests/consultations/{number}").get_data(as_text=True)
    assert "2026-12-14" in page
