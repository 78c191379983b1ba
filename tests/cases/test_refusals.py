"""Bad input is refused with a sentence that says what to do, and nothing is half-done."""

from __future__ import annotations

import threading
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from app.cases.models import FlowRow, WorkItem
from app.core.db import db
from app.core.record import Record
from tests.cases.flows import drafted
from tests.support.bodies import without_tokens
from tests.support.driving import Desk
from tests.support.signing import sign_in


def _counts() -> tuple[int, int]:
    session = db.session()
    session.commit()
    rows = session.scalar(sa.select(sa.func.count()).select_from(FlowRow)) or 0
    records = (
        session.scalar(sa.select(sa.func.count()).select_from(Record).where(Record.stream == "case")) or 0
    )
    return rows, records


def test_a_step_somebody_else_has_done_says_who_did_it_and_keeps_the_text(desk: Desk) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    desk.act("shen", case, "head_review", decision="agree")
    before = _counts()
    late = desk.client.post(f"/work/{item.id}", data={"decision": "agree", "opinion": "我写的一段话"})
    assert late.status_code == 409
    assert "已由申牧之办理" in late.get_data(as_text=True) and "我写的一段话" in late.get_data(as_text=True)
    assert _counts() == before


def test_the_same_form_sent_twice_acts_once_and_answers_the_same(any_db: str, desk: Desk) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    form = {"decision": "agree", "token": str(uuid.uuid4())}
    client = desk.sit("shen")
    first = client.post(f"/work/{item.id}", data=form)
    before = _counts()
    second = client.post(f"/work/{item.id}", data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert _counts() == before


@pytest.mark.parametrize("login", ["wang", "gu", "mi"])
def test_the_wrong_person_learns_nothing(desk: Desk, login: str) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    client = desk.sit(login)
    for answer in (
        client.get(f"/work/{item.id}"),
        client.post(f"/work/{item.id}", data={"decision": "agree"}),
    ):
        assert answer.status_code == 404
    hidden, missing = client.get(f"/work/{item.id}"), client.get("/work/424242")
    assert without_tokens(hidden.text) == without_tokens(missing.text)


def test_an_author_may_not_judge_his_own_draft_even_on_the_right_post(desk: Desk) -> None:
    case = drafted(desk, "jiang", title="科长自己拟的稿", doc_kind="other")
    assert desk.open_steps(case) == ["self_check"]  # his own unit's head is himself: the diagram goes on
    item = desk.item(case, "self_check")
    assert item.holder_id == desk.case(case).started_by


def test_an_attachment_of_another_case_is_refused(desk: Desk) -> None:
    first = drafted(desk, title="第一件")
    stolen = desk.case(first).data["main_file"][0]["id"]
    second = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="第二件")
    answer = desk.send(
        "wen", second, "draft", title="第二件", doc_kind="other", attribute="proactive", main_file=[stolen]
    )
    assert answer.status_code == 422
    assert desk.open_steps(second) == ["draft"]


def test_a_disguised_upload_is_refused_and_the_rest_of_the_form_stays(desk: Desk) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="上传")
    answer = desk.send(
        "wen",
        case,
        "draft",
        title="保留的标题",
        doc_kind="other",
        attribute="proactive",
        files={"main_file": (b"MZ\x90\x00" + b"\0" * 200, "文件.pdf")},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "保留的标题" in page and "文件.pdf" in page


def test_claim_and_put_back(desk: Desk) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    assert desk.sit("shen").post(f"/work/{item.id}/claim").status_code == 303
    assert desk.item(case, "head_review").holder_id is not None
    assert desk.client.post(f"/work/{item.id}/put-back").status_code == 303
    assert desk.item(case, "head_review").holder_id is None
    assert desk.sit("wen").post(f"/work/{item.id}/claim").status_code == 404


def test_two_clerks_completing_the_same_step_at_the_same_moment_act_once(
    any_db: str, app: Flask, desk: Desk
) -> None:
    for round_number in range(12):
        case = drafted(desk, title=f"竞赛 {round_number}")
        item = desk.item(case, "head_review").id
        barrier = threading.Barrier(2)
        answers: list[int] = []

        def press(
            item: int = item, barrier: threading.Barrier = barrier, answers: list[int] = answers
        ) -> None:
            with app.app_context():
                client = app.test_client()
                sign_in(client, "shen")
                barrier.wait()
                answers.append(client.post(f"/work/{item}", data={"decision": "agree"}).status_code)
                db.session.remove()

        threads = [threading.Thread(target=press) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(answers) == [303, 409]
        db.session().commit()
        done = (
            db.session()
            .scalars(
                sa.select(sa.func.count())
                .select_from(WorkItem)
                .where(WorkItem.case_id == case, WorkItem.step == "self_check")
            )
            .one()
        )
        db.session().commit()
        assert done == 1


def test_a_draft_is_kept_for_the_person_and_shown_again(desk: Desk) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="草稿")
    item = desk.item(case, "draft")
    saved = desk.client.post(
        f"/work/{item.id}/draft", data={"title": "写了一半的标题", "contact_phone": "0990-1234567"}
    )
    assert saved.status_code == 200 and "saved_at" in saved.get_json()
    page = desk.client.get(f"/work/{item.id}").get_data(as_text=True)
    assert "写了一半的标题" in page and "0990-1234567" not in page


def test_the_confirmation_names_the_next_step_and_who_receives_it(desk: Desk) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    told = desk.sit("shen").post(f"/work/{item.id}/preview", data={"decision": "agree"}).get_json()
    assert told["items"] == ["送 拟稿人（文承远）办理「承办人自查」"] or "文承远" in told["items"][0]
    back = desk.client.post(
        f"/work/{item.id}/preview", data={"decision": "return", "opinion": "改"}
    ).get_json()
    assert "拟稿" in back["items"][0]


def test_personal_values_are_sealed_and_each_look_is_recorded(desk: Desk) -> None:
    case = drafted(desk, contact_phone="0990-7654321")
    session = db.session()
    row = desk.case(case)
    assert row.data["contact_phone"] == {"personal": True}
    everything = str(session.scalars(sa.select(FlowRow.answers)).all()) + str(
        session.scalars(sa.select(Record.body)).all()
    )
    assert "7654321" not in everything
    answer = desk.sit("wen").post(
        f"/cases/{case}/reveal", data={"field": "contact_phone"}, follow_redirects=True
    )
    assert "0990-7654321" in answer.get_data(as_text=True)
    session.commit()
    assert (
        session.scalars(sa.select(Record).where(Record.action == "case.reveal")).one().actor_name == "文承远"
    )
