"""行政复议、行政诉讼: the law's days, the work they cause, their results, and answering again when ordered to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts.directory import changed
from app.accounts.models import Organ
from app.cases.models import WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import NotAllowed, NotFound, Refused
from app.core.record import Record
from app.notices.models import Notice
from app.requests import appealed, appeals, ordering, pressing
from app.requests.appeals import Filed
from app.requests.models import Appeal, Request
from tests.requests.driving import Office
from tests.requests.test_ledger import answered
from tests.support.driving import errors_in

DAY = date(2026, 11, 23)


def filed(office: Office, **more: Any) -> Filed:
    said: dict[str, Any] = {
        "kind": "reconsideration", "track": "ordinary", "case_no": "云政复〔2026〕88号", "body": "云汀市人民政府",
        "party": "何问渠", "copy_on": DAY, "subject_id": office.city.organs["office"],
    }  # fmt: skip
    return Filed(**(said | more))


def register(office: Office, login: str = "zhang", **more: Any) -> Appeal:
    done = appeals.register(office.city.actor(login), filed=filed(office, **more))
    return row(done["appeal"])


def row(appeal_id: int) -> Appeal:
    session = db.session()
    session.commit()
    return session.get_one(Appeal, appeal_id, populate_existing=True)


@command
def make_review_office(tx: Tx, code: str) -> None:
    organ = tx.session.scalars(sa.select(Organ).where(Organ.code == code)).one()
    organ.settings = {**organ.settings, "review_office": True}
    changed(tx)


@pytest.mark.parametrize(
    ("kind", "track", "copy_on", "due_on"),
    [
        ("reconsideration", "ordinary", date(2026, 11, 16), date(2026, 11, 30)),  # 10 working days
        ("reconsideration", "summary", date(2026, 11, 16), date(2026, 11, 23)),  # 5 working days
        ("litigation", "direct", date(2026, 11, 12), date(2026, 11, 27)),  # 15 natural days
        (
            "litigation",
            "after",
            date(2026, 9, 17),
            date(2026, 10, 8),
        ),  # the last day is a holiday: the next working day
        ("litigation", "direct", date(2026, 12, 20), None),  # reaches a year that is not imported
    ],
)
def test_the_law_sets_the_day_by_which_to_answer(
    office: Office, kind: str, track: str, copy_on: date, due_on: date | None
) -> None:
    office.day("2026-12-20")
    found = register(office, kind=kind, track=track, copy_on=copy_on)
    assert found.answer_due_on == due_on
    assert found.answer_due_why == (None if due_on else "2027年放假安排未导入")


def test_the_work_reaches_who_answers_on_a_case_closed_long_ago_and_ends_with_the_answer(
    office: Office,
) -> None:
    case = answered(office)
    office.archived(case)
    number = office.request(case).number
    assert office.case(case).status == "done"
    office.sit("zhang")
    response = office.post(
        "zhang", "/requests/appeals/new", kind="reconsideration", track="ordinary", case_no="云政复〔2026〕88号",
        body="云汀市人民政府", party="何问渠", copy_on="2026-11-23", subject=office.city.organs["office"], request_no=number,
    )  # fmt: skip
    assert response.status_code == 303, errors_in(response)
    found = row(1)
    item = db.session().get_one(WorkItem, found.item_id)
    assert (item.case_id, item.kind, item.label, item.due_on) == (
        case,
        "appeal",
        "复议答复举证",
        date(2026, 12, 7),
    )
    page = office.sit("zhang").get("/work").text
    assert "复议答复举证" in page
    assert office.sit("zhang").get(f"/work/{item.id}").location == f"/requests/appeals/items/{item.id}"
    assert (
        office.sit("zhang").get(f"/requests/appeals/items/{item.id}").location
        == f"/requests/appeals/{found.id}"
    )
    shown = office.sit("zhang").get(f"/requests/appeals/{found.id}").text
    assert "请您办理：复议答复举证" in shown and "期限怎么算的" in shown and "行政复议法第四十八条" in shown
    assert "请您办理" not in office.sit("jian").get(f"/requests/appeals/{found.id}").text
    assert "云政复〔2026〕88号" in office.sit("zhang").get("/requests/appeals").text
    early = office.post("zhang", f"/requests/appeals/{found.id}/answer", on="2026-11-20", how="当面提交")
    assert (
        early.status_code == 422
        and "提交日期应在收到副本与今天之间" in early.text
        and "当面提交" in early.text
    )
    office.day("2026-12-08")
    done = office.post("zhang", f"/requests/appeals/{found.id}/answer", on="2026-12-08", how="当面提交答复书")
    assert done.status_code == 303
    assert row(found.id).answered_on == date(2026, 12, 8)
    assert "逾期提交视为没有证据" in office.sit("zhang").get(done.location).text
    assert db.session().get_one(WorkItem, found.item_id, populate_existing=True).status == "done"
    acts = db.session().query(Record.action).filter_by(stream="case", stream_id=case).all()
    assert [act for (act,) in acts if act.startswith("appeal.")] == ["appeal.register", "appeal.answer"]
    with pytest.raises(Refused, match="不用再登记"):
        appeals.answer(office.city.actor("zhang"), appeal_id=found.id, on=date(2026, 12, 8), how="又一次")


def test_without_a_request_in_the_system_the_post_is_told_and_the_register_keeps_the_day(
    office: Office,
) -> None:
    found = register(office, "bai", party="卜再来")
    assert found.item_id is None and found.answer_due_on == date(2026, 12, 7)
    told = db.session().query(Notice).filter_by(dedupe=f"appeal:{found.id}").one()
    assert "云政复〔2026〕88号" in told.text and told.post_id == office.city.post("office", "legal_officer")
    with pytest.raises(NotAllowed, match="法制审核岗"):
        appeals.answer(office.city.actor("bai"), appeal_id=found.id, on=DAY, how="当面")
    appeals.answer(office.city.actor("zhang"), appeal_id=found.id, on=DAY, how="当面")
    assert row(found.id).answered_on == DAY


def test_a_small_office_without_a_legal_officer_answers_through_its_head(office: Office) -> None:
    found = register(office, "shui", subject_id=office.city.organs["county"])
    told = db.session().query(Notice).filter_by(dedupe=f"appeal:{found.id}").one()
    assert told.post_id == office.city.post("county", "disclosure_head")


def test_what_cannot_be_is_refused_with_a_sentence_at_its_field(office: Office) -> None:
    for more, field in (
        ({"track": "direct"}, "track"),
        ({"copy_on": date(2026, 11, 24)}, "copy_on"),
        ({"case_no": "a\x00b"}, "case_no"),
        ({"request_no": "市府办依申〔2026〕99号"}, "request_no"),
    ):
        with pytest.raises(Refused) as caught:
            register(office, **more)
        assert set(caught.value.fields) == {field}
    register(office)
    with pytest.raises(Refused, match="已经登记过"):
        register(office)
    with pytest.raises(NotAllowed):
        register(office, "wen")
    with pytest.raises(NotAllowed):
        register(office, "zhang", subject_id=office.city.organs["housing"])


def test_results_fill_table_four_and_stay_with_their_year(office: Office) -> None:
    actor = office.city.actor("zhang")
    rows = [
        register(office, case_no="1"),
        register(office, case_no="2", kind="litigation", track="direct"),
        register(office, case_no="3", kind="litigation", track="after"),
        register(office, case_no="4", kind="litigation", track="after", counts=False),
    ]
    with pytest.raises(Refused) as caught:
        appeals.decide(
            actor,
            appeal_id=rows[0].id,
            result="upheld",
            decided_on=DAY,
            decided_no="",
            redo_by=date(2026, 12, 8),
        )
    assert set(caught.value.fields) == {"decided_no", "redo_by"}
    said = {"decided_on": DAY, "decided_no": "云政复决〔2026〕7号", "redo_by": None}
    appeals.decide(actor, appeal_id=rows[0].id, result="upheld", **said)
    appeals.decide(actor, appeal_id=rows[1].id, result="corrected", **said)
    table = appealed.yearly(db.session(), actor, 2026)
    assert [tuple(group.values()) for group in table] == [
        ("行政复议", 1, 0, 0, 0, 1),
        ("未经复议直接起诉", 0, 1, 0, 0, 1),
        ("复议后起诉", 0, 0, 0, 1, 1),
    ]
    assert [group["total"] for group in appealed.yearly(db.session(), actor, 2027)] == [0, 0, 1]
    other = appealed.yearly(db.session(), office.city.actor("yan"), 2026)
    assert sum(group["total"] for group in other) == 0


def test_an_order_to_answer_again_makes_a_linked_dated_matter_that_counts_no_intake(office: Office) -> None:
    case = answered(office)
    office.archived(case)
    first = office.request(case)
    found = register(office, request_no=first.number)
    said = {
        "result": "corrected",
        "decided_on": DAY,
        "decided_no": "云政复决〔2026〕7号",
        "redo_by": date(2026, 12, 8),
    }
    appeals.decide(office.city.actor("zhang"), appeal_id=found.id, **said)
    with pytest.raises(NotAllowed, match="受理登记岗"):
        ordering.again(office.city.actor("zhang"), appeal_id=found.id)
    response = office.post("bai", f"/requests/appeals/{found.id}/redo")
    assert response.status_code == 303, errors_in(response)
    again = db.session().query(Request).filter_by(earlier_id=first.id).one()
    assert row(found.id).redo_id == again.id
    assert (again.number, again.counts, again.state) == ("市府办重答〔2026〕1号", False, "open")
    assert (again.received_on, again.due_on, again.content) == (DAY, date(2026, 12, 8), first.content)
    assert again.applicant == first.applicant and again.incoming_id is None
    assert office.open_steps(again.case_id) == ["examine"]
    assert "责令重新答复" in office.sit("bai").get(f"/requests/{again.id}/clock").text
    assert (
        office.register()
        and db.session().query(Request).order_by(Request.id.desc()).first().number == "市府办依申〔2026〕2号"
    )  # type: ignore[union-attr]
    with pytest.raises(Refused, match="已经登记过"):
        ordering.again(office.city.actor("bai"), appeal_id=found.id)


def test_a_request_of_an_earlier_system_is_answered_again_from_its_paper(office: Office) -> None:
    found = register(office, party="卜再来", case_no="云政复〔2025〕33号")
    said = {
        "result": "corrected",
        "decided_on": DAY,
        "decided_no": "云政复决〔2026〕8号",
        "redo_by": date(2026, 12, 8),
    }
    appeals.decide(office.city.actor("zhang"), appeal_id=found.id, **said)
    page = office.sit("bai").get(f"/requests/appeals/{found.id}/redo").text
    assert "卜再来" in page
    response = office.post(
        "bai", f"/requests/appeals/{found.id}/redo", subject=office.city.organs["office"], channel="online",
        arrived_on="2026-11-23", kind="person", name="卜再来", id_kind="id_card", phone="19900000103",
        content="云政复〔2025〕33号征收批复", supply="paper", delivery="post",
    )  # fmt: skip
    assert response.status_code == 303, errors_in(response)
    again = db.session().query(Request).filter_by(counts=False).one()
    assert (again.earlier_id, again.due_on, again.state) == (None, date(2026, 12, 8), "open")


def test_the_review_office_registers_for_any_respondent_and_sees_no_request(office: Office) -> None:
    case = office.register()
    number = office.request(case).number
    with pytest.raises(NotAllowed):
        register(office, "cheng", request_no=number)
    make_review_office(SYSTEM, "housing")
    found = register(office, "cheng", request_no=number)
    assert (found.organ_id, found.from_organ_id) == (
        office.city.organs["office"],
        office.city.organs["housing"],
    )
    item = db.session().get_one(WorkItem, found.item_id)
    assert item.organ_id == office.city.organs["office"]
    page = office.sit("cheng").get(f"/requests/appeals/{found.id}")
    assert page.status_code == 200 and f"/cases/{case}" not in page.text and str(number) in page.text
    assert office.sit("cheng").get(f"/cases/{case}").status_code == 404
    assert office.sit("shui").get(f"/requests/appeals/{found.id}").status_code == 404
    with pytest.raises(NotAllowed):
        appeals.answer(office.city.actor("cheng"), appeal_id=found.id, on=DAY, how="代为提交")
    with pytest.raises(NotFound):
        appeals.answer(office.city.actor("shui"), appeal_id=found.id, on=DAY, how="代为提交")


def test_a_year_that_is_confirmed_later_gives_the_day_to_the_register_and_to_the_work(office: Office) -> None:
    from app.calendar import service as calendars

    office.day("2026-12-25")
    case = office.register()
    found = register(office, copy_on=date(2026, 12, 25), request_no=office.request(case).number)
    assert (found.answer_due_on, found.answer_due_why) == (None, "2027年放假安排未导入")
    table = "日期,类型,名称\n2027-01-01,放假,元旦\n2027-02-06,放假,春节\n2027-10-01,放假,国庆节\n"
    said = {"year": 2027, "source": "国办发明电〔2026〕99号", "file_name": "2027.csv", "data": table.encode()}
    upload = calendars.upload(office.city.actor("qiao"), **said)
    calendars.confirm(office.city.actor("qiao"), upload_id=upload["upload"])
    found = row(found.id)
    assert (found.answer_due_on, found.answer_due_why) == (date(2027, 1, 11), None)
    item = db.session().get_one(WorkItem, found.item_id, populate_existing=True)
    assert item.due_on == date(2027, 1, 11)
    assert db.session().query(Record).filter_by(action="appeal.recalculated").count() == 1


def told_of(appeal_id: int) -> list[str]:
    session = db.session()
    session.commit()
    found = session.query(Notice).filter(Notice.url == f"/requests/appeals/{appeal_id}").order_by(Notice.id)
    return [notice.text for notice in found]


@pytest.mark.parametrize(
    ("kind", "track", "days"),
    [
        (
            "reconsideration",
            "ordinary",
            {"2026-11-30": "剩 5 个工作日", "2026-12-07": "今日到期", "2026-12-08": "已过期限"},
        ),
        (
            "reconsideration",
            "summary",
            {"2026-11-25": "剩 3 个工作日", "2026-11-30": "今日到期", "2026-12-01": "已过期限"},
        ),
        (
            "litigation",
            "direct",
            {"2026-12-03": "剩 5 天（自然日）", "2026-12-08": "今日到期", "2026-12-09": "已过期限"},
        ),
    ],
)
def test_whoever_answers_is_told_while_there_is_time_and_when_there_is_none(
    office: Office, kind: str, track: str, days: dict[str, str]
) -> None:
    found = register(office, kind=kind, track=track)
    pressing.press(SYSTEM)
    before = len(told_of(found.id))
    for number, (day, word) in enumerate(days.items(), 1):
        office.day(day)
        while pressing.press(SYSTEM):
            pass
        said = told_of(found.id)
        assert word in said[-1], said
        assert len(said) >= before + number
        count = len(said)
        pressing.press(SYSTEM)
        assert len(told_of(found.id)) == count, "nobody is told twice"


def test_an_answer_that_was_handed_in_is_not_asked_for_again(office: Office) -> None:
    case = answered(office)
    number = office.request(case).number or ""
    found = register(office, request_no=number)
    appeals.answer(office.city.actor("zhang"), appeal_id=found.id, on=DAY, how="书面答复，附证据清单")
    before = told_of(found.id)
    office.day("2026-12-20")
    while pressing.press(SYSTEM):
        pass
    assert told_of(found.id) == before and row(found.id).watch_on is None
