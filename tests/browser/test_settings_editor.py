"""流程设置 in a real browser: a lane loses its post, is told of, and gets another; two people meet in one page."""

from __future__ import annotations

import os
import re
import tomllib
from typing import Any

from playwright.sync_api import expect

from app.core.db import db
from app.studio import queries
from tests.browser.conftest import Office
from tests.studio.test_drafts import begun
from tests.support import browser as browsing

LOOK = os.environ.get("PICTURES")


def test_lanes_get_their_posts_and_nobody_overwrites_silently(pages: Any, office: Office) -> None:
    with office.behind():
        draft = begun(office.city)
    mine, theirs = pages(1280, 900), pages(1280, 900)
    for page, login in ((mine, "qiao"), (theirs, "li")):
        office.let_in(page, login)
        page.goto(office.server.url(f"/studio/drafts/{draft}/settings"))
    state = mine.locator(".draft-state").first
    lane = mine.locator(".fe-option", has=mine.get_by_role("heading", name=re.compile("核稿"))).first
    lane.get_by_label("岗位").select_option("")
    expect(state).to_contain_text("已保存", timeout=9000)
    expect(mine.locator("[data-settings-editor] .note").first).to_contain_text("处要改")
    if LOOK:
        mine.screenshot(path=f"{LOOK}/settings-1280.png", full_page=True)
    browsing.looks_ok(mine)
    browsing.axe(mine)
    lane.get_by_label("岗位").select_option("text_checker")
    expect(mine.locator("[data-settings-editor] .note")).to_have_count(0, timeout=9000)

    mine.get_by_role("button", name="上移「发文字号」").click()
    inserted = mine.get_by_label("在办件标题里插入")
    inserted.select_option(
        label=next(each for each in inserted.inner_text().split("\n") if "原发文字号" in each)
    )
    expect(mine.get_by_text(re.compile("^读作：〈文件标题〉"))).to_contain_text("〈原发文字号〉")
    expect(state).to_contain_text("已保存", timeout=9000)
    with office.behind():
        kept = tomllib.loads(queries.texts(db.session(), draft)["package.toml"])
    assert kept["print"][0]["fields"][:3] == ["title", "doc_no", "copy_no"]
    assert kept["title"] == "{title}{old_doc_no}"
    mine.get_by_label("办件标题", exact=True).fill("{title}")

    theirs.get_by_label("说明", exact=True).fill("对方写的说明")
    theirs.keyboard.press("Control+S")
    clash = theirs.locator("[data-part-conflict]")
    expect(clash).to_contain_text("乔录言", timeout=9000)
    clash.get_by_role("button", name="查看对方的修改").click()
    expect(clash.locator("li").first).to_be_visible()
    clash.get_by_role("button", name="用我的覆盖").click()
    clash.get_by_role("button", name="确认覆盖对方的修改").click()
    expect(theirs.locator(".draft-state").first).to_contain_text("已保存", timeout=9000)
    with office.behind():
        assert "对方写的说明" in queries.texts(db.session(), draft)["package.toml"]
    mine.set_viewport_size({"width": 390, "height": 844})
    assert mine.evaluate("document.documentElement.scrollWidth") <= 390
    if LOOK:
        mine.screenshot(path=f"{LOOK}/settings-390.png", full_page=True)
    theirs.route(
        "**/settings", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    theirs.get_by_label("说明", exact=True).fill("断网时写的说明")
    theirs.get_by_label("说明", exact=True).press("Tab")
    expect(theirs.locator(".draft-state").first).to_contain_text("网络不通", timeout=9000)
    theirs.unroute_all()
    theirs.close(run_before_unload=False)
    again = theirs.context.new_page()
    again.goto(office.server.url(f"/studio/drafts/{draft}/settings"))
    again.get_by_role("button", name="恢复").click()
    expect(again.get_by_label("说明", exact=True)).to_have_value("断网时写的说明")
    expect(again.locator(".draft-state").first).to_contain_text("已保存", timeout=9000)
