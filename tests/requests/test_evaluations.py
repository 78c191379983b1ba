"""转主动公开评估 (条例44): who is a candidate, who decides, and where 「转」 leads."""

from __future__ import annotations

import pytest

from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import NotAllowed, Refused
from app.documents import attachments
from app.documents import service as documents
from app.documents.files import Stored
from app.documents.models import Attachment, Document, StoredFile
from app.requests import evaluating
from app.requests.models import Evaluation
from tests.requests.driving import Office
from tests.requests.test_ledger import answered


@command
def own_document(tx: Tx, organ_id: int, case_id: int) -> int:
    """A document of the organ whose file is what the request was given."""
    number = documents.open_document(tx, organ_id=organ_id, title="2026年市本级政府债务情况", case_id=None)
    kept = tx.session.query(Attachment).filter_by(case_id=case_id, field="supplied").one()
    size = tx.session.get_one(StoredFile, kept.file_hash).size
    attachments.add(
        tx, [Stored(kept.file_hash, size, "text/plain", "债务.txt")], document_id=number, state="kept"
    )
    tx.session.get_one(Document, number).attribute = "on_request"
    return number


def states(office: Office, state: str, login: str = "jiang") -> list[object]:
    page = evaluating.listed(db.session(), office.city.actor(login), state, None)
    return [row["number"] for row in page.rows]


def test_what_several_asked_for_and_one_was_given_waits_for_the_head_who_starts_the_change(
    office: Office,
) -> None:
    case = answered(office)
    number = office.request(case).number
    assert states(office, "waiting") == []
    office.register(
        name="苗田生", id_no="", phone="19900000104", content="2026年市本级政府债务限额、 余额情况。"
    )
    assert states(office, "waiting") == [number]
    assert states(office, "waiting", "yan") == []
    found = office.request(case)
    document = own_document(office.city.actor("jiang"), office.city.organs["office"], case)
    page = office.sit("bai").get("/requests/evaluations").text
    assert "另有 1 个申请人申请相同信息" in page
    path = f"/requests/{found.id}/evaluation"
    assert office.post("bai", path, decision="include", reason="可以公开").status_code == 403
    empty = office.post("jiang", path, decision="include", reason=" ")
    assert empty.status_code == 422 and "请写明评估的理由" in empty.text
    done = office.post("jiang", path, decision="include", reason="多人申请，可以公开")
    assert done.status_code == 303
    shown = office.sit("jiang").get(path).text
    assert f"/start/disclosure_attribute?document={document}" in shown and "多人申请，可以公开" in shown
    assert office.sit("jiang").get(f"/start/disclosure_attribute?document={document}").status_code == 200
    assert (states(office, "waiting"), states(office, "include")) == ([], [number])
    office.post("jiang", path, decision="keep", reason="内容已过时")
    assert (states(office, "include"), states(office, "keep")) == ([], [number])
    assert db.session().query(Evaluation).count() == 2


def test_a_suggestion_is_evaluated_in_the_flow_and_only_there_while_the_step_is_open(office: Office) -> None:
    case = answered(office, suggests_open=True)
    office.archived(case)
    assert office.open_steps(case) == ["evaluate"]
    found = office.request(case)
    with pytest.raises(Refused, match="请在待办中办理"):
        evaluating.evaluate(office.city.actor("jiang"), request_id=found.id, include=True, reason="可以")
    office.act("jiang", case, "evaluate", decision="include", opinion="属于主动公开范围")
    assert states(office, "include") == [found.number]
    with pytest.raises(NotAllowed):
        evaluating.evaluate(office.city.actor("bai"), request_id=found.id, include=True, reason="可以")


def test_what_was_not_given_is_no_candidate(office: Office) -> None:
    case = office.register(suggests_open=True)
    found = office.request(case)
    assert states(office, "all") == []
    with pytest.raises(Refused, match="只有已经答复并提供了信息"):
        evaluating.evaluate(office.city.actor("jiang"), request_id=found.id, include=True, reason="可以")


def test_a_document_named_by_its_number_is_found(office: Office) -> None:
    assert "云政办发〔2026〕31号" in evaluating._numbers("请公开《云政办发〔2026〕31号》全文")
