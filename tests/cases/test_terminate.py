"""终止办理 (H12): a case that is not needed any more ends, with a reason, by whoever may."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.cases.models import CaseTimer
from app.cases.operations import terminating
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.notices.models import Notice
from tests.cases.pressing import press_case, recorded, seal_in, words_of
from tests.engine.diagrams import Diagram, timer
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small


@pytest.fixture
def small(house: City) -> Small:
    """A small process of the office with a timer at its second step."""
    diagram = Diagram("tm_line").start().people("a", "b", "c", "late").end("e", "e2")
    diagram.boundary("soon", "b", timer("'P3D'"), interrupting=False)
    diagram.go("s -> a -> b -> c -> e").go("soon -> late -> e2").lane("核稿", "b")
    return Small(house).put(diagram).begin()


def test_who_began_it_ends_it_while_nobody_else_has_acted(any_db: str, small: Small, desk: Desk) -> None:
    small.do("a", by="wen")
    shown = press_case(desk, "wen", small.id, "terminate", reason="重复登记")
    assert "不再办理" in shown.text and "「环节b」" in shown.text and "作废，不能恢复" in shown.text
    done = press_case(desk, "wen", small.id, "terminate", reason="重复登记", seal=seal_in(shown))
    assert done.status_code == 303
    case = small.case
    assert (case.status, case.closed_at is not None) == ("void", True)
    assert small.waiting == []
    assert [item["decision"] for item in small.items if item["status"] == "gone"] == ["已终止"]
    assert db.session().scalar(sa.select(sa.func.count()).select_from(CaseTimer)) == 0
    assert recorded("case.terminate") == ["文承远 终止办理：重复登记"]
    assert "终止办理" in words_of(desk.sit("wen").get(f"/cases/{small.id}"))
    small.whole()


def test_whoever_had_a_step_is_told(small: Small) -> None:
    small.do("a", by="wen")
    terminating.terminate(small.city.actor("wen"), case_id=small.id, reason="不办了")
    texts = db.session().scalars(sa.select(Notice.text).where(Notice.kind == "ended")).all()
    assert texts == ["「环节b」不用再办了——关于试办的请示（文承远 终止办理：不办了）"]


def test_once_others_have_acted_it_takes_the_head(any_db: str, small: Small, desk: Desk) -> None:
    small.do("a", by="wen").do("b")
    with pytest.raises(Refused, match="已经有人办过本件"):
        terminating.terminate(small.city.actor("wen"), case_id=small.id, reason="不办了")
    assert "须由本科室负责人" in words_of(desk.sit("wen").get(f"/cases/{small.id}"))
    terminating.terminate(small.city.actor("shen"), case_id=small.id, reason="不办了")
    assert small.case.status == "void"


def test_nobody_else_ends_it(small: Small) -> None:
    for login in ("wang", "ke", "shui", "mi"):
        with pytest.raises(NotFound):
            terminating.terminate(small.city.actor(login), case_id=small.id, reason="x")
    with pytest.raises(Refused, match="终止的原因"):
        terminating.terminate(small.city.actor("wen"), case_id=small.id, reason=" ")


def test_nothing_can_be_done_with_it_afterwards(small: Small, desk: Desk) -> None:
    item = small.item("a")["id"]
    terminating.terminate(small.city.actor("wen"), case_id=small.id, reason="不办了")
    answer = desk.sit("wen").post(f"/work/{item}", data={"decision": "agree", "token": "t" * 32})
    assert answer.status_code != 303
    with pytest.raises(NotFound):
        terminating.terminate(small.city.actor("jiang"), case_id=small.id, reason="再来一次")
