"""决策表 in a real browser: a cell is changed, the table is tried, the try is noted and saved with it."""

from __future__ import annotations

import os
import re
from typing import Any

from playwright.sync_api import expect

from app.core.db import db
from app.processes import table_rows
from app.studio import queries
from app.studio.service import drafts
from tests.browser.conftest import Office
from tests.studio.test_drafts import begun
from tests.support import browser as browsing

LOOK = os.environ.get("PICTURES")


def test_a_table_is_changed_tried_and_saved_with_its_tries(pages: Any, office: Office) -> None:
    with office.behind():
        draft = begun(office.city, "secrecy_review")
    page = pages(1280, 900)
    office.let_in(page, "qiao")
    page.goto(office.server.url(f"/studio/drafts/{draft}/tables/levels"))
    expect(page.locator("[data-table-editor][data-ready]")).to_be_attached(timeout=15000)
    page.get_by_role("button", name="加一种情况").click()
    page.get_by_label(re.compile("第 1 种情况：属于重大")).select_option("yes")
    row = page.locator(".trial-table tbody tr").first
    expect(row).to_contain_text("第 1 行", timeout=9000)
    row.get_by_role("button", name="记为应当的结果").click()
    if LOOK:
        page.screenshot(path=f"{LOOK}/table-1280.png", full_page=True)
    cell = page.locator('[data-element-id="rule_important_out"] [contenteditable]')
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Control+S")
    expect(page.locator(".draft-state").first).to_contain_text("已保存", timeout=15000)
    expect(row).to_contain_text("应当是 4")
    browsing.looks_ok(page)
    browsing.axe(page)
    if LOOK:
        page.screenshot(path=f"{LOOK}/table-changed-1280.png", full_page=True)
    with office.behind():
        texts = queries.texts(db.session(), draft)
    assert "<text>3</text>" in texts["levels.dmn"]
    assert table_rows.read(texts[table_rows.file_of("levels")])[0].expect == {"levels": 4}
    page.goto(office.server.url(f"/studio/drafts/{draft}/new-table"))
    browsing.looks_ok(page, allowed={"levels"})
    browsing.axe(page)
    page.go_back()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if LOOK:
        page.screenshot(path=f"{LOOK}/table-390.png", full_page=True)
    more = page.locator(".table-canvas .add-rule, .table-canvas .add-input, .table-canvas .add-output")
    expect(more.first).to_be_attached(timeout=15000)
    with office.behind():
        drafts.discard(office.city.actor("qiao"), draft_id=draft)
    page.reload()
    expect(page.locator("[data-table-editor][data-ready]")).to_be_attached(timeout=15000)
    assert not more.count()
    with office.behind():
        drafts.restore(office.city.actor("qiao"), draft_id=draft)
    page.reload()
    page.get_by_role("button", name="删除这张决策表").click()
    page.get_by_role("button", name="确认删除这张决策表").click()
    page.wait_for_url(f"**/studio/drafts/{draft}")
    with office.behind():
        left = queries.texts(db.session(), draft)
    assert not {"levels.dmn", table_rows.file_of("levels")} & set(left)
    with office.behind():
        handling = begun(office.city, "foi_handling")
    page.goto(office.server.url(f"/studio/drafts/{handling}/tables/nature"))
    cells = page.locator("td[data-element-id]")
    expect(cells.filter(has_text='"petition"')).to_have_attribute("data-reads", "信访、投诉、举报")
    expect(cells.filter(has_text='"R10"')).to_have_attribute("data-reads", re.compile("^R10 要求提供公报"))
    page.goto(office.server.url(f"/studio/drafts/{handling}/tables/proposal"))
    expect(cells.filter(has_text='!= "R3"')).to_have_attribute("data-reads", re.compile("^不是“R3 "))
