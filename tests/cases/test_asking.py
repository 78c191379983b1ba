"""What a step's form shows before anybody has answered it."""

from __future__ import annotations

from datetime import date

from app.accounts.directory import directory
from app.cases import asking
from app.cases.asking import Asked
from forms.builder import Around
from forms.reading import read_definition
from tests.support.organs import City

SERVICE = """format = 1
title = "送达"
[[field]]
key = "mail_no"
label = "邮件号"
type = "text"
once = true
[[field]]
key = "note"
label = "说明"
type = "textarea"
[[field]]
key = "units"
label = "承办科室"
type = "checks"
options_from = "units"
"""


def test_a_field_asked_once_shows_nothing_of_another_step_or_round() -> None:
    own = read_definition(SERVICE, "foi_request", "serve")
    asked = Asked(None, own, None, None, own, Around(today=date(2026, 11, 23)))  # type: ignore[arg-type]
    data = {"mail_no": "EMS-990101-0001", "note": "回执未到", "decision": "served", "other": 1}
    assert asking.returned_answers(asked, {"data": data}) == {"note": "回执未到"}


def test_the_units_to_choose_from_are_those_of_the_organ(house: City) -> None:
    offered = asking.units(directory(), house.organs["housing"])
    assert [name for _id, name in offered] == ["办公室", "住房保障科", "建筑业科"]
    assert offered[1][0] == str(house.units["housing", "住房保障科"])
    assert offered[1] not in asking.units(directory(), house.organs["office"])
