"""The look and the habits of the pages, in a real browser, with sample data and no office behind them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.browser import at_sizes, axe, looks_ok
from tests.support.web import LiveServer
from tests.ui_gallery.gallery import PAGES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FORM = "#work-form"


@pytest.fixture
def at(gallery: LiveServer, new_page: Callable[..., Any]) -> Callable[..., Any]:
    def open_page(path: str, width: int = 1280, height: int = 800) -> Any:
        page = new_page(width, height)
        page.goto(gallery.url(f"/{path}"))
        return page

    return open_page


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_chinese_and_does_not_scroll_sideways(
    at: Callable[..., Any], name: str
) -> None:
    page = at(name)
    for _ in at_sizes(page):
        looks_ok(page)
        axe(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_diagram_shows_who_and_how_long_to_pointer_keyboard_and_reader(
    at: Callable[..., Any], width: int
) -> None:
    page = at("case?open=1", width)
    page.wait_for_selector("[data-ready]")
    done = page.locator('[data-element-id="draft"][tabindex="0"]')
    assert done.get_attribute("aria-label") == "拟稿，已办，文承远，11-16 至 11-18，用时 2 个工作日"
    done.focus()
    expect(page.locator(".diagram-card")).to_contain_text("文承远")
    expect(page.locator(".mark-current")).to_have_count(1)
    assert page.locator(".diagram-fold table tbody tr").count() == 4
    mark, tools = (page.locator(name).bounding_box() for name in (".bjs-powered-by", ".diagram-tools"))
    assert tools["x"] + tools["width"] < mark["x"], "the bpmn.io mark is covered"
    looks_ok(page)
    axe(page)


def test_the_diagram_is_fetched_only_when_its_fold_opens(at: Callable[..., Any]) -> None:
    page = at("case")
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some(e => e.name.includes('/diagram-'))"
    )
    page.locator(".diagram-fold > summary").click()
    page.wait_for_selector("[data-ready]")
    page.goto(page.url)
    page.wait_for_selector("[data-ready]")  # the fold remembers


def test_the_case_page_answers_its_four_questions_without_scrolling(at: Callable[..., Any]) -> None:
    page = at("case")
    for place in ("h1", ".due", ".step-current", ".panel-act .btn-act"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= 800, place


def test_fields_come_and_go_with_their_conditions_and_only_what_is_seen_is_sent(
    at: Callable[..., Any],
) -> None:
    page = at("step")
    clause, reason = page.locator('[data-field="clause"]'), page.locator('[data-field="reason"]')
    assert not clause.is_visible()
    page.locator("#attribute-2").check()
    page.locator("#clause").select_option("N16b")
    page.locator("#reason").fill("讨论稿")
    assert reason.is_visible() and reason.locator(".must").is_visible()
    page.locator("#attribute-0").check()
    assert not reason.is_visible()
    page.locator(f"{FORM} .btn-act").click()
    with page.expect_request("**/step") as sent:
        page.locator("#confirm-dialog button[value=yes]").click()
    assert "讨论稿" not in (sent.value.post_data or "") and 'name="act"' in (sent.value.post_data or "")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_date_reads_chinese_whatever_the_browser_speaks_and_is_chosen_by_keyboard_alone(
    at: Callable[..., Any], width: int
) -> None:
    page = at("step", width, 844)
    day = page.locator("#doc_date")
    assert (day.get_attribute("type"), day.input_value()) == ("text", "2026-11-16")
    for written in ("2026/11/3", "20261103", "2026年11月3日"):
        day.fill(written)
        day.blur()
        assert day.input_value() == "2026-11-03", written
    day.press("Alt+ArrowDown")
    calendar = page.get_by_role("dialog", name="选日期：成文日期")
    assert "2026年11月" in calendar.inner_text()
    axe(page)
    looks_ok(page)
    for key in ("ArrowRight", "ArrowDown", "PageDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "2026年12月11日 星期五"
    page.keyboard.press("Enter")
    assert day.input_value() == "2026-12-11" and calendar.count() == 0
    page.get_by_role("button", name="选日期：成文日期").click()
    page.keyboard.press("Escape")
    assert calendar.count() == 0
    assert "选日期" in page.evaluate("document.activeElement.innerText")


def test_the_offices_own_form_shows_and_hides_as_its_definition_says(at: Callable[..., Any]) -> None:
    page = at("form")
    assert not page.locator('[data-field="to_organ"]').is_visible()
    page.locator("#agency_draft").check()
    assert page.locator('[data-field="to_organ"]').is_visible()
    assert page.locator('[data-field="to_organ"] .must').is_visible()


def test_the_confirmation_names_the_next_step_and_the_decision_is_sent_once(at: Callable[..., Any]) -> None:
    page = at("form-review")
    page.locator('button[value="return"]').click()
    dialog = page.locator("#confirm-dialog")
    dialog.wait_for()
    assert "由 文承远 修改" in dialog.inner_text()
    axe(page)
    dialog.locator("button[value=no]").click()
    expect(page.locator('button[value="return"]')).to_be_enabled()
    page.locator('button[value="agree"]').click()
    dialog.locator("button[value=yes]").click()
    page.wait_for_selector('[data-flash="success"]')


def test_errors_are_listed_with_links_and_the_focus_stands_on_them(at: Callable[..., Any]) -> None:
    page = at("form")
    page.locator(".form-actions .btn-act").click()
    page.locator("#confirm-dialog button[value=yes]").click()
    page.wait_for_selector("#error-summary")
    expect(page.locator("#error-summary")).to_be_focused()
    for link in page.locator("#error-summary a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    looks_ok(page)
    axe(page)


def test_a_draft_is_saved_while_writing_and_a_lost_line_is_said(at: Callable[..., Any]) -> None:
    page = at("step")
    state = page.locator("[data-draft-state]")
    assert state.inner_text() == "已保存草稿 14:02"
    page.locator("#opinion").fill("拟主动公开。")
    page.locator("[data-draft-state]", has_text="14:05").wait_for()
    page.route("**/draft", lambda route: route.abort())
    page.locator("#opinion").fill("拟主动公开，同步解读。")
    page.locator("[data-draft-state][data-kind=offline]").wait_for()
    expect(page.locator("[data-offline]")).to_be_visible()
    page.unroute("**/draft")
    page.goto(page.url)
    page.get_by_role("button", name="恢复").click()
    expect(page.locator("#opinion")).to_have_value("拟主动公开，同步解读。")


def test_a_finished_step_stops_the_draft_and_keeps_the_text(at: Callable[..., Any]) -> None:
    page = at("step")
    page.route("**/draft", lambda route: route.fulfill(status=409, json={"message": "已办"}))
    page.locator("#opinion").fill("写了一半")
    page.locator("[data-draft-state][data-kind=bad]").wait_for()
    assert "已由他人办理" in page.locator("[data-draft-state]").inner_text()
    assert page.locator("#opinion").input_value() == "写了一半"


@pytest.mark.parametrize("status", [403, 409, 413, 500, 503])
def test_a_refused_submission_gives_the_text_back_with_its_labels(
    at: Callable[..., Any], status: int
) -> None:
    page = at("step")
    page.locator("#opinion").fill("拟主动公开，\n解读方案同步报送。")
    page.evaluate(
        "code => { const f = document.querySelector('#work-form');"
        " f.insertAdjacentHTML('beforeend', `<input type=hidden name=fail value=${code}>`); }",
        status,
    )
    page.locator(f"{FORM} .btn-act").click()
    page.locator("#confirm-dialog button[value=yes]").click()
    page.wait_for_selector("[data-fault]")
    kept = page.get_by_label("拟办意见")
    expect(kept).to_have_value("拟主动公开，\n解读方案同步报送。")
    expect(page.get_by_label("公开属性").first).to_have_value("主动公开")
    looks_ok(page)
    axe(page)


def test_a_sent_form_leaves_no_copy_behind(at: Callable[..., Any]) -> None:
    page = at("step")
    page.locator("#opinion").fill("已送出的意见")
    page.locator(f"{FORM} .btn-act").click()
    page.locator("#confirm-dialog button[value=yes]").click()
    page.wait_for_selector('[data-flash="success"]')
    page.wait_for_load_state()
    assert "已送出的意见" not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_a_second_press_sends_nothing(at: Callable[..., Any]) -> None:
    page = at("sign-in")
    sent: list[str] = []

    def slow(route: Any) -> None:
        sent.append(route.request.url)
        route.fulfill(
            status=204
        )  # the browser stays on the page, as it does while a slow answer is under way

    page.route("**/step", slow)
    page.locator("#account").fill("江维公")
    button = page.locator("#sign-in .btn-act")
    button.click()
    page.locator("#sign-in .btn-act[aria-busy]").wait_for()
    page.evaluate("document.querySelector('#sign-in').requestSubmit()")
    page.wait_for_timeout(200)
    assert len(sent) == 1
    assert "正在提交" in button.inner_text()
    assert "password" not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_uploads_go_up_at_once_and_can_be_taken_back(at: Callable[..., Any]) -> None:
    page = at("form")
    rows = page.locator('[data-name="attachments"] .file-list li')
    page.locator("#attachments").set_input_files(
        [{"name": "附表.xlsx", "mimeType": "application/octet-stream", "buffer": b"x" * 3000}]
    )
    page.locator('input[name="attachments"][value="8"]').wait_for(state="attached")
    assert "已上传" in rows.inner_text() and "3 KB" in rows.inner_text()
    page.locator("#attachments").set_input_files([{"name": "a.exe", "mimeType": "x/y", "buffer": b"x"}])
    page.locator(".file-over", has_text="这种文件不能上传").wait_for()
    axe(page)
    page.get_by_role("button", name=re.compile("移除.*附表")).click()
    expect(page.locator('input[name="attachments"][value="8"]')).to_have_count(0)


def test_chosen_files_are_listed_with_size_and_the_limit_is_said_before_sending(
    at: Callable[..., Any],
) -> None:
    page = at("step")
    page.locator("#file").set_input_files(
        [{"name": "正文.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2048}]
    )
    expect(page.locator(".file-list")).to_contain_text("2 KB")
    page.get_by_role("button", name=re.compile("移除.*正文")).click()
    expect(page.locator(".file-list")).to_be_hidden()


def test_on_the_phone_the_navigation_is_a_drawer_and_tables_are_cards(at: Callable[..., Any]) -> None:
    page = at("inbox", 390, 844)
    assert page.locator("table.cards thead").bounding_box()["height"] <= 2
    assert page.locator("table.cards").get_attribute("role") == "table"
    page.get_by_role("button", name="菜单").click()
    expect(page.get_by_role("link", name="工作日历")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("#sidenav")).to_be_hidden()


def test_letters_lead_to_pages_and_can_be_switched_off(at: Callable[..., Any]) -> None:
    page = at("inbox")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-box"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.locator("#shortcuts-dialog").wait_for()
    axe(page)
    page.locator("[data-keys-off]").check()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("y")
    assert page.url.endswith("/inbox")


def test_the_bell_opens_in_place_and_closes_with_escape(at: Callable[..., Any]) -> None:
    page = at("inbox")
    page.get_by_role("link", name=re.compile("通知")).first.click()
    page.locator(".bell-list").wait_for()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator(".bell-pop")).to_be_hidden()


def test_the_printed_sheet_is_one_page_and_the_case_page_prints_without_its_buttons(
    at: Callable[..., Any],
) -> None:
    page = at("print-sheet")
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1
    page = at("case")
    page.emulate_media(media="print")
    for hidden in (".topbar", ".sidenav", ".form-actions", ".btn"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".foot-notice").is_visible()


def test_the_bundles_stay_small() -> None:
    import gzip

    dist = ROOT / "app/static/dist"
    names = json.loads((dist / "manifest.json").read_text("utf-8"))
    size = {name: len(gzip.compress((dist / file).read_bytes())) for name, file in names.items()}
    assert size["app.js"] + size["app.css"] < 80_000
    assert sum(size[name] for name in ("app.js", "app.css", "diagram.js", "diagram.css")) < 150_000
