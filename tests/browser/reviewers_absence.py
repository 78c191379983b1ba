"""Who is there and who is not, on a reviewer's day: 代理, AB岗, 交接, a post without anybody, limits nobody keeps."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person, Post
from app.core import now
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.jobs import JOBS
from tests.browser.hands import fill, follow, press
from tests.browser.reviewers_acts import LATE, STOOD_IN
from tests.browser.reviewers_day import ELSEWHERE, SILENT, Chairs, attribute, request, row
from tests.cases.flows import drafted

#: waits at 科长审核, whose 科长 goes on leave
TAKEN_OVER = 15


def standing_in(day: Chairs) -> None:
    """H14: 简存卷 stands in for 卫慎言; both names stand in the record."""
    title = attribute(STOOD_IN)
    page = day.menu("wei", "代理与交接")
    follow(page.get_by_role("link", name="指定代理"))
    fill(page, {"代理人（B岗）": "文电科 简存卷", "截止日期": "2026-11-24"})
    press(page, "指定代理")
    page = day.arrives("jian", title)
    expect(row(page, title)).to_contain_text("代 卫慎言")
    answers = {"审查结论": "公开", "审查意见": "可以公开。"}
    day.does("jian", title, "保密审查意见", "出具审查意见", answers, "可以公开。")
    day.acts[title].append(("简存卷", "卫慎言"))


def taking_over(day: Chairs) -> None:
    """H14: 章循法 is B岗 of 申牧之, and has his work by itself from the moment he is away until he is back."""
    title = attribute(TAKEN_OVER)
    page = day.menu("shen", "代理与交接")
    follow(page.get_by_role("link", name="指定代理"))
    fill(page, {"代理人（B岗）": "综合一科 章循法", "方式": "AB岗"})
    press(page, "指定代理")
    assert title not in day.waiting("zhang")
    follow(page.get_by_role("link", name="登记外出"))
    fill(page, {"原因": "休假", "截止日期": page.get_by_label("开始日期").input_value()})
    assert "其间由 章循法 代理" in press(page, "登记外出").said
    expect(row(day.arrives("zhang", title), title)).to_contain_text("代 申牧之")
    day.does("zhang", title, "科长审核", "同意", {"审核意见": "代为审核，同意。"}, "代为审核，同意。")
    day.acts[title].append(("章循法", "代 申牧之"))
    day.sit("shen")
    press(page, "已回岗")
    assert attribute(LATE[0]) not in day.waiting("zhang"), "he is back"


def handing_over(day: Chairs) -> None:
    """H14: 乔录言 hands his work over; for some days both see it."""
    page = day.menu("qiao", "代理与交接")
    follow(page.get_by_role("link", name="办理交接"))
    page.locator("#default").select_option(label="政务公开科 白受之")
    page.locator("#until_on").fill("2026-11-27")
    page.locator("#reason").fill("轮岗。")
    page.get_by_role("button", name="办理交接").click()
    page.get_by_role("dialog").get_by_role("button", name="办理交接").click()
    expect(page.get_by_text("工作交接清单").first).to_be_visible()
    day.acts[request(1)].append(("交接", "白受之"))
    page.go_back()
    day.reaches("bai", request(1))
    page = day.home("qiao")
    expect(row(page, request(1))).to_contain_text("已交 白受之，过渡期内可看")


@command
def _leave(tx: Tx, *, post: int, person: int) -> None:
    staffing.revoke(tx, tx.session.get_one(Post, post), tx.session.get_one(Person, person))
    changed(tx)


def nobody_there(day: Chairs) -> None:
    """H24: a post without anybody is an incident that the unit's administrator mends; the case is not lost."""
    title, city = ELSEWHERE, day.office.city
    with day.office.app.app_context():
        _leave(SYSTEM, post=city.post("housing", "unit_head", "住房保障科"), person=city.people["gu"])
        db.session.remove()
    with day.office.behind() as desk:
        drafted(desk, "fang", title=title)
    page = day.menu("cheng", "待处置")
    panel = page.locator("section").filter(has=page.get_by_role("heading", name=re.compile(title))).last
    panel.get_by_label("改派给").select_option(label="严封缄")
    panel.get_by_label("原因").fill("科长空缺，由办公室代办。")
    press(page, "重新分送或改派")
    day.arrives("yan", title)
    day.acts[title].append(("改派", "科长空缺，由办公室代办。"))


def in_time(day: Chairs) -> None:
    """H17: what was left is late and its holder told (H28); then the head hears of it; then what a silent post has is his."""
    _morning(day, "2026-11-26T09:00")
    expect(day.bell("shen")).to_contain_text(attribute(LATE[0]))
    page = day.home("shen")
    expect(row(page, attribute(LATE[0]))).to_contain_text("超期")
    _morning(day, "2026-11-27T09:00")
    expect(day.bell("jiang")).to_contain_text(attribute(LATE[0]))
    day.told[attribute(LATE[0])] += [("超过时限", "「科长审核」内部时限"), ("超时报告", "已报告")]
    for n in LATE:
        day.agrees(attribute(n))
    _morning(day, "2026-11-30T09:00")
    page = day.arrives("jiang", SILENT)
    expect(row(page, SILENT)).to_contain_text("超期未办，系统转来")
    day.acts[SILENT].append(("超时转交", "没有回应"))


def _morning(day: Chairs, moment: str) -> None:
    """It is then, and the worker has looked at everything that is due."""
    now.pretend(moment)
    with day.office.app.app_context():
        for _ in range(2):
            JOBS["cases.deadlines"][0]()
        db.session.remove()
