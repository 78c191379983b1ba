"""The letters of a request say what the law wants of this case, and what its clock says."""

from __future__ import annotations

from typing import Any

from app.core.actor import SYSTEM
from app.core.db import db
from app.letters.models import Letter
from tests.requests.conftest import _settings
from tests.requests.driving import Office


def text_of(case: int, kind: str) -> str:
    """The newest letter of a kind, as its paragraphs."""
    session = db.session()
    session.commit()
    found = session.query(Letter).filter(Letter.case_id == case, Letter.kind == kind, Letter.state != "void")
    letter = found.order_by(Letter.id.desc()).first()
    assert letter is not None, kind
    return "\n".join(block["text"] for block in letter.blocks)


def withdrawn(office: Office) -> int:
    case = office.register()
    number = office.request(case).id
    office.post("bai", f"/requests/{number}/withdraw", on="2026-11-23", how="书面撤回申请，附撤回书")
    office.act("bai", case, "draft_closing", decision="submit")
    return case


def test_the_end_of_a_withdrawn_application_tells_of_remedies_unless_the_office_chose_otherwise(
    office: Office,
) -> None:
    assert "申请行政复议" in text_of(withdrawn(office), "L22")
    law: dict[str, Any] = {"law": {"remedy_withdrawn": False}}
    _settings(SYSTEM, {"office": law, "government": law})
    assert "行政复议" not in text_of(withdrawn(office), "L22")
