"""Actions: reviews bound to bytes, attributes confirmed with their history; few statements, safe to repeat."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.actions import CATALOGUE, ActionContext
from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import Refused
from app.documents import attachments, files, hooks, review, service
from app.documents.models import AttributeChange, Document, DocumentNumber, SecrecyReview
from tests.documents import samples
from tests.support.organs import City

TITLE = "关于印发老旧小区改造实施细则的通知"


def case_of(city: City, **more: Any) -> dict[str, Any]:
    office = city.organs["office"]
    row = {"id": 7, "number": "市府办〔2026〕7号", "title": TITLE, "organ_id": office, "subject_id": office}
    row |= {
        "unit_id": city.units["office", "综合一科"],
        "authors": [city.people["wen"]],
        "started_by": city.people["wen"],
    }
    return row | {"document_id": None} | more


@command
def act(tx: Tx, name: str, case: dict[str, Any], answers: dict[str, Any], **params: Any) -> Any:
    context = ActionContext(tx, case, answers, "step")
    result = CATALOGUE[name].call(context, **params)
    return result, context.changes, context.said


@command
def put(tx: Tx, data: bytes, case_id: int = 7, field: str = "main_file", **more: Any) -> int:
    stored = files.store(io.BytesIO(data), "文.pdf")
    return attachments.add(tx, [stored], case_id=case_id, field=field, **({"state": "kept"} | more))[0]


@command
def keep(tx: Tx, ids: list[int]) -> None:
    attachments.keep(tx, 7, 1, {"main_file": ids})


@command
def opened(tx: Tx, city: City, **more: Any) -> int:
    return service.open_document(tx, organ_id=city.organs["office"], title=TITLE, case_id=7, **more)


def conclude(actor: Actor, case: dict[str, Any], conclusion: str = "open", **answers: Any) -> Any:
    return act(actor, "secrecy.conclude", case, answers, conclusion=conclusion, attribute="proactive")[0]


def valid(actor: Actor, case: dict[str, Any], attribute: str = "proactive", **answers: Any) -> bool:
    found: bool = act(actor, "secrecy.still_valid", case, answers, attribute=attribute)[0]
    return found


# --- secrecy review ------------------------------------------------------------------------------------------------


def test_a_conclusion_is_bound_to_the_reviewed_bytes(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    wei, case = city.actor("wei"), case_of(city)
    assert not valid(wei, case)
    first = put(wei, samples.PDF)
    result = conclude(wei, case, source="made", points=["privacy"], points_note="删去电话")
    assert result["number"] == "市府办保审〔2026〕1号" and result["round"] == 1
    assert valid(wei, case)
    second = put(wei, samples.PDF + b"changed", state="pending")
    assert valid(wei, case), "an upload that no step has kept changes nothing"
    keep(wei, [second])
    assert not valid(wei, case)
    keep(wei, [second])
    again = conclude(wei, case)
    assert (again["number"], again["round"]) == (result["number"], 2) and again["digest"] != result["digest"]
    assert valid(wei, case)
    rows = session.query(SecrecyReview).order_by(SecrecyReview.round).all()
    assert [row.files for row in rows] != [rows[0].files, rows[0].files] and rows[0].checklist["points"] == [
        "privacy"
    ]
    assert rows[0].origin == "本机关制作" and rows[0].drafter == "文承远" and first != second


def test_the_title_and_the_proposal_are_reviewed_too(app: Flask, city: City) -> None:
    wei, case = city.actor("wei"), case_of(city)
    put(wei, samples.PDF)
    conclude(wei, case)
    assert not valid(wei, case, attribute="on_request")
    assert not valid(wei, case, title="关于另一件事的通知")


def test_a_signed_sheet_that_is_scanned_in_does_not_void_the_review(app: Flask, city: City) -> None:
    wei, case = city.actor("wei"), case_of(city)
    put(wei, samples.PDF)
    conclude(wei, case)
    put(wei, samples.PDF + b"scan", field="offline_scan", part="paper")
    assert valid(wei, case)


def test_a_closed_conclusion_never_carries_a_publication(app: Flask, city: City) -> None:
    wei, case = city.actor("wei"), case_of(city)
    act(
        wei,
        "secrecy.conclude",
        case,
        {"conclusion_reason": "涉及讨论过程"},
        conclusion="closed",
        attribute="proactive",
    )
    assert not valid(wei, case)


def test_the_same_conclusion_over_the_same_bytes_is_the_same_record(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    wei, case = city.actor("wei"), case_of(city)
    put(wei, samples.PDF)
    assert conclude(wei, case) == conclude(wei, case)
    assert session.query(SecrecyReview).count() == 1
    other = conclude(wei, case_of(city, id=8))
    assert other["number"] == "市府办保审〔2026〕2号", "no gap where nothing was written"


def test_a_review_without_a_conclusion_is_refused(app: Flask, city: City) -> None:
    for wrong in ("", "undetermined", "yes"):
        with pytest.raises(Refused, match="结论"):
            act(
                city.actor("wei"),
                "secrecy.conclude",
                case_of(city),
                {},
                conclusion=wrong,
                attribute="proactive",
            )


def test_actions_are_frugal(app: Flask, city: City, sql_counter: Callable[[], Any], any_db: str) -> None:
    wei = city.actor("wei")
    document = opened(city.actor("wen"), city)
    case = case_of(city, document_id=document)
    g.gongkai_org_version = directory().version  # as a request knows it from the sign-in
    for i in range(30):
        put(wei, samples.PDF + bytes([i]))

    def cost(name: str, answers: dict[str, Any], **params: Any) -> int:
        with sql_counter() as plain:
            command(lambda tx: None)(wei)
        with sql_counter() as count:
            act(wei, name, case, answers, **params)
        return int(count.statements - plain.statements)

    assert cost("secrecy.conclude", {}, conclusion="open", attribute="proactive") == 2
    assert cost("secrecy.conclude", {}, conclusion="open", attribute="proactive") == 1
    assert cost("secrecy.still_valid", {}, attribute="proactive") == 1
    said = {"doc_no": "云政办发〔2026〕31号"}
    assert cost("attribute.confirm", said, attribute="proactive", kind="first", signed_on="2026-11-23") == 2


# --- attribute -----------------------------------------------------------------------------------------------------


def confirm(actor: Actor, case: dict[str, Any], attribute: str, ground: str = "", **answers: Any) -> Any:
    params = {"attribute": attribute, "ground": ground, "kind": "first", "signed_on": "2026-11-20"}
    return act(actor, "attribute.confirm", case, answers, **params)


def test_confirming_marks_the_document_and_writes_its_history(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    lu = city.actor("lu")
    document = opened(city.actor("wen"), city)
    case = case_of(city, document_id=document)
    result, _, said = confirm(lu, case, "proactive", doc_no="云政办发[2026]031号", doc_kind="policy")
    paper = session.get_one(Document, document)
    assert (paper.attribute, paper.mark, paper.number) == (
        "proactive",
        "（此件公开发布）",
        "云政办发〔2026〕31号",
    )
    assert (paper.issued_on, paper.made_on, paper.kind) == (date(2026, 11, 20), date(2026, 11, 20), "policy")
    assert result == {
        "document": document,
        "attribute": "proactive",
        "mark": "（此件公开发布）",
        "number": "云政办发〔2026〕31号",
        "formed_on": "2026-11-20",
    }
    assert "（此件公开发布）" in said[0]
    repeated, _, _ = confirm(lu, case, "proactive", doc_no="云政办发[2026]031号", doc_kind="policy")
    assert repeated == result and session.query(AttributeChange).count() == 1
    later = case_of(city, id=9, document_id=document, title="变更公开属性")
    confirm(lu, later, "withheld", "N16b", reason="属于讨论记录", doc_no="")
    session.expire_all()
    changes = session.query(AttributeChange).order_by(AttributeChange.id).all()
    assert [(c.old, c.new, c.ground) for c in changes] == [
        (None, "proactive", None),
        ("proactive", "withheld", "N16b"),
    ]
    assert (paper.mark, paper.title, paper.number) == ("（此件不公开）", TITLE, "云政办发〔2026〕31号")


def test_leaving_proactive_is_told_to_who_hangs_there(
    app: Flask, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(hooks, "attribute_changed", [lambda tx, *what: told.append(what)])
    document = opened(city.actor("wen"), city)
    case = case_of(city, document_id=document)
    confirm(city.actor("lu"), case, "proactive")
    confirm(city.actor("lu"), case, "on_request", on_request_reason="涉及个别企业")
    assert told == [(document, None, "proactive"), (document, "proactive", "on_request")]


def test_withholding_needs_a_ground(app: Flask, city: City) -> None:
    case = case_of(city, document_id=opened(city.actor("wen"), city))
    with pytest.raises(Refused, match="条款"):
        confirm(city.actor("lu"), case, "withheld")
    with pytest.raises(Refused, match="公开属性"):
        confirm(city.actor("lu"), case, "")


@pytest.mark.parametrize("state", ["void", "reserved for another"])
def test_a_number_kept_elsewhere_cannot_be_signed_with(
    app: Flask, city: City, session: Session, state: str, any_db: str
) -> None:
    ke, office, number = city.actor("ke"), city.organs["office"], "云政办发〔2026〕31号"
    other = command(lambda tx: service.open_document(tx, organ_id=office, title="另一份"))(ke)
    row = service.reserve_number(ke, organ_id=office, number=number)
    if state == "void":
        service.void_number(ke, number_id=row["id"], reason="不发了")
    else:
        session.execute(sa.update(DocumentNumber).values(document_id=other))
        session.commit()
    case = case_of(city, document_id=opened(city.actor("wen"), city))
    with pytest.raises(Refused, match="换一个文号"):
        confirm(city.actor("lu"), case, "proactive", doc_no=number)


def test_a_reserved_number_is_taken_by_the_document_and_no_number_twice(
    app: Flask, city: City, any_db: str
) -> None:
    ke, office, number = city.actor("ke"), city.organs["office"], "云政办发〔2026〕31号"
    service.reserve_number(ke, organ_id=office, number=number)
    case = case_of(city, document_id=opened(city.actor("wen"), city))
    assert confirm(city.actor("lu"), case, "proactive", doc_no=number)[0]["number"] == number
    other = command(lambda tx: service.open_document(tx, organ_id=office, title="另一份"))(ke)
    with pytest.raises(Refused, match="已用于其他文件"):
        confirm(city.actor("lu"), case_of(city, id=9, document_id=other), "proactive", doc_no=number)


def test_an_agency_draft_belongs_to_the_organ_it_was_sent_to(
    app: Flask, city: City, session: Session
) -> None:
    housing, government = city.organs["housing"], city.organs["government"]
    document = command(lambda tx: service.open_document(tx, organ_id=housing, title=TITLE, case_id=7))(
        city.actor("fang")
    )
    case = case_of(city, document_id=document, organ_id=housing, subject_id=housing)
    confirm(city.actor("lu"), case, "proactive", agency_draft=True, to_organ="government")
    paper = session.get_one(Document, document)
    assert (paper.organ_id, paper.from_organ_id, paper.origin) == (government, housing, "entrusted")


def test_a_case_without_a_document_makes_one(app: Flask, city: City, session: Session, any_db: str) -> None:
    _, changes, _ = confirm(city.actor("lu"), case_of(city), "on_request", on_request_reason="涉及个别企业")
    paper = session.query(Document).one()
    assert changes == {"document_id": paper.id} and paper.title == TITLE and paper.reason == "涉及个别企业"


# --- state secrets -------------------------------------------------------------------------------------------------


def test_a_secret_entry_holds_nothing_but_the_number_of_copies(
    app: Flask, city: City, session: Session, any_db: str
) -> None:
    document = opened(
        city.actor("wei"), city, answers={"entry": "secret", "copy_no": "第3号", "title": "不该有"}
    )
    case = case_of(city, document_id=document, title="涉密登记项")
    result, _, said = confirm(city.actor("lu"), case, "withheld", "N14a", entry="secret", copy_no="第3号")
    paper = session.get_one(Document, document)
    assert (paper.secret_entry, paper.copies, paper.title, paper.mark) == (True, "第3号", None, None)
    assert result["mark"] is None and "只登记份号" in said[0]


@pytest.mark.parametrize("column", ["title", "text", "number", "reason"])
def test_the_database_itself_refuses_words_of_a_secret(
    app: Flask, city: City, session: Session, column: str, any_db: str
) -> None:
    opened(city.actor("wei"), city, answers={"entry": "secret", "copy_no": "第3号"})
    with pytest.raises(IntegrityError):
        session.execute(sa.update(Document).values({column: "内容"}))
    session.rollback()
    with pytest.raises(IntegrityError):
        session.execute(sa.update(Document).values(ground=None))
    session.rollback()


def test_a_document_with_files_cannot_become_a_secret_entry(app: Flask, city: City, any_db: str) -> None:
    document = opened(city.actor("wen"), city)
    put(city.actor("wen"), samples.PDF, document_id=document)
    with pytest.raises(Refused, match="线下"):
        confirm(city.actor("lu"), case_of(city, document_id=document), "withheld", "N14a")


def test_a_digest_depends_on_each_part_and_not_on_order() -> None:
    base = review.digest("甲", "乙", ["1", "2"])
    assert base == review.digest("甲", "乙", ["2", "1"])
    assert (
        len(
            {
                base,
                review.digest("甲乙", "", ["1", "2"]),
                review.digest("甲", "乙", ["1"]),
                review.digest("甲", None, ["1", "2"]),
            }
        )
        == 4
    )
