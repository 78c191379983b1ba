"""公文台账, a document's page, the printed sheet: who sees what, and that it reads well."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app.core.now import now
from app.documents import hooks
from app.documents.models import Document, SecrecyReview
from tests.support.bodies import without_tokens
from tests.support.organs import City
from tests.support.signing import sign_in


def paper(
    session: Session, city: City, organ: str = "office", unit: str | None = None, **more: Any
) -> Document:
    row = Document(
        organ_id=city.organs[organ],
        unit_id=city.units[organ, unit] if unit else None,
        title="关于通知的通知",
        created=now(),
        **more,
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def papers(app: Flask, city: City, session: Session) -> list[Document]:
    return [
        paper(
            session,
            city,
            unit="综合一科",
            number="云政办发〔2026〕1号",
            attribute="proactive",
            mark="（此件公开发布）",
            issued_on=date(2026, 11, 2),
        ),
        paper(
            session,
            city,
            unit="文电科",
            number="云政办发〔2025〕9号",
            attribute="withheld",
            ground="N16b",
            reason="讨论记录",
            issued_on=date(2025, 3, 2),
        ),
        paper(session, city, organ="housing", unit="住房保障科", number="云建发〔2026〕5号"),
        paper(session, city, organ="government", number="云政发〔2026〕8号", attribute="on_request"),
    ]


@pytest.mark.parametrize(
    ("login", "sees"),
    [("ke", {0, 1, 3}), ("wen", {0}), ("fang", {2}), ("yan", {2}), ("mi", set()), ("lu", {0, 1, 3})],
)
def test_each_sees_the_documents_of_his_reach(
    papers: list[Document], city: City, client: FlaskClient, login: str, sees: set[int]
) -> None:
    page = sign_in(client, login).get("/documents?stage=all").text
    assert {i for i, row in enumerate(papers) if str(row.number) in page} == sees
    for i, row in enumerate(papers):
        answer = client.get(f"/documents/{row.id}")
        assert answer.status_code == (200 if i in sees else 404)
        if i not in sees:
            missing = client.get("/documents/99999")
            assert without_tokens(answer.text) == without_tokens(missing.text)


def test_the_ledger_is_narrowed_by_attribute_year_and_text(
    papers: list[Document], client: FlaskClient
) -> None:
    sign_in(client, "ke")

    def numbers(query: str) -> list[str]:
        text = client.get(f"/documents?{query}").text
        return [row.number for row in papers if str(row.number) in text]  # type: ignore[misc]

    assert numbers("attribute=withheld") == ["云政办发〔2025〕9号"]
    assert numbers("year=2026") == ["云政办发〔2026〕1号"]
    assert numbers("q=云政发") == ["云政发〔2026〕8号"]
    assert numbers("q=%25") == []
    assert "没有符合条件的公文" in client.get("/documents?q=没有的").text
    assert "台账里还没有公文" in sign_in(client, "mi").get("/documents").text


def test_the_ledger_opens_on_what_is_determined_and_words_are_looked_for_everywhere(
    papers: list[Document], city: City, session: Session, client: FlaskClient
) -> None:
    draft = paper(session, city, "office", "综合一科")
    draft.title = "还在起草的通知"
    session.commit()
    sign_in(client, "ke")
    assert "还在起草的通知" not in client.get("/documents").text
    assert "还在起草的通知" in client.get("/documents?stage=open").text
    assert "还在起草的通知" in client.get("/documents?stage=all").text
    assert "还在起草的通知" in client.get("/documents?q=起草").text


def test_who_sees_several_organs_sees_whose_a_document_is(
    papers: list[Document], client: FlaskClient
) -> None:
    both = sign_in(client, "ke").get("/documents").text
    assert "成文机关" in both and 'name="organ"' in both
    assert "成文机关" not in sign_in(client, "ding").get("/documents").text


def test_the_ledger_is_paged_by_key(app: Flask, city: City, session: Session, client: FlaskClient) -> None:
    for i in range(60):
        session.add(
            Document(
                organ_id=city.organs["office"], title=f"第{i:02}份", attribute="proactive", created=now()
            )
        )
    session.commit()
    sign_in(client, "ke")
    first = client.get("/documents").text
    assert "第59份" in first and "第09份" not in first and "before=" in first
    second = client.get(
        f"/documents?before={session.query(Document).filter_by(title='第10份').one().id}"
    ).text
    assert "第09份" in second and "第10份" not in second


def test_the_export_neutralises_formulas(
    app: Flask, city: City, session: Session, client: FlaskClient
) -> None:
    paper(session, city).title = '=HYPERLINK("http://evil","通知")'
    session.commit()
    book = sign_in(client, "ke").get("/documents/ledger.xlsx?stage=all", buffered=True)
    assert book.headers["Content-Disposition"].startswith("attachment")
    sheet = load_workbook(io.BytesIO(book.data)).worksheets[0]
    assert sheet["B2"].data_type == "s" and str(sheet["B2"].value).startswith("'=")


def test_a_document_shows_its_mark_and_offers_the_change(papers: list[Document], client: FlaskClient) -> None:
    page = sign_in(client, "ke").get(f"/documents/{papers[0].id}").text
    assert "（此件公开发布）" in page and "变更公开属性" in page
    assert f"/start/disclosure_attribute?document={papers[0].id}" in page
    withheld = client.get(f"/documents/{papers[1].id}").text
    assert "过程性信息" in withheld and "条例第十六条第二款" in withheld


def test_a_secret_entry_shows_its_copies_and_nothing_to_click(
    app: Flask, city: City, session: Session, client: FlaskClient
) -> None:
    row = Document(
        organ_id=city.organs["office"],
        created=now(),
        secret_entry=True,
        copies="第3号",
        ground="N14a",
        attribute="withheld",
    )
    session.add(row)
    session.commit()
    page = sign_in(client, "ke").get(f"/documents/{row.id}").text
    assert "第3号" in page and "线下办理" in page and "变更公开属性" not in page


def test_officers_handle_no_business(papers: list[Document], client: FlaskClient) -> None:
    for login in ("kuang", "ping", "yu"):
        assert sign_in(client, login).get("/documents").status_code == 403
        assert client.get(f"/documents/{papers[0].id}").status_code == 403


@pytest.fixture
def review(papers: list[Document], session: Session) -> SecrecyReview:
    row = SecrecyReview(
        organ_id=papers[0].organ_id, unit_id=papers[0].unit_id, case_id=7, document_id=papers[0].id, round=2,
        number="市府办保审〔2026〕1号", title="关于通知的通知", drafter="文承远", proposed="proactive",
        checklist={"points": ["privacy"], "points_note": "删去电话"}, deidentified={"deid_result": "done"},
        conclusion="partial", remark="隐去联系电话", digest="ab" * 32, files=[], at=now(),
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


def test_the_secrecy_sheet_prints_every_field(
    review: SecrecyReview, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"step": "保密审查意见", "post": "保密审查员", "person": "卫慎言", "at": "2026-11-20", "opinion": "同意公开",
            "decision": "出具审查意见", "how": "线下", "entered_by": "柯文书"}  # fmt: skip
    monkeypatch.setattr(hooks, "opinions_of", [lambda session, case: [said]])
    page = sign_in(client, "ke").get(f"/documents/reviews/{review.id}/sheet").text
    for word in ("保密审查记录表", "第 2 次审查", "个人隐私：涉及", "国家秘密、密点：不涉及", "删去电话", "同意公开", "卫慎言",
                 "线下签批，柯文书 回填", "部分公开", "隐去联系电话", "ab" * 32, "本系统为非涉密系统"):  # fmt: skip
        assert word in page, word
    assert sign_in(client, "fang").get(f"/documents/reviews/{review.id}/sheet").status_code == 404


def test_the_pages_look_right(
    review: SecrecyReview, papers: list[Document], live_server: Any, page: Any, looks_ok: Any, axe: Any
) -> None:
    """On a desk and on a phone."""
    from tests.support.organs import PASSWORD

    page.goto(live_server.url("/sign-in"))
    page.fill("[name=login]", "ke")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    for path in ("/documents", f"/documents/{papers[0].id}", f"/documents/{papers[1].id}", "/documents/numbers",
                 "/documents/import", f"/documents/reviews/{review.id}/sheet"):  # fmt: skip
        page.goto(live_server.url(path))
        for size in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
            page.set_viewport_size(size)
            looks_ok(page)
            axe(page)
