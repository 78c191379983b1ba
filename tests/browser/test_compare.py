"""差别 in a real browser: two pictures with signs, from a change to its element and back, at the desk and on a phone."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.db import db
from app.studio import queries
from app.studio.service import parts
from tests.browser.conftest import Office
from tests.studio.test_drafts import ADMIN, begun
from tests.support import browser as browsing

LOOK = os.environ.get("PICTURES")
CHANGES = (
    ('name="科长审核"', 'name="科室负责人审核"'),
    ('<bpmn:flowNodeRef>verify_text</bpmn:flowNodeRef>', ""),
    ("<bpmn:flowNodeRef>draft</bpmn:flowNodeRef>", "<bpmn:flowNodeRef>draft</bpmn:flowNodeRef><bpmn:flowNodeRef>verify_text</bpmn:flowNodeRef>"),
    ("</bpmn:process>", '<bpmn:userTask id="extra" name="会签&lt;img src=x onerror=alert(1)&gt;"><bpmn:extensionElements><spiffworkflow:properties>'
     '<spiffworkflow:property name="role" value="review"/></spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask></bpmn:process>'),
    ("</bpmndi:BPMNPlane>", '<bpmndi:BPMNShape id="extra_di" bpmnElement="extra"><dc:Bounds x="300" y="60" width="120" height="80"/>'
     "</bpmndi:BPMNShape></bpmndi:BPMNPlane>"),
    ('name="internal_days" value="', 'name="internal_days" value="1'),
)  # fmt: skip

#: words of a name that is markup, shown as it is written
MARKUP = {"img", "src", "x", "onerror", "alert"}


@pytest.fixture(scope="module")
def draft(office: Office) -> int:
    """A draft with one step renamed, one moved to another lane, one new, and another deadline."""
    with office.behind():
        found = begun(office.city)
        texts = queries.texts(db.session(), found)
        diagram = texts["process.bpmn"]
        for old, new in CHANGES:
            assert old in diagram, old
            diagram = diagram.replace(old, new, 1)
        form = texts["forms/draft.toml"].replace('label = "文件标题"', 'label = "标题"', 1)
        changes = {"process.bpmn": (1, diagram), "forms/draft.toml": (1, form)}
        parts.save_many(office.city.actor(ADMIN), draft_id=found, changes=changes)
        return found


def picture(page: Page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)


def opened(page: Page, office: Office, draft: int) -> None:
    office.let_in(page, ADMIN)
    page.goto(office.server.url(f"/studio/drafts/{draft}/compare"))
    expect(page.locator("[data-compare][data-ready]")).to_be_visible(timeout=20_000)


def test_changes_are_seen_in_both_pictures_and_lead_to_each_other(
    pages: Any, office: Office, draft: int
) -> None:
    page = pages(1280, 900)
    opened(page, office, draft)
    old, new = page.locator("[data-picture]").nth(0), page.locator("[data-picture]").nth(1)
    expect(new.locator("[data-element-id=extra].mark-added")).to_have_count(1)
    expect(old.locator("[data-element-id=extra]")).to_have_count(0)
    for side in (old, new):
        expect(side.locator("[data-element-id=head_review].mark-changed")).to_have_count(1)
        expect(side.locator("[data-element-id=verify_text].mark-moved")).to_have_count(1)
    expect(new.locator(".compare-badge-added")).to_have_text("＋")
    button = page.get_by_role("button", name="环节“会签")
    button.focus()
    page.keyboard.press("Enter")
    expect(new.locator("[data-element-id=extra].compare-picked")).to_have_count(1)
    picture(page, "compare-1280")
    new.locator("[data-element-id=head_review]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator('tr.is-picked[data-element="head_review"]').first).to_be_visible()
    expect(page.locator('[data-point="head_review"]').first).to_be_focused()
    assert page.locator("img[src=x]").count() == 0
    browsing.axe(page)
    browsing.looks_ok(page, allowed=MARKUP)


def test_on_a_phone_the_pictures_stand_one_under_the_other(pages: Any, office: Office, draft: int) -> None:
    page = pages(390, 844)
    opened(page, office, draft)
    old, new = (page.locator("[data-picture]").nth(n).bounding_box() for n in (0, 1))
    assert old and new and new["y"] > old["y"] + old["height"] - 1 and new["x"] == old["x"]
    browsing.looks_ok(page, allowed=MARKUP)
    picture(page, "compare-390")
