"""A desk at which letters are written: an organ with its settings, a case number, everything as commands."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest

from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import db
from app.letters import hooks, service, texts
from app.letters.models import Letter
from tests.support.organs import City

AUTHORITIES = {
    "authority": "云汀市人民政府",
    "authority_address": "云汀市清河路1号",
    "court": "云汀市汀南区人民法院",
    "contact": "联系人：成述之，电话：19900000121",
    "office_address": "云汀市清河路1号",
}


@command
def act(tx: Tx, call: Callable[[Tx], Any]) -> Any:
    """Run a function of the room in a command of its own."""
    return call(tx)


@dataclass
class Desk:
    """王芳's application at the housing bureau; `actor` is its disclosure head."""

    city: City
    actor: Actor
    case: int = 7

    @property
    def organ(self) -> int:
        return self.city.organs["housing"]

    def run(self, call: Callable[[Tx], Any]) -> Any:
        return act(self.actor, call)

    def draft(self, name: str, fields: Mapping[str, Any] | None = None, *, part: str = "") -> Letter:
        """A letter of the template with every sample fact, or these."""
        kind, _, variant = name.partition(".")
        said = texts.samples() if fields is None else fields
        said = {key: value for key, value in said.items() if key not in AUTHORITIES}
        number = self.run(
            lambda tx: service.draft(
                tx,
                case_id=self.case,
                organ_id=self.organ,
                kind=kind,
                variant=variant or None,
                addressee="王芳",
                fields=said,
                part=part,
            )
        )
        return self.letter(number)

    def letter(self, number: int) -> Letter:
        return db.session().get_one(Letter, number, populate_existing=True)

    def issue(self, letter: Letter, **said: Any) -> service.Issued:
        issued: service.Issued = self.run(
            lambda tx: service.issue(tx, letter.id, **({"sealed_on": date(2026, 11, 23)} | said))
        )
        return issued


@pytest.fixture
def desk(city: City, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The housing bureau with its authorities set; its cases are numbers, so no room that knows cases is asked."""
    monkeypatch.setattr(hooks, "may_see_case", [])
    monkeypatch.setattr(hooks, "may_edit", [])
    service.keep_settings(city.actor("yan"), organ_id=city.organs["housing"], said=AUTHORITIES)
    return Desk(city, city.actor("yan"))


def squeezed(text: str) -> str:
    """Text without any white space: what two forms of one letter must share."""
    return re.sub(r"\s+", "", text)


def pdf_of(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def pdf_text(content: bytes) -> str:
    """Text of all pages without page numbers."""
    pages = [page.extract_text() for page in pdf_of(content).pages]
    return squeezed("".join(re.sub(r"—\s*\d+\s*—", "", text) for text in pages))


def word_text(content: bytes) -> str:
    """Text of the body of a Word file, in reading order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
    return squeezed("".join(node.text or "" for node in body.iter(name)))
