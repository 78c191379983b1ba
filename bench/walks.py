"""Cases walked over HTTP, each step by the hands of whoever it reaches.

Two whole processes with every kind of step: 公开属性认定 straight through, once withheld (政府信息公开工作机构
looks first), once as another organ's draft, and 保密审查 alone with 「不能确定」 decided outside.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.browser import Answer, Browser, Pairs, changed
from bench.offices import Office
from bench.rings import key_of
from bench.servers import Server
from tests.cases.flows import WITHHELD
from tests.support.driving import SELF_CHECK

TITLE = "关于印发云汀市城镇老旧小区改造实施细则的通知"
AGREE = {"decision": "agree", "opinion": "同意。"}
FILE = ("关于老旧小区改造的正文。\n".encode() * 40, "正文.txt")

#: sends the form of a step: (browser, path, fields) -> answer
Sender = Callable[[Browser, str, str, Pairs], Answer]


@dataclass(frozen=True)
class Turn:
    """One completion: who, which step, what is answered beside what the page shows."""

    login: str
    step: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None


@dataclass(frozen=True)
class Walk:
    """A case from its start to its end."""

    login: str
    process: str
    first: Mapping[str, Any]
    turns: tuple[Turn, ...]
    first_file: str | None = None


def _sign(attribute: str) -> tuple[Turn, ...]:
    signed = AGREE | {"confirmed_attribute": attribute, "signed_on": "2026-11-23"}
    return (
        Turn("ke", "verify_text", AGREE | {"mark_checked": True}),
        Turn("lu", "sign_off", signed),
    )


def _review(login: str, head: str, channels: Any, *last: Turn) -> tuple[Turn, ...]:
    return (
        Turn(login, "self_check", SELF_CHECK | {"channels": channels}),
        Turn(head, "head_review", AGREE),
        *last,
    )


_OFFICER = Turn("wei", "officer_review", AGREE | {"conclusion": "open"})
_LEADER = Turn("lu", "leader_approve", AGREE)
_FIRST = {"entry": "document", "kind": "first", "title": TITLE}
_PROPOSAL = {
    "title": TITLE,
    "doc_kind": "policy",
    "attribute": "proactive",
    "interpretation": "none",
    "interpretation_note": "内容单一，不作解读。",
    "contact_phone": "0990-7654321",
}
_CLOSED = {"conclusion": "closed", "conclusion_reason": "讨论过程中的稿件，尚未形成最终意见。"}
_DECIDED = {
    "reported_to": "云汀市国家保密局",
    "reported_on": "2026-11-20",
    "decided_no": "云保函〔2026〕7号",
    "decided_on": "2026-11-23",
    "conclusion": "open",
}

DISCLOSURE = Walk(
    "wen",
    "disclosure_attribute",
    _FIRST,
    (
        Turn("wen", "draft", _PROPOSAL, "main_file"),
        Turn("shen", "head_review", AGREE),
        *_review("wen", "shen", ["website"], _OFFICER, _LEADER),
        *_sign("proactive"),
    ),
)
NOT_PUBLISHED = Walk(
    "wen",
    "disclosure_attribute",
    _FIRST,
    (
        Turn("wen", "draft", _PROPOSAL | WITHHELD, "main_file"),
        Turn("shen", "head_review", AGREE),
        Turn("jiang", "disclosure_review", AGREE),
        *_review("wen", "shen", None, Turn("wei", "officer_review", AGREE | _CLOSED), _LEADER),
        *_sign("withheld"),
    ),
)
FOREIGN_DRAFT = Walk(
    "fang",
    "disclosure_attribute",
    _FIRST,
    (
        Turn("fang", "draft", _PROPOSAL | {"agency_draft": True, "to_organ": "office"}, "main_file"),
        Turn("gu", "head_review", AGREE),
        Turn("ke", "receive_check", AGREE),
        *_review("fang", "gu", ["website"], _OFFICER),
        *_sign("proactive"),
    ),
)
SECRECY = Walk(
    "wen",
    "secrecy_review",
    {"title": TITLE, "attribute": "proactive"},
    _review(
        "wen",
        "shen",
        ["website"],
        Turn(
            "wei",
            "officer_review",
            AGREE | {"conclusion": "undetermined", "conclusion_reason": "是否属于工作秘密不能确定。"},
        ),
        Turn("wei", "offline_decision", _DECIDED),
        _LEADER,
    ),
    "main_file",
)
SHIPPED = {
    "公开属性认定": DISCLOSURE,
    "公开属性认定（不予公开）": NOT_PUBLISHED,
    "公开属性认定（代拟稿）": FOREIGN_DRAFT,
    "保密审查": SECRECY,
}


class Street:
    """The people of one office at one server, each in a browser of his own; `send` posts the completions."""

    def __init__(self, server: Server, send: Sender) -> None:
        self.server, self.office, self.send = server, server.office, send
        self._open: dict[str, Browser] = {}
        self._uploaded: dict[tuple[int, str], str] = {}

    def browser(self, login: str) -> Browser:
        """The person's browser, signed in the first time."""
        if login not in self._open:
            self._open[login] = Browser(self.server, login)
        return self._open[login]

    def close(self) -> None:
        """Everybody goes home."""
        for browser in self._open.values():
            browser.close()

    def start(self, walk: Walk) -> int:
        """Begin a case through its page; its id."""
        browser, path = self.browser(walk.login), f"/start/{walk.process}"
        fields = browser.form(path, path)
        answers = dict(walk.first)
        if walk.first_file:
            answers[walk.first_file] = browser.upload(f"{path}/files", walk.first_file, FILE)
        answer = browser.post_parts(path, changed(fields, answers))
        if answer.status != 303:
            raise RuntimeError(f"{walk.process} was not started: {answer.status} {_errors(answer)}")
        return int(self.office.ask("SELECT max(id) FROM cases WHERE process_key = :p", p=walk.process))

    def turn(self, case: int, turn: Turn) -> None:
        """Open the step's page, fill it in, send it on."""
        self.upload(case, turn)
        item, step = item_of(self.office, case, turn.step)
        browser, path = self.browser(turn.login), f"/work/{item}"
        fields = browser.form(path, path)
        answers = dict(turn.answers)
        if turn.file:
            answers[turn.file] = self._uploaded.pop((case, turn.step))
        answer = self.send(browser, step, path, changed(fields, answers))
        if answer.status != 303:
            raise RuntimeError(f"{step} was refused: {answer.status} {_errors(answer)}")

    def upload(self, case: int, turn: Turn) -> None:
        """Upload the file of a step ahead of its form, as the page's script does."""
        if turn.file and (case, turn.step) not in self._uploaded:
            item, _step = item_of(self.office, case, turn.step)
            path = f"/work/{item}/files"
            self._uploaded[case, turn.step] = self.browser(turn.login).upload(path, turn.file, FILE)

    def begin(self, walk: Walk) -> int:
        """Start a case and upload the file of its first step; its id."""
        case = self.start(walk)
        self.upload(case, walk.turns[0])
        return case

    def walk(self, walk: Walk, case: int | None = None) -> None:
        """A whole case, or the rest of one that `begin` began; it must have ended."""
        case = self.begin(walk) if case is None else case
        for turn in walk.turns:
            self.turn(case, turn)
        status = self.office.ask("SELECT status FROM cases WHERE id = :c", c=case)
        if status != "done":
            raise RuntimeError(f"{walk.process} has not ended: {status}")

    def rounds(self, size: int, steps: int) -> None:
        """`steps` completions in a ring of `size` steps, without ending it."""
        case = self.start(Walk("wen", key_of(size), {"title": f"{size}步环"}, ()))
        for number in range(steps):
            self.turn(case, Turn("wen", f"p{number % size + 1}", {"decision": "on", "opinion": "继续。"}))


@contextlib.contextmanager
def street(server: Server, send: Sender) -> Iterator[Street]:
    """A street whose browsers are closed afterwards."""
    made = Street(server, send)
    try:
        yield made
    finally:
        made.close()


def item_of(office: Office, case: int, step: str) -> tuple[int, str]:
    """The open item of a step: its id, and `process.step`."""
    query = "FROM work_items WHERE case_id = :c AND step = :s AND status = 'open'"
    item = office.ask(f"SELECT max(id) {query}", c=case, s=step)
    if item is None:
        raise RuntimeError(f"case {case} does not wait at {step}")
    return int(item), f"{office.ask('SELECT process_key FROM work_items WHERE id = :i', i=item)}.{step}"


def _errors(answer: Answer) -> str:
    import re

    found = re.findall(
        r'class="(?:field-error|error-summary|note note-danger)[^>]*>(.*?)</(?:p|div)>', answer.text, re.S
    )
    return " | ".join(re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in found) or answer.text[:300]
