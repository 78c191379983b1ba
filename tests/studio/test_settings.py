"""流程设置: package.toml as a page; a lane that reaches nobody is said, and kept from activation."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.accounts.directory import directory
from app.core.db import db
from app.processes import part_checks
from app.processes.packages import assemble, read_package
from app.studio import findings, queries, settings_editing
from app.studio.service import parts
from tests.studio.test_drafts import ADMIN, OTHER, begun
from tests.support.driving import Desk
from tests.support.organs import City

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.parent for path in ROOT.glob("bpmn/*/package.toml"))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_the_settings_of_a_shipped_process_mean_the_same_after_writing(folder: Path) -> None:
    package = read_package(folder, ROOT / "forms" / folder.name)
    data = settings_editing.shape(tomllib.loads(package.texts["package.toml"]))
    assert data is not None
    text = part_checks.settings_text(data)
    assert assemble({**package.texts, "package.toml": text}).meta == package.meta


def data_of(draft: int) -> dict[str, Any]:
    return tomllib.loads(queries.texts(db.session(), draft)["package.toml"])


def save(desk: Desk, draft: int, data: Any, revision: int = 1) -> Any:
    return desk.client.post(f"/studio/drafts/{draft}/settings", json={"data": data, "revision": revision})


def test_the_page_shows_every_lane_of_the_diagram_with_its_steps(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    assert "data-settings-editor" in desk.client.get(f"/studio/drafts/{draft}/settings").get_data(
        as_text=True
    )
    drawn = settings_editing.drawn_lanes(queries.texts(db.session(), draft))
    assert {each["name"] for each in drawn} == set(data_of(draft)["lanes"])
    assert any(each["label"] for lane in drawn for each in lane["steps"])


def test_comments_stay_when_the_page_saves(desk: Desk, house: City) -> None:
    draft = begun(house)
    text = queries.texts(db.session(), draft)["package.toml"]
    noted = text.replace("summary =", "# 说明写给办事的人看\nsummary =", 1).replace(
        "\n[lanes", "\n# 泳道\n[lanes", 1
    )
    parts.save(house.actor(ADMIN), draft_id=draft, name="package.toml", text=noted, revision=1)
    desk.sit(ADMIN)
    data = {**data_of(draft), "summary": "改过的说明", "legal_basis": []}
    save(desk, draft, data, 2)
    db.session().rollback()
    kept = queries.texts(db.session(), draft)["package.toml"]
    assert tomllib.loads(kept) == data
    assert "# 说明写给办事的人看\nsummary" in kept and "# 泳道" in kept


def test_a_lane_without_a_post_is_an_error_and_cannot_be_activated(desk: Desk, house: City) -> None:
    draft = begun(house)
    data = data_of(draft)
    desk.sit(ADMIN)
    name = next(lane for lane in data["lanes"] if data["lanes"][lane].get("post") == "text_checker")
    gone = {key: value for key, value in data["lanes"].items() if key != name}
    answer = save(desk, draft, {**data, "lanes": gone}).get_json()
    said = [each for each in answer["notes"] if each["lane"] == name]
    assert [each["severity"] for each in said] == ["error"]
    assert any(each["severity"] == "error" for each in answer["problems"])
    db.session().rollback()
    rules = {each.rule for each in findings.of_texts(db.session(), queries.texts(db.session(), draft))}
    assert "unknown_lane" in rules
    again = save(desk, draft, data, answer["revision"]).get_json()
    assert again["problems"] == []


def test_a_post_that_nobody_holds_is_a_warning_that_names_the_organs(house: City) -> None:
    drawn = [{"name": "统计", "steps": [{"value": "count", "label": "统计"}]}]
    held = {"lanes": {"统计": {"scope": "organ", "post": "statistician"}}}
    told = settings_editing.lane_notes(held, drawn, directory())
    without = [each for each in directory().organs.values() if each.office_id is None]
    assert all(each["severity"] == "warning" for each in told)
    assert bool(told) == any(
        directory().people_of(each.id)
        and not any(
            post.kind == "statistician" and post.organ_id == each.id and directory().holders(post.id)
            for post in directory().posts.values()
        )
        for each in without
    )


def test_a_lane_that_is_not_drawn_any_more_is_told(house: City) -> None:
    drawn = [{"name": "甲", "steps": []}]
    told = settings_editing.lane_notes({"lanes": {"乙": {"scope": "initiator"}}}, drawn, directory())
    assert [(each["lane"], each["severity"]) for each in told] == [("乙", "warning")]


def test_who_was_slower_gets_the_other_ones_settings(desk: Desk, house: City) -> None:
    draft = begun(house)
    data = data_of(draft)
    desk.sit(OTHER)
    assert save(desk, draft, {**data, "summary": "对方的说明"}).status_code == 200
    desk.sit(ADMIN)
    late = save(desk, draft, {**data, "summary": "我的说明"})
    assert late.status_code == 409 and late.get_json()["data"]["summary"] == "对方的说明"


@pytest.mark.parametrize(
    "data", [None, "x", [], {"lanes": {"甲": {"post": {"a": {"b": {"c": [[[[[[1]]]]]]}}}}}}]
)
def test_settings_that_are_none_are_refused_with_a_sentence(desk: Desk, house: City, data: Any) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    answer = save(desk, draft, data)
    assert answer.status_code == 422 and answer.get_json()["said"]


@pytest.mark.parametrize("data", [{}, {"lanes": "x"}, {"key": 7}, {"lanes": {"甲": 3}}, {"facts": {"a": []}}])
def test_settings_that_are_not_right_yet_are_kept_with_what_is_wrong(
    desk: Desk, house: City, data: Any
) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    answer = save(desk, draft, data)
    assert answer.status_code == 200 and answer.get_json()["problems"]
    assert desk.client.get(f"/studio/drafts/{draft}/settings").status_code == 200


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"name": "甲", "lanes": {"乙": {"scope": "unit"}}}, True),
        ({"lanes": {"乙": 3}}, False),
        ({"name": 7}, False),
        ({"calls": "x"}, False),
        ({"legal_basis": [1]}, False),
        ({"facts": {"a": []}}, False),
    ],
)
def test_what_the_page_cannot_show_item_by_item_is_mended_as_text(data: dict[str, Any], shown: bool) -> None:
    assert (settings_editing.shape(data) is not None) is shown


def test_a_file_that_cannot_be_read_is_saved_as_text_and_never_thrown_away(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    where = f"/studio/drafts/{draft}/settings"
    broken = desk.client.post(where, json={"text": "key = ", "revision": 1})
    assert broken.status_code == 200 and broken.get_json()["data"] is None
    assert "key = " in desk.client.get(where).get_data(as_text=True)
