"""What a reviewer's day needs: forty items as they lie on the desks in the morning, chairs for everybody, a memory of acts.

Nobody reloads a page: lists refresh by themselves, and people go from page to page by menu, link and button.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from app.cases import inbox
from app.cases.models import Case, WorkItem
from app.core.actor import SYSTEM
from app.core.db import db
from app.core.record import Record
from app.processes import service as processes
from tests.browser.conftest import Office
from tests.browser.hands import FOLDED, Hands, fill, follow, press
from tests.cases.asking import answered, sub_of
from tests.cases.flows import drafted
from tests.cases.test_countersign_drawn import asking
from tests.cases.test_field_rights import with_rights
from tests.cases.test_limits import agency_draft
from tests.cases.test_skipping import package as skipping
from tests.cases.test_skipping import road
from tests.obligations.access_samples import appoint
from tests.requests.driving import Office as RequestDesk
from tests.support import ready
from tests.support.driving import SELF_CHECK, Desk, errors_in, text_file
from tests.support.small import Small

#: how many of each process wait in the morning: forty
OF_ATTRIBUTE, OF_SECRECY, OF_REQUESTS = 26, 8, 6
#: beside them: a small process in which a step is skipped, one in which a 会签 is drawn (three places, 60 %), a draft of
#: another organ that nobody checks, and one of an organ whose post is empty
SKIPPED, DRAWN, SILENT, ELSEWHERE = "试办自动跳过的请示", "试办会签的请示", "代拟稿", "住建局的通知"
#: who reads their 流转记录 at the end; of the others 白受之 the requests, 申牧之 the rest
READERS = {SKIPPED: "ke", DRAWN: "wang", SILENT: "jiang", ELSEWHERE: "yan"}
#: people who come to a chair once or twice: they share one
GUESTS = frozenset({"qiao", "cheng", "yan", "jiang", "zhang", "kuang"})
#: of 公开属性认定 these two have come as far as 保密审查意见
AT_OFFICER = (25, 26)


def attribute(n: int) -> str:
    """The title of a case of 公开属性认定."""
    return f"关于第{n:02d}号文件的通知"


def secrecy(n: int) -> str:
    """The title of a case of 保密审查."""
    return f"拟公开的第{n:02d}份材料"


def request(n: int) -> str:
    """The content of a request."""
    return f"第{n:02d}个项目的评审意见"


def reader(title: str) -> str:
    """Who reads the 流转记录 of a case at the end."""
    return READERS.get(title) or ("bai" if "项目" in title else "shen")


class Chairs(Hands):
    """Everybody in front of a page of his own, signed in by cookie, at 待办 from the morning on."""

    def __init__(self, make: Callable[..., Page], office: Office) -> None:
        super().__init__(make, office.server)
        self.office = office
        #: title -> (operation or step, words) that must be found at the end
        self.acts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        #: chair -> who sits there
        self.there: defaultdict[str, str] = defaultdict(str)
        #: the same, of what stands in the record alone
        self.told: dict[str, list[tuple[str, str]]] = defaultdict(list)
        #: labels of the operations that were pressed
        self.pressed: set[str] = set()
        #: who has used the search box
        self.searched: set[str] = set()

    def sit(self, login: str) -> Page:
        chair = "guest" if login in GUESTS else login
        fresh = chair not in self.pages
        if fresh:
            self.pages[chair] = self.make(1280, 900)
        self.page = self.pages[chair]
        if self.there[chair] != login:
            self.there[chair] = login
            self.office.let_in(self.page, login)
            self.page.goto(self.server.url("/" if login == "kuang" else "/work"))
        if fresh:
            self.page.evaluate(FOLDED, self.processes)
        return self.page

    def home(self, login: str) -> Page:
        """待办, through the menu."""
        return self.menu(login, "待办")

    def menu(self, login: str, name: str) -> Page:
        """A page of the menu."""
        page = self.sit(login)
        follow(page.get_by_label("主导航").get_by_role("link", name=name).first)
        return page

    def bell(self, login: str) -> Locator:
        """What the bell shows when it is pressed."""
        page = self.sit(login)
        page.get_by_role("banner").get_by_role("link", name=re.compile("^通知")).click()
        return page.locator(".bell-pop")

    def arrives(self, login: str, *titles: str) -> Page:
        """On 待办 that lies open the cases appear by themselves; whoever is elsewhere goes there by the menu first."""
        page = self.sit(login)
        if not page.url.endswith("/work"):
            page = self.home(login)
        page.evaluate("window.untouched = true; document.dispatchEvent(new Event('visibilitychange'))")
        for title in titles:
            expect(row(page, title).first).to_be_visible(timeout=15_000)
        assert page.evaluate("window.untouched"), "the page was loaded again"
        return page

    def reaches(self, login: str, *titles: str) -> None:
        """The cases are on this person's 待办 now, wherever he looks."""
        assert set(titles) <= self.waiting(login), f"{titles} do not wait for {login}"

    def open(self, login: str, title: str, step: str) -> Page:
        """From 待办 to the step; who has done so goes by the address the link leads to."""
        page = self.sit(login)
        items = self._mine(login, title, step) if login in self.opened else []
        if len(items) == 1:
            page.goto(self.server.url(f"/work/{items[0]}"))
        else:
            self.opened.add(login)
            here = row(page, title).filter(has_text=step).get_by_role("link", name="办理", exact=True)
            if not (page.url.endswith("/work") and here.count()):
                self.home(login)
            follow(here.first)
        expect(page.get_by_role("main").get_by_role("heading", name=re.compile("^请您"))).to_be_visible()
        return page

    def case(self, login: str, title: str) -> Page:
        """The case's page: found by the search box the first time, later by its address."""
        if login not in self.searched:
            self.searched.add(login)
            return super().case(login, title)
        page = self.sit(login)
        page.goto(self.server.url(f"/cases/{self.id_of(title)}"))
        return page

    def _mine(self, login: str, title: str, step: str) -> list[int]:
        """The open items of the case that this person holds or, at a post, may take."""
        me = self.office.city.people[login]
        asked = sa.select(WorkItem.id).join(Case, Case.id == WorkItem.case_id)
        named = sa.or_(WorkItem.label == step, WorkItem.label.startswith(f"{step}："))
        asked = asked.where(Case.title == title, named, WorkItem.status == "open")
        with self.office.app.app_context():
            held = list(db.session().scalars(asked.where(WorkItem.holder_id == me)))
            found = held or list(db.session().scalars(asked.where(WorkItem.holder_id.is_(None))))
            db.session.remove()
        return found

    def waiting(self, login: str, step: str = "") -> set[str]:
        """Titles on this person's 待办 as the list has them now, of one step or of all."""
        with self.office.app.app_context():
            page = inbox.page(db.session(), self.office.city.actor(login), inbox.Asked(text=step))
            db.session.remove()
        return {row["title"] for row in page.rows}

    def id_of(self, title: str) -> int:
        """The case of this title."""
        with self.office.app.app_context():
            found = db.session().scalars(sa.select(Case.id).where(Case.title == title)).one()
            db.session.remove()
        return found

    def operate(self, page: Page, label: str, answers: Mapping[str, Any], title: str, words: str) -> str:
        """Press an operation's button, fill in, confirm what is previewed; remember the act. What was said then."""
        follow(page.locator(".operations").get_by_role("link", name=label, exact=True))
        fill(page, answers)
        look = page.get_by_role("button", name="看看会有什么影响")
        if look.count():
            with page.expect_navigation():
                look.click()
            label_now = f"确认{label}"
        else:
            label_now = label
        said = press(page, label_now).said
        self.pressed.add(label)
        self.acts[title].append((label, words))
        return said

    def does(
        self, login: str, title: str, step: str, button: str, answers: Any = None, words: str = ""
    ) -> str:
        """A whole step; remembered."""
        said = self.do(login, title, step, button, answers).said
        self.acts[title].append((step, words or button))
        return said

    def passes(self, login: str, title: str, step: str, words: str, **answers: Any) -> None:
        """A step that somebody has done by its page before, behind the browser; `step` as the diagram calls it."""
        with self.office.behind() as desk:
            case = self.id_of(title)
            label = desk.item(case, step).label
            desk.act(login, case, step, **{"decision": "agree", **answers})
        self.acts[title].append((label, words))

    def agrees(self, title: str) -> None:
        """申牧之 agrees at 科长审核, behind the browser."""
        self.passes("shen", title, "head_review", "同意")

    def says(self, login: str, title: str, word: str, opinion: str) -> None:
        """One of those asked agrees, behind the browser: `word` is what he was asked for."""
        with self.office.behind() as desk:
            item = sub_of(self.id_of(title), self.office.city.people[login])
            assert item.label.startswith(word), item.label
            done = answered(desk, login, item.id, "agree", opinion)
            assert done.status_code == 303, errors_in(done)
        self.acts[title].append((word, opinion))

    def in_history(self, title: str) -> None:
        """The case's page; every remembered act of the case stands in its 流转记录."""
        trail = trail_of(self.case(reader(title), title))
        for label, words in self.acts[title]:
            expect(trail).to_contain_text(label)
            expect(trail).to_contain_text(words)

    def in_histories(self) -> None:
        """The same of every case, without a browser: the page the server gives its reader."""
        with self.office.behind() as desk:
            for title in sorted(self.acts, key=reader):
                page = desk.sit(reader(title)).get(f"/cases/{self.id_of(title)}")
                assert page.status_code == 200, title
                trail = plain(page.text.split(">流转记录<")[1].split("打印流转记录")[0])
                for label, words in self.acts[title]:
                    assert label in trail and words in trail, (title, label, words)

    def in_record(self, title: str) -> None:
        """The same in the record."""
        with self.office.app.app_context():
            session = db.session()
            case = session.scalars(sa.select(Case.id).where(Case.title == title)).one()
            rows = session.execute(
                sa.select(Record.summary, Record.body).where(
                    Record.stream == "case", Record.stream_id == case
                )
            ).all()
            session.rollback()
        text = "\n".join(f"{row.summary}\n{row.body}" for row in rows)
        for label, words in self.acts[title] + self.told[title]:
            assert words in text, f"{title}: {label} {words} is not in the record"


