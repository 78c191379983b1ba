"""Every page that a menu reaches, and the pages behind it, for every kind of person.

For each: no WCAG A or AA violation, no English, nothing scrolls sideways, at a desk (1280) and on a phone (390). The
menu is read from the page, so that new rooms are looked at as they come. At a desk everybody's pages are looked at; on
the phone an address is looked at once, by the first who reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.exceptions import TooManyRequests

from app.core.errors import Busy
from tests.browser.busy import Day, begin_day
from tests.browser.conftest import Office
from tests.browser.hands import enter, follow
from tests.support import browser as browsing
from tests.support.browser import DESK, PHONE
from tests.support.organs import OFFICERS, PEOPLE

LOGINS = frozenset(login for login, *_ in PEOPLE if login) | {login for login, *_ in OFFICERS}

#: whoever's menu has the same pages as the clerk's opens only what is behind it
LIKE_THE_CLERK = ("ke", "lu", "qin")
#: who looks, and the pages behind the menu that he should meet; `{…}` are ids of the day
BEHIND = {
    "wen": (  # a clerk
        "/start/disclosure_attribute",
        "/start/secrecy_review",
        "/work/{draft_item}",
        "/work/{self_check_item}",
        "/cases/{at_officer}",
        "/cases/{closed}",
        "/cases/{closed}/sheet/approval",
        "/cases/{closed}/history",
        "/cases/{at_officer}/do/copy",
        "/cases/{returned}/do/suspend",
        "/work/copies",
        "/work/done",
        "/work/closed",
        "/work/mine",
        "/search?q=通知",
        "/search?q=没有这一件",
        "/documents/{document}",
        "/obligations/{duty}",
        "/obligations?state=closed",
        "/notices/",
    ),
    "wei": (  # 保密审查员
        "/work/{officer_item}",
        "/work/{officer_item}?offline=1",
        "/work/{officer_item}/do/return",
        "/work/{officer_item}/do/consult",
        "/work/{officer_item}/do/cosign",
        "/cases/{at_officer}",
    ),
    "ke": ("/work/{verify_item}",),  # 核稿
    "lu": ("/work/{sign_item}", "/work/{sign_item}?offline=1"),  # 分管领导
    "cheng": ("/notices/",),  # 单位管理员, with something in 待处置
    "qiao": ("/processes/versions/1", "/processes/versions/2"),  # 流程管理员
    "qin": ("/work/done", "/work/mine", "/search", "/notices/"),  # a person with nothing yet: empty states
    "kuang": ("/notices/",),  # 系统管理员
    "ping": ("/notices/",),  # 安全管理员
    "yu": ("/notices/",),  # 安全审计员
}


@pytest.fixture(scope="module")
def day(office: Office) -> Day:
    """The office in the middle of its day."""
    return begin_day(office)


@pytest.fixture
def at_desk(chromium: Any) -> Iterator[Callable[..., Page]]:
    """Pages of any size; a script error or a refusal of the CSP fails the test."""
    with browsing.pages(chromium) as make:
        yield make


def menu(page: Page) -> list[str]:
    """The addresses in the menu."""
    return [str(a.get_attribute("href")) for a in page.locator("nav.sidenav ul a").all()]


def look(page: Page, office: Office, path: str, *sizes: browsing.Size) -> None:
    """Open a page with everything folded out, and judge it at these sizes (both, unless some are given).

    Drawings are drawn once, for the room there is: a page that has some is opened again for the other size.
    """
    drawn = True
    for size in browsing.at_sizes(page, *sizes):
        if drawn:
            answer = page.goto(office.server.url(path))
            assert answer is not None and answer.status == 200, path
            page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
            expect(page.locator("[data-diagram]:not([data-ready])")).to_have_count(0)
            drawn = page.locator("[data-diagram]").count() > 0
        browsing.looks_ok(page, allowed=LOGINS)
        browsing.axe(page)
        assert page.evaluate("innerWidth") == size[0]


#: addresses that were looked at on the phone
_on_the_phone: set[str] = set()


@pytest.mark.parametrize("login", BEHIND)
def test_every_page_reads_well_at_a_desk_and_on_a_phone(
    login: str, office: Office, day: Day, at_desk: Callable[..., Page]
) -> None:
    behind = [path.format(**vars(day)) for path in BEHIND[login]]
    page = at_desk(*DESK)
    enter(page, office.server, login, "/")
    for _ in browsing.at_sizes(page):
        reached = menu(page)
        assert len(reached) >= 3, reached
    if login in LIKE_THE_CLERK:
        reached = reached[:2]
    for path in [*reached, *behind]:
        look(page, office, path, *([DESK] if path in _on_the_phone else [DESK, PHONE]))
        _on_the_phone.add(path)


def test_the_sign_in_page_is_for_everybody(office: Office, at_desk: Callable[..., Page]) -> None:
    look(at_desk(*DESK), office, "/sign-in")


def test_the_case_page_answers_four_questions_on_the_first_screen(
    office: Office, day: Day, at_desk: Callable[..., Page]
) -> None:
    page = at_desk(*DESK)
    enter(page, office.server, "wei", f"/cases/{day.at_officer}")
    for words in (
        "关于进一步做好冬季供暖保障工作的通知",
        "保密审查意见",
        "剩 3 个工作日",
        "去办理：保密审查意见",
    ):
        expect(page.get_by_role("main").get_by_text(words).first).to_be_in_viewport(ratio=1)
    assert page.get_by_role("main").locator(".btn-act").filter(visible=True).count() == 1


def test_the_diagram_marks_where_the_case_stands_in_both_pictures(
    office: Office, day: Day, at_desk: Callable[..., Page]
) -> None:
    page = at_desk(*DESK)
    enter(page, office.server, "wen", f"/cases/{day.at_officer}")
    page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
    expect(page.locator("[data-diagram][data-ready]")).to_have_count(2)
    for step in ("secrecy_review", "officer_review"):
        expect(page.locator(f'.mark-current[data-element-id="{step}"]')).to_have_count(1)
    near = page.locator('.mark-current[data-element-id="officer_review"]')
    expect(near).to_have_attribute("aria-label", re.compile("保密审查意见，当前环节，保密审查员（卫慎言）"))
    near.focus()
    expect(page.locator(".diagram-card").filter(visible=True)).to_contain_text("保密审查意见")


def test_a_step_is_done_with_the_keyboard_alone(
    office: Office, day: Day, at_desk: Callable[..., Page]
) -> None:
    page = at_desk(*DESK)
    enter(page, office.server, "shen")
    _tab_to(page, "link", "办理")
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/*")
    _tab_to(page, "textbox", "审核意见")
    page.keyboard.type("同意，请抓紧。")
    _tab_to(page, "button", "同意")
    page.keyboard.press("Enter")
    dialog = page.locator("#confirm-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert _focused(page)[1] == "同意"  # back where the person was
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".note-flash")).to_contain_text("已送")


def _tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until this control has the focus; its ring must be visible."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if _focused(page) == (role, name):
            shadow = page.evaluate(
                "(s => s.boxShadow !== 'none' || s.outlineStyle !== 'none')"
                "(getComputedStyle(document.activeElement))"
            )
            assert shadow, f"{role} {name} has the focus and does not show it"
            return
    raise AssertionError(f"Tab never reaches {role} {name}")


def _focused(page: Page) -> tuple[str, str]:
    role, name = page.evaluate("""() => {
      const at = document.activeElement;
      const roles = {A: 'link', BUTTON: 'button', TEXTAREA: 'textbox', INPUT: 'textbox'};
      const label = at.labels && at.labels.length ? at.labels[0].textContent : at.textContent;
      return [roles[at.tagName] || at.tagName, label.trim()];
    }""")
    return role, name


def test_errors_of_a_form_are_accessible_and_lead_to_the_fields(
    office: Office, day: Day, at_desk: Callable[..., Page]
) -> None:
    page = at_desk(*DESK)
    enter(page, office.server, "wei", f"/work/{day.officer_item}")
    page.get_by_label("审查意见").fill("写好的意见不能丢")
    follow(page.get_by_role("button", name="出具审查意见", exact=True))
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("审查意见")).to_have_value("写好的意见不能丢")
    for _ in browsing.at_sizes(page):
        browsing.axe(page)
        browsing.looks_ok(page)
        summary.scroll_into_view_if_needed()
        follow(summary.get_by_role("link", name="审查结论"))
        expect(page.locator("#conclusion")).to_be_in_viewport()


def test_refusals_are_pages_that_say_what_to_do(
    office: Office, day: Day, at_desk: Callable[..., Page]
) -> None:
    faults = {403: "/people", 404: "/cases/99999"}
    page = at_desk(*DESK)
    enter(page, office.server, "wen")
    for status, path in faults.items():
        answer = page.goto(office.server.url(path))
        assert answer is not None and answer.status == status
        _judge_fault(page)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_faults_are_pages_that_keep_what_was_written(
    status: int, office: Office, day: Day, at_desk: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is made where the step is sent; the text must come back."""
    faults = {
        429: TooManyRequests(),
        500: RuntimeError("made by a test"),
        503: Busy("数据库暂时不能使用，本次没有保存任何内容。请稍后再试。"),
    }

    def fail(**_: Any) -> Any:
        raise faults[status]

    monkeypatch.setitem(office.app.view_functions, "cases.send", fail)
    page = at_desk(*DESK)
    _write_an_opinion(page, office, day)
    page.get_by_role("button", name="出具审查意见", exact=True).click()
    with page.expect_response(lambda r: r.request.method == "POST" and r.status == status):
        page.locator("#confirm-dialog").get_by_role("button").first.click()
    _judge_fault(page)
    assert OPINION in _kept(page)


