"""导入 in a real browser: another tool's diagram, its repairs beside both pictures, and then a draft; also on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Office
from tests.browser.hands import follow
from tests.studio.test_drafts import ADMIN
from tests.support import browser as browsing

LOOK = os.environ.get("PICTURES")
FOREIGN = Path(__file__).parents[1] / "engine" / "foreign"


def picture(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("width", "file", "pictures"), [(1280, "flowable_leave", 1), (390, "camunda7_invoice", 2)]
)
def test_a_diagram_of_another_tool_is_looked_at_and_taken(
    pages: Any, office: Office, width: int, file: str, pictures: int
) -> None:
    page = pages(width, 900)
    office.let_in(page, ADMIN)
    page.goto(office.server.url("/studio/import"))
    picture(page, f"import-{width}")
    browsing.looks_ok(page, allowed={"bpmn", "zip"})
    page.locator("input[type=file]").set_input_files(FOREIGN / f"{file}.bpmn")
    with page.expect_navigation():
        page.get_by_role("button", name="导入", exact=True).press("Enter")
    expect(page.locator("[data-compare][data-ready]")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-picture] .djs-container")).to_have_count(pictures)
    page.locator("[data-point]").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("保留原样：").first.check()
    with page.expect_navigation():
        page.get_by_role("button", name="按勾选重新看图").press("Enter")
    expect(page.locator("[data-compare][data-ready]")).to_be_visible(timeout=20_000)
    expect(page.get_by_label("保留原样：").first).to_be_checked()
    page.get_by_label("保留原样：").first.uncheck()
    picture(page, f"import-look-{width}")
    browsing.axe(page)
    width_now = page.evaluate("document.documentElement.scrollWidth")
    assert width_now <= width
    page.get_by_role("textbox", name="流程名称").fill(f"请假{width}")
    page.get_by_role("textbox", name="编号").fill(f"leave_{width}")
    with page.expect_navigation():
        page.get_by_role("button", name="接受改动，建立草稿").press("Enter")
    expect(page.get_by_role("heading", name=f"请假{width}")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("已建立草稿")).to_be_visible()
    if width == 1280:  # it came without a drawing, and can be drawn on
        follow(page.get_by_role("link", name="画流程图"))
        page.wait_for_selector("[data-studio][data-ready]", timeout=30_000)
        expect(page.locator('.djs-shape[data-element-id="notify"]')).to_be_visible()
