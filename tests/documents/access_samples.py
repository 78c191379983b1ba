"""Objects of this room for the access tests."""

from __future__ import annotations

import io

from app.core.command import Tx, command
from app.core.now import now
from app.documents import attachments, files, importing, service
from app.documents.models import SecrecyReview
from tests.access.samples import Sample
from tests.documents import samples as made
from tests.support.organs import City


@command
def _paper(tx: Tx, city: City) -> tuple[int, int, int]:
    office = city.organs["office"]
    document = service.open_document(tx, organ_id=office, title="关于通知的通知", case_id=7)
    stored = files.store(io.BytesIO(made.PDF), "通知.pdf")
    attachment = attachments.add(tx, [stored], document_id=document, state="kept")[0]
    review = SecrecyReview(
        organ_id=office,
        case_id=7,
        document_id=document,
        number="市府办保审〔2026〕1号",
        checklist={},
        deidentified={},
        conclusion="open",
        digest="0" * 64,
        files=[],
        at=now(),
    )
    tx.session.add(review)
    tx.session.flush()
    return document, attachment, review.id


def samples(city: City) -> dict[str, Sample]:
    """The office's papers: its text checker finds them, the bureau's does not."""
    ke, office = city.actor("ke"), city.organs["office"]
    document, attachment, review = _paper(ke, city)
    number = service.reserve_number(ke, organ_id=office, number="云政办发〔2026〕1号")["id"]
    book = made.xlsx(
        [["文号", "标题", "公开属性", "印发日期"], ["云政办发〔2026〕2号", "甲", "主动公开", "2026-10-28"]]
    )
    stored = files.store(io.BytesIO(book), "登记簿.xlsx")
    batch = importing.upload(ke, organ_id=office, stored=stored, rows=1, errors=0)["id"]
    register = Sample({"import_id": batch}, insider="ke", outsider="yan")
    return {
        "documents.show": Sample({"document_id": document}, "ke", "yan"),
        "documents.secrecy_sheet": Sample({"review_id": review}, "ke", "yan"),
        "documents.download": Sample({"attachment_id": attachment}, "ke", "yan"),
        "documents.preview": Sample({"attachment_id": attachment}, "ke", "yan"),
        "documents.void_number": Sample({"number_id": number}, "ke", "yan", {"reason": "作废"}),
        "documents.import_report": register,
        "documents.import_drop": register,
    }
