"""决策表: made from a dialogue, tried row by row through the engine, its tries saved beside it and run with the scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.core.db import db
from app.processes import part_checks, scenarios, table_rows
from app.processes.packages import assemble, read_package
from app.studio import findings, queries, table_editing
from tests.studio.test_drafts import ADMIN, OTHER, begun
from tests.support.driving import Desk
from tests.support.organs import City
from workflows.engine import deciding

ROOT = Path(__file__).parents[2]
LEVELS = (ROOT / "bpmn/secrecy_review/levels.dmn").read_bytes()
FACTS = [
    {"name": "important", "label": "重大、敏感", "type": "boolean"},
    {"name": "levels", "label": "级数", "type": "integer"},
    {"name": "kind", "label": "种类", "type": "choice"},
]


@pytest.mark.parametrize(
    ("inputs", "rules", "outputs"),
    [
        ({"important": True, "organ_levels": 3}, (1,), {"levels": 4}),
        ({"important": False, "organ_levels": 9}, (2,), {"levels": 4}),
        ({"important": None, "organ_levels": 3}, (), {"levels": None}),
    ],
)
def test_a_table_says_which_rows_hold_and_what_comes_out(
    inputs: dict[str, Any], rules: tuple[int, ...], outputs: dict[str, Any]
) -> None:
    decided = deciding.decide(LEVELS, inputs)
    assert (decided.rules, decided.outputs, decided.refused) == (rules, outputs, "")


def test_a_table_that_cannot_decide_says_why() -> None:
    both = LEVELS.replace(b"<text>True</text>", b"<text>-</text>").replace(
        b"<text>False</text>", b"<text></text>"
    )
    decided = deciding.decide(both, {"important": True, "organ_levels": 3})
    assert decided.rules == (1, 2) and "同时符合" in decided.refused
    assert "没有名为" in deciding.decide(LEVELS, {}).refused


def test_rows_nobody_tried_are_named_and_a_wrong_result_is_said() -> None:
    rows = [{"inputs": {"important": False, "organ_levels": 3}, "expect": {"levels": 4}}]
    trial = part_checks.table_trial(LEVELS.decode(), rows, "levels.dmn")
    assert trial["missed"] == [1] and trial["reads"] == ["important", "organ_levels"]
    assert "审查级数应当是 4，实际是 3" in trial["rows"][0]["failures"][0]


@pytest.mark.parametrize("policy", table_editing.HIT_POLICIES)
def test_a_new_table_can_be_read_and_has_nothing_wrong_but_its_empty_row(policy: str) -> None:
    text = table_editing.blank("trial", "试 & 算<>", FACTS, ("result", "结果", "string"), policy)
    trial = part_checks.table_trial(text, [{"inputs": {}}], "trial.dmn")
    assert trial["reads"] == ["important", "levels", "kind"] and trial["findings"] == []
    assert trial["rows"][0]["refused"] == "" and trial["rows"][0]["rules"] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<x/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        LEVELS.decode().replace("important", "__import__('os')"),
    ],
)
def test_no_table_breaks_its_trial(text: str) -> None:
    trial = part_checks.table_trial(text, [{"inputs": {"a": 1}}, "x", {"inputs": 3}], "levels.dmn")
    assert trial["findings"] or trial["problems"]


def test_saved_tries_run_with_the_scenarios_of_the_package() -> None:
    package = read_package(ROOT / "bpmn/secrecy_review", ROOT / "forms/secrecy_review")
    row: dict[str, Any] = {"inputs": {"important": True, "organ_levels": 2}, "expect": {"levels": 4}}
    for expected, ok in ((4, True), (2, False)):
        rows = table_rows.written([{**row, "expect": {"levels": expected}}])
        tried = assemble(package.texts, {table_rows.file_of("levels"): rows})
        (result,) = scenarios.run(tried, {}).results
        assert result.ok is ok and "levels" in result.name
    gone = assemble(package.texts, {table_rows.file_of("gone"): table_rows.written([row])})
    assert not scenarios.run(gone, {}).results[0].ok


# -- pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(desk: Desk, house: City) -> int:
    number = begun(house, "secrecy_review")
    desk.sit(ADMIN)
    return number


def text_of(draft: int) -> str:
    db.session().rollback()
    return queries.texts(db.session(), draft)["levels.dmn"]


def save(desk: Desk, draft: int, **sent: Any) -> Any:
    return desk.client.post(f"/studio/drafts/{draft}/tables/levels", json=sent)


def test_table_and_tries_are_saved_in_one_act(desk: Desk, draft: int) -> None:
    rows = [{"inputs": {"important": True, "organ_levels": 2}, "expect": {"levels": 4}}]
    text = text_of(draft).replace("逐级审查", "逐级审查的")
    done = save(desk, draft, text=text, revision=1, rows=rows, rows_revision=0).get_json()
    assert (done["revision"], done["rows_revision"], done["trial"]["missed"]) == (2, 1, [2])
    page = desk.client.get(f"/studio/drafts/{draft}/tables/levels").get_data(as_text=True)
    assert "data-table-editor" in page
    listed = desk.client.get(f"/studio/drafts/{draft}").get_data(as_text=True)
    assert "保密审查级数" in listed and "levels.dmn" not in listed
    gone = save(desk, draft, text=text, revision=2, rows=[], rows_revision=1).get_json()
    assert gone["rows_revision"] == 0
    assert table_rows.file_of("levels") not in queries.texts(db.session(), draft)


def test_who_was_slower_gets_the_other_ones_table(desk: Desk, house: City, draft: int) -> None:
    text = text_of(draft)
    desk.sit(OTHER)
    save(desk, draft, text=text.replace("逐级", "层层"), revision=1, rows=[], rows_revision=0)
    desk.sit(ADMIN)
    late = save(desk, draft, text=text, revision=1, rows=[], rows_revision=0)
    assert late.status_code == 409 and "层层" in late.get_json()["text"]
    assert late.get_json()["revision"] == 2


@pytest.mark.parametrize("text", ["", "<x/>", "<!DOCTYPE a><a/>"])
def test_what_is_no_table_is_not_saved(desk: Desk, draft: int, text: str) -> None:
    answer = save(desk, draft, text=text, revision=1, rows=[], rows_revision=0)
    assert answer.status_code == 422 and answer.get_json()["said"].endswith("。")


def test_a_new_table_is_made_from_a_dialogue(desk: Desk, draft: int) -> None:
    where = f"/studio/drafts/{draft}/new-table"
    assert "建立决策表" in desk.client.get(where).get_data(as_text=True)
    sent = {
        "label": "送谁审", "key": "who_reviews", "inputs": ["important"], "result_label": "送谁", "result": "reviewer",
        "result_type": "string", "policy": "UNIQUE",
    }  # fmt: skip
    assert desk.client.post(where, data={**sent, "key": "len"}).status_code == 422
    assert desk.client.post(where, data={**sent, "inputs": ["nothing_of_ours"]}).status_code == 422
    assert desk.client.post(where, data=sent).status_code == 303
    db.session().rollback()
    texts = queries.texts(db.session(), draft)
    assert deciding.reads(texts["who_reviews.dmn"].encode()) == ("important",)
    assert all(each.severity != "error" for each in findings.of_texts(db.session(), texts))
    again = desk.client.post(where, data=sent)
    assert again.status_code == 409 and "换一个编号" in again.get_data(as_text=True)
