"""Numbers: consecutive, never twice, given back when the act is undone."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.errors import NotAllowed, NotFound, Refused
from app.documents import numbering, service
from app.documents.models import Document, DocumentNumber
from tests.support.organs import City
from tests.support.signing import sign_in


@command
def assign(tx: Tx, series: str, organ_id: int, year: int) -> int:
    return numbering.assign(tx, series, organ_id, year)


@command
def assign_and_fail(tx: Tx, series: str, organ_id: int, year: int) -> None:
    numbering.assign(tx, series, organ_id, year)
    raise Refused("不办了。")


def test_numbers_of_a_series_are_consecutive_per_organ_and_year(app: Flask, any_db: str) -> None:
    assert [assign(SYSTEM, "case", 1, 2026) for _ in range(3)] == [1, 2, 3]
    assert [
        assign(SYSTEM, "case", 2, 2026),
        assign(SYSTEM, "case", 1, 2027),
        assign(SYSTEM, "other", 1, 2026),
    ] == [1] * 3


def test_an_act_that_is_undone_gives_its_number_back(app: Flask, any_db: str) -> None:
    assign(SYSTEM, "case", 1, 2026)
    with pytest.raises(Refused):
        assign_and_fail(SYSTEM, "case", 1, 2026)
    assert assign(SYSTEM, "case", 1, 2026) == 2


def test_two_people_at_once_get_distinct_consecutive_numbers(app: Flask, any_db: str) -> None:
    found: list[int] = []

    def work() -> None:
        with app.app_context():
            for _ in range(20):
                found.append(assign(SYSTEM, "case", 1, 2026))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 41))


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("云政办发〔2026〕31号", "云政办发〔2026〕31号"),
        ("云政办发[2026]31号", "云政办发〔2026〕31号"),
        ("云政办发（2026）031号", "云政办发〔2026〕31号"),
        (" 云政办发 〔２０２６〕 第３１ 号 ", "云政办发〔2026〕31号"),
        ("济政办发【2018】25", "济政办发〔2018〕25号"),
    ],
)
def test_a_number_is_tidied_as_the_standard_writes_it(written: str, tidy: str) -> None:
    assert numbering.tidy(written) == tidy and numbering.is_number(tidy)


@pytest.mark.parametrize("wrong", ["", "31号", "云政办发2026-31", "云政办发〔26〕31号", "〔2026〕31号"])
def test_what_is_no_number_is_not_taken_for_one(wrong: str) -> None:
    assert not numbering.is_number(numbering.tidy(wrong))


def test_reserving_takes_the_next_number_that_is_free(app: Flask, city: City, any_db: str) -> None:
    ke, office = city.actor("ke"), city.organs["office"]
    service.enter_number(ke, organ_id=office, number="云政办发〔2026〕2号")
    given = [service.reserve_number(ke, organ_id=office, prefix="云政办发")["number"] for _ in range(2)]
    assert given == ["云政办发〔2026〕1号", "云政办发〔2026〕3号"]


def test_a_number_is_unique_whatever_its_state(app: Flask, city: City, session: Session, any_db: str) -> None:
    ke, office = city.actor("ke"), city.organs["office"]
    row = service.reserve_number(ke, organ_id=office, number="云政办发〔2026〕7号")
    service.void_number(ke, number_id=row["id"], reason="文件不发了")
    for act in (service.reserve_number, service.enter_number):
        with pytest.raises(Refused, match="作废"):
            act(ke, organ_id=office, number="云政办发[2026]007号")
    kept = session.query(DocumentNumber).one()
    assert (kept.state, kept.reason) == ("void", "文件不发了")


def test_voiding_wants_a_reason_and_spares_issued_documents(app: Flask, city: City, session: Session) -> None:
    ke, office = city.actor("ke"), city.organs["office"]
    opened = command(lambda tx: service.open_document(tx, organ_id=office, title="通知"))(ke)
    row = service.enter_number(ke, organ_id=office, number="云政办发〔2026〕7号", document_id=opened)
    with pytest.raises(Refused, match="原因"):
        service.void_number(ke, number_id=row["id"], reason=" ")
    paper = session.get(Document, opened)
    assert paper is not None and paper.number == "云政办发〔2026〕7号"
    from datetime import date

    paper.issued_on = date(2026, 11, 20)
    session.commit()
    with pytest.raises(Refused, match="已印发"):
        service.void_number(ke, number_id=row["id"], reason="错了")
    paper.issued_on = None
    session.commit()
    service.void_number(ke, number_id=row["id"], reason="错了")
    session.refresh(paper)
    assert paper.number is None


def test_numbers_belong_to_the_organ_and_to_its_keepers(app: Flask, city: City) -> None:
    office, row = city.organs["office"], None
    row = service.reserve_number(city.actor("ke"), organ_id=office, number="云政办发〔2026〕7号")
    with pytest.raises(NotAllowed, match="核稿岗"):
        service.reserve_number(city.actor("wen"), organ_id=office, number="云政办发〔2026〕8号")
    with pytest.raises(NotFound):
        service.void_number(city.actor("yan"), number_id=row["id"], reason="x")
    handled = service.reserve_number(
        city.actor("ke"), organ_id=city.organs["government"], number="云政发〔2026〕1号"
    )
    assert handled["number"] == "云政发〔2026〕1号"


def test_the_number_page_keeps_what_was_typed_when_it_refuses(app: Flask, city: City, client) -> None:  # type: ignore[no-untyped-def]
    sign_in(client, "ke")
    assert "没有登记的文号" in client.get("/documents/numbers").text
    answer = client.post(
        "/documents/numbers", data={"act": "enter", "number": "三十一号", "reason": "补录说明"}
    )
    assert (
        answer.status_code == 409
        and "三十一号" in answer.text
        and "补录说明" in answer.text
        and "文号写作" in answer.text
    )
    answer = client.post(
        "/documents/numbers", data={"act": "reserve", "prefix": "云政办发"}, follow_redirects=True
    )
    assert "已占用文号 云政办发〔2026〕1号" in answer.text
    assert sign_in(client, "wen").get("/documents/numbers").status_code == 403


def test_a_form_sent_twice_takes_one_number(app: Flask, city: City, client, session: Session) -> None:  # type: ignore[no-untyped-def]
    sign_in(client, "ke")
    data = {"act": "reserve", "prefix": "云政办发", "token": "0b1f54b4-6b0c-4a2f-9a3b-2f0f2a9a7c11"}
    for _ in range(2):
        assert client.post("/documents/numbers", data=data).status_code == 303
    assert session.query(DocumentNumber).count() == 1


@command
def use(tx: Tx, **said: object) -> str:
    return service.use_number(tx, **said)  # type: ignore[arg-type]


@command
def withdraw(tx: Tx, **said: object) -> None:
    service.withdraw_number(tx, **said)  # type: ignore[arg-type]


def test_a_letter_takes_the_next_free_number_of_its_series(city: City, any_db: str) -> None:
    office, ke = city.organs["office"], city.actor("ke")
    service.reserve_number(ke, organ_id=office, number="云政办公开复〔2026〕1号")
    service.enter_number(ke, organ_id=office, number="云政办公开复〔2026〕2号")
    first = use(ke, organ_id=office, prefix="云政办公开复", subject="答复书")
    assert first == "云政办公开复〔2026〕3号"
    assert (
        use(ke, organ_id=office, number="云政办公开复[2026]001号", subject="答复书")
        == "云政办公开复〔2026〕1号"
    )
    with pytest.raises(Refused, match="已使用"):
        use(ke, organ_id=office, number="云政办公开复〔2026〕1号", subject="另一份")


def test_the_number_of_a_void_letter_is_never_given_again(city: City, any_db: str) -> None:
    office, ke = city.organs["office"], city.actor("ke")
    number = use(ke, organ_id=office, prefix="云政办公开复", subject="答复书")
    row = db.session().scalars(select(DocumentNumber).where(DocumentNumber.number == number)).one()
    with pytest.raises(Refused, match="已用于《答复书》"):
        service.void_number(ke, number_id=row.id, reason="写错")
    withdraw(ke, organ_id=office, number=number, reason="文书作废")
    with pytest.raises(Refused, match="已作废"):
        use(ke, organ_id=office, number=number, subject="答复书")
    assert use(ke, organ_id=office, prefix="云政办公开复", subject="答复书") == "云政办公开复〔2026〕2号"
