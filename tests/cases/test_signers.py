"""加签 前、后、并, 减签 (H6): sub-items above the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.cases.models import CaseTimer
from app.cases.operations.signers import add_signers, drop_signers
from app.cases.rebuilding import check_all
from app.cases.service.answering import answer
from app.cases.service.completing import complete
from app.cases.service.mending import fire_timer
from app.cases.submitted import Submitted
from app.core.actor import SYSTEM, StandIn
from app.core.db import db
from app.core.errors import Refused
from tests.cases.asking import answered, race, states, sub_of, subs
from tests.cases.flows import drafted
from tests.cases.pressing import press, recorded, words_of
from tests.engine.diagrams import Diagram, properties, timer
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small

AGREE = Submitted({"decision": "agree"}, {"decision": "agree"}, decision="agree", decision_label="同意")


def added(desk: Desk, house: City, timing: str, *who: str, title: str = "加签") -> tuple[int, int]:
    """A case at 申牧之 (科长审核), who adds these signers: case and item."""
    case = drafted(desk, title=title)
    item = desk.item(case, "head_review").id
    to = [house.people[each] for each in who]
    sent = press(desk, "shen", item, "add_signer", timing=timing, to=to, question="请会同审核")
    assert sent.status_code == 303, words_of(sent)
    return case, item


def test_signing_before_the_step_waits_until_they_have_signed(any_db: str, desk: Desk, house: City) -> None:
    case, item = added(desk, house, "before", "ke", "zhang")
    refused = desk.send("shen", case, "head_review", decision="agree")
    assert refused.status_code == 409 and "柯文书（加签）、章循法（加签）" in refused.text
    answered(desk, "ke", sub_of(case, house.people["ke"]).id, "agree", "文字无误")
    answered(desk, "zhang", sub_of(case, house.people["zhang"]).id, "refuse", "第三条于法无据")
    page = words_of(desk.sit("shen").get(f"/work/{item}"))
    assert "1/2 已同意，1 人不同意，已全部答复" in page and "第三条于法无据" in page
    desk.act("shen", case, "head_review", decision="agree")
    assert desk.open_steps(case) == ["self_check"]
    sheet = desk.client.get(f"/cases/{case}/sheet/approval").text
    assert "文字无误" in sheet and "第三条于法无据" in sheet


def test_signing_after_the_step_moves_by_itself_when_the_last_agrees(
    any_db: str, desk: Desk, house: City
) -> None:
    case, item = added(desk, house, "after", "ke", "zhang")
    assert states(case) == ["queued", "queued"]
    assert "加签：" not in desk.sit("ke").get("/work").text
    desk.act("shen", case, "head_review", decision="agree", opinion="同意公开")
    assert desk.open_steps(case) == ["+sign", "+sign", "head_review"]
    assert "已办理，等待加签" in desk.sit("shen").get(f"/work/{item}").text
    assert desk.send("shen", case, "head_review", decision="agree").status_code == 409
    answered(desk, "ke", sub_of(case, house.people["ke"]).id, "agree")
    last = answered(desk, "zhang", sub_of(case, house.people["zhang"]).id, "agree")
    assert last.status_code == 303
    assert desk.open_steps(case) == ["self_check"]
    step = next(row for row in trail(case) if row.id == item)
    assert (step.status, step.done_name, step.opinion) == ("done", "申牧之", "同意公开")
    assert desk.case(case).doers["head_review"] == house.people["shen"]
    assert check_all(db.session()).ok
    assert len(recorded("case.complete")) == 2 and recorded("case.prepare")


def test_who_does_not_agree_sends_it_back_with_his_opinion(any_db: str, desk: Desk, house: City) -> None:
    case, item = added(desk, house, "after", "ke", "zhang")
    desk.act("shen", case, "head_review", decision="agree", opinion="同意公开")
    answered(desk, "ke", sub_of(case, house.people["ke"]).id, "refuse", "有错字")
    assert states(case) == ["不同意", "不需再签"]
    assert desk.open_steps(case) == ["head_review"]
    assert desk.item(case, "head_review").waits_for == 0
    page = words_of(desk.sit("shen").get(f"/work/{item}"))
    assert "不同意。有错字" in page and "同意公开" in page
    late = answered(desk, "zhang", sub_of(case, house.people["zhang"]).id, "agree")
    assert late.status_code == 409 and "不需再签，您不用再办" in late.text
    desk.act("shen", case, "head_review", decision="return", opinion="改错字")
    assert desk.open_steps(case) == ["draft"]


def test_signing_at_the_same_time_comes_in_any_order(desk: Desk, house: City) -> None:
    case, _ = added(desk, house, "beside", "ke", "zhang")
    answered(desk, "ke", sub_of(case, house.people["ke"]).id, "agree")
    desk.act("shen", case, "head_review", decision="agree")
    assert desk.open_steps(case) == ["+sign", "head_review"]
    answered(desk, "zhang", sub_of(case, house.people["zhang"]).id, "agree")
    assert desk.open_steps(case) == ["self_check"]
    case, _ = added(desk, house, "beside", "ke", title="都签了")
    answered(desk, "ke", sub_of(case, house.people["ke"]).id, "agree")
    desk.act("shen", case, "head_review", decision="agree")
    assert desk.open_steps(case) == ["self_check"]


def test_who_sends_the_draft_back_needs_no_signers_for_that(desk: Desk, house: City) -> None:
    case, _ = added(desk, house, "after", "ke")
    desk.act("shen", case, "head_review", decision="return", opinion="先改")
    assert desk.open_steps(case) == ["draft"] and states(case) == ["不需再签"]


def test_only_who_has_not_signed_is_taken_away_and_with_a_reason(
    any_db: str, desk: Desk, house: City
) -> None:
    case, item = added(desk, house, "before", "ke", "zhang")
    signed, left = subs(case)
    answered(desk, "ke", signed.id, "agree")
    assert "请填写减签原因" in press(desk, "shen", item, "drop_signer", items=[left.id], reason="").text
    with pytest.raises(Refused, match="已经签署或已减签"):
        drop_signers(house.actor("shen"), item_id=item, items=[signed.id], reason="不要了")
    assert press(desk, "shen", item, "drop_signer", items=[left.id], reason="出差").status_code == 303
    assert states(case) == ["同意", "已减签"]
    assert recorded("case.drop_signer") == ["申牧之 就「科长审核」减签 章循法：出差"]
    desk.act("shen", case, "head_review", decision="agree")


def test_taking_the_last_signer_away_gives_the_kept_answers_back(desk: Desk, house: City) -> None:
    case, item = added(desk, house, "after", "ke")
    desk.act("shen", case, "head_review", decision="agree", opinion="同意公开")
    dropped = press(desk, "shen", item, "drop_signer", items=[subs(case)[0].id], reason="不必了")
    assert dropped.status_code == 303
    assert "同意公开" in desk.client.get(f"/work/{item}").text
    assert desk.open_steps(case) == ["head_review"]
    desk.act("shen", case, "head_review", decision="agree", opinion="同意公开")
    assert desk.open_steps(case) == ["self_check"]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("shen", "不能给自己加签"),
        ("fang", "房建业不是本机关的人"),
        ("wen", "文承远是拟稿人，不能审核"),
        ("ke", "柯文书已在加签的人里"),
        ("zhang", "章循法已经签过"),
    ],
)
def test_who_cannot_sign_is_refused_with_the_reason(desk: Desk, house: City, who: str, why: str) -> None:
    case, item = added(desk, house, "before", "ke", "zhang")
    answered(desk, "zhang", sub_of(case, house.people["zhang"]).id, "agree")
    answer = press(desk, "shen", item, "add_signer", timing="before", to=[house.people[who]], question="请签")
    assert answer.status_code == 422 and why in answer.text


def test_a_signer_must_say_why_he_does_not_agree_and_nobody_signs_what_he_drafted(
    desk: Desk, house: City
) -> None:
    case, item = added(desk, house, "before", "ke")
    sub = subs(case)[0].id
    assert "不同意的，请写明意见。" in answered(desk, "ke", sub, "refuse").text
    handed = press(desk, "ke", sub, "transfer", to=house.people["wen"], reason="他熟")
    assert handed.status_code == 422
    other = press(desk, "ke", sub, "transfer", to=house.people["zhang"], reason="他懂法")
    assert other.status_code == 303
    assert answered(desk, "zhang", sub, "agree").status_code == 303


def test_two_signers_finishing_last_at_the_same_moment_move_the_case_once(
    any_db: str, app: Flask, desk: Desk, house: City
) -> None:
    for number in range(8):
        case, _ = added(desk, house, "after", "ke", "zhang", title=f"同时签 {number}")
        desk.act("shen", case, "head_review", decision="agree")
        acts = [signs(house, login, sub_of(case, house.people[login]).id) for login in ("ke", "zhang")]
        assert race(app, *acts) == ["done", "done"]
        assert desk.open_steps(case) == ["self_check"]
    assert check_all(db.session()).ok


def test_signing_while_being_taken_away_happens_or_does_not(
    any_db: str, app: Flask, desk: Desk, house: City
) -> None:
    for number in range(8):
        case, item = added(desk, house, "after", "ke", title=f"签与减 {number}")
        desk.act("shen", case, "head_review", decision="agree")
        sub = subs(case)[0].id

        def drop(item: int = item, sub: int = sub) -> Any:
            return drop_signers(house.actor("shen"), item_id=item, items=[sub], reason="不必了")

        signed, dropped = race(app, signs(house, "ke", sub), drop)
        assert {signed, dropped} == {"done", "refused"}
        assert desk.open_steps(case) == (["self_check"] if signed == "done" else ["head_review"])


def test_completing_while_a_signer_is_added_waits_for_him_or_came_first(
    any_db: str, app: Flask, desk: Desk, house: City
) -> None:
    for number in range(8):
        case = drafted(desk, title=f"办与加 {number}")
        item = desk.item(case, "head_review").id

        def add(item: int = item) -> Any:
            to = [house.people["ke"]]
            return add_signers(house.actor("shen"), item_id=item, timing="before", to=to, question="请签")

        def finish(item: int = item) -> Any:
            return complete(house.actor("shen"), item_id=item, submitted=AGREE)

        assert sorted(race(app, add, finish)) == ["done", "refused"]
        waits = bool(subs(case))
        assert desk.open_steps(case) == (["+sign", "head_review"] if waits else ["self_check"])


def signs(house: City, login: str, item: int) -> Any:
    """The act of agreeing."""
    return lambda: answer(house.actor(login), item_id=item, decision="agree", opinion="")


def trail(case: int) -> list[Any]:
    """Every item of a case."""
    import sqlalchemy as sa

    from app.cases.models import WorkItem

    session = db.session()
    session.commit()
    query = sa.select(WorkItem).where(WorkItem.case_id == case)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_a_step_that_demands_a_signer_keeps_its_last_one(house: City) -> None:
    small = Small(house).put(
        Diagram("demanding").start().people("a", inner=properties(signers="1", role="work")).end().go("s -> a -> e")
    )  # fmt: skip
    small.begin()
    item, wen = small.item("a"), house.actor("wen")
    with pytest.raises(Refused, match="至少要有 1 人加签同意，现有 0 人"):
        complete(wen, item_id=item["id"], submitted=AGREE)
    add_signers(wen, item_id=item["id"], timing="before", to=[house.people["ke"]], question="请签")
    sub = subs(small.id)[0].id
    with pytest.raises(Refused, match="不能减去最后的人"):
        drop_signers(wen, item_id=item["id"], items=[sub], reason="不必了")
    answer(house.actor("ke"), item_id=sub, decision="agree", opinion="")
    complete(wen, item_id=item["id"], submitted=AGREE)
    assert small.case.status == "done"


def test_a_stand_in_signs_for_the_absent_but_not_what_he_asked_himself(desk: Desk, house: City) -> None:
    for deputy, able in (("jian", True), ("shen", False)):
        case, _ = added(desk, house, "before", "ke", title=f"代签 {deputy}")
        item = sub_of(case, house.people["ke"]).id
        actor = replace(house.actor(deputy), stands_for=(StandIn(house.people["ke"], "柯文书", (), True),))
        if able:
            answer(actor, item_id=item, decision="agree", opinion="")
            sub = subs(case)[0]
            assert (sub.done_name, sub.on_behalf_id) == ("简存卷", house.people["ke"])
            assert sub.capacity is not None and "代 柯文书" in sub.capacity
        else:
            with pytest.raises(Refused, match="不能由您代答"):
                answer(actor, item_id=item, decision="agree", opinion="")


def test_what_was_asked_vanishes_with_the_step_a_timer_ends(any_db: str, house: City) -> None:
    ending = Diagram("timed").start().people("a", "y").boundary("b", "a", timer("'P1D'")).end()
    small = Small(house).put(ending.go("s -> a -> e").go("b -> y -> e")).begin()
    item = small.item("a")["id"]
    add_signers(house.actor("wen"), item_id=item, timing="after", to=[house.people["ke"]], question="请签")
    complete(house.actor("wen"), item_id=item, submitted=AGREE)
    waits = db.session().scalars(sa.select(CaseTimer).where(CaseTimer.case_id == small.id)).one()
    place, name = waits.address, waits.name
    assert fire_timer(SYSTEM, case_id=small.id, address=place, name=name)["fired"]
    assert small.waiting == ["y"]
    assert states(small.id) == ["环节已不在等待"]
    with pytest.raises(Refused, match="您不用再办"):
        answer(house.actor("ke"), item_id=subs(small.id)[0].id, decision="agree", opinion="")
    small.whole()


def test_a_return_takes_what_was_asked_with_it(house: City) -> None:
    small = Small(house).put(
        Diagram("back").start().people("a", "c").end().go("s -> a -> c -> e")
    ).begin().do("a")  # fmt: skip
    item = small.item("c")
    who = house.actor(small.who(item))
    add_signers(who, item_id=item["id"], timing="before", to=[house.people["ke"]], question="请签")
    small.back("a", at="c")
    assert small.waiting == ["a"]
    assert [sub.status for sub in subs(small.id)] == ["gone"]
