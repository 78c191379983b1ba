"""The pages of calendar, notices and audit in a real browser: accessible, Chinese, at a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.audit import sealing
from app.audit import service as auditing
from app.calendar import service
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.notices import Note, enqueue
from app.notices.models import Delivery
from tests.support.browser import at_sizes
from tests.support.organs import OFFICERS, PEOPLE, City
from tests.support.web import LiveServer

seed = command(service.seed)
TABLE = """日期,类型,名称
2027-01-01,放假,元旦
2027-02-06,放假,春节
2027-02-20,上班,春节
2027-10-01,放假,国庆节
"""


@command
def tell(tx: Tx, *, person: int, count: int) -> None:
    """Notices to look at."""
    kinds = ("work", "returned", "urge", "due")
    notes = [
        Note(
            kinds[n % 4],
            f"核稿——关于印发云汀市城镇老旧小区改造实施细则的通知（第 {n} 件）",
            "/",
            person,
            None,
            f"n{n}",
        )
        for n in range(count)
    ]
    enqueue(tx, notes)


@pytest.fixture
def office(city: City, session: Session) -> City:
    """A city with a calendar, notices, a sealed record and one damaged row."""
    seed(SYSTEM)
    tell(SYSTEM, person=city.people["qiao"], count=45)
    rows = TABLE.encode()
    service.upload(
        city.actor("qiao"), year=2027, source="国办发明电〔2026〕99号", file_name="a.csv", data=rows
    )
    bad = rows + "2027-13-01,歇,国庆节\n2027-01-05,上班,元旦\n".encode()
    service.upload(
        city.actor("qiao"), year=2027, source="国办发明电〔2026〕99号", file_name="b.csv", data=bad
    )
    failed = {"state": "failed", "attempts": 6, "problem": "连不上邮件服务器"}
    session.add(Delivery(notice_id=1, person_id=city.people["fang"], next_at=auditing.wall(), **failed))
    session.commit()
    sealing.seal_all(sealing.settings_now())
    session.execute(sa.text("UPDATE records SET actor_name = '王芳' WHERE id = 4"))
    session.commit()
    auditing.run_waiting()
    return city


def enter(page: Any, server: LiveServer, login: str) -> None:
    """Have the session of somebody who signed in (by hand: `tests/accounts/test_browser.py`)."""
    server.let_in(page, login)


LOGINS = frozenset(login for login, *_ in PEOPLE if login) | {login for login, *_ in OFFICERS}

PAGES = {
    "qiao": (
        "/calendar/",
        "/calendar/?year=2027",
        "/calendar/import",
        "/calendar/import/1",
        "/calendar/import/2",
        "/notices/",
        "/notices/?all=1",
    ),
    "wang": ("/notices/",),
    "kuang": ("/notices/failures",),
    "yu": (
        "/audit/",
        "/audit/?person=无此人",
        "/audit/records/3",
        "/audit/records/4",
        "/audit/verification",
        "/audit/verification/1",
        "/audit/export",
    ),
}


@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_accessible_and_chinese_at_both_sizes(
    who: str,
    office: City,
    live_server: LiveServer,
    page: Any,
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    enter(page, live_server, who)
    for path in PAGES[who]:
        page.goto(live_server.url(path))
        for width, _ in at_sizes(page):
            if shots := os.environ.get("SHOTS"):
                name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
            axe(page)
            looks_ok(page, allowed=LOGINS)


def test_a_year_is_imported_by_hand(office: City, live_server: LiveServer, page: Any, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(TABLE, encoding="utf-8")
    enter(page, live_server, "qiao")
    page.goto(live_server.url("/calendar/import"))
    page.fill("[name=source]", "国办发明电〔2026〕99号")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name="确认 2027 年放假安排").click()
    page.locator("#confirm-dialog").get_by_role("button").first.click()
    page.wait_for_url("**/calendar/?year=2027")
    assert "2027 年放假安排已确认" in page.inner_text("main")
    assert page.locator(".cal-month").count() == 12


def test_the_bell_opens_and_counts(office: City, live_server: LiveServer, page: Any) -> None:
    enter(page, live_server, "qiao")
    page.goto(live_server.url("/notices/"))
    assert page.locator("[data-count=bell]").first.inner_text() == "45"
    page.get_by_role("button", name="全部标为已读").click()
    page.wait_for_selector("text=没有未读的通知")
    assert page.locator("[data-count=bell]").first.is_hidden()


def test_the_bell_shows_the_newest_notices_without_leaving_the_page(
    office: City, live_server: LiveServer, page: Any
) -> None:
    enter(page, live_server, "qiao")
    page.goto(live_server.url("/calendar/"))
    page.locator("[data-bell] .bell-link").click()
    first = page.locator(".bell-list a").first
    first.wait_for()
    assert "第 44 件" in first.inner_text()
    assert page.locator(".bell-list li").count() == 8
    page.keyboard.press("Escape")
    assert page.locator(".bell-pop").is_hidden()
