"""Lanes to people: which unit, which organ, who stands in; pure, on the people of a working city."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.directory import directory
from app.cases.routing import known_at, route
from app.processes.lanes import Lane
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
