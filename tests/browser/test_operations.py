"""The operations people use most, through their pages, at a desk (1280) and on a phone (390).

Each is found as a button on the step's or the case's page, asks its form, says whom it reaches, stands in 流转记录. It
is gone through once, now at a desk and now on a phone: each page on the way is judged at both sizes (axe, no sideways
scroll, no English), each button is within reach at both before it is pressed. 征求意见 is done with the keyboard alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Office
from tests.browser.hands import Sent, fill, follow, press
from tests.cases.flows import drafted
from tests.support import browser as browsing
from tests.support.browser import DESK, PHONE, at_sizes, resize
from tests.support.driving import SELF_CHECK
from tests.support.organs import OFFICERS, PEOPLE

LOGINS = frozenset(login for login, *_ in PEOPLE if login) | {login for login, *_ in OFFICERS}


@pytest.fixture
def person(chromium: Any, office: Office) -> Iterator[Callable[[str], Page]]:
    """`person("wen")`: this person at 待办, in a browser profile of his own; the same page each time."""
    known: dict[str, Page] = {}
    with browsing.pages(chromium) as make:

        def page_of(login: str) -> Page:
            if login not in known:
                known[login] = make(*PHONE)
                office.let_in(known[login], login)
            known[login].goto(office.server.url("/work"))
            return known[login]

        yield page_of


def judge(page: Page) -> None:
    """What every page must be, at a desk and on a phone."""
    for _ in at_sizes(page):
        browsing.looks_ok(page, allowed=LOGINS)
        browsing.axe(page)


def at_hand(control: Locator) -> Locator:
    """What is about to be pressed, which a hand reaches at a desk and on a phone."""
    for _ in at_sizes(control.page):
        control.click(trial=True)
    return control


def sent(page: Page, label: str) -> Sent:
    """Press the form's button."""
    at_hand(page.get_by_role("main").get_by_role("button", name=label, exact=True))
    return press(page, label)


def row(page: Page, title: str) -> Locator:
    """The line of a case in a list; on a phone a card."""
    return page.get_by_role("main").locator("tr").filter(has_text=title)


def opened(page: Page, title: str) -> Page:
    """From 待办 to the step."""
    follow(at_hand(row(page, title).get_by_role("link", name="办理", exact=True)))
    expect(page.get_by_role("main").get_by_role("heading", name=re.compile("^请您"))).to_be_visible()
    return page


def searched(page: Page, title: str) -> Page:
    """The case's page, by the address a link in a notice has: the search box is tested elsewhere."""
    page.goto(re.sub(r"/work.*", f"/search?q={title}", page.url))
    follow(page.get_by_role("main").get_by_role("link", name=title).first)
    return page


def buttons(page: Page) -> Locator:
    """The panel of operations."""
    return page.locator(".panel", has=page.get_by_role("heading", name="其他操作"))


def operate(page: Page, label: str, answers: dict[str, Any]) -> str:
    """Press an operation's button, fill in its form, send it; what the next page says first."""
    follow(at_hand(buttons(page).get_by_role("link", name=label, exact=True)))
    expect(page.get_by_role("heading", level=1, name=label)).to_be_visible()
    judge(page)
    fill(page, answers)
    return sent(page, label).said


def history(page: Page) -> Locator:
    """流转记录 of the case's page."""
    return page.locator(".panel, section").filter(has=page.get_by_role("heading", name="流转记录")).last


def test_work_is_handed_to_a_colleague(office: Office, person: Callable[[str], Page]) -> None:
    title = "转交他人的一件"
    with office.behind() as desk:
        desk.start("wen", "disclosure_attribute", entry="document", kind="first", title=title)
    page = opened(person("wen"), title)
    judge(page)
    said = operate(page, "转交他人", {"接办人": "综合一科 王芳", "转交原因": "本周出差，请代为办理。"})
    assert said == "已转交 王芳 办理「拟稿」。"
    expect(history(page)).to_contain_text("王芳")
    expect(history(page)).to_contain_text("将「拟稿」转交 王芳：本周出差，请代为办理。")
    taken = person("wang")
    expect(row(taken, title)).to_contain_text("文承远 转交")
    opened(taken, title)
    expect(taken.get_by_role("main")).to_contain_text("本周出差，请代为办理。")
    assert row(person("wen"), title).count() == 0


def test_a_review_that_nobody_else_can_take_over_says_so_at_the_button(
    office: Office, person: Callable[[str], Page]
) -> None:
    title = "没有人可以接办的一件"
    with office.behind() as desk:
        drafted(desk, title=title)
    page = opened(person("shen"), title)
    disabled = buttons(page).get_by_role("button", name="转交他人")
    expect(disabled).to_be_disabled()
    why = page.locator(f"#{disabled.get_attribute('aria-describedby')}")
    expect(why).to_have_text("这个岗位上没有别人可以接办。审核、签发只能转给同一岗位的人。")
    judge(page)


