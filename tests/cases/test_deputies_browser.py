"""代理与交接 in a real browser: by a person himself, on a desk and on a phone, without a fault axe would name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.accounts.test_browser import enter
from tests.browser.hands import follow
from tests.support.organs import City
from tests.support.web import LiveServer


def test_a_person_arranges_for_his_absence_and_hands_over(
    house: City,
    live_server: LiveServer,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[[Any], None],
) -> None:
    page = new_page(1280, 800)
    enter(page, live_server, "wen")
    page.goto(live_server.url("/start/disclosure_attribute"))
    page.get_by_label("文件标题").fill("关于印发老旧小区改造细则的通知")
    page.get_by_role("button", name="登记").first.click()
    page.wait_for_url("**/work/*")
    page.goto(live_server.url("/deputies"))
    looks_ok(page)
    axe(page)
    follow(page.get_by_role("link", name="指定代理"))
    axe(page)
    page.get_by_label("代理人（B岗）").select_option(label="综合一科 王芳")
    page.get_by_label("AB岗：以后本人外出时自动代理").check()
    page.get_by_role("button", name="指定代理").click()
    page.wait_for_url("**/deputies")
    assert "王芳 任 文承远 的 B岗" in page.content()
    follow(page.get_by_role("link", name="登记外出"))
    axe(page)
    page.get_by_label("原因").select_option(label="休假")
    page.get_by_label("截止日期").fill(page.get_by_label("开始日期").input_value())
    page.get_by_role("button", name="登记外出").click()
    page.wait_for_url("**/deputies")
    assert "其间由 王芳 代理" in page.content()
    looks_ok(page)
    axe(page)
    follow(page.get_by_role("link", name="办理交接"))
    looks_ok(page)
    axe(page)
    page.locator("#default").select_option(label="综合一科 王芳")
    page.get_by_role("button", name="办理交接").click()
    page.get_by_role("dialog").get_by_role("button", name="办理交接").click()
    page.wait_for_url("**/handovers/*")
    assert "工作交接清单" in page.content()
    axe(page)


def test_the_pages_fit_a_phone(
    house: City,
    live_server: LiveServer,
    phone: Any,
    looks_ok: Callable[[Any], None],
    axe: Callable[[Any], None],
) -> None:
    enter(phone, live_server, "cheng")
    person = house.people["cheng"]
    for address in ("/deputies", "/deputies/organ", f"/people/{person}/deputy", f"/people/{person}/away"):
        phone.goto(live_server.url(address))
        looks_ok(phone)
        axe(phone)
