"""登记回执: the applicant has it with the number, and the office keeps what he was given."""

from __future__ import annotations

from app.core.actor import SYSTEM
from app.core.db import db
from app.documents import files
from app.letters.models import Letter
from app.requests import dossier
from tests.letters.support import pdf_text
from tests.requests.driving import Office
from tests.support.ready import LETTERS, set_letters


def receipt(case: int) -> Letter:
    session = db.session()
    session.commit()
    return (
        session.query(Letter)
        .filter(Letter.case_id == case, Letter.kind == "L2", Letter.state != "void")
        .one()
    )


def test_registration_issues_the_receipt_with_its_bytes(office: Office) -> None:
    case = office.register()
    letter, request = receipt(case), office.request(case)
    assert letter.state == "issued" and letter.pdf_hash
    with files.open_file(letter.pdf_hash) as file:
        said = pdf_text(file.read())
    assert (request.number or "") in said and "2026年11月23日" in said and "2026年12月21日" in said
    assert "拨打下列电话查询" in said and "网站" not in said, "no public site is open here"
    kept = dossier.pieces(db.session(), dict(office.case(case).__dict__), request)
    assert [piece.title for piece in kept].count("登记回执") == 1


def test_what_arrived_by_letter_has_its_receipt_once_it_is_confirmed(office: Office) -> None:
    case = office.register(channel="ordinary")
    assert db.session().query(Letter).filter_by(case_id=case, kind="L2").count() == 0
    said = {"confirmed_on": "2026-11-23", "confirm_how": "phone", "decision": "confirm"}
    office.act("bai", case, "confirm_receipt", **said)
    assert receipt(case).state == "issued"


def test_a_receipt_with_a_gap_stops_no_registration_and_is_issued_by_one_click(office: Office) -> None:
    set_letters(SYSTEM, {"office": {"letters": {}}})
    code = db.session().query(type(office.request(office.register()))).count()
    assert code == 1, "registered all the same"
    case = office.case(db.session().query(Letter).one().case_id).id
    assert receipt(case).state == "draft"
    assert "制发登记回执" in office.sit("bai").get(f"/cases/{case}").get_data(as_text=True)
    set_letters(SYSTEM, {"office": {"letters": LETTERS}})
    response = office.post("bai", f"/requests/{office.request(case).id}/receipt")
    assert response.status_code == 303 and receipt(case).state == "issued"
    assert "制发登记回执" not in office.sit("bai").get(f"/cases/{case}").get_data(as_text=True)


def test_which_of_the_month_it_is_counts_alike_whatever_way_it_came(office: Office) -> None:
    office.register(content="第一件")
    case = office.register(channel="ordinary", content="第二件")
    said = {"confirmed_on": "2026-11-23", "confirm_how": "phone", "decision": "confirm"}
    office.act("bai", case, "confirm_receipt", **said)
    db.session().expire_all()
    assert office.case(case).data["month_count"] == 2
    assert "收到时为当月第 2 件" in office.sit("bai").get(f"/cases/{case}").get_data(as_text=True)
    assert office.case(office.register(content="第三件")).data["month_count"] == 3