def test_a_request_that_is_too_large_is_refused_before_it_is_read_and_the_text_is_kept(
    office: Office, day: Day, at_desk: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = at_desk(*DESK)
    _write_an_opinion(page, office, day)
    monkeypatch.setitem(office.app.config, "MAX_CONTENT_LENGTH", 100)
    with page.expect_response(lambda r: r.url.endswith(f"/work/{day.officer_item}") and r.status == 413):
        page.get_by_role("button", name="出具审查意见", exact=True).click()
    _judge_fault(page)
    assert OPINION in _kept(page)


OPINION = "写了很久的一段审查意见，系统出错也不能丢掉这些字。"


def _write_an_opinion(page: Page, office: Office, day: Day) -> None:
    enter(page, office.server, "wei", f"/work/{day.officer_item}")
    page.get_by_role("group", name=re.compile("^审查结论")).get_by_label("公开", exact=True).check()
    page.get_by_label("审查意见").fill(OPINION)


def _kept(page: Page) -> list[str]:
    """The texts that the page of a fault gives back."""
    expect(page.locator("[data-lost]")).to_contain_text("您刚才写的内容还在")
    return [box.input_value() for box in page.locator("[data-lost] textarea").all()]


def _judge_fault(page: Page) -> None:
    for _ in browsing.at_sizes(page):
        expect(page.get_by_role("heading", name="现在怎么办")).to_be_visible()
        browsing.looks_ok(page)
        browsing.axe(page)
