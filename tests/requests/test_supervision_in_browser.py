"""督办 in a real browser: accessible, Chinese, at both sizes, with rows and without."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from app.core import now
from app.core.actor import SYSTEM
from app.requests import reminding
from tests.calendar.test_browser import LOGINS, enter
from tests.requests.test_thresholds import appoint_supervisor
from tests.support.organs import City
from tests.support.requests import put_request, put_version, seed_calendar
from tests.support.web import LiveServer


def test_the_list_of_late_replies(
    city: City,
    live_server: LiveServer,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    seed_calendar(SYSTEM)
    put_version(SYSTEM)
    appoint_supervisor(SYSTEM, city)

    pages = {width: new_page(width, height) for width, height in ((1280, 800), (390, 844))}

    def look(name: str) -> None:
        for width, page in pages.items():
            enter(page, live_server, "ke")
            page.goto(live_server.url("/supervisions"))
            if shots := os.environ.get("SHOTS"):
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
            axe(page)
            looks_ok(page, allowed=LOGINS)

    look("supervisions-none")
    for organ in ("office", "housing", "county"):
        put_request(SYSTEM, city, organ, received_on=date(2026, 10, 12))
    now.pretend("2026-11-24")
    reminding.remind(SYSTEM)
    look("supervisions")
