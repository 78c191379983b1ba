"""A third party whose letter cannot be delivered: left with him, announced, or not reached at all; nobody waits for ever."""

from __future__ import annotations

from datetime import date

from app.core.db import db
from app.letters.models import Letter
from app.requests import clocks
from app.requests.models import Consultation, Delivery
from tests.requests.driving import Office
from tests.requests.test_opinions import asked, rows
from tests.support.driving import errors_in
from workflows.law.service import Reached, reached_on

NAME = "云汀市清河建筑有限公司"


def waiting(office: Office) -> tuple[int, int, str]:
    """A case that waits for a third party; case, consultation, its address."""
    case = asked(office, ("third", NAME, "中标合同报价清单"))
    (party,) = rows(case, office)
    return case, party.id, f"/requests/consultations/{party.id}"


def bounce(office: Office, on: str, reason: str = "unknown_addressee") -> str:
    sent = db.session().query(Delivery).filter_by(to=NAME, bounced_on=None).one().id
    done = office.post("bai", f"/requests/deliveries/{sent}/bounced", bounced_on=on, bounce_reason=reason)
    assert done.status_code == 303, errors_in(done)
    return office.sit("bai").get(done.location).text


def party(case: int, office: Office) -> Consultation:
    (row,) = rows(case, office)
    db.session().refresh(row)
    return row


def test_who_cannot_be_reached_is_not_waited_for_and_the_office_decides(any_db: str, office: Office) -> None:
    case, number, path = waiting(office)
    early = office.post("bai", f"{path}/unreached", why="查无此人")
    assert early.status_code == 422 and "还没有退件" in early.text and "查无此人" in early.text
    stuck = office.sit("bai").get(f"/requests/consultations/{number}").text
    assert "无法送达" in stuck and "公告送达" in stuck
    office.day("2026-11-30")
    assert "登记留置送达、公告送达或者无法送达" in bounce(office, "2026-11-27")
    empty = office.post("bai", f"{path}/unreached", why=" ")
    assert empty.status_code == 422 and "请写明无法送达的情况" in empty.text
    done = office.post("bai", f"{path}/unreached", why="两个地址均查无此人，电话停机，登记机关无其他地址")
    assert done.status_code == 303, errors_in(done)
    assert "不视为同意公开" in office.sit("bai").get(done.location).text
    row = party(case, office)
    assert (row.opinion, row.state, row.returned_on) == ("unreached", "closed", date(2026, 11, 30))
    request = office.request(case)
    state = clocks.compute(db.session(), request, date(2026, 11, 30))
    assert state is not None and state.paused_workdays == 5 and request.due_on == date(2026, 12, 28)
    assert "【推定】" in " ".join(caution.text for caution in state.cautions)
    derived = office.sit("bai").get(f"/requests/{request.id}/clock").text
    assert "无法送达，不再等候" in derived and "收到意见；" not in derived
    office.act("bai", case, "consult_wait", decision="go_on")
    assert "consult_wait" not in office.open_steps(case)


def test_after_a_public_notice_the_fifteen_days_run_from_its_thirtieth_day(
    any_db: str, office: Office
) -> None:
    case, _number, path = waiting(office)
    said = {
        "delivered_how": "notice",
        "delivered_on": "2026-11-30",
        "delivery_note": "登在本机关网站和《云汀日报》",
    }
    office.day("2026-11-30")
    early = office.post("bai", f"{path}/delivered", **said)
    assert early.status_code == 422 and "才公告送达" in early.text and "云汀日报" in early.text
    bounce(office, "2026-11-27")
    bare = office.post("bai", f"{path}/delivered", **{**said, "delivery_note": ""})
    assert bare.status_code == 422 and "请写明凭证" in bare.text
    done = office.post("bai", f"{path}/delivered", **said)
    assert done.status_code == 303, errors_in(done)
    row = party(case, office)
    assert (row.notice_on, row.delivered_on) == (date(2026, 11, 30), date(2026, 12, 30))
    page = office.sit("bai").get(path).text
    assert "视为送达" in page and "2026-12-30" in page
    office.day("2026-12-07")
    answer = {"opinion": "agree", "returned_on": "2026-12-07"}
    given = office.post("bai", f"{path}/opinion", **answer)
    assert given.status_code == 303, errors_in(given)
    assert party(case, office).opinion == "agree"


def test_what_a_party_refuses_to_take_is_left_with_it_and_counts_from_then(office: Office) -> None:
    case, _number, path = waiting(office)
    office.day("2026-11-25")
    bounce(office, "2026-11-25", "refused")
    said = {"delivered_how": "left", "delivered_on": "2026-11-25", "delivery_note": "居委会二人见证，有照片"}
    done = office.post("bai", f"{path}/delivered", **said)
    assert done.status_code == 303, errors_in(done)
    page = office.sit("bai").get(path).text
    assert "留置送达" in page and "2026-12-16" in page
    assert "已经登记签收" in office.post("bai", f"{path}/unreached", why="拒收").text


def test_who_is_found_during_the_notice_has_his_days_from_the_signature(office: Office) -> None:
    case, number, path = waiting(office)
    bounce(office, "2026-11-23")
    said = {"delivered_how": "notice", "delivered_on": "2026-11-23", "delivery_note": "本机关网站"}
    assert office.post("bai", f"{path}/delivered", **said).status_code == 303
    office.day("2026-11-27")
    first = db.session().query(Delivery).filter_by(to=NAME).one()
    again = {"letter": first.id, "method": "postal", "sent_on": "2026-11-25"}
    assert office.post("bai", f"/requests/{office.request(case).id}/deliveries", **again).status_code == 303
    assert db.session().query(Letter).filter_by(case_id=case, kind="L7", part=str(number)).count() == 1
    second = db.session().query(Delivery).filter_by(to=NAME, attempt=2).one().id
    office.post(
        "bai", f"/requests/deliveries/{second}/signed", signed_on="2026-11-26", signed_by="清河建筑前台"
    )
    row = party(case, office)
    assert (row.delivered_on, row.delivered_how, row.notice_on) == (date(2026, 11, 26), "signed", None)


def test_a_notice_counts_natural_days_and_everything_else_its_own_day() -> None:
    assert reached_on(Reached.NOTICE, date(2026, 11, 30), 30) == date(2026, 12, 30)
    assert reached_on(Reached.LEFT, date(2026, 11, 30), 30) == date(2026, 11, 30)
