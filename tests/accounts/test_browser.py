"""The pages of this room in a real browser: no English, no sideways scrolling, no accessibility violation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.hands import follow
from tests.support.browser import DESK, PHONE, at_sizes
from tests.support.organs import PASSWORD, City
from tests.support.web import LiveServer


def enter(page: Any, server: LiveServer, login: str) -> None:
    """Have the session of somebody who signed in; by hand: the last test of this module."""
    server.let_in(page, login)


def addresses(city: City, login: str) -> list[str]:
    """What lies behind the menu, of whose pages `tests/browser/test_pages.py` has everybody's."""
    person, organ = city.people["fang"], city.organs["housing"]
    people = [f"/people/{person}", f"/organs/{organ}", "/people?q=没有"]
    accounts = ["/people/new", f"/people/{person}/edit", f"/people/{person}/close", "/people/import"]
    posts = ["/posts/new", f"/posts/{city.post('housing', 'signer')}"]
    units = [f"/units/{city.units['housing', '住房保障科']}", f"/organs/{organ}/units/new"]
    return {
        "cheng": ["/me/password"] + people + accounts + posts + units,
        "kuang": people + accounts + units + ["/organs/new", f"/organs/{organ}/edit"],
        "ping": people + posts,
    }[login]


def test_every_page_reads_well_on_a_desk_and_fits_a_phone(
    city: City,
    live_server: LiveServer,
    page: Any,
    axe: Callable[[Any], None],
    looks_ok: Callable[[Any], None],
) -> None:
    for login in ("cheng", "kuang", "ping"):
        enter(page, live_server, login)
        for address in addresses(city, login):
            page.goto(live_server.url(address))
            for size in at_sizes(page, DESK, *([PHONE] if login == "cheng" else [])):
                looks_ok(page)
                if size == DESK:
                    axe(page)


def test_a_wrong_password_keeps_the_login_name_and_says_what_to_do(
    city: City, live_server: LiveServer, page: Any
) -> None:
    page.goto(live_server.url("/sign-in?next=/me"))
    page.get_by_label("登录名").fill("fang")
    page.get_by_label("密码").fill("not-the-password")
    follow(page.get_by_role("button", name="登录"))
    assert "登录名或密码不对" in page.content()
    assert page.get_by_label("登录名").input_value() == "fang"
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/me")
