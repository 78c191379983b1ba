"""会签 added on the fly (H5): all, ratio, veto, first wins, in sequence; the result visible while it runs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.cases.operations.cosign import cosign, end_cosign
from app.cases.rebuilding import check_all
from app.cases.service.answering import answer
from app.core.db import db
from app.core.errors import Refused
from tests.cases.asking import answered, race, states, sub_of, subs
from tests.cases.flows import drafted
from tests.cases.pressing import press, recorded, words_of
from tests.support.driving import Desk
from tests.support.organs import City

FIVE = ("jiang", "ke", "wei", "zhang", "lu")


def asked(desk: Desk, house: City, rule: str, *who: str, title: str = "会签", **more: Any) -> tuple[int, int]:
    """A case at 申牧之 (科长审核), who asks these people by this rule: case and item."""
    case = drafted(desk, title=title)
    item = desk.item(case, "head_review").id
    to = [house.people[each] for each in who]
    sent = press(desk, "shen", item, "cosign", rule=rule, to=to, question="是否公开", **more)
    assert sent.status_code == 303, words_of(sent)
    return case, item


def say(desk: Desk, house: City, case: int, login: str, decision: str) -> Any:
    """One of those asked answers."""
    opinion = "" if decision == "agree" else "不妥"
    return answered(desk, login, sub_of(case, house.people[login]).id, decision, opinion)


def seen(desk: Desk, item: int) -> str:
    """What the holder reads on his page."""
    return words_of(desk.sit("shen").get(f"/work/{item}"))


def test_all_are_heard_and_the_holder_decides(any_db: str, desk: Desk, house: City) -> None:
    case, item = asked(desk, house, "all", "ke", "wei", "zhang")
    say(desk, house, case, "ke", "agree")
    assert "1/3 已同意，还差 2 人" in seen(desk, item)
    say(desk, house, case, "wei", "refuse")
    assert states(case) == ["同意", "不同意", "open"]
    say(desk, house, case, "zhang", "agree")
    assert "2/3 已同意，1 人不同意，已全部答复" in seen(desk, item)
    desk.act("shen", case, "head_review", decision="agree")
    assert check_all(db.session()).ok


def test_a_decided_round_may_be_ended_with_a_reason_an_open_one_not(
    any_db: str, desk: Desk, house: City
) -> None:
    case, item = asked(desk, house, "ratio", *FIVE, ratio=60)
    say(desk, house, case, "ke", "agree")
    say(desk, house, case, "wei", "agree")
    assert "还没有结果（2/5 已同意，还差 3 人），不能提前结束" in seen(desk, item)
    with pytest.raises(Refused, match="还没有结果"):
        end_cosign(house.actor("shen"), item_id=item, reason="赶时间")
    say(desk, house, case, "lu", "agree")
    assert desk.item(case, "head_review").waits_for == 2
    assert "请填写结束原因" in press(desk, "shen", item, "end_cosign", reason=" ").text
    assert press(desk, "shen", item, "end_cosign", reason="已过六成").status_code == 303
    assert sorted(states(case)) == sorted(["同意"] * 3 + ["不需再签"] * 2)
    assert recorded("case.end_cosign") == [
        "申牧之 结束「科长审核」的会签（3/5 已同意，还差 2 人，通过）：已过六成"
    ]
    desk.act("shen", case, "head_review", decision="agree")


def test_one_veto_ends_it_at_once(desk: Desk, house: City) -> None:
    case, item = asked(desk, house, "veto", "ke", "wei", "zhang")
    say(desk, house, case, "ke", "refuse")
    assert states(case) == ["不同意", "不需再签", "不需再签"]
    assert desk.item(case, "head_review").waits_for == 0
    late = say(desk, house, case, "wei", "agree")
    assert late.status_code == 409 and "不需再签，您不用再办" in late.text
    desk.act("shen", case, "head_review", decision="return", opinion="按意见改")


def test_the_first_answer_wins(desk: Desk, house: City) -> None:
    case, _ = asked(desk, house, "first", "ke", "wei")
    say(desk, house, case, "wei", "agree")
    assert sorted(states(case)) == ["不需再签", "同意"]
    desk.act("shen", case, "head_review", decision="agree")


def test_in_sequence_one_is_asked_after_the_other_in_the_order_written(
    any_db: str, desk: Desk, house: City
) -> None:
    case, _ = asked(desk, house, "sequence", "ke", "wei", "lu", order="陆分明、柯文书、卫慎言")
    assert [(i.holder_id, i.status) for i in subs(case)] == [
        (house.people["lu"], "open"),
        (house.people["ke"], "queued"),
        (house.people["wei"], "queued"),
    ]
    early = say(desk, house, case, "ke", "agree")
    assert early.status_code == 409 and "还没有轮到您" in early.text
    say(desk, house, case, "lu", "agree")
    assert states(case) == ["同意", "open", "queued"]
    assert "会签：" in desk.sit("ke").get("/work").text
    say(desk, house, case, "ke", "refuse")
    assert states(case) == ["同意", "不同意", "不需再签"]
    assert desk.item(case, "head_review").waits_for == 0


def test_the_order_names_everybody_once(desk: Desk, house: City) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    to = [house.people["ke"], house.people["wei"]]
    sent = press(desk, "shen", item, "cosign", rule="sequence", to=to, question="？", order="柯文书、陆分明")
    assert sent.status_code == 422 and "各写一次" in sent.text


@pytest.mark.parametrize(
    ("who", "more", "why"),
    [
        (("ke",), {}, "会签至少要两个人"),
        (("ke", "wen"), {}, "不能选择这个人"),
        (("ke", "fang"), {}, "不能选择这个人"),
        (("ke", "wei"), {"rule": "ratio", "ratio": None}, "请填写同意的比例"),
        (("ke", "wei"), {"rule": "most"}, "请选择怎样算通过"),
        (("ke", "wei"), {"question": "  "}, "请填写会签事项"),
        (("ke", "wei"), {"question": "长" * 501}, "最多 500 个字"),
    ],
)
def test_what_makes_no_round_is_refused(
    desk: Desk, house: City, who: tuple[str, ...], more: dict[str, Any], why: str
) -> None:
    item = desk.item(drafted(desk), "head_review").id
    to = [house.people[each] for each in who]
    with pytest.raises(Refused, match=why):
        cosign(house.actor("shen"), item_id=item, to=to, **{"rule": "all", "question": "？", **more})


def test_the_case_page_shows_how_far_it_is_to_others_too(desk: Desk, house: City) -> None:
    case, _ = asked(desk, house, "all", "ke", "wei")
    say(desk, house, case, "ke", "agree")
    assert "1/2 已同意，还差 1 人" in words_of(desk.sit("wen").get(f"/cases/{case}"))


def test_two_deciding_answers_at_the_same_moment_count_once(
    any_db: str, app: Flask, desk: Desk, house: City
) -> None:
    for number in range(6):
        case, _ = asked(desk, house, "first", "ke", "wei", title=f"或签 {number}")
        acts = [voice(house, sub_of(case, house.people[login]).id, login) for login in ("ke", "wei")]
        assert sorted(race(app, *acts)) == ["done", "refused"]
        assert sorted(states(case)) == ["不需再签", "同意"]
        assert desk.item(case, "head_review").waits_for == 0


def voice(house: City, item: int, login: str) -> Any:
    """The act of agreeing."""
    return lambda: answer(house.actor(login), item_id=item, decision="agree", opinion="")
