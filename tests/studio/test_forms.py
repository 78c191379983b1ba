"""设计表单: a step's questions as data, their preview by the real builder, saved at a revision."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.core.db import db
from app.processes import part_checks, scenarios
from app.studio import blank, form_editing, queries
from app.studio.content import package_of
from app.studio.service import parts
from forms.reading import read_definition
from forms.toml import TomlRefused, read_toml
from tests.studio.test_drafts import ADMIN, OTHER, begun
from tests.support.driving import Desk
from tests.support.organs import City

SHIPPED = sorted((Path(__file__).parents[2] / "forms").glob("*/*.toml"))
TITLE = {"key": "subject", "label": "事由", "type": "text", "required": True, "max": 20}
ROWS = {
    "key": "people", "label": "参加人员", "type": "group",
    "field": [{"key": "person", "label": "姓名", "type": "text", "required": True}],
}  # fmt: skip


@pytest.fixture
def draft(desk: Desk, house: City) -> int:
    number = begun(house)
    desk.sit(ADMIN)
    return number


def page(desk: Desk, draft: int, what: str, **sent: Any) -> Any:
    return desk.client.post(f"/studio/drafts/{draft}/forms/draft{what}", json=sent)


@pytest.mark.parametrize("pattern", form_editing.PATTERNS)
def test_every_pattern_is_a_form_that_can_be_used(pattern: str) -> None:
    text = part_checks.form_text(form_editing.begun_as(pattern, "会签"))
    definition = read_definition(text, "trial", "cosign")
    assert definition.title == "会签"
    assert (definition.decision is None) == (pattern in ("fill", "empty"))


def test_a_step_without_a_form_gets_one_from_a_pattern(desk: Desk, house: City, draft: int) -> None:
    where = f"/studio/drafts/{draft}/forms/cosign"
    assert "从哪种样式开始" in desk.client.get(where).get_data(as_text=True)
    made = desk.client.post(f"{where}/begin", data={"pattern": "review"})
    assert made.status_code == 303
    db.session().rollback()
    text = queries.texts(db.session(), draft)["forms/cosign.toml"]
    assert read_definition(text, "trial", "cosign").decision is not None
    assert "data-form-editor" in desk.client.get(where).get_data(as_text=True)


def test_saving_data_writes_a_file_that_reads_the_same(desk: Desk, house: City, draft: int) -> None:
    answer = page(desk, draft, "", data={"title": "拟稿", "field": [TITLE, ROWS]}, revision=1).get_json()
    assert (answer["revision"], answer["problems"]) == (2, [])
    db.session().rollback()
    kept = read_definition(queries.texts(db.session(), draft)["forms/draft.toml"], "trial", "draft")
    assert [each.key for each in kept.fields] == ["subject", "people"]
    assert kept.fields[1].fields[0].label == "姓名"


def test_a_form_that_is_not_right_yet_is_kept_and_its_problems_tell_their_place(
    desk: Desk, house: City, draft: int
) -> None:
    wrong = {**TITLE, "key": "Bad Key"}
    answer = page(desk, draft, "", data={"title": "", "field": [TITLE, wrong]}, revision=1).get_json()
    assert answer["revision"] == 2
    assert {each["at"] for each in answer["problems"]} == {"title", "field.1"}


def test_who_was_slower_gets_the_other_ones_form_and_loses_nothing(
    desk: Desk, house: City, draft: int
) -> None:
    theirs = part_checks.form_text({"title": "对方的", "field": [TITLE]})
    parts.save(house.actor(OTHER), draft_id=draft, name="forms/draft.toml", text=theirs, revision=1)
    late = page(desk, draft, "", data={"title": "我的", "field": [TITLE]}, revision=1)
    assert late.status_code == 409
    assert (late.get_json()["data"]["title"], late.get_json()["revision"]) == ("对方的", 2)
    mine = page(desk, draft, "", data={"title": "我的", "field": [TITLE]}, revision=2)
    assert mine.get_json()["revision"] == 3


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([["subject", ""]], "请填写「事由」"),
        ([["subject", "长" * 21]], "最多 20 个字"),
        ([["subject", "统计年报"], ["people-0-person", "王芳"]], "1. 姓名：王芳"),
    ],
)
def test_a_try_says_what_the_rules_say(desk: Desk, draft: int, answers: list[list[str]], told: str) -> None:
    answer = page(desk, draft, "/preview", data={"title": "拟稿", "field": [TITLE, ROWS]}, answers=answers)
    assert told in answer.get_json()["html"]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "title",
        {"field": "x"},
        {"title": 7},
        {"title": "x", "field": [{"a": {"b": {}}}]},
        {"field": [[[[[[[[[[1]]]]]]]]]]},
    ],
)
def test_whatever_is_sent_is_refused_with_a_sentence(desk: Desk, draft: int, data: Any) -> None:
    for what in ("", "/preview"):
        answer = page(desk, draft, what, data=data, revision=1)
        told = answer.get_json()
        assert answer.status_code in (200, 422, 409)
        assert told.get("said") or told.get("problems")


@pytest.mark.parametrize("data", ["[" * 100_000, '{"data": "\\ud800"}', "{}x", '{"data": {"title": 1e999}}'])
def test_what_no_json_reader_takes_is_refused_too(desk: Desk, draft: int, data: str) -> None:
    where = f"/studio/drafts/{draft}/forms/draft"
    answer = desk.client.post(where, data=data, content_type="application/json")
    assert answer.status_code in (409, 422) and "请" in answer.get_data(as_text=True)


def test_a_number_longer_than_any_is_refused_where_it_stands(
    desk: Desk, draft: int, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TomlRefused, match="过大的数"):
        read_toml(f"x = [{{y = {2**70}}}]")
    assert part_checks.data_in(f"max = {2**70}") is None and not caplog.records
    data = {"title": "拟稿", "field": [{**TITLE, "max": 2**70}]}
    answer = page(desk, draft, "", data=data, revision=1)
    assert answer.status_code == 200 and answer.get_json()["problems"], answer.get_data(as_text=True)


def test_markup_typed_into_a_form_is_refused_at_its_field_and_never_rendered(desk: Desk, draft: int) -> None:
    field = {**TITLE, "label": "<script>alert(1)</script>", "help": "<img src=x onerror=y>"}
    answer = page(desk, draft, "/preview", data={"title": "甲", "field": [field]}).get_json()
    assert answer["html"] == "" and {each["at"] for each in answer["problems"]} == {"field.0"}
    harmless = {**TITLE, "label": "大于 3 & 小于 < 5"}
    html = page(desk, draft, "/preview", data={"title": "甲", "field": [harmless]}).get_json()["html"]
    assert "小于 &lt; 5" in html


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"title": "甲", "field": [TITLE, ROWS]}, True),
        ({"field": "x"}, False),
        ({"field": [3]}, False),
        ({"field": [{"options": ["a"]}]}, False),
        ({"uses": [1]}, False),
        ({"section": {"a": 1}}, True),
    ],
)
def test_what_the_editor_cannot_show_item_by_item_is_mended_as_text(data: Any, shown: bool) -> None:
    assert (form_editing.shape(data) is not None) is shown


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_form_opens_in_the_editor(path: Path) -> None:
    assert form_editing.shape(tomllib.loads(path.read_text("utf-8"))) is not None


def test_rows_of_a_group_go_through_the_engine_like_any_answer() -> None:
    texts = blank.parts("trial", "会商")
    texts["forms/handle.toml"] = part_checks.form_text({"title": "会商", "field": [ROWS]})
    sent = 'people = [{ person = "王芳" }, { person = "李处" }]'
    texts["scenarios/done.toml"] = texts["scenarios/done.toml"].replace('result = "已办"', sent)
    package = package_of(texts)
    report = scenarios.run(package, {})
    assert report.ok, report.text()