def plain(html: str) -> str:
    """What is to be read of it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def row(page: Page, title: str) -> Locator:
    """The line of a case."""
    return page.get_by_role("main").locator("tbody tr").filter(has_text=title)


def trail_of(page: Page) -> Locator:
    """流转记录 of a case's page."""
    return page.locator("section").filter(has=page.get_by_role("heading", name="流转记录")).last


def prepare(office: Office) -> None:
    """The morning: forty items of three processes; beside them one of a small process and one that nobody can take."""
    with office.behind() as desk:
        ready.set_letters(SYSTEM, {})
        appoint(SYSTEM, office.city, "office", "jian")
        for n in range(1, OF_ATTRIBUTE + 1):
            case = drafted(desk, title=attribute(n))
            if n in AT_OFFICER:
                desk.act("shen", case, "head_review", decision="agree")
                desk.act("wen", case, "self_check", **SELF_CHECK)
                desk.act("shen", case, "head_review", decision="agree")
        for n in range(1, OF_SECRECY + 1):
            _secrecy(desk, secrecy(n))
        requests = RequestDesk(desk.client, office.city)
        for n in range(1, OF_REQUESTS + 1):
            requests.register("bai", content=request(n), name=f"何问渠{n}")
        agency_draft(desk)
        _small(office)


def _secrecy(desk: Desk, title: str) -> None:
    case = desk.start(
        "wen", "secrecy_review", title=title, attribute="proactive",
        files={"main_file": text_file(f"{title}的正文")},
    )  # fmt: skip
    desk.act("wen", case, "self_check", **SELF_CHECK)


def _small(office: Office) -> None:
    drawn = road()
    processes.install(SYSTEM, packages=[skipping(drawn)])
    small = Small(office.city)
    small.key = drawn.key
    small.begin(title=SKIPPED)
    small.put(asking("ratio:60")).begin(title=DRAWN, who=["甲", "乙", "丙"]).do("a")


def with_field_rights(office: Office, title: str, note: str) -> None:
    """A new version of 公开属性认定 that hides two answers from 科长审核, and a case on it."""
    with office.behind() as desk:
        processes.install(SYSTEM, packages=[with_rights()])
        drafted(desk, title=title, interpretation_note=note)
