"""The desk in a real browser: the list stays fresh by itself, many at once, and a leader's telephone needs three taps."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from app.core.db import db
from tests.browser.conftest import Office
from tests.browser.hands import enter, follow
from tests.cases.flows import drafted, reviewed
from tests.support.browser import PHONE, at_sizes
from tests.support.driving import Desk


def work(office: Office, *titles: str, to_signer: bool = False) -> list[int]:
    """Cases at 科长审核 (申牧之), or before 核稿 (柯文书)."""
    office.app.config["WTF_CSRF_ENABLED"] = False
    with office.app.app_context():
        desk = Desk(office.app.test_client())
        cases = [drafted(desk, title=title) for title in titles]
        for case in cases if to_signer else ():
            desk.act("shen", case, "head_review", decision="agree")
            reviewed(desk, case)
        db.session.remove()
    office.app.config["WTF_CSRF_ENABLED"] = True
    return cases


def sit(make: Any, office: Office, login: str, size: tuple[int, int] = (1280, 800)) -> Page:
    page: Page = make(*size)
    enter(page, office.server, login)
    return page


def test_a_leader_agrees_on_the_telephone_in_three_taps(pages: Any, office: Office) -> None:
    """The message leads to the sheet. Read it; an opinion, 同意, confirm: three taps."""
    work(office, "关于手机审批的通知")
    page = sit(pages, office, "shen", PHONE)
    card = page.get_by_role("row").filter(has_text="关于手机审批的通知")
    box = card.bounding_box()
    assert box is not None and box["y"] < 600, "the work itself is on the first screen"
    page.goto(office.server.url("/notices/"))
    follow(page.get_by_role("link", name=re.compile("科长审核——关于手机审批的通知")).first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("关于手机审批的通知")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    taps = Taps()
    taps.on(page.get_by_role("group", name=re.compile("常用语")).get_by_role("button", name="同意。"))
    expect(page.get_by_label("意见", exact=False).first).to_have_value("同意。")
    taps.on(page.get_by_role("button", name="同意", exact=True))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("承办人自查")
    taps.on(dialog.get_by_role("button", name="同意", exact=True))
    expect(page.get_by_text("「科长审核」已办：同意")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("同意。")
    assert taps.count == 3


class Taps:
    """A finger, which needs room."""

    count = 0

    def on(self, button: Any) -> None:
        """Tap it."""
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44 and box["width"] >= 44
        button.tap()
        self.count += 1


def test_the_list_takes_over_new_work_without_a_reload(pages: Any, office: Office) -> None:
    page = sit(pages, office, "shen")
    page.goto(office.server.url("/work"))
    page.evaluate("window.here = 1")
    work(office, "关于自动刷新的通知")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("link", name="关于自动刷新的通知")).to_be_visible(timeout=15000)
    assert page.evaluate("window.here") == 1, "the page was not loaded again"
    page.get_by_role("row", name=re.compile("关于自动刷新的通知")).get_by_role("button", name="同意").click()
    page.get_by_role("dialog").get_by_role("button", name="同意").click()
    expect(page.get_by_text("「科长审核」已办：同意")).to_be_visible()
    assert page.url.endswith("/work"), "done from the list, back at the list"


def test_many_are_done_at_once_with_a_progress_bar(pages: Any, office: Office) -> None:
    titles = [f"关于批量办理第{n}件的通知" for n in range(3)]
    work(office, *titles)
    page = sit(pages, office, "shen")
    page.goto(office.server.url("/work?q=批量办理第"))
    for title in titles:
        page.get_by_role("row", name=re.compile(title)).get_by_role("checkbox").check()
    expect(page.get_by_text("已选 3 件")).to_be_visible()
    page.get_by_role("button", name="批量办理选中的件").click()
    page.get_by_label("意见").fill("同意，请抓紧办理。")
    page.get_by_role("button", name="同意（3 件）").click()
    page.get_by_role("dialog").get_by_role("button", name="同意").click()
    expect(page.get_by_text("全部办完")).to_be_visible(timeout=20000)
    office.in_order()


def test_the_pages_of_the_desk_look_right(pages: Any, office: Office, axe: Any, looks_ok: Any) -> None:
    work(office, "关于看一看的通知")
    page = sit(pages, office, "shen")
    for path in ("/work", "/work?due=soon", "/work/phrases", "/work?q=不存在"):
        page.goto(office.server.url(path))
        for _ in at_sizes(page):
            axe(page)
            looks_ok(page)
