"""转交他人: work to anybody of the organ, a review only within its post."""

from __future__ import annotations

import pytest

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.cases.operations.transfer import transfer
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from tests.cases.flows import drafted
from tests.cases.pressing import press, recorded, words_of
from tests.support.driving import Desk
from tests.support.organs import City


def begun(desk: Desk) -> int:
    """A case at the desk of 文承远, who drafts it."""
    return desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="关于通知的通知")


@command
def _second_head(tx: Tx, house: City) -> None:
    post = tx.session.get_one(Post, house.post("office", "unit_head", "综合一科"))
    staffing.grant(tx, post, tx.session.get_one(Person, house.people["wang"]))
    changed(tx)


def test_work_goes_to_a_colleague_and_leaves_the_one_who_had_it(any_db: str, desk: Desk, house: City) -> None:
    case = begun(desk)
    item = desk.item(case, "draft")
    answer = press(desk, "wen", item.id, "transfer", to=house.people["wang"], reason="休假一周")
    assert answer.status_code == 303
    moved = desk.item(case, "draft")
    assert (moved.holder_id, moved.reason) == (house.people["wang"], "休假一周")
    assert moved.came_from == "文承远 转交"
    assert "do/transfer" not in desk.sit("wen").get(f"/work/{item.id}", follow_redirects=True).text
    assert "休假一周" in desk.sit("wang").get(f"/work/{item.id}").text
    assert recorded("case.transfer") == ["文承远 将「拟稿」转交 王芳：休假一周"]


def test_a_reason_is_asked_and_nothing_is_lost(desk: Desk, house: City) -> None:
    item = desk.item(begun(desk), "draft")
    answer = press(desk, "wen", item.id, "transfer", to=house.people["wang"], reason="  ")
    assert answer.status_code == 422
    assert "请填写转交原因。" in answer.text
    assert f'<option selected value="{house.people["wang"]}">' in answer.text
    long = press(desk, "wen", item.id, "transfer", to=house.people["wang"], reason="长" * 501)
    assert "最多 500 个字。" in long.text


@pytest.mark.parametrize("to", ["fang", "shui", "wen"])
def test_nobody_of_another_organ_and_not_oneself(desk: Desk, house: City, to: str) -> None:
    item = desk.item(begun(desk), "draft")
    answer = press(desk, "wen", item.id, "transfer", to=house.people[to], reason="试试")
    assert answer.status_code == 422
    assert "请从列表里选择" in answer.text
    with pytest.raises(Refused, match="不能转交给这个人"):
        transfer(house.actor("wen"), item_id=item.id, to=house.people[to], reason="试试")


def test_whoever_has_nothing_to_do_with_the_step_learns_nothing(desk: Desk, house: City) -> None:
    item = desk.item(begun(desk), "draft")
    assert press(desk, "shui", item.id, "transfer", to=house.people["mi"], reason="x").status_code == 404
    with pytest.raises(NotFound):
        transfer(house.actor("shen"), item_id=item.id, to=house.people["wang"], reason="x")


def test_alone_at_the_post_the_button_says_why_it_cannot_be_pressed(desk: Desk, house: City) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    page = words_of(desk.sit("shen").get(f"/work/{item.id}"))
    assert "这个岗位上没有别人可以接办。审核、签发只能转给同一岗位的人。" in page
    with pytest.raises(Refused, match="没有别人可以接办"):
        transfer(house.actor("shen"), item_id=item.id, to=house.people["lu"], reason="忙")
    _second_head(SYSTEM, house)
    assert press(desk, "shen", item.id, "transfer", to=house.people["wang"], reason="出差").status_code == 303
    assert desk.item(case, "head_review").holder_id == house.people["wang"]
