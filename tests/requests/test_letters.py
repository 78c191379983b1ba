"""The letters of a request say what the law wants of this case, and what its clock says."""

from __future__ import annotations

from typing import Any

from app.core.actor import SYSTEM
from app.core.db import db
from app.letters.models import Letter
from app.requests.deciding import matters_of
from app.requests.models import Delivery
from tests.requests.driving import Office
from tests.requests.test_turns import charged
from tests.support.driving import errors_in
from tests.support.ready import set_letters


def text_of(case: int, kind: str) -> str:
    """The newest letter of a kind, as its paragraphs."""
    session = db.session()
    session.commit()
    found = session.query(Letter).filter(Letter.case_id == case, Letter.kind == kind, Letter.state != "void")
    letter = found.order_by(Letter.id.desc()).first()
    assert letter is not None, kind
    return "\n".join(block["text"] for block in letter.blocks)


def withdrawn(office: Office) -> int:
    case = office.register()
    number = office.request(case).id
    office.post("bai", f"/requests/{number}/withdraw", on="2026-11-23", how="书面撤回申请，附撤回书")
    office.act("bai", case, "draft_closing", decision="submit")
    return case


def test_the_end_of_a_withdrawn_application_tells_of_remedies_unless_the_office_chose_otherwise(
    office: Office,
) -> None:
    assert "申请行政复议" in text_of(withdrawn(office), "L22")
    law: dict[str, Any] = {"law": {"remedy_withdrawn": False}}
    set_letters(SYSTEM, {"office": law, "government": law})
    assert "行政复议" not in text_of(withdrawn(office), "L22")


def asked_to_correct(office: Office, **sent: Any) -> int:
    case = office.register()
    office.act(
        "bai", case, "examine", clear="no", lacking=["unclear"], lacking_note="没有指明项目。", decision="go"
    )
    office.act(
        "bai", case, "correction_draft", correction_items="写明项目名称。", guidance="可以写道路名称。",
        correction_days=10, decision="submit",
    )  # fmt: skip
    office.act("jiang", case, "correction_approve", decision="agree", opinion="同意")
    office.act("shi", case, "correction_send", **{"sent_on": "2026-11-23", "decision": "sent", **sent})
    return case


def delivery_of(case: int, office: Office) -> int:
    number = office.request(case).id
    return db.session().query(Delivery).filter_by(request_id=number).order_by(Delivery.id.desc()).first().id


def signed_for(office: Office, case: int, day: str) -> None:
    """Enter the day on which the last letter was signed for."""
    path = f"/requests/deliveries/{delivery_of(case, office)}/signed"
    response = office.post("bai", path, signed_on=day, signed_by="本人")
    assert response.status_code == 303, errors_in(response)


def test_the_days_for_a_correction_run_from_its_receipt_in_the_letter_and_in_the_clock(
    office: Office,
) -> None:
    case = asked_to_correct(office, method="post", mail_no="1990000011511")
    said = text_of(case, "L3")
    assert "自收到本告知书之日起10个工作日内" in said and "至迟于" not in said
    office.day("2026-12-09")
    lapse = office.send("bai", case, "correction_wait", decision="lapsed", opinion="没有补正")
    assert "没有登记签收日期" in lapse.get_data(as_text=True)
    signed_for(office, case, "2026-11-26")
    lapse = office.send("bai", case, "correction_wait", decision="lapsed", opinion="没有补正")
    assert "2026-12-10" in lapse.get_data(as_text=True)
    office.day("2026-12-11")
    office.act("bai", case, "correction_wait", decision="lapsed", opinion="没有补正")
    office.drafted(case)
    ended = text_of(case, "L22")
    assert "2026年11月26日向你送达" in ended and "2026年12月10日届满" in ended
    assert "补正告知书（补正告知书" not in ended and "公开告〔2026〕1号）" in ended


def test_the_periods_of_the_letters_are_in_the_unit_the_office_has_set(office: Office) -> None:
    law = {"law": {"correction_unit": "day", "fee_payment_length": 20, "fee_payment_unit": "workday"}}
    set_letters(SYSTEM, {"office": law, "government": law})
    case = asked_to_correct(office, method="direct")
    said = text_of(case, "L3")
    assert "自收到本告知书之日起10日内（至迟于2026年12月3日）" in said
    assert "自收到本通知书次日起20个工作日内" in text_of(charged(office), "L12")


