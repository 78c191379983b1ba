"""Offices as they are: two people, paper, another organ's draft, posts without people."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.cases.models import WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.documents.models import Document, SecrecyReview
from app.obligations.models import Obligation
from tests.cases.flows import TITLE, drafted, reviewed, signed
from tests.support.bodies import without_tokens
from tests.support.driving import SELF_CHECK, Desk, text_file
from tests.support.organs import City


def test_a_county_office_of_two_does_everything_alone_and_signs_adjacent_posts_once(
    any_db: str, desk: Desk, house: City
) -> None:
    case = drafted(desk, "shui", title="关于柳川县污水处理厂扩建的公告", doc_kind="other")
    desk.act("mi", case, "head_review", decision="agree")
    desk.act("shui", case, "self_check", **SELF_CHECK)
    assert desk.open_steps(case) == ["officer_review"]  # two levels: nobody in between
    desk.act("mi", case, "officer_review", decision="agree", conclusion="open")
    desk.act("mi", case, "verify_text", decision="agree", mark_checked=True)
    desk.act("shui", case, "sign_off", **_on_paper(house))
    assert desk.case(case).status == "done"
    item = db.session().scalars(sa.select(WorkItem).where(WorkItem.step == "sign_off")).one()
    assert (item.done_name, item.how, item.entered_name) == ("梁定音", "paper", "水双挑")
    duty = db.session().scalars(sa.select(Obligation).where(Obligation.case_id == case)).one()
    assert duty.formed_on.isoformat() == "2026-11-20", "the day on the sheet, asked once"


def _on_paper(house: City) -> dict[str, object]:
    person = db.session().scalars(sa.select(Person.id).where(Person.name == "梁定音")).one()
    return {
        "offline": "1",
        "offline_how": "paper",
        "offline_signer": person,
        "offline_signed_on": "2026-11-20",
        "files": {"offline_scan": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "签批单.png")},
        "decision": "agree",
        "confirmed_attribute": "proactive",
    }


def test_one_person_on_two_adjacent_posts_signs_once_and_both_posts_are_named(desk: Desk) -> None:
    case = drafted(desk, "fang", title="关于保障性住房分配的通知")
    desk.act("gu", case, "head_review", decision="agree")
    desk.act("fang", case, "self_check", **SELF_CHECK)
    desk.act("gu", case, "head_review", decision="agree")
    desk.act("yan", case, "officer_review", decision="agree", conclusion="open")
    desk.act("yan", case, "verify_text", decision="agree", mark_checked=True)
    assert desk.open_steps(case) == ["sign_off"]


def test_head_and_secrecy_officer_in_one_person_sign_once(desk: Desk, house: City) -> None:
    """严封缄 heads 办公室 and is 保密审查员: 成述之's draft needs one signature for both."""
    case = drafted(desk, "cheng", title="关于办公室值班安排的公告", doc_kind="other")
    desk.act("yan", case, "head_review", decision="agree")
    desk.act("cheng", case, "self_check", **SELF_CHECK)
    page = desk.sit("yan").get(f"/work/{desk.item(case, 'head_review').id}").get_data(as_text=True)
    assert "审查结论" in page and "一次签署两个环节" in page
    desk.act("yan", case, "head_review", decision="agree", conclusion="open", opinion="同意公开")
    assert desk.open_steps(case) == ["verify_text"]
    done = (
        db.session()
        .scalars(
            sa.select(WorkItem).where(
                WorkItem.process_key == "secrecy_review", WorkItem.step == "head_review"
            )
        )
        .one()
    )
    assert done.capacity is not None and "、" in done.capacity
    review = db.session().scalars(sa.select(SecrecyReview)).one()
    assert review.conclusion == "open"


def test_a_draft_from_another_organ_without_a_proposal_is_returned_and_comes_again(
    any_db: str, desk: Desk
) -> None:
    answers = {
        "doc_kind": "policy",
        "agency_draft": True,
        "to_organ": "office",
        "title": "户外广告设置管理办法",
    }
    case = desk.start(
        "fang", "disclosure_attribute", entry="document", kind="first", title="户外广告设置管理办法"
    )
    files = {"main_file": text_file("代拟稿正文")}
    desk.act("fang", case, "draft", files=files, **answers)
    desk.act("gu", case, "head_review", decision="agree")
    assert desk.send("ke", case, "receive_check", decision="agree").status_code == 422
    desk.act("ke", case, "receive_check", decision="return", opinion="无公开属性建议，退文。")
    assert desk.item(case, "draft").holder_id == desk.case(case).started_by
    desk.act(
        "fang",
        case,
        "draft",
        attribute="proactive",
        interpretation="none",
        interpretation_note="征求意见稿",
        **answers,
    )
    desk.act("gu", case, "head_review", decision="agree")
    desk.act("ke", case, "receive_check", decision="agree")
    desk.act("fang", case, "self_check", **SELF_CHECK)
    desk.act("gu", case, "head_review", decision="agree")
    desk.act("wei", case, "officer_review", decision="agree", conclusion="open")
    signed(desk, case)
    document = db.session().get_one(Document, desk.case(case).document_id)
    assert document.attribute == "proactive"


