"""催办督办设置: kept per organ by its keepers, counted by from then on."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.accounts.directory import directory
from app.core import now
from app.core.actor import SYSTEM
from app.core.errors import NotFound
from app.obligations import order_settings
from tests.cases.conftest import desk, house
from tests.cases.flows import drafted
from tests.cases.pressing import press_case, recorded, words_of
from tests.obligations.access_samples import appoint, give
from tests.obligations.test_orders import order
from tests.support.driving import Desk
from tests.support.organs import City

__all__ = ["desk", "house"]


def send(desk: Desk, login: str, **said: Any) -> TestResponse:
    usual = {"urge_hours": "4", "order_number": "{short}督〔{year}〕{n}号", "token": str(uuid.uuid4())}
    return desk.sit(login).post("/orders/settings", data={**usual, **said})


def test_the_next_order_is_numbered_as_the_organ_says(any_db: str, desk: Desk, house: City) -> None:
    appoint(SYSTEM, house, "office", "jian")
    assert send(desk, "jiang", order_number="督办〔{year}〕第{n}号").status_code == 303
    assert order(give(house)).number == "督办〔2026〕第1号"
    assert recorded("supervision.settings") == ["江维公 修改催办督办设置"]
    assert "督办〔2026〕第1号" in words_of(desk.sit("jiang").get("/orders/settings"))


def test_a_step_is_urged_again_when_the_organs_hours_have_passed(desk: Desk, house: City) -> None:
    assert send(desk, "jiang", urge_hours="1").status_code == 303
    case = drafted(desk)
    item = desk.item(case, "head_review").id
    assert press_case(desk, "wen", case, "urge", items=str(item)).status_code == 303
    now.pretend("2026-11-23T10:30")
    assert press_case(desk, "wen", case, "urge", items=str(item)).status_code == 303
    assert len(recorded("case.urge")) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"urge_hours": "0"}, {"urge_hours": "61"}, {"urge_hours": "两"}, {"urge_hours": "9" * 40},
        {"order_number": "督办{n}号"}, {"order_number": "{year}{n}{organ}"}, {"order_number": "{n!r}{year}"},
        {"order_number": "{year}{n" }, {"order_number": "很" * 60 + "{year}{n}"}, {"order_number": "{year}{n:>99}"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    desk: Desk, house: City, said: dict[str, str]
) -> None:
    page = send(desk, "jiang", **said)
    assert page.status_code == 409 and next(iter(said.values()))[:30] in page.text.replace("&gt;", ">")
    assert "order_number" not in directory().organ(house.organs["office"]).settings


def test_others_read_and_do_not_change(desk: Desk, house: City) -> None:
    assert send(desk, "wen").status_code == 403
    page = words_of(desk.sit("wen").get("/orders/settings"))
    assert "4 个工作小时" in page and "保存设置" not in page
    with pytest.raises(NotFound):
        order_settings.keep(
            house.actor("cheng"), organ_id=house.organs["office"], urge_hours="4", order_number=""
        )
