"""督办 in a real browser: accessible, Chinese, at both sizes, with rows and without."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core import now
from app.core.actor import SYSTEM
from app.core.jobs import JOBS
from app.obligations import orders
from tests.calendar.test_browser import LOGINS, enter
from tests.cases.conftest import desk, house
from tests.cases.flows import drafted
from tests.obligations.access_samples import appoint, give
from tests.support.browser import at_sizes
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.web import LiveServer

__all__ = ["desk", "house"]


def test_an_order_from_both_sides(
    desk: Desk,
    house: City,
    request: pytest.FixtureRequest,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    appoint(SYSTEM, house, "office", "jian", "shi")
    drafted(desk)
    live_server: LiveServer = request.getfixturevalue(
        "live_server"
    )  # only now: it checks the tokens of forms

    page = new_page(1280, 800)

    def look(name: str, login: str, path: str) -> None:
        enter(page, live_server, login)
        page.goto(live_server.url(path))
        for width, _height in at_sizes(page):
            if shots := os.environ.get("SHOTS"):
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
            axe(page)
            looks_ok(page, allowed=LOGINS)

    look("orders-none", "jian", "/orders")
    look("late-none", "jian", "/orders/late")
    number = give(house)
    now.pretend("2026-11-25T17:31")
    JOBS["cases.deadlines"][0]()
    JOBS["cases.deadlines"][0]()
    look("late", "jian", "/orders/late")
    look("order-new", "jian", "/orders/new")
    look("order-owed", "wen", f"/orders/{number}")
    look("inbox-owed", "wen", "/work")
    orders.report(house.actor("wen"), order_id=number, text="已于11月24日送审，等科长审核。")
    look("order-decide", "jian", f"/orders/{number}")
    look("orders", "jian", "/orders")
    look("order-print", "jian", f"/orders/{number}/print")
