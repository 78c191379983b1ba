"""挂起、恢复办理 (H13): nobody completes a step meanwhile, internal time stands still, the law's goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from app.cases import queries, service
from app.cases.models import CaseTimer
from app.cases.operations import suspending
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.core.now import business_date, now
from tests.cases.pressing import press_case, recorded, words_of
from tests.engine.diagrams import Diagram, properties, timer
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small


@pytest.fixture
def small(house: City) -> Small:
    """A small process: b has five working days, and a timer of three days beside it."""
    diagram = (
        Diagram("su_line")
        .start()
        .people("a", "late")
        .people("b", inner=properties(internal_days="5"))
        .end("e", "e2")
    )
    diagram.boundary("soon", "b", timer("'P3D'"), interrupting=False)
    diagram.go("s -> a -> b -> e").go("soon -> late -> e2")
    return Small(house).put(diagram).begin().do("a", by="wen")


def the_timer(small: Small) -> CaseTimer:
    session = db.session()
    session.commit()
    query = (
        sa.select(CaseTimer).where(CaseTimer.case_id == small.id).execution_options(populate_existing=True)
    )
    return session.scalars(query).one()


def test_nobody_completes_a_step_of_a_case_that_rests(any_db: str, small: Small, desk: Desk) -> None:
    assert press_case(desk, "wen", small.id, "suspend", reason="等上级批复").status_code == 303
    item = small.item("b")
    page = words_of(desk.sit("wen").get(f"/work/{item['id']}"))
    assert "本件已挂起" in page and "法定期限照算" in page
    answer = desk.sit("wen").post(
        f"/work/{item['id']}", data={"decision": "agree", "note": "已写好", "token": "t" * 32}
    )
    assert answer.status_code == 409 and "本件已挂起" in answer.text and "已写好" in answer.text
    assert recorded("case.suspend") == ["文承远 挂起办理：等上级批复（法定期限照算，不因挂起停止）"]
    assert press_case(desk, "wen", small.id, "resume").status_code == 303
    small.do("b")
    assert small.case.status == "done"


def test_a_timer_does_not_fire_on_a_case_that_rests(
    any_db: str, small: Small, business_day: Callable[[str], None]
) -> None:
    row = the_timer(small)
    suspending.suspend(small.city.actor("wen"), case_id=small.id, reason="等批复")
    business_day("2026-12-07")
    assert queries.due_timers(db.session(), now()) == []
    assert service.fire_timer(SYSTEM, case_id=small.id, address=row.address, name=row.name) == {
        "fired": False
    }
    assert small.waiting == ["b"]


def test_internal_time_keeps_what_was_left_of_it(
    any_db: str, small: Small, business_day: Callable[[str], None]
) -> None:
    """Monday to the next Monday: five working days; two are used, three are left after a week of rest."""
    assert business_date(small.item("b")["due_at"]) == date(2026, 11, 30)
    due = the_timer(small).due_at
    business_day("2026-11-25")
    suspending.suspend(small.city.actor("wen"), case_id=small.id, reason="等批复")
    business_day("2026-12-02")
    suspending.resume(small.city.actor("wen"), case_id=small.id)
    item = small.item("b")
    assert business_date(item["due_at"]) == item["due_on"] == date(2026, 12, 7)
    assert business_date(due) == date(2026, 11, 26)
    assert business_date(the_timer(small).due_at) == date(
        2026, 12, 2
    )  # one office day was left: to its evening
    assert small.case.suspended_at is None
    small.whole()


def test_what_was_late_already_stays_late(small: Small, business_day: Callable[[str], None]) -> None:
    business_day("2026-12-03")
    before = small.item("b")["due_at"], the_timer(small).due_at
    suspending.suspend(small.city.actor("wen"), case_id=small.id, reason="等批复")
    business_day("2026-12-10")
    suspending.resume(small.city.actor("wen"), case_id=small.id)
    assert (small.item("b")["due_at"], the_timer(small).due_at) == before


def test_only_those_who_handle_or_govern_it(small: Small, desk: Desk) -> None:
    for login in ("ke", "shui"):
        with pytest.raises(NotFound):
            suspending.suspend(small.city.actor(login), case_id=small.id, reason="x")
    with pytest.raises(Refused, match="挂起的原因"):
        suspending.suspend(small.city.actor("wen"), case_id=small.id, reason="")
    suspending.suspend(small.city.actor("shen"), case_id=small.id, reason="先放一放")
    with pytest.raises(NotFound):
        suspending.suspend(small.city.actor("wen"), case_id=small.id, reason="再挂一次")
    page = words_of(desk.sit("wen").get(f"/cases/{small.id}"))
    assert "恢复办理" in page and "先放一放" in page
