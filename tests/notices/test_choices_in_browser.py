"""提醒方式, 消息网关 and 办公时间 in a real browser: accessible, Chinese, at both sizes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.actor import SYSTEM
from app.notices import gateway
from tests.calendar.test_browser import LOGINS, enter
from tests.support.browser import at_sizes
from tests.support.organs import City
from tests.support.requests import seed_calendar
from tests.support.web import LiveServer


def test_the_pages_of_telling(
    city: City,
    live_server: LiveServer,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    seed_calendar(SYSTEM)

    page = new_page(1280, 800)

    def look(name: str, login: str, path: str) -> None:
        enter(page, live_server, login)
        page.goto(live_server.url(path))
        for width, _height in at_sizes(page):
            if shots := os.environ.get("SHOTS"):
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
            axe(page)
            looks_ok(page, allowed=[*LOGINS, "https://gateway.yunting.test/notify", "gateway.yunting.test"])

    look("choices-none", "fang", "/notices/choices")
    gateway.keep(
        city.actor("kuang"), active=True, url="https://gateway.yunting.test/notify", hosts="gateway.yunting.test",
        secret="共同的密钥-银杏-四十七-不外传", private=False, with_text=False,
    )  # fmt: skip
    look("choices", "fang", "/notices/choices")
    look("gateway", "kuang", "/notices/gateway")
    look("failures-none", "kuang", "/notices/failures")
    look("hours", "cheng", "/calendar/hours")
    look("hours-read", "fang", "/calendar/hours")
