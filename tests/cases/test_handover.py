"""交接 (features.md H14): all of a person's work in one act, to one or several, and both see it for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.accounts import deputies, personnel
from app.accounts.deputies import Wanted
from app.accounts.deputy_models import Handover
from app.cases import inbox as lists
from app.cases.models import WorkItem
from app.cases.service.handing import Plan, hand_over
from app.core import now
from app.core.db import db
from app.core.errors import NotFound, Refused
from tests.cases.flows import drafted
from tests.cases.pressing import recorded, words_of
from tests.support.driving import Desk
from tests.support.organs import City

TITLE = "关于通知的通知"


def begun(desk: Desk, title: str = TITLE) -> int:
    return desk.start("wen", "disclosure_attribute", entry="document", kind="first", title=title)


def inbox(house: City, who: str) -> list[int]:
    db.session().commit()
    return sorted(row["case_id"] for row in lists.page(db.session(), house.actor(who), lists.Asked()).rows)


def test_everything_goes_in_one_act_and_both_see_it_while_the_transition_lasts(
    any_db: str, desk: Desk, house: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = begun(desk), begun(desk, "第二件")
    page = desk.sit("wen").get(f"/people/{house.people['wen']}/handover")
    assert "关于通知的通知" in page.text and "综合一科 承办人" in page.text
    last = now.today() + timedelta(days=5)
    other = desk.item(second, "draft").id
    answer = desk.client.post(
        f"/people/{house.people['wen']}/handover",
        data={
            "default": house.people["wang"], f"item-{other}": house.people["zhang"], f"case-{second}": house.people["zhang"],
            "until_on": last.isoformat(), "reason": "岗位变动",
        },
    )  # fmt: skip
    assert answer.status_code == 303
    assert desk.item(first, "draft").holder_id == house.people["wang"]
    assert desk.item(second, "draft").holder_id == house.people["zhang"]
    assert inbox(house, "wen") == [first, second], "who handed over still sees it"
    assert inbox(house, "wang") == [first]
    assert inbox(house, "zhang") == [second]
    assert "已交 王芳，过渡期内可看" in words_of(desk.sit("wen").get("/work"))
    own = desk.client.get(f"/work/{desk.item(first, 'draft').id}")
    assert own.status_code == 302 and own.headers["Location"].endswith(f"/cases/{first}")
    monkeypatch.setattr(now, "_shift", now._shift + timedelta(days=6))
    assert inbox(house, "wen") == []


def test_the_list_is_printed_and_recorded(desk: Desk, house: City) -> None:
    case = begun(desk)
    made = hand_over(
        house.actor("wen"),
        person_id=house.people["wen"],
        plan=Plan(house.people["wang"]),
        until_on=None,
        reason="调离",
    )
    for login in ("wen", "wang"):
        sheet = words_of(desk.sit(login).get(f"/handovers/{made['id']}"))
        assert "工作交接清单" in sheet and "「拟稿」" in sheet and TITLE in sheet and "王芳" in sheet
    assert desk.sit("ke").get(f"/handovers/{made['id']}").status_code == 404
    assert recorded("handover.made")[0].startswith("文承远 的工作已交接给 王芳")
    assert recorded("case.hand_over") == ["文承远 交接：「拟稿」交 王芳；退回和后续环节由 王芳 接办"]
    assert case in inbox(house, "wang")


def test_what_was_drafted_comes_back_to_the_successor(desk: Desk, house: City) -> None:
    case = drafted(desk)
    hand_over(
        house.actor("wen"),
        person_id=house.people["wen"],
        plan=Plan(house.people["wang"]),
        until_on=None,
        reason="",
    )
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    assert desk.item(case, "draft").holder_id == house.people["wang"]


def test_who_has_left_without_a_list_of_cases_has_his_successor(desk: Desk, house: City) -> None:
    """A case begun after the handover, by somebody whose account is closed then."""
    begun(desk)
    hand_over(
        house.actor("wen"),
        person_id=house.people["wen"],
        plan=Plan(house.people["wang"]),
        until_on=None,
        reason="",
    )
    case = drafted(desk)
    personnel.deactivate_person(house.actor("kuang"), house.people["wen"], knowing=True)
    desk.act("shen", case, "head_review", decision="return", opinion="再改")
    assert desk.item(case, "draft").holder_id == house.people["wang"]


def test_a_review_goes_back_to_its_post_unless_the_successor_holds_it(desk: Desk, house: City) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    db.session().execute(
        sa.update(WorkItem).where(WorkItem.id == item.id).values(holder_id=house.people["shen"])
    )
    db.session().commit()
    hand_over(
        house.actor("shen"),
        person_id=house.people["shen"],
        plan=Plan(house.people["ke"]),
        until_on=None,
        reason="",
    )
    moved = desk.item(case, "head_review")
    assert (moved.holder_id, moved.post_id) == (None, house.post("office", "unit_head", "综合一科"))
    assert inbox(house, "ke") == []


def test_arrangements_of_who_leaves_end_and_posts_are_seen_during_the_transition(
    desk: Desk, house: City
) -> None:
    deputies.appoint(
        house.actor("lu"),
        wanted=Wanted(house.people["lu"], house.people["shen"], "standing", now.today(), None),
    )
    hand_over(
        house.actor("shen"), person_id=house.people["shen"], plan=Plan(house.people["wang"]),
        until_on=now.today() + timedelta(days=3), reason="",
    )  # fmt: skip
    row = db.session().scalars(sa.select(Handover)).one()
    assert row.lines[0]["title"].startswith("申牧之 任 陆分明 的 B岗")
    assert recorded("deputy.appointed")
    case = drafted(desk)
    assert inbox(house, "wang") == [case] == inbox(house, "shen"), "both see what comes to the post"
    desk.act("wang", case, "head_review", decision="agree")
    assert "（代 申牧之）" in recorded("case.complete")[-1]


def test_nobody_hands_over_to_himself_to_strangers_or_nothing(desk: Desk, house: City) -> None:
    def give(to: str, by: str = "wen") -> None:
        hand_over(
            house.actor(by),
            person_id=house.people["wen"],
            plan=Plan(house.people[to]),
            until_on=None,
            reason="",
        )

    with pytest.raises(Refused, match="没有要交接的事项"):
        give("wang")
    begun(desk)
    with pytest.raises(Refused, match="本人"):
        give("wen")
    for stranger in ("fang", "kuang"):
        with pytest.raises(Refused, match="本机关在岗的业务人员"):
            give(stranger)
    for other in ("wang", "shui"):
        with pytest.raises(NotFound):
            give("ke", by=other)


def test_closing_an_account_leads_to_the_handover(desk: Desk, house: City) -> None:
    desk.start("fang", "disclosure_attribute", entry="document", kind="first", title=TITLE)
    page = desk.sit("cheng").get(f"/people/{house.people['fang']}/close")
    assert "手上还有 1 件待办" in page.text and f"/people/{house.people['fang']}/handover" in page.text
