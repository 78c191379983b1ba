"""What the editors offer: in Chinese, from every part of the draft, and from a broken draft whatever can be read."""

from __future__ import annotations

from typing import Any

import pytest

from app import processes
from app.core.db import db
from app.processes.lanes import Lane
from app.studio import words
from app.studio.content import parts_of
from tests.studio.test_drafts import ADMIN, begun
from tests.support.driving import Desk
from tests.support.organs import City


@pytest.fixture
def offered(house: City) -> dict[str, Any]:
    """What the editors of 公开属性认定 offer."""
    return words.of(db.session(), parts_of(processes.active("disclosure_attribute").package))


def fact(offered: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in offered["facts"] if each["name"] == name)


def test_a_routed_field_is_a_fact_with_its_options_and_its_steps(offered: dict[str, Any]) -> None:
    found = fact(offered, "doc_kind")
    assert (found["label"], found["type"], found["from"]) == ("文件种类", "choice", "表单「拟稿」")
    assert {"value": "policy", "label": "政策性文件（含规范性文件）"} in found["options"]
    assert found["steps"] == ["draft"]


def test_the_law_gives_the_options_of_a_named_list(offered: dict[str, Any]) -> None:
    assert {"value": "withheld", "label": "不予公开"} in fact(offered, "attribute")["options"]


def test_a_decision_is_a_fact_of_every_step_that_takes_one(offered: dict[str, Any]) -> None:
    found = fact(offered, "decision")
    assert {each["value"] for each in found["options"]} >= {"agree", "return"}
    assert {"head_review", "sign_off"} <= set(found["steps"])


def test_the_start_tables_and_called_processes_give_facts(offered: dict[str, Any]) -> None:
    assert (fact(offered, "initiator_is_head")["label"], fact(offered, "initiator_is_head")["type"]) == (
        "发起人是科室负责人",
        "boolean",
    )
    assert fact(offered, "secrecy_needed")["type"] == "boolean"
    conclusion = fact(offered, "conclusion")
    assert conclusion["from"] == "流程「保密审查」带回"
    assert [each["value"] for each in conclusion["options"]]


def test_lanes_say_who_receives_their_steps(offered: dict[str, Any]) -> None:
    told = {each["name"]: each["who"] for each in offered["lanes"]}
    assert told["拟稿人"] == "发起人本人"
    assert told["科室负责人"] == "本科室的科室负责人"
    assert words.who(Lane("unit", post="drafter", unit_field="unit")) == "名单中的科室的承办人"
    assert words.who(Lane("nowhere")) == "还没有指定"


def test_actions_operations_and_tables_carry_chinese_labels(offered: dict[str, Any]) -> None:
    action = next(each for each in offered["actions"] if each["name"] == "attribute.confirm")
    assert (action["label"], action["group"]) == ("确定公开属性并标注", "公开属性")
    assert {"name": "ground", "label": "不予公开条款"} in action["params"]
    assert {"value": "cosign", "label": "会签", "with": False} in offered["operations"]
    assert [each["decision"] for each in offered["tables"]] == ["secrecy_needed"]
    assert "secrecy_review" in [each["key"] for each in offered["processes"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.toml", "[["),
        ("process.bpmn", "<a"),
        ("secrecy_needed.dmn", "<!DOCTYPE a><a/>"),
        ("forms/draft.toml", "field = 3"),
        ("forms/draft.toml", 'field = [1, { key = 2, route = true }, { key = "a", type = "radio", options = "x", route = true }]'),
        ("package.toml", 'key = 1\nlanes = 2\nfacts = "x"\ncalls = [1]'),
        ("package.toml", '[lanes]\n"甲" = { scope = "unit", post = "nobody", strange = "x" }\n"乙" = 3'),
    ],
)  # fmt: skip
def test_a_broken_part_leaves_the_rest_to_choose_from(house: City, name: str, text: str) -> None:
    parts = parts_of(processes.active("disclosure_attribute").package) | {name: text}
    found = words.of(db.session(), parts)
    assert found["roles"]
    assert found["actions"]


def test_the_page_and_its_words_are_for_process_admins(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    page = desk.client.get(f"/studio/drafts/{draft}/diagram")
    assert page.status_code == 200
    assert "/static/dist/studio-" in page.text
    said = desk.client.get(f"/studio/drafts/{draft}/words").get_json()
    assert said["urls"]["form"].endswith("/forms/__name__")
    desk.sit("shen")
    assert desk.client.get(f"/studio/drafts/{draft}/diagram").status_code in (403, 404)
    assert desk.client.get(f"/studio/drafts/{draft}/words").status_code in (403, 404)


def test_the_editor_is_loaded_on_editor_pages_only(desk: Desk, house: City) -> None:
    desk.sit(ADMIN)
    for address in ("/work", "/studio", f"/studio/drafts/{begun(house)}"):
        assert "/static/dist/studio-" not in desk.client.get(address).text
