"""征求意见, 加签, 会签, 抄送, 催办 in a real browser, at a desk and on a phone: what is asked, answered, and shown.

Each is gone through once; every page is judged at both sizes, every button is within reach at both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Office
from tests.browser.hands import enter, follow
from tests.cases.flows import drafted
from tests.support import browser as browsing
from tests.support.browser import PHONE, at_sizes
from tests.support.driving import Desk
from tests.support.organs import OFFICERS, PEOPLE

LOGINS = frozenset(login for login, *_ in PEOPLE if login) | {login for login, *_ in OFFICERS}


@pytest.fixture
def at(chromium: Any) -> Iterator[Callable[..., Page]]:
    """Pages of any size; a script error or a refusal of the CSP fails the test."""
    with browsing.pages(chromium) as make:
        yield make


@pytest.fixture
def begun(office: Office) -> tuple[int, int]:
    """A case at 申牧之 (科长审核): case and item."""
    office.app.config["WTF_CSRF_ENABLED"] = False
    try:
        with office.app.app_context():
            desk = Desk(office.app.test_client())
            case = drafted(desk)
            item = desk.item(case, "head_review").id
            return case, item
    finally:
        office.app.config["WTF_CSRF_ENABLED"] = True


def seen(page: Page, name: str) -> None:
    """Judge the page at a desk and on a phone; keep a picture where somebody wants to look."""
    for width, _ in at_sizes(page):
        browsing.looks_ok(page, allowed=LOGINS)
        browsing.axe(page)
        if folder := os.environ.get("LOOK_AT"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def at_hand(control: Locator) -> Locator:
    """What is about to be pressed, which a hand reaches at a desk and on a phone."""
    for _ in at_sizes(control.page):
        control.click(trial=True)
    return control


def press(page: Page, words: str) -> None:
    """Press the button of a form."""
    follow(at_hand(page.locator("main form").get_by_role("button", name=words, exact=True)))


def test_colleagues_are_asked_and_answer(
    office: Office, begun: tuple[int, int], at: Callable[..., Page]
) -> None:
    case, item = begun
    shen, ke = at(*PHONE), at(*PHONE)
    enter(shen, office.server, "shen", f"/work/{item}")
    follow(at_hand(shen.get_by_role("link", name="征求意见")))
    seen(shen, "consult")
    shen.get_by_label("文电科 柯文书").check()
    shen.get_by_label("征求的问题").fill("文字是否有误？")
    press(shen, "征求意见")
    expect(shen.get_by_role("status").first).to_contain_text("已送 柯文书")
    shen.goto(office.server.url(f"/work/{item}"))
    expect(shen.get_by_role("main")).to_contain_text("等待答复")
    seen(shen, "waiting")
    enter(ke, office.server, "ke", "/work")
    seen(ke, "inbox")
    follow(at_hand(ke.locator("main").get_by_role("link", name="办理").first))
    expect(ke.get_by_role("heading", name="请您答复")).to_be_visible()
    seen(ke, "sub-item")
    follow(at_hand(ke.get_by_role("button", name="答复：送回申牧之")))
    expect(ke.get_by_role("main")).to_contain_text("请写明您的意见。")
    ke.get_by_label("意见").fill("无误。")
    follow(at_hand(ke.get_by_role("button", name="答复：送回申牧之")))
    expect(ke.get_by_role("status").first).to_contain_text("已送回申牧之")
    shen.goto(office.server.url(f"/work/{item}"))
    expect(shen.get_by_role("main")).to_contain_text("无误。")
    seen(shen, "answered")


def test_signers_and_a_round_are_added_and_seen(
    office: Office, begun: tuple[int, int], at: Callable[..., Page]
) -> None:
    case, item = begun
    page = at(*PHONE)
    enter(page, office.server, "shen", f"/work/{item}")
    follow(at_hand(page.get_by_role("link", name="加签", exact=True)))
    page.get_by_label("后加签").check()
    page.get_by_label("综合一科 章循法").check()
    page.get_by_label("加签说明").fill("请会同审核")
    seen(page, "signers")
    press(page, "加签")
    page.goto(office.server.url(f"/work/{item}/do/cosign"))
    page.get_by_label("依次：").check()
    expect(page.get_by_label("依次的先后")).to_be_visible()
    expect(page.get_by_label("同意的比例")).to_be_hidden()
    page.get_by_label("按比例：").check()
    page.get_by_label("文电科 柯文书").check()
    page.get_by_label("机要保密科 卫慎言").check()
    page.get_by_label("会签事项").fill("是否公开")
    seen(page, "cosign")
    press(page, "会签")
    page.goto(office.server.url(f"/work/{item}"))
    expect(page.get_by_role("main")).to_contain_text("0/2 已同意，还差 2 人")
    expect(page.get_by_role("button", name="结束会签")).to_be_disabled()
    seen(page, "round")


def test_copies_are_read_and_holders_urged(
    office: Office, begun: tuple[int, int], at: Callable[..., Page]
) -> None:
    case, item = begun
    wen, ke = at(*PHONE), at(*PHONE)
    enter(wen, office.server, "wen", f"/cases/{case}")
    follow(at_hand(wen.get_by_role("link", name="抄送", exact=True)))
    seen(wen, "copy")
    wen.get_by_label("文电科 柯文书").check()
    press(wen, "抄送")
    expect(wen.get_by_role("status").first).to_contain_text("已抄送 柯文书")
    follow(at_hand(wen.get_by_role("link", name="催办", exact=True)))
    seen(wen, "urge")
    press(wen, "催办")
    expect(wen.get_by_role("button", name="催办")).to_be_disabled()
    seen(wen, "urged")
    enter(ke, office.server, "ke", "/work/copies")
    seen(ke, "copies")
    follow(at_hand(ke.locator("main table").get_by_role("link").first))
    expect(ke).to_have_url(office.server.url(f"/cases/{case}"))
    ke.goto(office.server.url("/work/copies?read=1"))
    seen(ke, "copies-read")
