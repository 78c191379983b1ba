"""Pages of 迁移: try, carry out, read what became of each case, take back."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy.orm import Session

from app.cases import migration_runs
from tests.engine.diagrams import Diagram
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small
from workflows.engine import place_of


def line(*steps: str) -> Diagram:
    return Diagram("line").start().people(*steps).end().go(" -> ".join(["s", *steps, "e"]))


def in_use(session: Session, small: Small) -> int:
    from tests.cases.test_migrating import version_in_use

    return version_in_use(session, small.key)


@pytest.fixture
def small(house: City) -> Small:
    return Small(house).put(line("a", "b", "c")).begin().do("a")


def post(desk: Desk, url: str, **data: object) -> str:
    response = desk.sit("qiao").post(url, data={"token": str(uuid.uuid4()), **data}, follow_redirects=True)
    assert response.status_code == 200, response.get_data(as_text=True)[:500]
    return response.get_data(as_text=True)


def test_a_case_is_migrated_and_taken_back_through_the_pages(
    desk: Desk, small: Small, session: Session
) -> None:
    old = in_use(session, small)
    small.put(line("a", "bb", "c"))
    new = in_use(session, small)
    page = desk.sit("qiao").get(f"/studio/versions/{new}/migrate").get_data(as_text=True)
    assert "第 1 版有" in page and "环节「环节b」在新版是" in page
    post(desk, f"/studio/versions/{new}/migrate", **{"from": old, "r0": "bb", "i0": "", "a0_decision": ""})
    migration_runs.work()
    page = desk.client.get("/studio/migrations/1").get_data(as_text=True)
    assert "迁移 1 件" in page and small.case.number in page
    post(desk, "/studio/migrations/1/carry-out")
    migration_runs.work()
    assert "对应迁移" in desk.client.get("/studio/migrations/2").get_data(as_text=True)
    assert small.waiting == ["bb"]
    post(desk, "/studio/migrations/2/back")
    migration_runs.work()
    post(desk, "/studio/migrations/3/carry-out")
    migration_runs.work()
    assert small.waiting == ["b"] and small.case.version_id == old


def test_a_refused_case_reads_why(desk: Desk, small: Small, session: Session) -> None:
    old = in_use(session, small)
    small.put(line("a", "c"))
    new = in_use(session, small)
    post(desk, f"/studio/versions/{new}/migrate", **{"from": old, "r0": ""})
    migration_runs.work()
    page = desk.client.get("/studio/migrations/1").get_data(as_text=True)
    assert "不能迁移" in page and "环节b" in page
    assert [place_of(item["address"]) for item in small.items if item["status"] == "open"] == ["b"]


def test_an_inserted_step_is_answered_on_the_page(desk: Desk, small: Small, session: Session) -> None:
    old = in_use(session, small)
    small.put(line("hui", "a", "b", "c"))
    new = in_use(session, small)
    assert "新版多出的环节「环节hui」" in desk.sit("qiao").get(f"/studio/versions/{new}/migrate").get_data(
        as_text=True
    )
    post(desk, f"/studio/versions/{new}/migrate", **{"from": old, "i0": "y", "a0_decision": "agree"})
    migration_runs.work()
    page = desk.client.get("/studio/migrations/1").get_data(as_text=True)
    assert "迁移 1 件" in page


def test_a_number_that_is_not_there_is_said(desk: Desk, small: Small, session: Session) -> None:
    old = in_use(session, small)
    small.put(line("a", "b", "hui", "c"))
    new = in_use(session, small)
    response = desk.sit("qiao").post(
        f"/studio/versions/{new}/migrate",
        data={"token": str(uuid.uuid4()), "from": old, "numbers": "没有这件"},
    )
    assert response.status_code == 409 or response.status_code == 422
    assert "没有这件" in response.get_data(as_text=True)


def test_the_page_says_when_nothing_is_to_be_migrated(desk: Desk, house: City, session: Session) -> None:
    small = Small(house).put(line("a", "b"))
    page = desk.sit("qiao").get(f"/studio/versions/{in_use(session, small)}/migrate").get_data(as_text=True)
    assert "没有要迁移的件" in page
