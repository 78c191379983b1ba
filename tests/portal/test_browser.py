"""The public site in a real browser: a citizen with a telephone applies and follows the case; accessible at both sizes."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from waitress.server import create_server

from app.core.db import db
from tests.browser.hands import follow
from tests.portal.conftest import Citizen, only_request
from tests.portal.test_switch import duty
from tests.portal.test_tracking import correction
from tests.requests.driving import Office
from tests.support.browser import at_sizes
from tests.support.organs import OFFICERS, PEOPLE, City
from tests.support.web import LiveServer

CONTENT = "2025年云汀市城镇老旧小区改造项目清单"
LOGINS = frozenset(login for login, *_ in PEOPLE if login) | {login for login, *_ in OFFICERS}


def picture(page: Any, name: str) -> None:
    """A picture for whoever asked for one (SHOTS=folder)."""
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


@pytest.fixture
def judge(axe: Callable[[Any], None], looks_ok: Callable[..., None]) -> Callable[..., None]:
    """`judge(page, name)`: accessible, Chinese and not too wide at a desk and on a phone; leaves a picture of each."""

    def at_both(page: Any, name: str) -> None:
        for _ in at_sizes(page):
            axe(page)
            looks_ok(page, allowed=LOGINS)
            picture(page, name)

    return at_both


def fill(page: Any) -> None:
    """The form as a citizen fills it in."""
    page.get_by_label("您要申请的信息").fill(CONTENT)
    page.get_by_label("姓名或者名称").fill("何问渠")
    page.get_by_label("电话", exact=True).fill("19900000101")
    page.get_by_label("证件号码").fill("990101198001010014")


def kept(page: Any) -> str:
    """Everything the browser keeps of the site."""
    return str(page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"))


def test_a_citizen_applies_and_follows_the_case_on_a_phone(
    app: Flask,
    site: City,
    office: Office,
    live_server: LiveServer,
    phone: Any,
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
    tmp_path: Path,
) -> None:
    duty(site, "云汀市城镇老旧小区改造实施细则", "https://www.example.gov.cn/a.html")
    phone.goto(live_server.url("/public/"))
    follow(phone.get_by_role("link", name="看公开指南").last)
    follow(phone.get_by_role("link", name="在线申请"))
    fill(phone)
    offered = phone.locator("[data-similar-list]")
    offered.wait_for()
    assert "老旧小区改造实施细则" in offered.inner_text()
    axe(phone)
    looks_ok(phone)
    picture(phone, "apply-similar")

    for _ in range(100):  # it is kept a moment after the last key
        if CONTENT in kept(phone):
            break
        phone.wait_for_timeout(100)
    assert CONTENT in kept(phone)
    phone.reload()
    assert phone.get_by_label("您要申请的信息").input_value() == CONTENT, "the draft is in the browser"
    assert phone.get_by_label("电话", exact=True).input_value() == ""
    assert "19900000101" not in kept(phone) and "990101198001010014" not in kept(phone)
    assert "草稿" in phone.locator("[data-draft-words]").inner_text()

    fill(phone)
    proof = tmp_path / "身份证.txt"
    proof.write_text("身份证明", "utf-8")
    phone.get_by_label("身份证明文件").set_input_files(proof)
    phone.get_by_role("button", name="提交申请").click()
    phone.wait_for_url("**/public/receipt")
    number = phone.locator("[data-copy-text]").first.inner_text()
    assert number == "市府办来件〔2026〕1号"
    assert CONTENT not in str(phone.evaluate("JSON.stringify(localStorage)")), "the draft is gone"
    axe(phone)
    looks_ok(phone, allowed=set(phone.locator("[data-copy-text]").last.inner_text().split("-")))
    picture(phone, "receipt")
    follow(phone.get_by_role("button", name="结束，不再显示"))

    case = only_request().case_id
    app.config["WTF_CSRF_ENABLED"] = False  # the clerk works without a browser here
    office.act(
        "bai", case, "confirm_receipt", confirmed_on="2026-11-23", confirm_how="phone", decision="confirm"
    )
    correction(office, case)
    app.config["WTF_CSRF_ENABLED"] = True
    db.session().commit()

    follow(phone.get_by_role("link", name="查询进度").first)
    phone.get_by_label("编号或者查询码").fill(number)
    phone.get_by_label("电话或者证件号码的后四位").fill("0001")
    follow(phone.get_by_role("button", name="查询"))
    expect(phone.locator("#error-summary")).to_contain_text("没有查到")
    axe(phone)
    phone.get_by_label("电话或者证件号码的后四位").fill("0101")
    phone.get_by_role("button", name="查询").click()
    phone.wait_for_url("**/public/track/progress")
    assert phone.get_by_role("heading", level=1).inner_text() == "等待您补正"
    axe(phone)
    looks_ok(phone)
    picture(phone, "progress-correction")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="补正告知书").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    phone.get_by_label("说明").fill("2025年度")
    phone.get_by_role("button", name="提交补正材料").click()
    phone.wait_for_selector("[data-flash=success]")
    assert "您提交了补正材料" in phone.get_by_role("main").inner_text()
    assert "19900000101" not in phone.url and "0101" not in phone.url


def test_the_public_pages_are_accessible_at_both_sizes_and_with_large_type(
    site: City,
    live_server: LiveServer,
    page: Any,
    judge: Callable[..., None],
) -> None:
    for path in ("/public/", "/public/office/", "/public/office/apply", "/public/track"):
        page.goto(live_server.url(path))
        judge(page, path.strip("/").replace("/", "-"))
    page.get_by_role("button", name="大字").click()
    page.get_by_role("button", name="高对比度").click()
    page.goto(live_server.url("/public/office/apply"))
    assert page.get_by_role("button", name="大字").get_attribute("aria-pressed") == "true"
    judge(page, "apply-large")
    follow(page.get_by_role("button", name="提交申请"))
    expect(page.locator("#error-summary")).to_be_visible()
    judge(page, "apply-errors")


def test_the_form_is_filled_in_and_sent_by_keyboard_alone(
    site: City, live_server: LiveServer, page: Any
) -> None:
    page.goto(live_server.url("/public/office/apply"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    words = {"content": CONTENT, "name": "何问渠", "phone": "19900000101"}
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || ''")
        if name in words:
            page.keyboard.type(words.pop(name))
        if page.evaluate("document.activeElement.innerText || ''").strip() == "提交申请":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**/public/receipt")
    assert not words


OFFICE_PAGES = {
    "jiang": ("/exchange/site", "/exchange/partners"),
    "bai": ("/exchange/imports", "/exchange/imports/1", "/exchange/imports/2"),
}


@pytest.mark.parametrize("who", OFFICE_PAGES)
def test_the_offices_pages_are_accessible_at_both_sizes(
    who: str,
    site: City,
    office: Office,
    live_server: LiveServer,
    page: Any,
    judge: Callable[..., None],
) -> None:
    from app.portal import importing, service
    from app.portal.platform import Row
    from tests.portal.test_exchange import ROW

    importing.upload(
        site.actor("bai"), name="平台.xlsx", rows=[Row(2, dict(ROW)), Row(3, {"platform_no": "YT-2"})]
    )
    importing.upload(site.actor("bai"), name="平台二.xlsx", rows=[Row(2, dict(ROW))])
    service.add_partner(site.actor("jiang"), organ_id=site.organs["office"], name="云汀市政务服务平台")
    live_server.let_in(page, who)
    for path in OFFICE_PAGES[who]:
        page.goto(live_server.url(path))
        judge(page, path.strip("/").replace("/", "-"))


def test_the_site_answers_over_ipv6(app: Flask, citizen: Citizen) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = create_server(app, host="::1", port=0, threads=2)

    def serve() -> None:
        with contextlib.suppress(OSError):  # it may be looking at the socket that is closed below
            server.run()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://[::1]:{server.effective_port}/public/office/", timeout=20) as answer:
            assert answer.status == 200 and "政府信息公开指南" in answer.read().decode()
    finally:
        server.task_dispatcher.shutdown()
        server.close()
        thread.join(5)
