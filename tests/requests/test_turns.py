"""Whatever turn a request takes: correction, fees, opinions, units, extension, withdrawal, and each of the 17 outcomes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.core.db import db
from app.letters.models import Letter
from app.requests.models import Consultation, Handoff
from tests.requests.driving import Office
from tests.support.driving import errors_in
from workflows.law.replies import REPLIES
from workflows.law.reports import ROWS


def finish(office: Office, case: int, **review: Any) -> None:
    """From a draft that is ready to the archive."""
    if "self_check" in office.open_steps(case):
        office.reviewed(case, **review)
    office.signed(case)
    office.sent(case)
    office.archived(case)


DIRECT: dict[str, dict[str, Any]] = {
    "R6": {"nature": "repeat", "previous_no": "云政办公开复〔2025〕8号", "previous_on": "2025-08-03"},
    "R7": {
        "nature": "registry",
        "special_law": "《不动产登记暂行条例》",
        "special_channel": "市不动产登记中心窗口",
    },
    "R9": {"nature": "petition", "proper_channel": "市信访局接待室、12345热线"},
    "R10": {"nature": "publication", "publication_where": "市图书馆"},
    "R12": {"nature": "reissue"},
}


@pytest.mark.parametrize("outcome", DIRECT)
def test_what_is_no_ordinary_request_is_told_so(office: Office, outcome: str) -> None:
    case = office.register()
    office.examined(case, nature_reason="申请内容属于这一情形", **DIRECT[outcome])
    office.decided(case, outcome)
    office.drafted(case)
    finish(office, case)
    found = office.request(case)
    assert (found.outcome, found.report_row) == (outcome, REPLIES[outcome].row)


SEARCHED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "R1": ({}, {"fact_1__published_where": "市政府网站“财政信息”栏目"}, "granted"),
    "R4": ({"found": "none", "search_result": "未发现该信息"}, {}, "unavailable_not_held"),
    "R5": (
        {
            "found": "not_ours",
            "not_ours_reason": "由市财政局制作",
            "owner_name": "云汀市财政局",
            "owner_contact": "0990-1",
        },
        {},
        "unavailable_not_held",
    ),
    "R8": ({"found": "needs_making", "making_reason": "没有现成的汇总"}, {}, "unavailable_to_be_made"),
}


@pytest.mark.parametrize("outcome", SEARCHED)
def test_what_the_search_found_is_answered(office: Office, outcome: str) -> None:
    search, facts, row = SEARCHED[outcome]
    case = office.register()
    office.examined(case)
    office.searched(case, **search)
    office.decided(case, outcome, **facts)
    office.drafted(case)
    finish(office, case)
    assert office.request(case).report_row == row


def test_a_refusal_needs_its_ground_and_reason_and_carries_text_a(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R3", grounds_1="N16b", reason_1="属于讨论记录，公开影响今后讨论的坦率。")
    office.drafted(case)
    finish(office, case, conclusion="closed", conclusion_reason="属于讨论记录")
    found = office.request(case)
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L14").one()
    remedy = next(block["text"] for block in letter.blocks if block["role"] == "remedy")
    assert (found.outcome, found.report_row) == ("R3", "refused_process")
    assert "先向云汀市人民政府" in remedy and "申请行政复议" in remedy


def test_several_matters_some_given_some_withheld_count_as_partly_given(office: Office) -> None:
    case = office.register(content="专家评审意见和与会人员名单")
    office.examined(case)
    office.searched(case)
    found = office.request(case)
    from app.requests.deciding import matters_of

    (matter,) = matters_of(db.session(), found.id)
    said = {
        "count": 2,
        "id_1": matter.id,
        "text_1": "专家评审意见",
        "outcome_1": "R2",
        "fact_1__supplied": "专家评审意见（结论部分）",
        "id_2": "",
        "text_2": "与会人员名单",
        "outcome_2": "R3",
        "grounds_2": "N16b",
        "reason_2": "属于讨论记录。",
        "split_reason": "两项信息的处理不同",
    }
    response = office.post("bai", f"/requests/{found.id}/matters", **said)
    assert response.status_code == 303, errors_in(response)
    office.drafted(case)
    finish(office, case, conclusion="partial", partial_scope="与会人员名单")
    found = office.request(case)
    assert (found.outcome, found.report_row) == ("R3p", "partial")
    assert ROWS[found.report_row].number == 4


# --- 补正 -----------------------------------------------------------------------------------------------------------


def unclear(office: Office, **registered: Any) -> int:
    """A request that needs correction, the notice sent on the same day."""
    case = office.register(content="有关拆迁的所有材料", **registered)
    office.act(
        "bai",
        case,
        "examine",
        clear="no",
        lacking=["unclear"],
        lacking_note="没有指明哪个项目。",
        decision="go",
    )
    office.act(
        "bai", case, "correction_draft", correction_items="写明项目名称、时间。", guidance="可以写道路、小区名称。",
        correction_days=10, decision="submit",
    )  # fmt: skip
    office.act("jiang", case, "correction_approve", decision="agree", opinion="同意")
    office.act("shi", case, "correction_send", method="direct", sent_on="2026-11-23", decision="sent")
    return case


def test_a_correction_restarts_the_twenty_days(office: Office) -> None:
    case = unclear(office)
    assert office.request(case).clock == "waiting_correction"
    office.day("2026-12-01")
    office.act(
        "bai", case, "correction_wait", received_on="2026-12-01", received_channel="counter",
        correction_note="望汀苑项目 2024 年拆迁许可证", decision="received",
    )  # fmt: skip
    found = office.request(case)
    assert found.due_on == date(2026, 12, 29)
    office.examined(case)
    assert office.open_steps(case) == ["search"]


def test_no_correction_in_time_ends_the_request(office: Office) -> None:
    case = unclear(office)
    early = office.send("bai", case, "correction_wait", decision="lapsed", opinion="没有补正")
    assert "才满" in early.get_data(as_text=True)
    office.day("2026-12-09")
    office.act("bai", case, "correction_wait", decision="lapsed", opinion="期限届满，没有收到补正")
    office.drafted(case)
    finish(office, case)
    assert office.request(case).report_row == "other_no_correction"


def test_what_is_still_unclear_after_correction_cannot_be_given(office: Office) -> None:
    case = unclear(office)
    office.act(
        "bai", case, "correction_wait", received_on="2026-11-23", received_channel="counter",
        correction_note="就是所有材料", decision="received",
    )  # fmt: skip
    second = office.send(
        "bai", case, "examine", clear="no", lacking=["unclear"], lacking_note="仍不明确", decision="go"
    )
    assert "只能" in second.get_data(as_text=True) and "一次" in second.get_data(as_text=True)
    office.act(
        "bai",
        case,
        "examine",
        clear="still_unclear",
        unclear_reason="补正后仍没有指向特定信息。",
        decision="go",
    )
    office.drafted(case)
    finish(office, case)
    assert office.request(case).outcome == "R13"


# --- 频繁申请, 收费 ---------------------------------------------------------------------------------------------------


def asked_for_reasons(office: Office) -> int:
    case = office.register(content="近十年全部会议用餐票据等 40 件")
    office.examined(case, nature="frequent", nature_reason="本月累计 40 件，内容相近")
    office.act(
        "bai", case, "reasons_ask", frequent_facts="本月累计 40 件", reasons_due="2026-11-30", method="post",
        sent_on="2026-11-23", decision="sent",
    )  # fmt: skip
    office.act(
        "bai", case, "reasons_wait", decision="received", reasons_on="2026-11-23", reasons="想多了解情况"
    )
    return case


def test_unreasonable_mass_requests_are_not_processed(office: Office) -> None:
    case = asked_for_reasons(office)
    office.act(
        "jiang", case, "reasons_judge", decision="unreasonable", unreasonable_reason="没有说明合理需要",
        opinion="不合理",
    )  # fmt: skip
    office.drafted(case)
    finish(office, case)
    assert office.request(case).report_row == "not_processed_frequent"


def charged(office: Office, delivered_on: str = "2026-11-23") -> int:
    case = asked_for_reasons(office)
    office.act("jiang", case, "reasons_judge", decision="charge", opinion="按量收费")
    office.act(
        "bai",
        case,
        "fee_draft",
        fee_mode="page",
        fee_quantity=119,
        fee_how="凭缴款书到银行缴纳",
        decision="submit",
    )
    office.act("jiang", case, "fee_approve", decision="agree", opinion="同意")
    office.act(
        "shi",
        case,
        "fee_send",
        method="post",
        sent_on="2026-11-23",
        delivered_on=delivered_on,
        decision="sent",
    )
    return case


def test_a_fee_paid_on_the_last_day_restarts_the_clock(office: Office) -> None:
    case = charged(office)
    assert office.request(case).clock == "waiting_fee"
    office.day("2026-12-23")
    office.act("bai", case, "fee_wait", paid_on="2026-12-23", receipt_no="990101", decision="paid")
    found = office.request(case)
    assert found.clock == "running" and found.due_on is None and "2027" in (found.due_why or "")
    assert office.open_steps(case) == ["search"]


def test_a_fee_not_paid_ends_the_request(office: Office) -> None:
    case = charged(office)
    office.day("2026-12-24")
    office.act("bai", case, "fee_wait", decision="lapsed")
    office.drafted(case)
    finish(office, case)
    assert office.request(case).report_row == "other_no_payment"


# --- 征求意见 ---------------------------------------------------------------------------------------------------------


def test_a_third_party_stops_the_clock_and_its_opinion_lets_it_go_on(office: Office) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case, consult=True)
    found = office.request(case)
    before = found.due_on
    named = office.post(
        "bai",
        f"/requests/{found.id}/consultations",
        kind="third",
        party="云汀市清河建筑有限公司",
        content="何问渠申请的报价",
    )
    assert "不得透露申请人" in named.get_data(as_text=True)
    office.post(
        "bai",
        f"/requests/{found.id}/consultations",
        kind="third",
        party="云汀市清河建筑有限公司",
        content="中标合同报价清单",
    )
    office.act("bai", case, "consult_plan", decision="submit")
    office.act("jiang", case, "consult_approve", decision="agree", opinion="同意")
    office.act("shi", case, "consult_send", method="post", sent_on="2026-11-23", decision="sent")
    assert office.request(case).clock == "paused"
    party = db.session().query(Consultation).one().id
    office.post("bai", f"/requests/consultations/{party}/delivered", delivered_on="2026-11-23")
    early = office.send("bai", case, "consult_wait", decision="go_on")
    assert "还没有收到" in early.get_data(as_text=True)
    office.day("2026-11-26")
    office.post(
        "bai", f"/requests/consultations/{party}/opinion", opinion="disagree", returned_on="2026-11-26",
        opinion_text="属于商业秘密", reasonable="yes",
    )  # fmt: skip
    office.act("bai", case, "consult_wait", decision="go_on")
    found = office.request(case)
    assert found.clock == "running" and before is not None and found.due_on == date(2026, 12, 24)
    kinds = {letter.kind for letter in db.session().query(Letter).filter_by(case_id=case, state="issued")}
    assert {"L7", "L8"} <= kinds


# --- 转承办科室 -------------------------------------------------------------------------------------------------------


def test_units_answer_or_return_what_was_handed_to_them(office: Office) -> None:
    case = office.register("cheng", subject="housing")
    office.act("cheng", case, "examine", clear="yes", nature="normal", decision="go")
    units = [str(office.city.units["housing", name]) for name in ("住房保障科", "建筑业科")]
    office.act(
        "cheng", case, "search", handoff=True, handoff_units=units, handoff_due="2026-11-30", handoff_note="请检索合同",
        decision="go",
    )  # fmt: skip
    items = db.session().query(Handoff).all()
    assert [row.status for row in items] == ["open", "open"]
    assert office.open_steps(case) == ["unit_accept", "unit_accept"]


# --- 延期, 撤回 -------------------------------------------------------------------------------------------------------


def test_an_extension_is_agreed_to_by_the_head_before_the_due_day(office: Office) -> None:
    case = office.register(arrived_on="2026-11-02")
    found = office.request(case)
    old = found.due_on
    office.post("bai", f"/requests/{found.id}/extension", days="10", reason="信息数量多，检索需要时间")
    item = office.item(case, "extension")
    response = office.post("jiang", f"/requests/extensions/{item.id}", decision="agree", opinion="同意")
    assert response.status_code == 303, errors_in(response)
    found = office.request(case)
    assert old == date(2026, 11, 30) and found.due_on == date(2026, 12, 14)
    second = office.sit("bai").get(f"/requests/{found.id}/extension").get_data(as_text=True)
    assert "只能延期一次" in second
    assert db.session().query(Letter).filter_by(case_id=case, kind="L4", state="issued").count() == 1


def test_an_extension_over_twenty_days_or_after_the_due_day_is_refused(office: Office) -> None:
    case = office.register(arrived_on="2026-11-02")
    found = office.request(case)
    page = office.post("bai", f"/requests/{found.id}/extension", days="21", reason="多")
    assert page.status_code == 422 and "1 至 20 个工作日" in page.get_data(as_text=True)
    office.day("2026-12-01")
    page = office.post("bai", f"/requests/{found.id}/extension", days="5", reason="多")
    assert "已过，不能再延期" in page.get_data(as_text=True)


def test_a_withdrawn_request_leaves_every_step_and_ends_as_other(office: Office) -> None:
    case = office.register()
    office.examined(case)
    found = office.request(case)
    response = office.post("bai", f"/requests/{found.id}/withdraw", on="2026-11-23", how="书面撤回，见附件")
    assert response.status_code == 303, errors_in(response)
    assert office.open_steps(case) == ["draft_closing"]
    office.act("bai", case, "draft_closing", decision="submit")
    finish(office, case)
    assert office.request(case).report_row == "other"


# --- 会商、协查, 改稿 -------------------------------------------------------------------------------------------------


def test_meetings_and_help_asked_of_others_are_on_paper_and_stop_no_clock(office: Office) -> None:
    case = office.register()
    found = office.request(case)
    before = found.due_on
    talk = {
        "variant": "talk", "meeting_on": "2026-11-23", "present": "政务公开科、综合一科", "opinions": "可以公开。\n报价另议。",
        "conclusion": "按部分公开拟办",
    }  # fmt: skip
    response = office.post("bai", f"/requests/{found.id}/inside", **talk)
    assert response.status_code == 303, errors_in(response)
    ask = {
        "variant": "ask",
        "unit": "市财政局",
        "assist_scope": "债务管理科2026年文书",
        "assist_due": "2026-11-30",
    }
    response = office.post("bai", f"/requests/{found.id}/inside", **ask)
    assert response.status_code == 303, errors_in(response)
    made = db.session().query(Letter).filter_by(case_id=case, kind="L11", state="issued").all()
    assert [letter.title for letter in made] == ["政府信息公开申请会商纪要", "关于协助查找政府信息的函"]
    assert office.request(case).due_on == before


def test_a_draft_changed_after_an_approval_voids_it_and_says_so(office: Office) -> None:
    from app.core.actor import SYSTEM
    from app.core.command import Tx, command
    from app.letters import service as letters

    case = office.register()
    office.examined(case)
    office.searched(case)
    office.decided(case, "R1", fact_1__published_where="市政府网站")
    office.drafted(case)
    office.act("zhang", case, "legal_review", decision="agree", opinion="同意")
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L13").one()

    @command
    def change(tx: Tx, number: int) -> None:
        block = next(b for b in letter.blocks if not b["locked"])
        letters.edit(tx, number, texts={block["key"]: block["text"] + "补充一句。"})

    change(SYSTEM, letter.id)
    office.act("jiang", case, "head_sign", decision="agree", opinion="同意")
    assert office.open_steps(case) == ["draft_reply"]
    assert "审核后有改动" in office.client.get(f"/cases/{case}").get_data(as_text=True), "the signer is told"