def test_a_fee_notice_signed_for_later_runs_from_then(office: Office) -> None:
    case = charged(office, delivered_on="")
    office.day("2026-12-30")
    lapse = office.send("bai", case, "fee_wait", decision="lapsed", opinion="没有缴费")
    assert "没有登记送达日期" in lapse.get_data(as_text=True)
    signed_for(office, case, "2026-11-27")
    office.act("bai", case, "fee_wait", decision="lapsed", opinion="没有缴费")
    office.drafted(case)
    assert "收费通知书（收费通知书" not in text_of(case, "L22")


def several(office: Office, *matters: dict[str, str], principal: str = "") -> int:
    """A request of several matters, decided one by one and sent for review."""
    case = office.register(content="、".join(each["text"] for each in matters))
    office.examined(case)
    office.searched(case)
    number = office.request(case).id
    (first,) = matters_of(db.session(), number)
    said: dict[str, Any] = {"count": len(matters), "split_reason": "各项的处理不同", "principal": principal}
    for place, each in enumerate(matters, 1):
        said |= {f"id_{place}": first.id if place == 1 else ""}
        said |= {f"{key}_{place}" if "__" not in key else key.replace("fact", f"fact_{place}"): value
                 for key, value in each.items()}  # fmt: skip
    response = office.post("bai", f"/requests/{number}/matters", **said)
    assert response.status_code == 303, errors_in(response)
    office.drafted(case)
    return case


NOT_HELD = {"text": "2025年审计报告", "outcome": "R4", "fact__search_result": "未发现该信息"}
WITHHELD = {"text": "与会人员名单", "outcome": "R3", "grounds": "N16b", "reason": "属于讨论记录"}


def test_a_matter_that_is_not_held_is_answered_beside_what_is_given(office: Office) -> None:
    given = {"text": "专家评审意见", "outcome": "R2", "fact__supplied": "专家评审意见（结论部分）"}
    said = text_of(several(office, given, NOT_HELD), "L15")
    assert "专家评审意见（结论部分）" in said and "关于“2025年审计报告”：经检索，该信息不存在" in said
    assert "不予公开的部分" not in said and "第三十六条第（四）项" in said
    assert "直接向" in said and "应当自收到之日起60日内先向" not in said, (
        "nothing of it must go to reconsideration first"
    )


def test_what_is_public_already_is_the_open_part_of_a_letter_that_withholds_the_rest(office: Office) -> None:
    public = {"text": "预算公开表", "outcome": "R1", "fact__published_where": "市政府网站“财政资金”栏目"}
    said = text_of(several(office, public, WITHHELD), "L15")
    assert "市政府网站“财政资金”栏目" in said and "与会人员名单：属于讨论记录" in said
    assert "不予公开部分，应当自收到之日起60日内先向" in said and "其余部分，可以" in said


def test_no_matter_is_left_without_an_answer_and_what_is_withheld_is_reviewed(office: Office) -> None:
    case = several(office, NOT_HELD, WITHHELD, principal="R4")
    said = text_of(case, "L16")
    assert "信息不存在" in said and "关于“与会人员名单”：属于" in said and "不予公开" in said
    assert "不予公开部分，应当自收到之日起60日内先向" in said and "其余部分，可以" in said
    assert "self_check" in office.open_steps(case), "保密审查 is not left out because another matter leads"


def test_a_notice_after_the_seventh_day_promises_no_new_count(office: Office) -> None:
    assert "重新计算。" in text_of(asked_to_correct(office, method="direct"), "L3")
    case = office.register()
    office.day("2026-12-03")
    office.act(
        "bai", case, "examine", clear="no", lacking=["unclear"], lacking_note="没有指明项目。", decision="go"
    )
    office.act(
        "bai", case, "correction_draft", correction_items="写明项目名称。", guidance="可以写道路名称。",
        correction_days=10, decision="submit",
    )  # fmt: skip
    assert "答复期限不因补正重新计算" in text_of(case, "L3")
    office.act("jiang", case, "correction_approve", decision="agree", opinion="同意")
    office.act("shi", case, "correction_send", method="direct", sent_on="2026-12-03", decision="sent")
    assert "答复期限不因补正重新计算" in text_of(case, "L3")
    assert office.request(case).clock == "running"
