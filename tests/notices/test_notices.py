"""The outbox and the bell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.notices import Note, queries, service, unread
from app.notices.models import Notice, NoticeRead, NoticeReader
from tests.support.organs import City
from tests.support.signing import sign_in


@command
def tell(tx: Tx, *, notes: list[Note], fail: bool = False) -> None:
    """A command that has something to tell."""
    service.enqueue(tx, notes)
    if fail:
        raise Refused("没有办成。")


def note(
    dedupe: str,
    *,
    person: int | None = None,
    post: int | None = None,
    text: str = "核稿——关于旧改的通知",
) -> Note:
    return Note("work", text, "/work/1", person, post, dedupe)


def texts(page: queries.Page) -> list[str]:
    return [row["text"] for row in page.rows]


def test_notices_are_written_with_the_act_and_vanish_with_it(
    any_db: str, city: City, session: Session
) -> None:
    fang = city.people["fang"]
    tell(SYSTEM, notes=[note("a", person=fang), note("b", person=fang), note("a", person=fang)])
    with pytest.raises(Refused):
        tell(SYSTEM, notes=[note("c", person=fang)], fail=True)
    tell(SYSTEM, notes=[note("b", person=fang), note("d", person=fang)])
    tell(SYSTEM, notes=[])
    assert session.scalars(sa.select(Notice.dedupe).order_by(Notice.id)).all() == ["a", "b", "d"]
    session.commit()


def test_all_notices_of_an_act_cost_one_statement(
    city: City, sql_counter: Callable[[], Any], session: Session
) -> None:
    notes = [note(f"n{number}", person=city.people["fang"]) for number in range(20)]
    session.commit()
    with sql_counter() as count:
        tell(SYSTEM, notes=notes)
    assert len([text for text in count.texts if "notices" in text]) == 1
    assert count.commits == 1


@pytest.mark.parametrize(
    "url", ["http://elsewhere.example/", "//elsewhere.example", "work/1", "/\\elsewhere"]
)
def test_a_notice_leads_only_to_this_site(url: str, city: City) -> None:
    with pytest.raises(ValueError, match="this site"):
        tell(SYSTEM, notes=[Note("work", "待办", url, 1, None, "x")])


def test_a_notice_has_exactly_one_target(city: City) -> None:
    for person, post in ((None, None), (1, 1)):
        with pytest.raises(ValueError, match="one person"):
            tell(SYSTEM, notes=[note("x", person=person, post=post)])


def test_a_long_text_is_cut_not_refused(city: City, session: Session) -> None:
    tell(SYSTEM, notes=[note("x", person=city.people["fang"], text="长" * 900)])
    assert len(session.scalars(sa.select(Notice.text)).one()) == 400


def test_a_post_is_told_and_whoever_holds_it_when_reading_sees_it(any_db: str, city: City) -> None:
    post = city.post("housing", "unit_head", "住房保障科")
    tell(SYSTEM, notes=[note("p", post=post), note("own", person=city.people["fang"], text="您的")])
    assert texts(queries.page(city.actor("gu"))) == ["核稿——关于旧改的通知"]
    assert texts(queries.page(city.actor("fang"))) == ["您的"]

    @command
    def move(tx: Tx) -> None:
        changed(tx)
        seat, new, old = (
            tx.session.get(Post, post),
            tx.session.get(Person, city.people["fang"]),
            city.people["gu"],
        )
        assert seat is not None and new is not None
        staffing.grant(tx, seat, new)
        leaving = tx.session.get(Person, old)
        assert leaving is not None
        staffing.revoke(tx, seat, leaving)

    move(SYSTEM)
    assert texts(queries.page(city.actor("fang"))) == ["您的", "核稿——关于旧改的通知"]
    assert unread(city.actor("fang")) == 2
    assert texts(queries.page(city.actor("gu"))) == []


def test_each_holder_reads_for_himself(any_db: str, city: City) -> None:
    post = city.post("office", "registrar")
    tell(SYSTEM, notes=[note("p", post=post)])
    bai, qiao = city.actor("bai"), city.actor("qiao")
    number = queries.page(bai).rows[0]["id"]
    assert service.mark_read(bai, number) == "/work/1"
    assert service.mark_read(bai, number) == "/work/1", "again, and nothing happens"
    assert (unread(bai), unread(qiao)) == (0, 1)
    assert queries.page(bai, only_unread=True).rows == []
    assert queries.page(bai).rows[0]["is_read"]


def test_other_peoples_notices_do_not_exist(city: City) -> None:
    tell(SYSTEM, notes=[note("x", person=city.people["fang"])])
    number = queries.page(city.actor("fang")).rows[0]["id"]
    for who in ("gu", "wang", "yu", "mi"):
        with pytest.raises(NotFound):
            service.mark_read(city.actor(who), number)
    with pytest.raises(NotFound):
        service.mark_read(city.actor("fang"), 99_999)


def test_unread_notices_are_counted_up_to_a_hundred(any_db: str, city: City) -> None:
    tell(SYSTEM, notes=[note(f"n{number}", person=city.people["bai"]) for number in range(130)])
    post = city.post("office", "registrar")
    tell(SYSTEM, notes=[note(f"p{number}", post=post) for number in range(40)])
    assert unread(city.actor("bai")) == 100
    assert unread(city.actor("qiao")) == 40


def test_pages_go_on_without_gap_or_repeat(any_db: str, city: City) -> None:
    posts = [city.post("office", "registrar"), city.post("office", "statistician")]
    notes = [note(f"n{n}", person=city.people["bai"]) for n in range(40)]
    notes += [note(f"p{n}", post=posts[n % 2]) for n in range(41)]
    tell(SYSTEM, notes=notes)
    seen: list[int] = []
    before = None
    while True:
        page = queries.page(city.actor("bai"), before=before)
        seen += [row["id"] for row in page.rows]
        before = page.before
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 81 and seen == sorted(seen, reverse=True)


def test_everything_is_read_at_once_and_new_notices_are_not(
    any_db: str, city: City, session: Session, business_day: Callable[[str], None]
) -> None:
    bai = city.actor("bai")
    tell(SYSTEM, notes=[note(f"old{n}", person=bai.person_id) for n in range(250)])
    service.mark_read(bai, queries.page(bai).rows[3]["id"])
    business_day("2026-11-24")
    tell(SYSTEM, notes=[note(f"new{n}", person=bai.person_id) for n in range(3)])
    service.mark_all_read(bai)
    assert unread(bai) == 0
    reader = session.get(NoticeReader, bai.person_id)
    assert reader is not None and reader.read_up_to == 250
    assert session.scalar(sa.select(sa.func.count()).select_from(NoticeRead)) == 3, "the newest, one by one"
    session.commit()
    tell(SYSTEM, notes=[note("later", person=bai.person_id)])
    assert unread(bai) == 1
    service.mark_all_read(bai)
    service.mark_all_read(bai)
    assert unread(bai) == 0


def test_a_notice_committed_late_with_a_small_number_stays_unread(city: City, session: Session) -> None:
    """On PostgreSQL numbers commit out of order; marking all as read must not swallow what comes after."""
    bai = city.actor("bai")
    tell(SYSTEM, notes=[note("first", person=bai.person_id), note("second", person=bai.person_id)])
    session.execute(sa.text("UPDATE notices SET person_id = 0 WHERE dedupe = 'first'"))  # not yet visible
    session.commit()
    service.mark_all_read(bai)
    session.execute(sa.text("UPDATE notices SET person_id = :p WHERE dedupe = 'first'"), {"p": bai.person_id})
    session.commit()
    assert unread(bai) == 1


def test_the_bell_costs_one_statement_however_many_posts(
    city: City, sql_counter: Callable[[], Any], session: Session
) -> None:
    for who in ("fang", "yan", "yu"):
        actor = city.actor(who)
        session.commit()
        with sql_counter() as count:
            unread(actor)
        assert len(count.texts) == 1


def test_the_page_tells_what_is_new_and_opens_it(client: FlaskClient, city: City) -> None:
    sign_in(client, "gu")
    assert "没有未读的通知" in client.get("/notices/").text
    assert "还没有通知" in client.get("/notices/?all=1").text
    post = city.post("housing", "unit_head", "住房保障科")
    tell(SYSTEM, notes=[note("p", post=post), note("q", person=city.people["gu"], text="催办：<b>方案</b>")])
    page = client.get("/notices/").text
    assert "催办：&lt;b&gt;方案" in page and "未读" in page and "全部标为已读" in page
    number = queries.page(city.actor("gu")).rows[0]["id"]
    opened = client.get(f"/notices/{number}")
    assert (opened.status_code, opened.location) == (303, "/work/1")
    assert "催办" not in client.get("/notices/").text
    assert client.post("/notices/read").status_code == 303
    assert "没有未读的通知" in client.get("/notices/").text
    feed = client.get("/notices/feed").json
    assert [item["unread"] for item in feed] == [False, False]
    assert [item["text"].split("：")[0] for item in feed] == ["待办", "待办"], "the bell says what kind it is"
    assert set(feed[0]) == {"text", "url", "at", "unread"}
    assert client.get("/notices/99999").status_code == 404
    assert client.get(f"/notices/{2**70}").status_code == 404


def test_reading_leaves_no_record(client: FlaskClient, city: City, session: Session) -> None:
    from app.core.record import Record

    tell(SYSTEM, notes=[note("q", person=city.people["gu"])])
    before = session.scalar(sa.select(sa.func.count()).select_from(Record))
    service.mark_all_read(city.actor("gu"))
    assert session.scalar(sa.select(sa.func.count()).select_from(Record)) == before


def test_settled_is_longer_than_any_transaction() -> None:
    assert timedelta(minutes=1) < service.SETTLED


def test_the_administrators_page_is_his_alone(client: FlaskClient, city: City) -> None:
    for who, status in (("kuang", 200), ("yu", 403), ("ping", 403), ("gu", 403)):
        sign_in(client, who)
        assert client.get("/notices/failures").status_code == status
    assert client.post("/notices/failures").status_code == 403


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None:
    """Every test has the application."""


def test_a_hundred_unread_notices_are_shown_as_99_plus(client: FlaskClient, city: City) -> None:
    tell(SYSTEM, notes=[note(f"n{number}", person=city.people["bai"]) for number in range(130)])
    sign_in(client, "bai")
    assert ">99+</span>" in client.get("/notices/").text
