"""设计表单 in a real browser, with the keyboard alone: a field is added, made conditional, moved, tried and saved."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.db import db
from app.studio import queries
from forms.reading import read_definition
from tests.browser.conftest import Office
from tests.studio.test_drafts import begun
from tests.support import browser as browsing

LOOK = os.environ.get("PICTURES")


@pytest.fixture(scope="module")
def draft(office: Office) -> int:
    with office.behind():
        return begun(office.city)


def picture(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)


def press(page: Page, name: str) -> None:
    """Go to a button and press it with the keyboard."""
    page.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press("Enter")


def test_a_form_is_changed_without_a_mouse(pages: Any, office: Office, draft: int) -> None:
    page = pages(1280, 900)
    office.let_in(page, "qiao")
    page.goto(office.server.url(f"/studio/drafts/{draft}/forms/draft"))
    shown = page.locator("[data-preview]")
    expect(shown.get_by_label("文件标题", exact=False).first).to_be_visible()
    picture(page, "form-1280")

    page.get_by_label("要增加的字段类型").select_option("radio")
    press(page, "增加字段")
    expect(page.get_by_label("名称").first).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("紧急程度")
    page.keyboard.press("Tab")
    expect(shown.get_by_role("group", name=re.compile("紧急程度"))).to_be_visible()
    toggle = page.get_by_role("button", name=re.compile("紧急程度 单选"))
    toggle.focus()
    before = toggle.inner_text()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name=re.compile("紧急程度 单选"))).not_to_have_text(before)
    page.get_by_label("只在符合条件时显示").first.press("Space")
    unwritten = page.locator("[data-problems]").get_by_text("还没有写条件，不起作用，也不会保存")
    expect(unwritten).to_be_visible()
    picture(page, "form-open-1280")
    expect(page.locator(".draft-state").first).to_contain_text("已保存", timeout=8000)
    browsing.looks_ok(page, allowed={"key"})
    browsing.axe(page)
    with office.behind():
        kept = read_definition(queries.texts(db.session(), draft)["forms/draft.toml"], "trial", "draft")
    assert any(each.label == "紧急程度" and each.type == "radio" for each in kept.fields)

    page.get_by_label("要增加的字段类型").select_option("group")
    press(page, "增加字段")
    group = shown.locator("fieldset.group")
    group.get_by_role("button", name="增加一行").click()
    expect(group.locator("[data-group-row]")).to_have_count(2)
    group.get_by_label("第一栏").nth(1).fill("王芳")
    if LOOK:
        group.screenshot(path=f"{LOOK}/group.png")
    shown.get_by_role("button", name="提交").click()
    expect(shown.get_by_role("alert")).to_contain_text("请填写「文件标题」", timeout=9000)
    expect(shown.get_by_label("第一栏").first).to_have_value("王芳")
    browsing.axe(page)
    press(page, "撤销")
    expect(page.locator(".draft-state").first).to_contain_text("已保存", timeout=8000)
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "form-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "form-390")
