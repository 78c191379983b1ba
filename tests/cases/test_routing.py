"""Lanes to people: which unit, which organ, who stands in; pure, on the people of a working city."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts import service as accounts
from app.accounts.directory import directory
from app.cases import inbox
from app.cases.routing import known_at, route
from app.core.db import db
from app.processes.lanes import Lane
from tests.cases.flows import drafted
from tests.support.driving import Desk
from tests.support.organs import City
from workflows.engine import OpenStep

UNIT_WORK = Lane("unit", "drafter", unit_field="unit")


@pytest.fixture
def case(house: City) -> dict[str, Any]:
    return {
        "organ_id": house.organs["housing"],
        "unit_id": house.units["housing", "办公室"],
        "started_by": house.people["cheng"],
        "authors": [],
        "doers": {},
        "data": {"unit": str(house.units["housing", "办公室"]), "to_organ": None},
    }


def names(lane: Lane, case: dict[str, Any], **facts: Any) -> tuple[str, ...]:
    return route(lane, "承办科室", "work", case, facts, directory()).names


def test_the_unit_named_by_a_fact_receives_the_step(house: City, case: dict[str, Any]) -> None:
    assert names(UNIT_WORK, case, unit=str(house.units["housing", "住房保障科"])) == ("房建业",)


def test_a_unit_where_nobody_drafts_works_through_its_head(house: City, case: dict[str, Any]) -> None:
    assert names(UNIT_WORK, case, unit=str(house.units["housing", "建筑业科"])) == ("李处",)
    assert names(UNIT_WORK, case) == ("严封缄",), "no unit named: the case's own"


@pytest.mark.parametrize("unit", ["0", "999999", "不是编号", "-1", "1.5"])
def test_a_unit_that_is_not_there_is_an_incident(case: dict[str, Any], unit: str) -> None:
    target = route(UNIT_WORK, "承办科室", "work", case, {"unit": unit}, directory())
    assert target.incident and "没有设「承办科室」岗位" in target.incident and not target.people


def test_each_part_of_a_multi_instance_reaches_its_own_unit(house: City, case: dict[str, Any]) -> None:
    unit = str(house.units["housing", "住房保障科"])
    place = OpenStep("2:units[1]/unit_accept", "foi_unit_work", "unit_accept", "接收", "承办科室", {}, "1",
                     {"unit": unit})  # fmt: skip
    assert names(UNIT_WORK, case, **known_at(place, case["data"])) == ("房建业",)


def test_a_case_from_the_public_has_its_author_for_the_initiator(house: City, case: dict[str, Any]) -> None:
    begun = Lane("initiator")
    assert names(begun, case) == ("成述之",)
    case["started_by"] = None
    assert route(begun, "承办人", "work", case, {}, directory()).incident
    case["authors"] = [house.people["fang"], house.people["cheng"]]
    assert names(begun, case) == ("成述之",)


# --- who receives a step, worked out when it opens (features.md H24) ---------------------------------------------------


def test_a_post_of_the_organ(house: City, case: dict[str, Any]) -> None:
    assert names(Lane("organ", "signer"), case) == ("丁建言",)
    assert names(Lane("organ", "text_checker", organ_field="to_organ"), case, to_organ="office") == (
        "柯文书",
    )


def test_the_head_of_the_unit_of_the_initiator_and_of_a_unit_named_by_a_fact(
    house: City, case: dict[str, Any]
) -> None:
    head = Lane("unit", "unit_head", unit_field="unit")
    assert names(head, case) == ("严封缄",)
    assert names(head, case, unit=str(house.units["housing", "建筑业科"])) == ("李处",)


def test_the_handler_of_an_earlier_step_and_the_initiator(house: City, case: dict[str, Any]) -> None:
    case["doers"] = {"head_review": house.people["gu"]}
    assert names(Lane("did", step="head_review"), case) == ("谷监筑",)
    assert names(Lane("initiator"), case) == ("成述之",)
    assert route(Lane("did", step="examine"), "原办理人", "work", case, {}, directory()).incident


def worked_out(expression: str, gives: str = "person", post: str | None = None) -> Lane:
    return Lane("expression", post, expression=expression, gives=gives)


def test_an_expression_gives_a_person_a_post_or_a_unit(house: City, case: dict[str, Any]) -> None:
    fang, signer = house.people["fang"], house.post("housing", "signer")
    unit = house.units["housing", "建筑业科"]
    assert names(worked_out("handler"), case, handler=str(fang)) == ("房建业",)
    assert names(worked_out("handler if amount > 3 else initiator"), case, handler=fang, amount=2) == (
        "成述之",
    )
    assert names(worked_out("[handler]"), case, handler=fang) == ("房建业",)
    assert names(worked_out("seat", "post"), case, seat=signer) == ("丁建言",)
    assert names(worked_out("seat", "unit", "unit_head"), case, seat=unit) == ("李处",)
    assert names(worked_out("case_unit", "unit", "unit_head"), case) == ("严封缄",)
    case["doers"] = {"head_review": house.people["gu"]}
    assert names(worked_out("doers.head_review"), case) == ("谷监筑",)


@pytest.mark.parametrize(
    "given", [None, "", [], 0, -4, 1.5, True, "外人", [1, 2], {"id": 3}, 10**20, 999_999]
)
@pytest.mark.parametrize("gives", ["person", "post", "unit"])
def test_an_empty_or_impossible_result_is_an_incident_never_a_lost_case(
    case: dict[str, Any], given: Any, gives: str
) -> None:
    lane = worked_out("seat", gives, "unit_head" if gives == "unit" else None)
    target = route(lane, "指定的人", "work", case, {"seat": given}, directory())
    assert target.incident and len(target.incident) <= 200
    assert (target.organ_id, target.post_id, target.person_id) == (case["organ_id"], None, None)


def test_an_expression_that_cannot_be_worked_out_is_an_incident(case: dict[str, Any]) -> None:
    for text in ("nowhere", "doers.never", "1 / 0", "seat + 1"):
        target = route(worked_out(text), "指定的人", "work", case, {"seat": "x"}, directory())
        assert target.incident and ("算不出" in target.incident or "没有得出" in target.incident), text


def test_an_expression_reaches_nobody_of_another_organ_no_officer_and_no_author(
    house: City, case: dict[str, Any]
) -> None:
    for login in ("jiang", "kuang"):
        facts = {"seat": house.people[login]}
        assert route(worked_out("seat"), "指定的人", "work", case, facts, directory()).incident
    post = {"seat": house.post("office", "signer")}
    assert route(worked_out("seat", "post"), "指定的人", "work", case, post, directory()).incident
    case["authors"] = [house.people["fang"]]
    own = route(worked_out("seat"), "指定的人", "review", case, {"seat": house.people["fang"]}, directory())
    assert own.incident and "拟稿人" in own.incident


def test_new_members_of_a_post_see_the_work_that_waits_already(any_db: str, desk: Desk, house: City) -> None:
    waiting = drafted(desk)
    assert not inbox.page(db.session(), house.actor("wang"), inbox.Asked()).rows
    accounts.grant_post(
        house.actor("ping"), house.people["wang"], house.post("office", "unit_head", "综合一科")
    )
    db.session().commit()
    assert [row["case_id"] for row in inbox.page(db.session(), house.actor("wang"), inbox.Asked()).rows] == [
        waiting
    ]
    assert "关于印发" in desk.sit("wang").get("/work").text
