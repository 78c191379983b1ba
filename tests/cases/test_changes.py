"""属性变更: a case about a document that exists already."""

from __future__ import annotations

import sqlalchemy as sa

from app.core.db import db
from app.documents.models import Attachment, Document
from tests.cases.flows import WITHHELD, drafted, reviewed, signed
from tests.support.driving import Desk, text_file


def test_files_of_a_change_belong_to_the_document_it_changes(any_db: str, desk: Desk) -> None:
    first = drafted(desk)
    desk.act("shen", first, "head_review", decision="agree")
    reviewed(desk, first)
    signed(desk, first)
    document = desk.case(first).document_id
    change = desk.start(
        "wen",
        "disclosure_attribute",
        entry="document",
        kind="change",
        document=str(document),
        title="旧改细则",
    )
    assert desk.case(change).document_id == document
    paper = db.session().get_one(Document, document)
    desk.act(
        "wen",
        change,
        "draft",
        title=paper.title,
        doc_kind="policy",
        old_doc_no=paper.number or "云政办发〔2026〕31号",
        old_attribute="proactive",
        change_reason="部分内容尚在讨论，不宜继续公开。",
        files={"main_file": text_file("修改后的正文", "修改稿.txt")},
        **WITHHELD,
    )
    query = sa.select(Attachment.document_id).where(Attachment.case_id == change)
    assert set(db.session().scalars(query)) == {document}
    db.session().commit()
    assert "修改稿.txt" in desk.sit("wen").get(f"/documents/{document}").get_data(as_text=True)
