"""A proposal, what it would move, and the run that moves it, in a real browser: accessible, Chinese, at both sizes."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.calendar import jobs, recalculating, service
from app.core import now
from app.core.actor import SYSTEM
from tests.calendar.test_browser import LOGINS, enter
from tests.support.browser import at_sizes
from tests.support.organs import City
from tests.support.requests import put_request, put_version, seed_calendar
from tests.support.web import LiveServer

TABLE = """日期,类型,名称
2027-01-01,放假,元旦
2027-01-04,放假,元旦
2027-02-06,放假,春节
2027-02-20,上班,春节
2027-10-01,放假,国庆节
"""


@pytest.fixture
def office(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """2026-12-07: twelve requests of the office and five of the bureau whose day lies in 2027."""
    now.pretend("2026-12-07")
    seed_calendar(SYSTEM)
    put_version(SYSTEM)
    for n in range(17):
        organ = "office" if n % 4 else "housing"
        put_request(SYSTEM, city, organ, received_on=date(2026, 12, 1 + n % 7), title=f"第{n}件的内容")
    monkeypatch.setattr(recalculating, "BATCH", 5)
    return city


def shot(page: Any, name: str) -> None:
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)


def test_every_page_of_a_change_is_accessible_and_chinese(
    office: City,
    live_server: LiveServer,
    page: Any,
    axe: Callable[[Any], None],
    looks_ok: Callable[..., None],
) -> None:
    who = office.actor("qiao")
    uploaded = service.upload(
        who, year=2027, source="国办发明电〔2026〕9号", file_name="2027.csv", data=TABLE.encode()
    )["upload"]
    proposed = service.propose(who, year=2026)["upload"]

    enter(page, live_server, "qiao")

    def look(path: str, name: str) -> None:
        page.goto(live_server.url(path))
        for width, _ in at_sizes(page):
            shot(page, f"{name}-{width}")
            axe(page)
            looks_ok(page, allowed=LOGINS | {"holidays"})

    look(f"/calendar/import/{uploaded}", "preview")
    look(f"/calendar/import/{proposed}", "proposal")
    run = service.confirm(who, upload_id=uploaded)["run"]
    recalculating.step(SYSTEM, run_id=run)
    look(f"/calendar/runs/{run}", "running")
    look("/calendar/", "index")
    recalculating.stop(who, run_id=run)
    look(f"/calendar/runs/{run}", "stopped")
    recalculating.resume(who, run_id=run)
    jobs.recalculate()
    look(f"/calendar/runs/{run}", "done")


def test_a_person_confirms_stops_and_goes_on(office: City, live_server: LiveServer, page: Any) -> None:
    service.upload(
        office.actor("qiao"),
        year=2027,
        source="国办发明电〔2026〕9号",
        file_name="2027.csv",
        data=TABLE.encode(),
    )
    enter(page, live_server, "qiao")
    page.goto(live_server.url("/calendar/"))
    page.get_by_role("link", name="看预览并确认").click()
    page.get_by_role("button", name="确认 2027 年放假安排").click()
    page.locator("#confirm-dialog").get_by_role("button").first.click()
    page.wait_for_url("**/calendar/runs/*")
    page.get_by_role("button", name="停下").click()
    page.get_by_text("已停下，已看的 0 项有效").wait_for()
    page.get_by_role("button", name="接着算").click()
    page.get_by_text("已接着重算").wait_for()
    jobs.recalculate()
    page.get_by_role("link", name="看最新进度").click()
    page.get_by_text("重算完毕").first.wait_for()


def test_a_year_that_has_no_make_up_days_is_refused_where_it_was_asked_for(
    office: City, live_server: LiveServer, page: Any
) -> None:
    enter(page, live_server, "qiao")
    page.goto(live_server.url("/calendar/import"))
    page.get_by_role("button", name="取得建议并预览").click()
    page.get_by_text("没有调休上班的安排").first.wait_for()
    shot(page, "refused-1280")
    assert page.locator("#proposed_year").input_value() == "2027"