def test_a_case_is_returned_after_its_preview_was_read(office: Office, person: Callable[[str], Page]) -> None:
    title = "退回的一件"
    with office.behind() as desk:
        case = drafted(desk, title=title)
        desk.act("shen", case, "head_review", decision="agree")
        desk.act("wen", case, "self_check", **SELF_CHECK)
        desk.act("shen", case, "head_review", decision="agree", opinion="自查属实。")
    page = opened(person("wei"), title)
    follow(at_hand(buttons(page).get_by_role("link", name="退回", exact=True)))
    judge(page)
    fill(page, {"退回到": "「拟稿」", "退回原因": "附件二与正文不一致，请核对。"})
    follow(at_hand(page.get_by_role("button", name="看看会有什么影响")))
    main = page.get_by_role("main")
    for words in ("要重新办理", "「拟稿」：文承远", "撤下的待办", "「保密审查意见」", "法定期限照算"):
        expect(main).to_contain_text(words)
    expect(main.get_by_label("退回原因")).to_have_value("附件二与正文不一致，请核对。")
    judge(page)
    said = sent(page, "确认退回").said
    assert said.startswith("已退回「拟稿」。") and "文承远" in said, said
    expect(history(page)).to_contain_text("附件二与正文不一致，请核对。")
    back = opened(person("wen"), title)
    expect(back.get_by_role("main")).to_contain_text("附件二与正文不一致，请核对。")
    expect(back.get_by_label("解读安排或者不作解读的理由")).to_have_value("内容单一，不作解读。")


def test_what_was_sent_too_early_is_taken_back(office: Office, person: Callable[[str], Page]) -> None:
    title = "取回的一件"
    with office.behind() as desk:
        drafted(desk, title=title)
    page = searched(person("wen"), title)
    follow(at_hand(buttons(page).get_by_role("link", name="取回", exact=True)))
    fill(page, {"说明（可不填）": "漏了附件。"})
    follow(at_hand(page.get_by_role("button", name="看看会有什么影响")))
    expect(page.get_by_role("main")).to_contain_text("「科长审核」")
    judge(page)
    said = sent(page, "确认取回").said
    assert "已取回「拟稿」。" in said
    expect(history(page)).to_contain_text("已取回")
    assert row(person("shen"), title).count() == 0
    opened(person("wen"), title)


def test_a_signer_is_added_answers_and_the_case_moves_on(
    office: Office, person: Callable[[str], Page]
) -> None:
    title = "加签的一件"
    with office.behind() as desk:
        drafted(desk, title=title)
    page = opened(person("shen"), title)
    said = operate(
        page,
        "加签",
        {"加签的人": ["综合一科 王芳"], "加签说明": "请核对附件一的数据。"},
    )
    assert said == "已前加签 王芳。已送他们签署。"
    expect(history(page)).to_contain_text("王芳")
    signer = opened(person("wang"), title)
    expect(signer.get_by_role("main")).to_contain_text("请核对附件一的数据。")
    judge(signer)
    fill(signer, {"意见": "数据无误。"})
    assert "申牧之" in sent(signer, "同意").said
    page = opened(person("shen"), title)
    expect(page.get_by_role("main")).to_contain_text("数据无误。")
    judge(page)
    said = sent(page, "同意").said
    assert "承办人自查" in said and "文承远" in said, said
    for words in ("数据无误。", "加签"):
        expect(history(page)).to_contain_text(words)


def test_whoever_began_reminds_who_holds_a_step_and_not_twice_in_a_morning(
    office: Office, person: Callable[[str], Page]
) -> None:
    title = "催办的一件"
    with office.behind() as desk:
        drafted(desk, title=title)
    page = searched(person("wen"), title)
    said = operate(page, "催办", {"附言（可不填）": "明日上会，请今日审核。"})
    assert said.startswith("已催") and "申牧之" in said and "「科长审核」" in said, said
    expect(history(page)).to_contain_text("明日上会，请今日审核。")
    disabled = buttons(page).get_by_role("button", name="催办")
    expect(disabled).to_be_disabled()
    expect(buttons(page)).to_contain_text("4 个工作小时内不再重复催办")
    judge(page)
    reminded = person("shen")
    reminded.goto(office.server.url("/notices/"))
    expect(reminded.get_by_role("main")).to_contain_text("明日上会，请今日审核。")


def test_a_colleague_is_asked_with_the_keyboard_alone_and_answers(
    office: Office, person: Callable[[str], Page]
) -> None:
    title = "只用键盘征求意见的一件"
    with office.behind() as desk:
        drafted(desk, title=title)
    page = opened(person("shen"), title)
    resize(page, DESK)
    tab_to(page, "征求意见")
    page.keyboard.press("Enter")
    page.wait_for_url("**/do/consult")
    judge(page)
    resize(page, DESK)
    tab_to(page, "综合一科 王芳")
    page.keyboard.press("Space")
    tab_to(page, "征求的问题")
    page.keyboard.type("附件是否涉及商业秘密？")
    tab_to(page, "征求意见")
    page.keyboard.press("Enter")
    expect(page.locator(".note-flash")).to_contain_text("已送 王芳，请于 11-26 前答复。答复后由您决定。")
    expect(history(page)).to_contain_text("附件是否涉及商业秘密？")
    asked = opened(person("wang"), title)
    resize(asked, DESK)
    tab_to(asked, "意见")
    asked.keyboard.type("不涉及。")
    tab_to(asked, "答复：送回申牧之")
    asked.keyboard.press("Enter")
    expect(asked.locator(".note-flash")).to_contain_text("申牧之")
    page = opened(person("shen"), title)
    expect(page.get_by_role("main")).to_contain_text("不涉及。")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate(_NAME).startswith(name):
            return
    raise AssertionError(f"Tab never reaches {name}")


_NAME = """() => {
  const at = document.activeElement;
  if (!at.closest('main')) return '';
  return (at.labels && at.labels.length ? at.labels[0].textContent : at.textContent).trim();
}"""
