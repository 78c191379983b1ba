"""退回, 取回, 挂起 in a real browser: the preview is read and confirmed, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.hands import enter
from tests.engine.diagrams import Diagram, timer
from tests.support.organs import City
from tests.support.small import Small
from tests.support.web import LiveServer


@pytest.fixture
def small(house: City) -> Small:
    """拟稿, 核稿 with a reminder, 签发."""
    diagram = Diagram("br_line").start().people("a", "b", "c", "late").end("e", "e2")
    diagram.boundary("soon", "b", timer("'P3D'"), interrupting=False)
    diagram.go("s -> a -> b -> c -> e").go("soon -> late -> e2").lane("核稿", "b").lane("签发", "c")
    return Small(house).put(diagram).begin().do("a", by="wen", note="一稿").do("b", opinion="已核")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_return_is_read_before_it_is_done(
    small: Small,
    live_server: LiveServer,
    new_page: Callable[..., Any],
    axe: Callable[[Any], None],
    looks_ok: Callable[[Any], None],
    width: int,
) -> None:
    page = new_page(width, 800 if width > 400 else 844)
    enter(page, live_server, "lu", f"/work/{small.item('c')['id']}")
    page.get_by_role("link", name="退回", exact=True).click()
    page.get_by_label("退回到").select_option(
        label=next(d.words for d in small.past().done if d.place == "a")
    )
    page.get_by_label("退回原因").fill("附件编号请核对")
    page.get_by_label("直达").check()
    axe(page)
    looks_ok(page)
    page.get_by_role("button", name="看看会有什么影响").click()
    page.get_by_role("heading", name="要重新办理").wait_for()
    axe(page)
    looks_ok(page)
    page.get_by_role("button", name="确认退回").click()
    page.get_by_text("已退回「环节a」").wait_for()
    axe(page)
    looks_ok(page)
    assert small.waiting == ["a"]
