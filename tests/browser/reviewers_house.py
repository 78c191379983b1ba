"""What the house adds on a reviewer's day: 督办, the gateway of messages, signatures, files to look at, the case's papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from app.core.db import db
from app.core.jobs import JOBS
from tests.browser.hands import fill, follow, press
from tests.browser.reviewers_day import Chairs, attribute
from tests.browser.reviewers_rounds import ASKED
from tests.cases.test_phrases import picture
from tests.notices.test_webhook import SECRET, Heard


def opening_the_gateway(day: Chairs, heard: Heard) -> None:
    """H28: the system administrator lets notices out to a gateway; 文承远 wants no mail about new work."""
    page = day.sit("kuang")
    page.goto(day.server.url("/notices/gateway"))
    said: dict[str, Any] = {"网址": heard.url, "允许的主机": "127.0.0.1", "密钥": SECRET}
    fill(page, said | {"允许内网地址": True, "启用": True})
    press(page, "保存设置")
    page = day.sit("wen")
    page.goto(day.server.url("/notices/choices"))
    page.locator("#webhook\\.work").uncheck()
    press(page, "保存")


def reaching_the_gateway(day: Chairs, heard: Heard) -> None:
    """H28: 文承远's phone hears that he was reminded, and nothing of what is only new."""
    with day.office.app.app_context():
        JOBS["notices.deliver"][0]()
        db.session.remove()
    to_wen = [body["kind"] for body in heard.bodies() if body["to"] == "wen"]
    assert "urge" in to_wen and "work" not in to_wen, to_wen


def signing_by_hand(day: Chairs, folder: Path) -> None:
    """H19: 申牧之 gives the image of his signature."""
    image = folder / "签名.png"
    image.write_bytes(picture())
    page = day.menu("shen", "常用语和签名")
    page.locator(".signature-form input[type=file]").set_input_files(image)
    assert "签名图样已保存" in press(page, "上传").said


def looking_at_files(day: Chairs, title: str) -> None:
    """H20: the first version stays beside the second; a picture opens in a window of its own, sealed off."""
    page = day.case("shen", title)
    expect(page.get_by_role("main")).to_contain_text("第2版")
    files = page.locator("section").filter(has=page.get_by_role("heading", name="附件"))
    with page.expect_popup() as popup:
        files.get_by_role("link", name="预览").first.click()
    window = popup.value
    expect(window.locator("img")).to_have_js_property("naturalWidth", 120)
    window.close()


def supervising(day: Chairs) -> None:
    """H11: ordered by 督查岗, put off on request, reported on, sent back, reported again, closed by somebody else."""
    page = day.menu("jian", "督办")
    follow(page.get_by_role("link", name="下达督办").first)
    fill(page, {"督办事项": "第04号文件迟迟未送", "督办要求": "请于今日送审。", "办结期限": "2026-11-25"})
    options: list[str] = page.locator("#target option").all_inner_texts()
    page.locator("#target").select_option(label=next(each for each in options if "文承远" in each))
    press(page, "下达督办")
    page = _order(day, "wen")
    _act(page, "ask", {"延期至": "2026-11-26", "延期的原因": "等附件。"}, "申请延期")
    page = _order(day, "jian")
    there = page.url
    _act(page, "decide", {"决定": "同意延期", "意见": "同意。"}, "决定延期")
    page = _order(day, "wen", there)
    _act(page, "report", {"办理情况": "已经送审。"}, "报送反馈")
    page = _order(day, "jian", there)
    expect(page.get_by_role("main")).to_contain_text("2026-11-26")
    _act(page, "close", {"认定意见": "属实。"}, "销号")
    expect(page.get_by_role("main")).to_contain_text("已销号")


def _order(day: Chairs, login: str, address: str = "") -> Any:
    """The order's page: by the menu, or whoever was there by its address."""
    if address:
        page = day.sit(login)
        page.goto(address)
        return page
    page = day.menu(login, "督办")
    follow(page.get_by_role("link", name="第04号文件迟迟未送"))
    return page


def _act(page: Any, key: str, answers: dict[str, str], button: str) -> None:
    """One of the forms on an order's page; folded ones are opened first."""
    form = page.locator(f"#form-{key}")
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").click()
    for label, words in answers.items():
        group = form.get_by_role("group", name=label)
        if group.count():
            group.get_by_label(words).check()
        else:
            form.get_by_label(label).fill(words)
    press(page, button)


def the_papers(day: Chairs) -> None:
    """H21, H22, H30: the diagram, 流转记录 to print and to export, the sheet with the signature (H19)."""
    title = attribute(ASKED)
    page = day.case("shen", title)
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
    expect(page.locator('.mark-current[data-element-id="secrecy_review"]')).to_have_count(1)
    expect(page.locator('.mark-done[data-element-id="head_review"]').first).to_be_attached()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    follow(page.get_by_role("link", name="打印流转记录"))
    expect(page.locator("body")).to_contain_text("不涉及。")
    page.go_back()
    follow(page.get_by_role("link", name="打印呈批单"))
    for words in (title, "申牧之", "不涉及。"):
        expect(page.locator("body")).to_contain_text(words)
    expect(page.locator('img[src^="data:image/png"]').first).to_have_js_property("naturalWidth", 120)
    page.go_back()