def test_another_organ_sees_a_case_only_through_a_work_item(desk: Desk) -> None:
    case = drafted(desk, "fang", title="住建局自己的通知")
    assert desk.sit("wei").get(f"/cases/{case}").status_code == 404
    missing = desk.sit("wei").get("/cases/999999")
    hidden = desk.sit("wei").get(f"/cases/{case}")
    assert without_tokens(missing.text) == without_tokens(hidden.text)


def test_a_state_secret_is_an_entry_without_title_text_or_file(desk: Desk) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="secret", kind="first", copy_no="000017")
    assert desk.case(case).title == "涉密登记项（份号 000017，线下办理）"
    item = desk.item(case, "draft")
    refused = desk.client.post(
        f"/work/{item.id}/files", data={"file": (__import__("io").BytesIO(b"x"), "a.txt")}
    )
    assert refused.status_code == 409 and "涉密" in refused.get_json()["message"]
    assert desk.send("wen", case, "draft", title="不该写的标题").status_code == 422
    desk.act("wen", case, "draft")
    desk.act("shen", case, "head_review", decision="agree")
    document = db.session().get_one(Document, desk.case(case).document_id)
    assert (document.secret_entry, document.title, document.copies) == (True, None, "000017")
    page = desk.sit("wen").get(f"/cases/{case}").get_data(as_text=True)
    said = page[page.index("办件内容") :]
    assert "份号" in said and "000017" in said[: said.index("流转记录")]


@command
def _leave(tx: Tx, post: int, name: str) -> None:
    row = tx.session.get_one(Post, post)
    person = tx.session.scalars(sa.select(Person).where(Person.name == name)).one()
    staffing.revoke(tx, row, person)
    changed(tx)


@command
def _come(tx: Tx, post: int, name: str) -> None:
    row = tx.session.get_one(Post, post)
    person = tx.session.scalars(sa.select(Person).where(Person.name == name)).one()
    staffing.grant(tx, row, person)
    changed(tx)


@command
def _administer(tx: Tx, organ: int, name: str) -> None:
    person = tx.session.scalars(sa.select(Person).where(Person.name == name)).one()
    staffing.grant(tx, staffing.find_or_add_post(tx, organ, "unit_admin"), person)
    changed(tx)


def test_a_step_nobody_can_receive_is_an_incident_with_the_case_safe_and_a_way_to_mend_it(
    desk: Desk, house: City
) -> None:
    case = drafted(desk)
    _leave(SYSTEM, house.post("office", "secrecy_officer"), "卫慎言")
    desk.act("shen", case, "head_review", decision="agree")
    desk.act("wen", case, "self_check", **SELF_CHECK)
    desk.act("shen", case, "head_review", decision="agree")
    item = desk.item(case, "officer_review")
    assert item.incident is not None and "现在没有人" in item.incident
    _administer(SYSTEM, house.organs["office"], "乔录言")
    page = desk.sit("qiao").get("/stuck").get_data(as_text=True)
    assert TITLE in page
    assert desk.client.post(f"/stuck/{item.id}", data={"reason": ""}).status_code == 409
    _come(SYSTEM, house.post("office", "secrecy_officer"), "卫慎言")
    assert desk.sit("qiao").post(f"/stuck/{item.id}", data={"reason": "卫慎言回岗"}).status_code == 303
    desk.act("wei", case, "officer_review", decision="agree", conclusion="open")


def test_a_box_that_was_not_ticked_says_nothing(desk: Desk, house: City) -> None:
    case = drafted(desk)
    page = desk.sit("wen").get(f"/cases/{case}").get_data(as_text=True)
    assert "代拟稿" not in page and "办理事项" in page and page.count("<dt>文件标题</dt>") == 1
    local = drafted(desk, "fang", title="关于代拟稿的通知", agency_draft=True, to_organ="office")
    assert "代拟稿" in desk.sit("fang").get(f"/cases/{local}").get_data(as_text=True)


def test_a_step_that_somebody_can_do_is_not_redirected(desk: Desk, house: City) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    _administer(SYSTEM, house.organs["office"], "乔录言")
    body = {"person": str(house.people["bai"]), "reason": "换个人看"}
    refused = desk.sit("qiao").post(f"/stuck/{item.id}", data=body)
    assert refused.status_code == 409 and "没有卡住，不能改派" in refused.get_data(as_text=True)
    desk.act("shen", case, "head_review", decision="agree")


def test_a_new_colleague_sees_work_that_waits_already(desk: Desk, house: City) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    assert desk.case(case).title not in desk.sit("bai").get("/work").get_data(as_text=True)
    _come(SYSTEM, house.post("office", "text_checker"), "白受之")
    desk.who = None
    assert desk.case(case).title in desk.sit("bai").get("/work").get_data(as_text=True)
