"""The one road: from a draft to a confirmed attribute, over the web, on both databases."""

from __future__ import annotations

import sqlalchemy as sa

from app.audit.service import check_now
from app.cases import rebuilding
from app.cases.models import FlowRow
from app.core.db import db
from app.core.record import Record
from app.documents.models import AttributeChange, Document, SecrecyReview
from app.obligations.models import Obligation
from tests.cases.flows import WITHHELD, drafted, reviewed, signed
from tests.support.driving import SELF_CHECK, Desk, text_file


def test_a_policy_document_goes_from_draft_to_a_marked_attribute_with_its_duty(
    any_db: str, desk: Desk
) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree", opinion="同意")
    reviewed(desk, case)
    signed(desk, case, doc_no="云政办发〔2026〕31号")

    row = desk.case(case)
    session = db.session()
    document = session.get_one(Document, row.document_id)
    assert (row.status, desk.open_steps(case)) == ("done", [])
    assert (document.attribute, document.mark, document.number) == (
        "proactive",
        "（此件公开发布）",
        "云政办发〔2026〕31号",
    )
    duty = session.scalars(sa.select(Obligation)).one()
    assert duty.due_on is not None and str(duty.due_on) == "2026-12-21"  # 20 working days after 2026-11-23
    review = session.scalars(sa.select(SecrecyReview)).one()
    assert (review.conclusion, len(review.files)) == ("open", 1)
    assert session.scalars(sa.select(AttributeChange)).one().new == "proactive"


def test_every_act_is_in_the_record_and_the_flow_rows_explain_the_state(any_db: str, desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    desk.act("wen", case, "self_check", **SELF_CHECK)
    session = db.session()
    actions = session.scalars(
        sa.select(Record.action).where(Record.stream == "case", Record.stream_id == case).order_by(Record.seq)
    ).all()
    assert actions == ["case.start"] + ["case.complete"] * 3
    rows = session.scalars(sa.select(FlowRow).where(FlowRow.case_id == case).order_by(FlowRow.seq)).all()
    assert [row.kind for row in rows] == ["start", "complete", "complete", "complete"]
    assert rebuilding.check_all(session).differences == {}
    session.commit()
    assert check_now().code == 0


def test_a_return_sends_the_case_back_to_the_drafter_with_what_he_had_written(desk: Desk) -> None:
    case = drafted(desk)
    refused = desk.send("shen", case, "head_review", decision="return")
    assert refused.status_code == 422 and "须写明意见" in refused.get_data(as_text=True)
    desk.act("shen", case, "head_review", decision="return", opinion="缺解读方案，请补。")
    item = desk.item(case, "draft")
    page = desk.sit("wen").get(f"/work/{item.id}").get_data(as_text=True)
    assert "缺解读方案，请补。" in page and "内容单一，不作解读。" in page and "正文.txt" in page
    desk.act("wen", case, "draft", title="改后的标题", doc_kind="other", attribute="proactive")
    assert desk.case(case).title == "改后的标题"
    assert desk.open_steps(case) == ["head_review"]


def test_a_policy_document_that_is_not_to_be_published_goes_to_the_disclosure_office_first(
    desk: Desk,
) -> None:
    case = drafted(desk, **WITHHELD)
    desk.act("shen", case, "head_review", decision="agree")
    assert desk.open_steps(case) == ["disclosure_review"]
    desk.act(
        "jiang", case, "disclosure_review", decision="return", opinion="理由不能只写内部文件，请写明后果。"
    )
    desk.act(
        "wen",
        case,
        "draft",
        title="讨论稿",
        doc_kind="policy",
        **{key: value for key, value in WITHHELD.items() if value},
    )
    desk.act("shen", case, "head_review", decision="agree")
    desk.act("jiang", case, "disclosure_review", decision="agree")
    reviewed(desk, case, channels=None, conclusion="closed", conclusion_reason="讨论过程中的稿件")
    signed(desk, case, "withheld")
    document = db.session().get_one(Document, desk.case(case).document_id)
    assert (document.ground, document.mark) == ("N16b", "（此件不公开）")
    assert db.session().scalars(sa.select(Obligation)).all() == []


def test_a_file_changed_after_the_review_is_reviewed_again(any_db: str, desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    reviewed(desk, case)
    desk.act(
        "ke",
        case,
        "verify_text",
        decision="agree",
        mark_checked=True,
        files={"main_file": text_file("附表补了一行的正文", "改后.txt")},
    )
    assert desk.open_steps(case) == ["self_check"]
    reviewed(desk, case)
    signed(desk, case)
    assert desk.case(case).status == "done"
    session = db.session()
    rounds = session.scalars(sa.select(SecrecyReview).order_by(SecrecyReview.round)).all()
    assert [review.round for review in rounds] == [1, 2]
    assert rounds[0].digest != rounds[1].digest
