"""代理 in requests: who stands in for a post works on its requests as that post does, and no further."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.accounts import deputies
from app.accounts.deputies import Wanted
from app.core import now
from tests.cases.pressing import recorded
from tests.requests.driving import Office


def stand_in(office: Office, a: str, b: str, **more: Any) -> None:
    city, day = office.city, now.today()
    wanted = Wanted(city.people[a], city.people[b], "period", day, day + timedelta(days=7), **more)
    deputies.appoint(city.actor(a), wanted=wanted)


def test_the_pages_of_the_post_open_for_whoever_stands_in(any_db: str, office: Office) -> None:
    case = office.register()
    address = f"/requests/{office.request(case).id}/matters"
    assert office.sit("wen").get(address).status_code == 403
    stand_in(office, "bai", "wen", processes=["foi_request"])
    assert office.sit("wen").get(address).status_code == 200
    assert office.sit("wen").get("/requests/new").status_code == 200
    office.act("wen", case, "examine", clear="yes", nature="normal", decision="go")
    assert recorded("case.complete")[-1].startswith("文承远（受理登记岗（代 白受之））")


def test_a_stand_in_for_another_process_enters_nothing_of_requests(office: Office) -> None:
    case = office.register()
    stand_in(office, "bai", "wen", processes=["disclosure_attribute"])
    assert office.sit("wen").get(f"/requests/{office.request(case).id}/matters").status_code == 403
    assert office.sit("wen").get("/requests/new").status_code == 403
