"""退回, 取回, 终止办理 of a request: what the law room keeps stands, the hand-offs follow the flow."""

from __future__ import annotations

import pytest

from app.cases.operations import terminating
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.requests.models import Handoff, Search
from tests.cases.pressing import press, words_of
from tests.requests.driving import Office, text_file
from tests.support.organs import City
from tests.support.small import Small


def of(case: int, house: City) -> Small:
    """The case, to be returned."""
    small = Small(house)
    small.id = case
    return small


def place(small: Small, step: str) -> str:
    """Where a step was done last."""
    return next(
        done.place for done in reversed(small.past().done if small.past().done else []) if done.step == step
    )


def drafting(office: Office) -> int:
    """A request whose search is done."""
    case = office.register()
    office.examined(case)
    office.searched(case)
    return case


def test_before_anything_is_out_a_request_goes_back(any_db: str, office: Office, house: City) -> None:
    case = drafting(office)
    small = of(case, house)
    (at,) = small.waiting
    small.back(place(small, "search"), at=at, reason="再查一遍档案室")
    assert office.open_steps(case) == ["search"]
    office.searched(case)
    assert small.waiting == [at]
    assert db.session().query(Search).count() == 2
    small.whole()


def test_behind_the_number_of_a_reply_nothing_is_returned(office: Office, house: City) -> None:
    case = drafting(office)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": text_file("债务限额与余额表", "债务限额.txt")})
    office.reviewed(case)
    office.signed(case)
    assert office.open_steps(case) == ["seal"]
    small = of(case, house)
    item = office.item(case, "seal")
    target = small.row_of(place(small, "draft_reply"))
    answer = press(office, "shi", item.id, "return", target=target, reason="有错字", way="redo")
    assert "答复书已经签发并编了发文字号" in words_of(answer)
    with pytest.raises(Refused, match="发文字号"):
        small.back(place(small, "draft_reply"), at=small.waiting[0])
    assert office.open_steps(case) == ["seal"]


def test_while_an_opinion_is_asked_for_the_request_does_not_go_back_behind_it(
    office: Office, house: City
) -> None:
    case = office.register()
    office.examined(case)
    office.searched(case, consult=True)
    office.post(
        "bai", f"/requests/{office.request(case).id}/consultations", kind="third", party="云汀市清河建筑有限公司",
        content="中标合同报价清单",
    )  # fmt: skip
    office.act("bai", case, "consult_plan", decision="submit")
    office.act("jiang", case, "consult_approve", decision="agree", opinion="同意")
    small = of(case, house)
    with pytest.raises(Refused, match="其间的文书已经签发"):
        small.back(place(small, "search"), at=small.waiting[0])
    office.act("shi", case, "consult_send", method="post", sent_on="2026-11-23", decision="sent")
    with pytest.raises(NotFound):  # where something is waited for there is no 退回 at all
        small.back(place(small, "search"), at=small.waiting[0])
    assert office.open_steps(case) == ["consult_wait"]
    assert office.request(case).clock == "paused"


def test_a_request_is_never_ended_without_an_outcome(office: Office, house: City) -> None:
    case = drafting(office)
    assert "依申请公开的办件须有处理结果" in words_of(office.sit("jiang").get(f"/cases/{case}"))
    with pytest.raises(Refused, match="登记撤回"):
        terminating.terminate(house.actor("jiang"), case_id=case, reason="不想办了")
    assert office.case(case).status == "open"


def handed(office: Office) -> int:
    """Two units of the bureau have it."""
    case = office.register("cheng", subject="housing")
    office.act("cheng", case, "examine", clear="yes", nature="normal", decision="go")
    units = [str(office.city.units["housing", name]) for name in ("住房保障科", "建筑业科")]
    office.act(
        "cheng", case, "search", handoff=True, handoff_units=units, handoff_due="2026-11-30", handoff_note="请检索",
        decision="go",
    )  # fmt: skip
    return case


def handoffs() -> list[str]:
    db.session().commit()
    db.session().expire_all()
    return [row.status for row in db.session().query(Handoff).order_by(Handoff.id)]


def answer(office: Office, case: int, small: Small, unit: int) -> None:
    """One unit accepts and answers."""
    said = {
        "unit_accept": {"decision": "accept"},
        "unit_answer": {
            "decision": "answer", "unit_found": "none", "unit_scope": "本科室档案", "unit_method": "检索",
            "unit_answer": "没有",
        },
    }  # fmt: skip
    for step, answers in said.items():
        item = next(
            i
            for i in small.items
            if i["step"] == step and i["status"] == "open" and f"[{unit}]" in i["address"]
        )
        data = answers | {"token": f"{step}-{unit}-{item['id']}"}
        sent = office.sit(small.who(item)).post(f"/work/{item['id']}", data=data)
        assert sent.status_code == 303, words_of(sent)


def test_a_unit_whose_answer_was_returned_owes_it_again(office: Office, house: City) -> None:
    case = handed(office)
    small = of(case, house)
    answer(office, case, small, 0)
    answer(office, case, small, 1)
    assert handoffs() == ["answered", "answered"]
    done = next(
        each.place for each in small.past().done if each.step == "unit_answer" and "[0]" in each.place
    )
    small.back(done, at=small.waiting[0], reason="请附检索截图")
    assert office.open_steps(case) == ["unit_answer"]
    assert handoffs() == ["open", "answered"]
    item = office.item(case, "unit_answer")
    sent = office.sit(small.who(small.item(done))).post(
        f"/work/{item.id}",
        data={
            "decision": "answer", "unit_found": "none", "unit_scope": "全部档案", "unit_method": "逐卷",
            "unit_answer": "仍没有", "token": "again-0",
        },
    )  # fmt: skip
    assert sent.status_code == 303, words_of(sent)
    assert handoffs() == ["answered", "answered"]
    small.whole()


def test_a_round_of_hand_offs_ends_with_the_step_that_began_it(office: Office, house: City) -> None:
    case = handed(office)
    small = of(case, house)
    small.back(place(small, "search"), at=small.waiting[0], reason="转错科室")
    assert office.open_steps(case) == ["search"]
    assert handoffs() == ["returned", "returned"]
    small.whole()


def to_sign(office: Office) -> int:
    """A reply that waits for its signature."""
    case = drafting(office)
    office.decided(case, "R2", fact_1__supply_way="随本答复书以纸质复印件提供")
    office.drafted(case, files={"supplied": text_file("债务限额与余额表", "债务限额.txt")})
    office.reviewed(case)
    for step, login in (("legal_review", "zhang"), ("head_review", "jiang")):
        if step in office.open_steps(case):
            office.act(login, case, step, decision="agree", opinion="同意")
    return case


@pytest.mark.parametrize("same", [True, False])
def test_an_unchanged_reply_goes_straight_back_to_who_signs_and_a_changed_one_is_reviewed_again(
    office: Office, house: City, same: bool
) -> None:
    case = to_sign(office)
    small = of(case, house)
    (signing,) = small.waiting
    draft = place(small, "draft_reply")
    before = small.past().by_seq[small.row_of(draft)]["answers"]
    small.back(draft, at=signing, reason="页码请核对", way="straight")
    assert office.open_steps(case) == ["draft_reply"]
    if same:
        office.drafted(case, supplied=[each["id"] for each in before["supplied"]])
        assert small.waiting == [signing]
    else:
        office.drafted(case, files={"supplied": text_file("债务限额与余额表（改）", "债务限额.txt")})
        assert office.open_steps(case) == ["self_check"]
    small.whole()
