"""征求意见（办后返回） (H4): colleagues answer, the holder decides; the step waits, the engine knows nothing of it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.cases.operations.consult import consult, recall
from app.cases.rebuilding import check_all
from app.cases.service.answering import answer
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.core.now import today
from tests.cases.asking import answered, race, sub_of, subs
from tests.cases.flows import drafted
from tests.cases.pressing import press, recorded, words_of
from tests.support.driving import Desk
from tests.support.organs import City

DUE = "2026-11-26"


def asked(desk: Desk, house: City, *who: str) -> tuple[int, int]:
    """A case at 申牧之 (科室负责人审核), who asks these people: case and item."""
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    to = [house.people[each] for each in who]
    sent = press(desk, "shen", item, "consult", to=to, question="是否涉及商业秘密？", due_on=DUE)
    assert sent.status_code == 303, words_of(sent)
    return case, item


def test_a_colleague_answers_and_the_holder_decides(any_db: str, desk: Desk, house: City) -> None:
    case, item = asked(desk, house, "wang")
    sub = sub_of(case, house.people["wang"])
    assert (sub.parent_id, sub.reason, sub.due_on.isoformat()) == (item, "是否涉及商业秘密？", DUE)
    assert "征求意见：" in desk.sit("wang").get("/work").text
    page = words_of(desk.client.get(f"/work/{sub.id}", follow_redirects=True))
    assert "是否涉及商业秘密？" in page and "老旧小区" in page and "正文.txt" in page
    refused = desk.send("shen", case, "head_review", decision="agree")
    assert refused.status_code == 409 and "还要等 王芳（征求意见）答复" in refused.text
    assert answered(desk, "wang", sub.id, "answer", "不涉及。").status_code == 303
    own = words_of(desk.sit("shen").get(f"/work/{item}"))
    assert "已答复。不涉及。" in own
    desk.act("shen", case, "head_review", decision="agree")
    assert desk.open_steps(case) == ["self_check"]
    assert recorded("case.consult") == ["申牧之 就「科长审核」征求 王芳 意见：是否涉及商业秘密？"]
    assert recorded("case.consult_answered")[0].endswith("征求意见：科长审核 已答复")
    assert check_all(db.session()).ok
    assert "不涉及。" in desk.client.get(f"/cases/{case}/sheet/approval").text


def test_the_step_waits_for_everybody_who_was_asked(desk: Desk, house: City) -> None:
    case, item = asked(desk, house, "wang", "ke", "zhang")
    for login in ("wang", "ke"):
        answered(desk, login, sub_of(case, house.people[login]).id, "answer", "无意见。")
    assert desk.send("shen", case, "head_review", decision="agree").status_code == 409
    answered(desk, "zhang", sub_of(case, house.people["zhang"]).id, "answer", "合法。")
    assert desk.item(case, "head_review").waits_for == 0
    desk.act("shen", case, "head_review", decision="agree")


def test_an_unanswered_question_is_taken_back_an_answered_one_is_not(
    any_db: str, desk: Desk, house: City
) -> None:
    case, item = asked(desk, house, "wang", "ke")
    first, second = subs(case)
    answered(desk, "wang", first.id, "answer", "无意见。")
    with pytest.raises(Refused, match="已经答复或已收回"):
        recall(house.actor("shen"), item_id=item, items=[first.id], reason="试试")
    done = press(desk, "shen", item, "recall", items=[second.id], reason="他出差了")
    assert done.status_code == 303, words_of(done)
    late = answered(desk, "ke", second.id, "answer", "等等我")
    assert late.status_code == 409 and "已收回（他出差了），您不用再办" in late.text
    assert desk.item(case, "head_review").waits_for == 0
    desk.act("shen", case, "head_review", decision="agree")


def test_an_answer_needs_words_and_nothing_typed_is_lost(desk: Desk, house: City) -> None:
    case, _ = asked(desk, house, "wang")
    sub = subs(case)[0].id
    assert "请写明您的意见。" in answered(desk, "wang", sub, "answer", "  ").text
    long = answered(desk, "wang", sub, "answer", "长" * 1001)
    assert long.status_code == 409 and "最多 1000 个字。" in long.text and "长长长" in long.text
    assert answered(desk, "wang", sub, "agree", "同意").status_code == 409


def test_a_second_answer_says_that_it_is_done(desk: Desk, house: City) -> None:
    case, _ = asked(desk, house, "wang")
    sub = subs(case)[0].id
    answered(desk, "wang", sub, "answer", "无意见。")
    again = answered(desk, "wang", sub, "answer", "再说一句")
    assert again.status_code == 409 and "已由王芳办理" in again.text
    assert desk.item(case, "head_review").waits_for == 0


@pytest.mark.parametrize("login", ["ke", "shen", "shui"])
def test_whoever_is_not_asked_learns_nothing(desk: Desk, house: City, login: str) -> None:
    case, _ = asked(desk, house, "wang")
    sub = subs(case)[0].id
    assert desk.sit(login).get(f"/work/{sub}/asked").status_code == 404
    assert answered(desk, login, sub, "answer", "我来").status_code == 404
    with pytest.raises(NotFound):
        answer(house.actor(login), item_id=sub, decision="answer", opinion="我来")


@pytest.mark.parametrize("who", [["shen"], ["fang"], []])
def test_oneself_other_organs_and_nobody_cannot_be_asked(desk: Desk, house: City, who: list[str]) -> None:
    item = desk.item(drafted(desk), "head_review").id
    to = [house.people[each] for each in who]
    with pytest.raises(Refused, match="请从列表里选择"):
        consult(house.actor("shen"), item_id=item, to=to, question="？", due_on=today())
    sent = press(desk, "shen", item, "consult", to=to, question="？", due_on=DUE)
    assert sent.status_code == 422 and "请" in words_of(sent)


def test_who_is_asked_already_is_not_asked_again_and_a_past_day_is_refused(desk: Desk, house: City) -> None:
    _, item = asked(desk, house, "wang")
    again = press(desk, "shen", item, "consult", to=[house.people["wang"]], question="再问", due_on=DUE)
    assert again.status_code == 422
    past = press(desk, "shen", item, "consult", to=[house.people["ke"]], question="再问", due_on="2026-11-20")
    assert "这一天已经过了，请另选。" in past.text


def test_the_question_may_be_handed_on_to_a_colleague(desk: Desk, house: City) -> None:
    case, _ = asked(desk, house, "wang")
    sub = subs(case)[0].id
    answer = press(desk, "wang", sub, "transfer", to=house.people["ke"], reason="他更清楚")
    assert answer.status_code == 303, words_of(answer)
    assert answered(desk, "wang", sub, "answer", "我").status_code == 404
    assert answered(desk, "ke", sub, "answer", "无意见。").status_code == 303


def test_a_step_that_is_asked_about_is_neither_handed_over_nor_put_back(desk: Desk, house: City) -> None:
    case, item = asked(desk, house, "wang")
    page = words_of(desk.sit("shen").get(f"/work/{item}"))
    assert "您请的人还没有办完" in page
    back = desk.client.post(f"/work/{item}/put-back")
    assert back.status_code == 409 and "现在不能放回" in back.text


def test_completing_while_a_question_is_answered_has_one_effect(
    any_db: str, app: Flask, desk: Desk, house: City
) -> None:
    for number in range(8):
        case = drafted(desk, title=f"竞赛 {number}")
        item = desk.item(case, "head_review").id
        consult(house.actor("shen"), item_id=item, to=[house.people["wang"]], question="？", due_on=today())
        sub = subs(case)[0].id
        outcomes = race(
            app,
            lambda sub=sub: answer(house.actor("wang"), item_id=sub, decision="answer", opinion="好"),
            lambda sub=sub, item=item: recall(
                house.actor("shen"), item_id=item, items=[sub], reason="不问了"
            ),
        )
        assert sorted(outcomes) == ["done", "refused"], outcomes
        assert desk.item(case, "head_review").waits_for == 0
