"""The whole corpus through the pages of 流程设计: no error of ours, every refusal a sentence, nothing executed, markup inert."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.core.db import db
from app.studio.service import drafts
from tests.cases.conftest import city, desk, house
from tests.engine.diagrams import Diagram, properties
from tests.hostile.corpus import CANARY, CASES, Case
from tests.hostile.settings import PACKAGE
from tests.studio.test_drafts import ADMIN
from tests.studio.test_importing import sent
from tests.support.driving import Desk
from tests.support.organs import City
from workflows.engine import ExpressionError, expressions

__all__ = ["city", "desk", "house"]

pytestmark = pytest.mark.slow

PART = {"bpmn": "process.bpmn", "dmn": "hostile.dmn", "form": "forms/handle.toml", "settings": "package.toml"}
PAGE = {"bpmn": "diagram", "dmn": "tables/hostile", "form": "forms/handle", "settings": "settings"}
#: what a browser would run if it stood on a page as it is
ALIVE = ("<script>alert", "<img src=x", "<svg onload", "onload=alert(1)>")


@pytest.fixture(scope="module", autouse=True)
def nothing_is_executed() -> Iterator[None]:
    Path(CANARY).unlink(missing_ok=True)
    yield
    assert not Path(CANARY).exists()


@pytest.fixture
def draft(house: City, desk: Desk) -> int:
    desk.sit(ADMIN)
    return int(drafts.begin_new(house.actor(ADMIN), key="sound", name="一个流程")["draft"])


def of_kind(*kinds: str) -> list[Case]:
    return [case for case in CASES if case.kind in kinds]


def in_chinese(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)


def is_text(payload: bytes) -> bool:
    """Whether it is UTF-8 as it stands."""
    return payload.decode("utf-8", "replace").encode() == payload


class Saving:
    """One draft whose part is saved again and again; each answer is looked at."""

    def __init__(self, desk: Desk, draft: int) -> None:
        self.desk, self.draft = desk, draft
        self.revisions: dict[str, int] = {}
        for name, text in PACKAGE.items():
            self.save(name, text)

    def save(self, name: str, text: str) -> dict[str, Any]:
        """Save a part; the answer, which must be a sentence or findings."""
        where = f"/studio/drafts/{self.draft}/parts/{name}"
        if name not in self.revisions:
            found = self.desk.client.get(where)
            self.revisions[name] = found.get_json()["revision"] if found.status_code == 200 else 0
        answer = self.desk.client.post(where, json={"text": text, "revision": self.revisions[name]})
        said = answer.get_json(silent=True) or {}
        assert answer.status_code in (200, 422), (answer.status_code, said)
        assert in_chinese(said["said"]) and "Traceback" not in answer.get_data(as_text=True)
        if answer.status_code == 200:
            self.revisions[name] = said["revision"]
            assert all(in_chinese(each["message"]) for each in said["findings"])
        return {**said, "status": answer.status_code}

    def look(self, page: str) -> None:
        """A page of the draft is there, and nothing on it is alive."""
        answer = self.desk.client.get(f"/studio/drafts/{self.draft}{page}")
        inert(answer)
        assert answer.status_code == 200, (page, answer.status_code)


def inert(answer: TestResponse) -> None:
    """Nothing on a page is markup that somebody typed."""
    assert answer.status_code < 500
    if answer.mimetype == "text/html":
        text = answer.get_data(as_text=True)
        assert not [each for each in ALIVE if each in text]


def wrong(said: dict[str, Any]) -> bool:
    return said["status"] == 422 or any(each["severity"] == "error" for each in said["findings"])


@pytest.mark.parametrize("kind", PART)
def test_a_part_is_saved_with_its_findings_or_refused(desk: Desk, draft: int, kind: str) -> None:
    saving, missed = Saving(desk, draft), []
    for number, case in enumerate(of_kind(kind)):
        said = saving.save(PART[kind], case.payload.decode("utf-8", "replace"))
        if not wrong(said) and is_text(case.payload):  # a browser sends text, whatever a file holds
            missed.append(str(case))
        if said["status"] == 200 and (b"alert" in case.payload or number % 5 == 0):
            saving.look(f"/{PAGE[kind]}")
            saving.look("/words")
            if number % 5 == 0:
                saving.look("")
                saving.look("/compare")
                saving.look("/export")
        db.session.rollback()
    saving.save(PART[kind], PACKAGE.get(PART[kind], ""))
    assert not missed


@pytest.mark.parametrize("kind", ["bpmn", "archive", "dmn"])
def test_an_upload_is_refused_or_becomes_a_draft_or_a_page_of_repairs(
    desk: Desk, draft: int, kind: str
) -> None:
    for case in of_kind(kind):
        answer = sent(desk, case.payload, "来历不明.zip")
        inert(answer)
        assert answer.status_code in ((200, 413, 422) if kind == "bpmn" else (413, 422)), (
            str(case),
            answer.status_code,
        )
        assert in_chinese(answer.get_data(as_text=True))
        db.session.rollback()


def test_an_expression_in_a_condition_of_the_diagram_is_a_finding(desk: Desk, draft: int) -> None:
    saving, missed = Saving(desk, draft), []
    assert not wrong(saving.save("process.bpmn", conditioned("1 == 1")))
    for case in of_kind("expression"):
        text = case.payload.decode("utf-8", "replace")
        if not wrong(saving.save("process.bpmn", conditioned(text))) and not only_at_work(text):
            missed.append(str(case))
        db.session.rollback()
    assert not missed


def conditioned(text: str) -> str:
    """The sound diagram with an expression where it chooses its way; what XML cannot hold is left out."""
    kept = "".join(each for each in text if each in "\t\n\r" or 0x20 <= ord(each) < 0xFFFE)
    drawn = (
        Diagram("sound")
        .start()
        .people("handle", inner=properties(role="work"))
        .gateways("exclusive", "g")
        .end("e", "f")
    )
    drawn = drawn.lane("承办人", "handle").go("s -> handle -> g").go("g -> e", when=kept).otherwise("g -> f")
    return drawn.xml().decode()


def only_at_work(text: str) -> bool:
    """Whether an expression is of the language and refused only when it is worked out (a number grows too large, …)."""
    try:
        expressions.compile(text)
    except ExpressionError:
        return not text.strip()  # nothing written is no condition
    return True


def test_an_expression_in_a_form_is_refused_by_the_form_editor(desk: Desk, draft: int) -> None:
    Saving(desk, draft)
    revision = desk.client.get(f"/studio/drafts/{draft}/parts/forms/handle.toml").get_json()["revision"]
    missed = []
    for case in of_kind("expression"):
        text = case.payload.decode("utf-8", "replace")
        field = {"key": "result", "label": "标题", "type": "text", "show_if": text}
        data = {"format": 1, "title": "表单", "field": [field]}
        where = f"/studio/drafts/{draft}/forms/handle"
        for page in ("", "/preview"):
            sending = {"data": data, "revision": revision, "answers": [["result", "x"]]}
            answer = desk.client.post(f"{where}{page}", json=sending)
            said = answer.get_json(silent=True) or {}
            assert answer.status_code in (200, 422), (str(case), answer.status_code)
            inert(answer)
            revision = said.get("revision", revision)
            if answer.status_code == 200 and not said["problems"] and not only_at_work(text):
                missed.append(f"{case} {page}")
        db.session.rollback()
    assert not missed
