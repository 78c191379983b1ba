"""Tracking: the right answer to whoever knows number and second factor, the same answer to everybody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import now
from app.core.db import db
from app.documents.models import Attachment
from app.letters.models import Letter
from app.notices.models import Notice
from app.portal import throttle, tracking
from app.requests.models import ClockEvent, Incoming
from tests.portal.conftest import Citizen, only_request
from tests.requests.driving import Office, text_file
from tests.support.bodies import without_tokens


@pytest.fixture
def applied(citizen: Citizen) -> Citizen:
    """Somebody who has applied and whose browser has forgotten it."""
    citizen.apply()
    citizen.number, citizen.code = citizen.receipt()  # type: ignore[attr-defined]
    citizen.post("/public/track/leave")
    citizen.client.get("/public/")
    return citizen


def confirm(office: Office, on: str = "2026-11-23") -> int:
    """The clerk confirms with the applicant; the case."""
    case = only_request().case_id
    office.act("bai", case, "confirm_receipt", confirmed_on=on, confirm_how="phone", decision="confirm")
    return case


@pytest.mark.parametrize("last", ["0101", "0014", " ０１０１ "])
def test_the_number_with_the_last_four_of_telephone_or_id_opens_it(applied: Any, last: str) -> None:
    answer = applied.track(applied.number, last)
    assert (answer.status_code, answer.location) == (303, "/public/track/progress")
    said = applied.progress()
    assert "已提交，待确认" in said and applied.number in said and "条例第三十一条" in said


@pytest.mark.parametrize(
    "write", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")]
)
def test_the_query_code_opens_it_however_it_is_written(applied: Any, write: Any) -> None:
    assert applied.track(write(applied.code)).status_code == 303


def test_the_number_opens_it_with_any_brackets(applied: Any) -> None:
    assert applied.track("市府办来件[2026] 1号").status_code == 303
    applied.post("/public/track/leave")
    assert applied.track("市府办来件（2026）1号").status_code == 303


def test_the_register_number_opens_it_too_once_there_is_one(applied: Any, office: Office) -> None:
    confirm(office)
    assert applied.track(only_request().number).status_code == 303


def test_wrong_unknown_and_foreign_are_one_answer(applied: Any) -> None:
    asked = [
        (applied.number, "9999"),
        ("市府办来件〔2026〕99号", "0101"),
        ("AAAA-BBBB-CCCC-DDDD", "0101"),
        ("%", "0101"),
        ("\x00\x00", "0101"),
    ]
    answers = [applied.track(number, last) for number, last in asked]
    pages = {re.sub(r'value="[^"]*"', "", without_tokens(answer.text)) for answer in answers}
    assert {answer.status_code for answer in answers} == {422}
    assert len(pages) == 1 and "没有查到" in pages.pop()


def test_without_a_query_no_progress_and_no_letter(app: Flask, applied: Any) -> None:
    for path in ("/public/track/progress", "/public/track/letters/1", "/public/track/files/1"):
        assert applied.client.get(path).status_code == 404
    assert applied.post("/public/track/answer", kind="correction", text="补正").status_code == 404


def test_a_query_ends_after_half_an_hour(applied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    applied.track(applied.number)
    later = now.wall() + tracking.STAYS + timedelta(seconds=5)
    monkeypatch.setattr(tracking, "wall", lambda: later)
    answer = applied.client.get("/public/track/progress")
    assert answer.status_code == 404 and "超过 30 分钟" in answer.text


def test_guessing_one_number_stops_at_the_limit_and_the_code_still_opens(applied: Any) -> None:
    most = throttle.LIMITS["number"].most
    for n in range(most):
        assert applied.track(applied.number, f"{n:04}").status_code == 422
    answer = applied.track(applied.number, "0101")
    assert answer.status_code == 429 and "暂停一会儿" in answer.text and "一分钟" not in answer.text
    assert applied.track(applied.code, "0101").status_code == 303


def test_an_unknown_number_is_limited_like_a_known_one(applied: Any) -> None:
    for n in range(throttle.LIMITS["number"].most):
        assert applied.track("市府办来件〔2026〕77号", f"{n:04}").status_code == 422
    assert applied.track("市府办来件〔2026〕77号", "0101").status_code == 429


def test_one_address_cannot_try_many_numbers(applied: Any) -> None:
    most = throttle.LIMITS["wrong"].most
    answers = [
        applied.track(f"市府办来件〔2026〕{n}号", "0000").status_code for n in range(100, 100 + most + 1)
    ]
    assert answers == [422] * most + [429]


def test_the_page_costs_at_most_five_statements(applied: Any, office: Office, sql_counter: Any) -> None:
    case = confirm(office)
    office.examined(case, clear="no", lacking=["description"], lacking_note="写明年度", nature=None)
    applied.track(applied.number)
    applied.progress()
    with sql_counter() as count:
        applied.progress()
    assert count.statements <= 5, str(count)


def test_the_due_day_is_the_clocks(applied: Any, office: Office) -> None:
    confirm(office)
    applied.track(applied.number)
    said = applied.progress()
    assert "2026-12-21（星期一）" in said and "剩 20 个工作日" in said
    assert "收到申请之日 2026-11-23" in said


def correction(office: Office, case: int) -> None:
    """补正告知 goes out today."""
    office.examined(case, clear="no", lacking=["description"], lacking_note="写明年度", nature=None)
    office.act(
        "bai",
        case,
        "correction_draft",
        correction_items="请写明年度",
        guidance="可以写年度、区县。",
        correction_days=15,
        decision="submit",
    )
    office.act("jiang", case, "correction_approve", decision="agree", opinion="同意")
    office.act("shi", case, "correction_send", method="electronic", sent_on="2026-11-23", decision="sent")


def test_a_correction_is_answered_there_and_the_clerk_is_told(applied: Any, office: Office) -> None:
    case = confirm(office)
    correction(office, case)
    applied.track(applied.number)
    said = applied.progress()
    assert "等待您补正" in said and "请您补正" in said and "补正告知书" in said
    applied.files = {"files": [("2025年度".encode(), "补正.txt")]}
    answer = applied.post("/public/track/answer", kind="correction", text="2025年度全市的项目清单")
    assert answer.status_code == 303
    paper = db.session().query(Incoming).filter_by(kind="supplement").one()
    found = only_request()
    assert (paper.about_id, paper.channel, paper.case_id) == (found.id, "online", None)
    assert "2025年度全市的项目清单" in paper.summary
    assert found.clock == "waiting_correction", "the clerk confirms the day"
    kept = db.session().query(Attachment).filter_by(case_id=case, field=f"supplement_{paper.id}").one()
    assert (kept.name, kept.part) == ("补正.txt", "paper")
    note = db.session().query(Notice).filter_by(dedupe=f"supplement:{paper.id}").one()
    assert "何问渠" not in note.text and found.number in note.text
    assert "您提交了补正材料" in applied.progress()
    assert "申请人网上提交的材料" in office.sit("bai").get(f"/cases/{case}").text
    page = office.sit("bai").get(note.url)
    assert page.status_code == 200 and "请在办件正在等待的环节登记收到的日期" in page.text


def test_what_is_not_waited_for_is_refused(applied: Any, office: Office) -> None:
    confirm(office)
    applied.track(applied.number)
    for kind in ("correction", "payment"):
        answer = applied.post("/public/track/answer", kind=kind, text="材料")
        assert answer.status_code == 422 and "现在不需要提交" in answer.text
    assert applied.post("/public/track/answer", kind="reply", text="材料").status_code == 404
    assert db.session().query(Incoming).filter_by(kind="supplement").count() == 0


def test_an_empty_or_hidden_correction_is_refused(applied: Any, office: Office) -> None:
    case = confirm(office)
    correction(office, case)
    applied.track(applied.number)
    assert (
        "请填写说明，或者上传材料" in applied.post("/public/track/answer", kind="correction", text=" ").text
    )
    assert "控制字符" in applied.post("/public/track/answer", kind="correction", text="年度\x00").text
    assert (
        "最多 2000 个字" in applied.post("/public/track/answer", kind="correction", text="年" * 10_000).text
    )
    assert db.session().query(Incoming).filter_by(kind="supplement").count() == 0


def answered(office: Office, case: int) -> None:
    """Examined, searched, decided, signed and served."""
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supply_way="随本答复书提供电子文件")
    office.drafted(case, files={"supplied": text_file("项目清单", "项目清单.txt")})
    office.reviewed(case)
    office.signed(case)


def test_letters_and_information_open_after_service_and_not_before(applied: Any, office: Office) -> None:
    case = confirm(office)
    answered(office, case)
    applied.track(applied.number)
    on_the_way = applied.progress()
    assert "登记回执" in on_the_way and "答复书" not in on_the_way, (
        "the receipt is there, the reply is not yet"
    )
    receipt = db.session().query(Letter).filter_by(case_id=case, kind="L2").one()
    assert applied.client.get(f"/public/track/letters/{receipt.id}").data.startswith(b"%PDF-")
    office.act("shi", case, "seal", doc_no=office.case(case).data.get("doc_no"), sealed_on="2026-11-23", copies=2,
               decision="sealed")  # fmt: skip
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L13").one()
    assert letter.state == "issued"
    assert applied.client.get(f"/public/track/letters/{letter.id}").status_code == 404
    office.act("shi", case, "serve", method="electronic", sent_on="2026-11-23", decision="served")
    said = applied.progress()
    assert "已答复" in said and "文书下载" in said and "项目清单.txt" in said
    page = applied.client.get("/public/track/progress").get_data(as_text=True)
    found = re.findall(r'<li class="step-(\w+)".*?step-label">([^<]+)', page, re.S)
    steps = {label: state for state, label in found}
    assert (steps["已答复"], steps["办结"]) == ("current", "todo"), "the office still has to file it"
    answer = applied.client.get(f"/public/track/letters/{letter.id}")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF-")
    files = db.session().query(Attachment).filter_by(case_id=case, field="supplied").all()
    (file,) = [each for each in files if each.state == "kept" and each.replaced_by is None]
    assert "项目清单" in applied.client.get(f"/public/track/files/{file.id}").get_data(as_text=True)


def test_files_and_letters_of_another_request_stay_shut(app: Flask, applied: Any, office: Office) -> None:
    case = confirm(office)
    answered(office, case)
    office.sent(case, "electronic")
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L13").one()
    file = db.session().query(Attachment).filter_by(case_id=case, field="supplied", state="kept").first()
    assert file is not None
    other = Citizen(app.test_client())
    other.apply(name="王芳", id_no="", phone="19900000202", content="另一件事")
    assert other.client.get(f"/public/track/letters/{letter.id}").status_code == 404
    assert other.client.get(f"/public/track/files/{file.id}").status_code == 404


def test_nobody_is_told_who_the_third_party_is(applied: Any, office: Office) -> None:
    from app.requests.models import Consultation

    confirm(office)
    found = only_request()
    session = db.session()
    session.add(
        Consultation(
            request_id=found.id,
            kind="third",
            party="云汀市某某建设有限公司",
            content="项目清单",
            state="sent",
            sent_on=now.today(),
            delivered_on=now.today(),
            at=now.now(),
        )  # fmt: skip
    )
    session.commit()
    now.pretend("2026-11-25")
    applied.track(applied.number)
    said = applied.progress()
    assert "期限暂停计算" in said and "征求第三方意见" in said and "不计入答复期限" in said
    assert "某某建设" not in said


def event(item: dict[str, Any]) -> None:
    """Something touched the clock of the one request; its columns follow."""
    from app.core.actor import SYSTEM
    from app.core.command import Tx, command
    from app.requests import clocks
    from app.requests.models import Request
    from workflows.law import events

    @command
    def add(tx: Tx) -> None:
        request = tx.session.query(Request).one()
        clocks.add(tx, request, events.from_json([item])[0])
        tx.session.flush()
        clocks.refresh(tx, request)

    add(SYSTEM)


def test_a_fee_says_how_much_until_when_and_how_and_takes_the_slip(applied: Any, office: Office) -> None:
    from app.requests.models import Fee

    confirm(office)
    event({"t": "fee_notice", "date": "2026-11-23", "delivered": "2026-11-23"})
    session = db.session()
    session.add(
        Fee(
            request_id=only_request().id,
            mode="page",
            quantity=50,
            yuan=200,
            derivation=[],
            state="sent",
            sent_on=now.today(),
            delivered_on=now.today(),
            due_on=now.today() + timedelta(days=30),
            at=now.now(),
        )  # fmt: skip
    )
    session.commit()
    applied.track(applied.number)
    said = applied.progress()
    for words_ in ("等待您缴费", "200 元", "2026-12-23", "非税收入代收银行", "缴费凭证"):
        assert words_ in said, words_
    assert applied.post("/public/track/answer", kind="payment", text="已缴，票据号 00123").status_code == 303
    assert only_request().clock == "waiting_fee"
    assert "您提交了缴费凭证" in applied.progress()


def test_an_extension_and_reasons_are_told_in_plain_words(applied: Any, office: Office) -> None:
    confirm(office)
    event({"t": "extension", "date": "2026-11-23", "days": 10})
    event({"t": "reason_requested", "date": "2026-11-23"})
    applied.track(applied.number)
    said = applied.progress()
    assert "答复期限延长10个工作日" in said and "2027-01-" in said or "待定" in said
    assert "请您说明理由" in said and "照常计算" in said
    assert applied.post("/public/track/answer", kind="reasons", text="科研需要").status_code == 303


def test_every_event_of_the_clock_has_plain_words() -> None:
    from app.portal.progress import _of_event
    from workflows.law import events

    told_elsewhere = {"consult_sent", "replied"}
    for cls in events._CLASSES:
        item = {
            "t": cls.name,
            "date": "2026-11-23",
            "deadline": "2026-12-01",
            "until": "2026-12-01",
            "days": 5,
        }
        found = _of_event(item, None)
        assert (found is None) == (cls.name in told_elsewhere), cls.name


def test_closing_an_organ_closes_its_queries(applied: Any) -> None:
    from app.core.actor import SYSTEM
    from tests.portal.conftest import open_site

    applied.track(applied.number)
    open_site(SYSTEM, ("housing",))
    assert applied.client.get("/public/track/progress").status_code == 404
    assert applied.track(applied.number).status_code == 422
    assert db.session().query(ClockEvent).count() == 0


def test_the_whole_way_on_both_databases(any_db: str, applied: Any, office: Office) -> None:
    from app.portal.throttle import LIMITS

    case = confirm(office)
    correction(office, case)
    assert applied.track("\x00市府办", "0101").status_code == 422
    assert applied.track(applied.code.lower()).status_code == 303
    assert "等待您补正" in applied.progress()
    applied.files = {"files": [("2025年度".encode(), "补正.txt")]}
    assert applied.post("/public/track/answer", kind="correction", text="2025年度").status_code == 303
    assert "您提交了补正材料" in applied.progress()
    assert applied.post("/public/office/similar", content="老旧小区改造清单").get_json() == {"items": []}
    answers = [applied.track(applied.number, "9999").status_code for _ in range(LIMITS["number"].most + 1)]
    assert answers[-1] == 429


def test_an_applicant_takes_back_what_nobody_confirmed_yet(any_db: str, applied: Any, office: Office) -> None:
    case = only_request().case_id
    applied.track(applied.number)
    assert "撤回申请" in applied.progress()
    done = applied.post("/public/track/withdraw", reason="不需要了", sure="y")
    assert done.status_code == 303
    found = only_request()
    assert (found.received_on, found.clock, office.open_steps(case)) == (
        found.arrived_on, "ended", ["draft_closing"],
    )  # fmt: skip


def test_an_applicant_takes_his_application_back(applied: Any, office: Office) -> None:
    case = confirm(office)
    office.examined(case)
    applied.track(applied.number)
    assert "撤回申请" in applied.progress()
    unsure = applied.post("/public/track/withdraw", reason="已经从别处得到")
    assert unsure.status_code == 422 and "请勾选确认" in unsure.text and "已经从别处得到" in unsure.text
    assert only_request().clock == "running"
    done = applied.post("/public/track/withdraw", reason="已经从别处得到", sure="y")
    assert done.status_code == 303
    found = only_request()
    assert (found.clock, found.outcome or "R16") == ("ended", "R16")
    assert office.open_steps(case) == ["draft_closing"]
    paper = db.session().query(Incoming).filter_by(kind="supplement").one()
    assert paper.about_id == found.id and "已经从别处得到" in paper.summary
    note = db.session().query(Notice).filter_by(dedupe=f"supplement:{paper.id}").one()
    assert "撤回申请" in note.text and "何问渠" not in note.text
    said = applied.progress()
    assert (
        "您撤回了申请" in said
        and 'id="withdraw-form"' not in applied.client.get("/public/track/progress").text
    )
    again = applied.post("/public/track/withdraw", sure="y")
    assert again.status_code == 422 and "不能再撤回" in again.text
    office.act("bai", case, "draft_closing", decision="submit")


def test_nothing_is_taken_back_once_the_answer_is_on_its_way(applied: Any, office: Office) -> None:
    case = confirm(office)
    answered(office, case)
    applied.track(applied.number)
    late = applied.post("/public/track/withdraw", sure="y")
    assert late.status_code == 422 and "正在送出" in late.text
    assert db.session().query(Incoming).filter_by(kind="supplement").count() == 0
    office.sent(case)
    assert "不能再撤回" in applied.post("/public/track/withdraw", sure="y").text
