"""A request from receipt to reply, as an office handles it."""

from __future__ import annotations

from datetime import date

from app.audit import queries
from app.core.db import db
from app.letters.models import Letter
from tests.requests.driving import Office, text_file
from tests.requests.test_turns import unclear


def test_a_request_at_the_counter_is_answered_by_post_and_closed(office: Office) -> None:
    case = office.register()
    found = office.request(case)
    assert found.number == "市府办依申〔2026〕1号"
    assert (found.received_on, found.due_on) == (date(2026, 11, 23), date(2026, 12, 21))
    office.examined(case)
    office.searched(case)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": text_file("债务限额与余额表", "债务限额.txt")})
    office.reviewed(case)
    office.signed(case)
    office.sent(case)
    found = office.request(case)
    assert (found.state, found.answered_on) == ("answered", date(2026, 11, 23))
    office.archived(case)
    found = office.request(case)
    assert (found.state, found.outcome, found.report_row) == ("closed", "R2", "granted")
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L13").one()
    assert letter.state == "issued" and letter.pdf_hash
    assert office.case(case).status == "done"


def test_the_auditor_finds_letters_in_the_record_of_the_steps_that_signed_and_sent_them(
    office: Office,
) -> None:
    case = unclear(office)
    letter = db.session().query(Letter).filter_by(case_id=case, kind="L3").one()
    pages = office.sit("yu")
    found = pages.get("/audit/?action=letter.issued").text
    assert f"制发补正告知书 {letter.number}" in found and "发出补正告知书" in found
    assert f"使用文号 {letter.number}" in pages.get("/audit/?action=number.used").text
    assert f"{letter.number}" not in pages.get("/audit/?action=letter.void").text
    rows = queries.page(queries.Wanted(action="letter.issued")).rows
    detail = pages.get(f"/audit/records/{rows[0]['id']}").text
    assert "制发文书" in detail and str(letter.pdf_hash) in detail
