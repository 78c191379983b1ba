"""试运行, 核对 and 迁移 by a person with a browser: the main act of each, readable on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases import migration_runs
from app.processes.models import Process
from app.studio import replays
from app.studio.service import drafts
from tests.browser.hands import enter, follow
from tests.cases.test_migrating import version_in_use
from tests.engine.diagrams import Diagram
from tests.support.organs import City
from tests.support.small import Small
from tests.support.web import LiveServer

NAMES = {"a", "b", "bb", "c", "line", "pdf", "hui"}


def test_a_draft_is_walked_and_saved_as_a_scenario(
    house: City,
    session: Session,
    live_server: LiveServer,
    page: Any,
    axe: Callable[[Any], None],
    looks_ok: Any,
) -> None:
    version = session.scalar(sa.select(Process.active_id).where(Process.key == "secrecy_review"))
    session.commit()
    draft = drafts.begin(house.actor("qiao"), version_id=version)["draft"]
    enter(page, live_server, "qiao", f"/studio/drafts/{draft}/dry-run")
    follow(page.get_by_role("button", name="开始", exact=True))
    follow(page.get_by_role("button", name="发起，进入下一步"))
    page.wait_for_selector("text=现在办理：")
    page.wait_for_selector(".diagram[data-ready]")
    assert page.locator(".mark-taken").count() > 0
    axe(page)
    looks_ok(page, allowed=NAMES)
    page.set_viewport_size({"width": 390, "height": 844})
    looks_ok(page, allowed=NAMES)
    page.set_viewport_size({"width": 1280, "height": 800})
    for _step in range(8):
        if page.get_by_text("走完了").count():
            break
        follow(page.locator("#walk-step .form-actions button").first)
    page.get_by_label("情形的名字").fill("在浏览器里走通")
    page.get_by_role("button", name="存为情形").click()
    page.wait_for_selector("text=已存为情形")


def test_a_case_is_migrated_with_a_rehearsal_before(
    house: City,
    session: Session,
    live_server: LiveServer,
    page: Any,
    axe: Callable[[Any], None],
    looks_ok: Any,
) -> None:
    def line(*steps: str) -> Diagram:
        return Diagram("line").start().people(*steps).end().go(" -> ".join(["s", *steps, "e"]))

    small = Small(house).put(line("a", "b", "c"))
    small.begin(title="甲件").do("a")
    small.begin(title="乙件").do("a", "b")
    small.put(line("a", "bb", "hui", "c"))
    new = version_in_use(session)
    enter(page, live_server, "qiao", f"/studio/versions/{new}/migrate")
    page.get_by_label("原版的环节「环节b」在新版是").select_option("bb")
    axe(page)
    looks_ok(page, allowed=NAMES)
    follow(page.locator(".work-form button[type=submit]").last)
    session.commit()
    migration_runs.work()
    page.reload()
    axe(page)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        looks_ok(page, allowed=NAMES)
    page.get_by_role("button", name="迁移 1 件").click()
    follow(page.get_by_role("button", name="迁移", exact=True))
    session.commit()
    migration_runs.work()
    page.reload()
    assert page.get_by_text("迁回原来的版本").count() == 1


def test_recorded_cases_are_read_on_any_screen(
    house: City, session: Session, live_server: LiveServer, page: Any, axe: Any, looks_ok: Any
) -> None:
    from tests.studio.test_replaying import draft_as
    from tests.studio.test_replaying import line as replayed

    small = Small(house).put(replayed("a", "b", "c"))
    small.begin(title="甲件").do("a")
    small.begin(title="乙件").do("a", "b", "c")
    draft = draft_as(house, session, "a", "b", "hui", "c")
    enter(page, live_server, "qiao", f"/studio/drafts/{draft}/replay")
    page.get_by_role("button", name="开始核对").click()
    page.wait_for_selector("text=正在核对")
    session.commit()
    replays.work()
    page.reload()
    page.get_by_role("table").get_by_text("走法不同").wait_for()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        axe(page)
        looks_ok(page, allowed=NAMES)
