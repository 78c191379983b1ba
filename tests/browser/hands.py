"""Hands at a browser: what a person does with keyboard and mouse, page by page.

hands = Hands(make_page, server)
hands.start("bai", "公开属性认定", {"文件标题": "…"})          the page that begins a case
hands.do("jiang", "…", "科室负责人审核", "同意", {})            inbox, 办理, fill in, press, confirm; -> Sent
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from app.cases.models import Case, WorkItem
from app.core.db import db
from app.processes.models import Process
from tests.support.organs import PASSWORD
from tests.support.web import LiveServer

#: what a person puts in: text, True (a tick), a list (several ticks) or a file
Answers = Mapping[str, Any]
#: everybody has folded the diagrams of cases away on an earlier day: to draw one costs as much as a page
FOLDED = "keys => keys.forEach(key => localStorage.setItem(`gongkai:fold:diagram-${key}`, '0'))"


@dataclass(frozen=True)
class Sent:
    """What the dialog foretold, and what the page said afterwards."""

    asked: str
    told: tuple[str, ...]
    said: str


def _named(words: str) -> re.Pattern[str]:
    """A label, with or without the mark 必填 behind it."""
    return re.compile(rf"^\s*{re.escape(words)}\s*(必填)?\s*$")


def _begins(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}")


class Hands:
    """One chair in front of the browser; whoever acts sits down. The first one signs in by hand."""

    def __init__(self, make: Callable[..., Page], server: LiveServer) -> None:
        self.make, self.server = make, server
        self.pages: dict[str, Page] = {}
        self.opened: set[str] = set()
        self.page: Page = None  # type: ignore[assignment] - set by the first `sit`
        with server.app.app_context():
            self.processes = list(db.session().scalars(sa.select(Process.key)))
            db.session.remove()

    def sit(self, login: str) -> Page:
        """This person's browser profile, signed in; it stays open for the next time."""
        if login not in self.pages:
            self.pages[login] = self.make(1280, 800)
            enter(self.pages[login], self.server, login, by_hand=len(self.pages) == 1)
            self.pages[login].evaluate(FOLDED, self.processes)
        self.page = self.pages[login]
        return self.page

    def start(self, login: str, process: str, answers: Answers) -> Sent:
        """发起办件 from the menu; ends on the first step's page when that is the starter's own."""
        page = self.sit(login)
        follow(page.get_by_label("主导航").get_by_role("link", name="发起办件"))
        follow(page.get_by_role("link", name=f"发起“{process}”"))
        fill(page, answers)
        return press(page, "登记，进入下一步")

    def open(self, login: str, title: str, step: str) -> Page:
        """To the step's page: from 待办 the first time this person does so, later by the address it leads to."""
        page = self.sit(login)
        items = self._items(title, step) if login in self.opened else []
        if len(items) == 1:
            page.goto(self.server.url(f"/work/{items[0]}"))
        else:
            follow(page.get_by_label("主导航").get_by_role("link", name="待办"))
            row = page.get_by_role("row").filter(has_text=title).filter(has_text=step)
            follow(row.get_by_role("link", name="办理", exact=True))
            self.opened.add(login)
        expect(page.get_by_role("heading", name=re.compile("^请您办理"))).to_contain_text(step)
        return page

    def _items(self, title: str, step: str) -> list[int]:
        """The open items of this step of the case, as the rows have them."""
        query = sa.select(WorkItem.id).join(Case, Case.id == WorkItem.case_id)
        with self.server.app.app_context():
            asked = query.where(Case.title == title, WorkItem.label == step, WorkItem.status == "open")
            found = list(db.session().scalars(asked))
            db.session.remove()
        return found

    def do(self, login: str, title: str, step: str, button: str, answers: Answers | None = None) -> Sent:
        """A whole step."""
        page = self.open(login, title, step)
        fill(page, answers or {})
        return press(page, button)

    def case(self, login: str, title: str) -> Page:
        """The case page, found by the search box."""
        page = self.sit(login)
        page.get_by_label("检索办件").fill(title)
        with page.expect_navigation():
            page.get_by_label("检索办件").press("Enter")
        follow(page.get_by_role("main").get_by_role("link", name=title).first)
        return page


def stands_at(page: Page, step: str) -> None:
    """Unfold the diagram of the case's page: the case stands at this step; fold it away again."""
    diagram = page.locator(".diagram-fold").first
    diagram.locator("summary").first.click()
    expect(diagram.locator(f'.mark-current[data-element-id="{step}"]')).to_have_count(1)
    diagram.locator("summary").first.click()


def follow(link: Locator) -> None:
    """Press what leads to another page, and be there: a click alone returns while the old page still stands."""
    with link.page.expect_navigation():
        link.click()


def enter(page: Page, server: LiveServer, login: str, path: str = "/work", *, by_hand: bool = False) -> None:
    """Be signed in at that page; `by_hand`: through the form, with the password."""
    if not by_hand:
        server.let_in(page, login)
        page.goto(server.url(path))
        return
    page.goto(server.url(f"/sign-in?next={path}"))
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def fill(page: Page, answers: Answers) -> None:
    """Fill in by the labels a person reads."""
    form = page.get_by_role("main")
    for label, value in answers.items():
        group = form.get_by_role("group", name=_named(label))
        if isinstance(value, bool):
            form.get_by_role("checkbox", name=re.compile(f"^{re.escape(label)}")).set_checked(value)
        elif isinstance(value, Path):
            upload(form, label, value)
        elif group.count():
            for option in value if isinstance(value, list) else [value]:
                group.locator("label").filter(has_text=_begins(option)).first.locator("input").check()
        else:
            control = form.get_by_label(_named(label))
            if control.evaluate("element => element.tagName") == "SELECT":
                control.select_option(label=_option(control, value))
            else:
                control.fill(value)


def _option(control: Locator, words: str) -> str:
    """The whole label of the option that begins with `words`."""
    for each in control.locator("option").all_inner_texts():
        if each.strip().startswith(words):
            return each.strip()
    raise AssertionError(f"no option {words} among {control.locator('option').all_inner_texts()}")


def upload(form: Locator, label: str, file: Path) -> None:
    """Choose a file and wait until it is up."""
    form.get_by_label(_named(label)).set_input_files(file)
    row = form.locator(".file-list li").filter(has_text=file.name)
    expect(row).to_contain_text("已上传")


def press(page: Page, button: str) -> Sent:
    """Press the button, read the dialog if there is one, agree, read the message of the page that comes."""
    asked, told = _send(page, button)
    said = page.evaluate("() => document.querySelector('.note-flash p')?.innerText")
    if said is None:
        raise AssertionError(f"{button}: {page.get_by_role('main').inner_text()[:1500]}")
    return Sent(asked, told, said)


def press_refused(page: Page, button: str) -> str:
    """Press, and be told what is wrong without being asked first; the words of the summary."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_visible()
    return summary.inner_text()


def _send(page: Page, button: str) -> tuple[str, tuple[str, ...]]:
    pressed = page.get_by_role("main").get_by_role("button", name=button, exact=True)
    if pressed.get_attribute("data-confirm") is None:
        with page.expect_navigation():
            pressed.click()
        return "", ()
    pressed.click()
    dialog = page.locator("#confirm-dialog")
    expect(dialog).to_be_visible()
    asked, told = dialog.evaluate(_ASKED)
    with page.expect_navigation():
        dialog.locator("button").first.click()
    return asked, tuple(told)


#: -> the heading of a dialog, and its lines
_ASKED = """dialog => [dialog.querySelector('h1, h2, h3').innerText,
  [...dialog.querySelectorAll('li')].map(each => each.innerText)]"""
