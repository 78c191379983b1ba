"""催办 (H10): a notice to who holds it, recorded, and not too often."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.cases.operations.urge import urge
from app.core.errors import NotFound, Refused
from tests.cases.flows import drafted
from tests.cases.pressing import press, press_case, recorded, words_of
from tests.support.driving import Desk
from tests.support.organs import City


@pytest.mark.parametrize("login", ["wen", "jiang"])
def test_who_began_it_and_the_disclosure_head_urge_who_holds_it(
    any_db: str, desk: Desk, house: City, login: str
) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    sent = press_case(desk, login, case, "urge", items=[item], note="明日到期")
    assert sent.status_code == 303, words_of(sent)
    assert "催办「科长审核」" in desk.sit("shen").get("/notices/").text
    assert recorded("case.urge")[0].endswith("办理「科长审核」：明日到期")
    assert desk.open_steps(case) == ["head_review"]


def test_again_only_after_four_working_hours_and_the_button_says_so(
    desk: Desk, house: City, business_day: Callable[[str], None]
) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    business_day("2026-11-27T16:30:00")
    press_case(desk, "wen", case, "urge", items=[item])
    page = words_of(desk.sit("wen").get(f"/cases/{case}"))
    assert "4 个工作小时内不再重复催办" in page
    business_day("2026-11-30T11:00:00")  # the weekend does not count: one hour on Friday, two on Monday
    with pytest.raises(Refused, match="已催办过"):
        urge(house.actor("wen"), case_id=case, items=[item])
    business_day("2026-11-30T14:10:00")
    assert press_case(desk, "wen", case, "urge", items=[item]).status_code == 303
    assert len(recorded("case.urge")) == 2


def test_nobody_urges_himself_and_who_has_no_right_learns_nothing(desk: Desk, house: City) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="自己的件")
    item = desk.item(case, "draft").id
    for login in ("wen", "ke", "shui"):
        with pytest.raises(NotFound):
            urge(house.actor(login), case_id=case, items=[item])


def test_who_asked_colleagues_urges_them_from_his_step(desk: Desk, house: City) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    press(desk, "shen", item, "consult", to=[house.people["ke"]], question="？", due_on="2026-11-26")
    sub = desk.item(case, "+consult").id
    with pytest.raises(Refused, match="已经办完，或不由您催办"):
        urge(house.actor("shen"), case_id=case, items=[item])
    assert press(desk, "shen", item, "urge", items=[sub]).status_code == 303
    assert recorded("case.urge") == ["申牧之 催柯文书办理「征求意见：科长审核」"]
