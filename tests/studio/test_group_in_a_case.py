"""A repeated group in a real case: asked at a step, refused, drafted, answered, and read by the next in words."""

from __future__ import annotations

import pytest

from app.core.actor import SYSTEM
from app.processes import part_checks
from app.processes import service as processes
from app.studio import blank
from app.studio.content import package_of
from tests.support.driving import Desk
from tests.support.organs import City

ROWS = {
    "key": "people", "label": "参加人员", "type": "group", "required": True, "max": 5,
    "field": [
        {"key": "person", "label": "姓名", "type": "text", "required": True},
        {"key": "side", "label": "来自", "type": "radio", "options": [
            {"value": "in", "label": "本机关"}, {"value": "out", "label": "外单位"},
        ]},
    ],
}  # fmt: skip


@pytest.fixture
def talk(house: City) -> str:
    """会商, as the smallest process: its one step asks for a list of people."""
    parts = blank.parts("talk", "会商")
    parts["forms/handle.toml"] = part_checks.form_text({"title": "会商", "field": [ROWS]})
    parts["package.toml"] = parts["package.toml"].replace("start_posts = []", 'start_posts = ["drafter"]')
    processes.install(SYSTEM, packages=[package_of(parts)])
    return "talk"


def test_rows_are_asked_refused_and_kept_and_the_case_tells_them_in_words(
    desk: Desk, house: City, talk: str
) -> None:
    case = desk.start("wen", talk, title="关于会商的请示")
    where = f"/work/{desk.item(case, 'handle').id}"
    page = desk.client.get(where).get_data(as_text=True)
    assert 'name="people-0-person"' in page and "data-group-template" in page
    refused = desk.send("wen", case, "handle", **{"people-0-side": "in"})
    assert refused.status_code == 422
    told = refused.get_data(as_text=True)
    assert "第 1 行填得不对" in told and "请填写「姓名」" in told and "people-0-side" in told
    desk.act(
        "wen",
        case,
        "handle",
        **{"people-0-person": "王芳", "people-3-person": "李处", "people-3-side": "out"},
    )
    assert desk.case(case).data["people"] == [
        {"person": "王芳", "side": None},
        {"person": "李处", "side": "out"},
    ]
    shown = desk.client.get(f"/cases/{case}").get_data(as_text=True)
    assert "1. 姓名：王芳" in shown and "2. 姓名：李处；来自：外单位" in shown
    assert desk.case(case).status == "done"
