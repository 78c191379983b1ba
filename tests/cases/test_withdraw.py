"""取回 (H9): the sender takes a step back while nobody has done anything with it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.accounts import service as accounts
from app.accounts.directory import directory
from app.cases import service
from app.cases.operations import withdrawing
from app.cases.returns.past import seal
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.notices.models import Notice
from tests.cases.pressing import press_case, recorded, seal_in, words_of
from tests.engine.diagrams import Diagram
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small


@pytest.fixture
def small(house: City) -> Small:
    """A small process of the office: 拟稿人 a, 核稿 b, 签发 c."""
    small = Small(house)
    diagram = Diagram("wd_line").start().people("a", "b", "c").end().go("s -> a -> b -> c -> e")
    return small.put(diagram.lane("核稿", "b").lane("签发", "c")).begin()


def take_back(desk: Desk, small: Small, login: str = "wen", **answers: str) -> object:
    """Read the preview, confirm it."""
    shown = press_case(desk, login, small.id, "withdraw", **answers)
    return press_case(desk, login, small.id, "withdraw", seal=seal_in(shown), **answers)


def test_the_sender_takes_back_what_nobody_has_touched(any_db: str, small: Small, desk: Desk) -> None:
    small.do("a", by="wen", note="写错了")
    gone = small.item("b")["id"]
    assert take_back(desk, small, reason="还要改").status_code == 303  # type: ignore[attr-defined]
    assert small.waiting == ["a"]
    item = small.item("a")
    assert (item["holder_id"], item["came_from"]) == (small.city.people["wen"], "本人取回")
    assert "写错了" in desk.sit("wen").get(f"/work/{item['id']}").text
    assert [each["decision"] for each in small.items if each["id"] == gone] == ["已取回"]
    assert recorded("case.withdraw") == ["文承远 取回「环节a」：还要改"]
    small.whole()


def test_whoever_had_it_is_told_and_the_sender_is_not(small: Small, desk: Desk) -> None:
    small.do("a", by="wen")
    take_back(desk, small)
    rows = (
        db.session().execute(sa.select(Notice.post_id, Notice.text).where(Notice.kind == "withdrawn")).all()
    )
    assert [tuple(row) for row in rows] == [
        (
            small.city.post("office", "text_checker"),
            "「环节b」不用再办了——关于试办的请示（文承远 取回「环节a」）",
        )
    ]


def test_once_the_next_person_has_done_it_it_is_too_late(any_db: str, small: Small, desk: Desk) -> None:
    small.do("a", by="wen").do("b")
    words = words_of(desk.sit("wen").get(f"/cases/{small.id}"))
    assert "「环节b」已由柯文书办理。不能取回" in words
    with pytest.raises(Refused, match="已由柯文书办理"):
        withdrawing.withdraw(small.city.actor("wen"), case_id=small.id)


def test_answers_begun_are_not_taken_away(small: Small, desk: Desk) -> None:
    small.do("a", by="wen")
    item = small.item("b")["id"]
    service.keep_draft(small.city.actor("ke"), item_id=item, data={"note": "正在核"})
    with pytest.raises(Refused, match="已经动笔"):
        withdrawing.withdraw(small.city.actor("wen"), case_id=small.id)


def test_opening_it_is_too_late_only_where_the_organ_says_so(small: Small, desk: Desk) -> None:
    small.do("a", by="wen")
    item = small.item("b")["id"]
    assert small.item("b")["seen_at"] is None
    desk.sit("ke").get(f"/work/{item}")
    seen = small.item("b")["seen_at"]
    assert seen is not None
    desk.sit("ke").get(f"/work/{item}")
    assert small.item("b")["seen_at"] == seen
    office = directory().organ(small.city.organs["office"])
    accounts.change_organ(
        _system(), office.id,
        name=office.name, short_name=office.short_name, kind=office.kind, office_id=None, doc_prefix="云政办",
        secrecy_levels=4, active=True, withdraw_unopened=True,
    )  # fmt: skip
    with pytest.raises(Refused, match="已经打开阅看"):
        withdrawing.withdraw(small.city.actor("wen"), case_id=small.id)


def _system() -> Actor:
    people = directory()
    actors = (people.actor(person_id) for person_id in people.people)
    return next(each for each in actors if each is not None and each.officer == "system_admin")


def test_the_sender_reading_it_himself_is_no_opening(small: Small, desk: Desk) -> None:
    small.do("a", by="wen")
    desk.sit("wen").get(f"/work/{small.item('b')['id']}")
    assert small.item("b")["seen_at"] is None


def test_anothers_work_cannot_be_taken_back(small: Small, desk: Desk) -> None:
    small.do("a", by="wen")
    with pytest.raises(NotFound):
        withdrawing.withdraw(small.city.actor("wang"), case_id=small.id)
    assert "取回" not in words_of(desk.sit("wang").get(f"/cases/{small.id}"))
    assert press_case(desk, "shui", small.id, "withdraw").status_code == 404


def test_check_and_cancel_are_one_transaction(small: Small, desk: Desk) -> None:
    """Between reading the preview and confirming it the next person finishes."""
    small.do("a", by="wen")
    shown = press_case(desk, "wen", small.id, "withdraw")
    small.do("b")
    late = press_case(desk, "wen", small.id, "withdraw", seal=seal_in(shown))
    assert "不能取回" in late.text
    assert small.waiting == ["c"]


def test_a_branch_that_waits_for_the_others_is_taken_back_alone(any_db: str, house: City) -> None:
    diagram = Diagram("wd_split").start().people("a", "b", "c", "z").gateways("parallel", "g", "j").end()
    diagram.go("s -> a -> g -> b -> j -> z -> e").go("g -> c -> j")
    small = Small(house).put(diagram).begin().do("a").do("b", by="wang")
    plan = small.past().plan(small.row_of("b"))
    withdrawing.withdraw(small.city.actor("wang"), case_id=small.id, seal_seen=seal(plan))
    assert small.waiting == ["b", "c"]
    small.whole()
