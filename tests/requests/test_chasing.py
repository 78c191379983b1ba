"""Hand-offs nobody takes reach the head of the unit: once, recorded, and he can do the work."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases.models import WorkItem
from app.cases.service import claim
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.jobs import JOBS
from app.core.record import Record
from app.notices.models import Notice
from app.requests import chasing
from app.requests.models import Handoff
from tests.support.organs import City
from tests.support.requests import Put, put_item, put_request, put_version, seed_calendar

MONDAY = date(2026, 11, 23)


@pytest.fixture
def bureau(city: City) -> City:
    """市住建局 with a calendar."""
    seed_calendar(SYSTEM)
    put_version(SYSTEM)
    return city


@command
def hand_off(
    tx: Tx, city: City, put: Put, unit: str = "住房保障科", due_on: date | None = None, step: str = "unit_accept",
    holder: str | None = None, post: str = "drafter",
) -> int:  # fmt: skip
    """A hand-off of today to a unit of the bureau, with the item it causes; the item's id."""
    unit_id = city.units["housing", unit]
    tx.session.add(
        Handoff(
            request_id=put.request, unit_id=unit_id, round=1, status="open", due_on=due_on, answer={},
            sent_at=tx.now, watch_on=chasing.first_look(now.today(), due_on),
        )
    )  # fmt: skip
    held = city.people[holder] if holder else None
    return put_item(
        tx, put.case, city.organs["housing"], held, city.post("housing", post, unit), step, "接收"
    )


def chase() -> None:
    job, _ = JOBS["requests.chase"]
    job()


def item(session: Session, item_id: int) -> WorkItem:
    session.commit()
    return session.get_one(WorkItem, item_id, populate_existing=True)


def notices(session: Session) -> list[str]:
    session.commit()
    people = directory()
    rows = session.scalars(sa.select(Notice).order_by(Notice.id))
    return [f"{people.posts[n.post_id or 0].kind}：{n.text.split('：')[0]}" for n in rows]


def recorded(session: Session) -> list[str]:
    session.commit()
    query = sa.select(Record.summary).where(Record.action == "request.handoff_late").order_by(Record.id)
    return list(session.scalars(query))


def test_what_is_not_accepted_within_a_working_day_goes_to_the_head_of_the_unit(
    any_db: str, bureau: City, session: Session
) -> None:
    put = put_request(SYSTEM, bureau, "housing", received_on=MONDAY)
    waiting = hand_off(SYSTEM, bureau, put, due_on=date(2026, 12, 4))
    now.pretend("2026-11-24")
    chase()
    assert notices(session) == []
    now.pretend("2026-11-25")
    chase()
    assert item(session, waiting).post_id == bureau.post("housing", "unit_head", "住房保障科")
    assert "unit_head：住房保障科超过 1 个工作日没有接收，待办已转科室负责人" in notices(session)
    assert recorded(session) == [
        "系统提醒：住房保障科超过 1 个工作日没有接收，已告知住房保障科 科室负责人，待办已转科室负责人"
    ]
    claim(bureau.actor("gu"), item_id=waiting)
    assert item(session, waiting).holder_id == bureau.people["gu"]
    chase()
    assert len(recorded(session)) == 1, "once"


def test_a_unit_that_took_it_in_time_is_left_alone_until_its_day(bureau: City, session: Session) -> None:
    put = put_request(SYSTEM, bureau, "housing", received_on=MONDAY)
    waiting = hand_off(SYSTEM, bureau, put, due_on=date(2026, 11, 27), step="unit_answer", holder="fang")
    for day in ("2026-11-25", "2026-11-27"):
        now.pretend(day)
        chase()
    assert notices(session) == []
    now.pretend("2026-11-28")
    chase()
    assert notices(session) == [
        "unit_head：住房保障科反馈已超期（应于 2026-11-27 前反馈）",
        "registrar：住房保障科反馈已超期（应于 2026-11-27 前反馈）",
    ]
    assert item(session, waiting).holder_id == bureau.people["fang"], (
        "nobody's work is taken out of his hands"
    )
    now.pretend("2026-12-05")
    chase()
    assert len(notices(session)) == 2


def test_what_is_not_accepted_and_then_late_is_told_for_each(bureau: City, session: Session) -> None:
    put = put_request(SYSTEM, bureau, "housing", received_on=MONDAY)
    hand_off(SYSTEM, bureau, put, due_on=date(2026, 11, 26))
    now.pretend("2026-11-25")
    chase()
    now.pretend("2026-11-27")
    chase()
    assert ["没有接收" in text for text in recorded(session)] == [True, False]


@command
def withdraw(tx: Tx, put: Put, handoff: bool) -> None:
    if handoff:
        tx.session.execute(sa.update(Handoff).values(done_at=tx.now))
    else:
        tx.session.execute(sa.text("UPDATE cases SET status = 'done' WHERE id = :c"), {"c": put.case})


@pytest.mark.parametrize("handoff", [True, False])
def test_what_is_answered_or_closed_is_never_chased(bureau: City, session: Session, handoff: bool) -> None:
    put = put_request(SYSTEM, bureau, "housing", received_on=MONDAY)
    hand_off(SYSTEM, bureau, put, due_on=date(2026, 11, 26))
    withdraw(SYSTEM, put, handoff)
    now.pretend("2026-12-01")
    chase()
    assert notices(session) == [] and recorded(session) == []
    assert session.scalar(sa.select(Handoff.watch_on)) is None


def test_two_units_are_told_apart(bureau: City, session: Session) -> None:
    put = put_request(SYSTEM, bureau, "housing", received_on=MONDAY)
    first = hand_off(SYSTEM, bureau, put, "住房保障科")
    second = hand_off(SYSTEM, bureau, put, "建筑业科", step="unit_answer", holder="li", post="unit_head")
    now.pretend("2026-11-25")
    chase()
    assert item(session, first).post_id == bureau.post("housing", "unit_head", "住房保障科")
    assert item(session, second).holder_id == bureau.people["li"]
    assert len(recorded(session)) == 1
