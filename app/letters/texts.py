"""The shipped texts of letters (`texts/*.toml`), and an organ's own words over them.

A template is named by its letter and, where a letter has several, by the outcome or variant: `L3`, `L14.R3`,
`L11.ask`. Blocks marked `locked` carry the law (basis, consequences, remedy): an office edits only the others.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.letters import filling
from app.letters.filling import Kind, TextError
from workflows.law.letters import LETTERS, Remedy
from workflows.law.replies import REPLIES

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a letter's text. `role`: text | remedy | table (its lines are rows, cells parted by |) | annex."""

    key: str
    label: str
    text: str
    locked: bool = False
    role: str = "text"


@dataclass(frozen=True, slots=True)
class Template:
    """A letter's shipped text.

    `to`: applicant | third_party | organ | unit | "". `series` of its number: reply | notice | consult | "" (none).
    `gives` maps what the law requires (`workflows.law.letters.Field` keys) to the block that says it, and its field.
    """

    name: str
    label: str
    title: str
    to: str
    series: str
    blocks: tuple[Block, ...]
    gives: Mapping[str, tuple[str, str]]
    enclosures: tuple[str, ...]
    forbidden: frozenset[str]

    @property
    def kind(self) -> str:
        """L2 … L25."""
        return self.name.split(".")[0]

    @property
    def reply_kind(self) -> str | None:
        """R1 … R16, R3p, or None."""
        variant = self.name.partition(".")[2]
        return variant if variant in REPLIES else None

    @property
    def remedy(self) -> Remedy:
        """Which remedy text the law wants in it (domain.md 4.2, 4.4); none where it goes to another organ."""
        if not any(block.role == "remedy" for block in self.blocks):
            return Remedy.NONE
        return REPLIES[self.reply_kind].remedy if self.reply_kind else LETTERS[self.kind].remedy

    def kinds(self) -> dict[str, Kind]:
        """The fields its text may use."""
        return {key: kind for key, kind in fields().items() if key not in self.forbidden}

    def block(self, key: str) -> Block | None:
        """The block of this key."""
        return next((block for block in self.blocks if block.key == key), None)

    def with_texts(self, texts: Mapping[str, str]) -> Template:
        """The template with an organ's own words; locked blocks keep the shipped ones whatever `texts` says."""
        blocks = tuple(
            block if block.locked or block.key not in texts else replace(block, text=texts[block.key])
            for block in self.blocks
        )
        return replace(self, blocks=blocks)


@functools.cache
def fields() -> dict[str, Kind]:
    """Every field letters know, common ones first."""
    found: dict[str, Kind] = {}
    for group in _read("fields").values():
        for key, about in group.items():
            found[key] = Kind(key, about["label"], about.get("type", "text"), about["sample"])
    return found


@functools.cache
def shipped() -> dict[str, Template]:
    """All templates by name, in the order of the letters. Raises when a shipped text is not of the language."""
    names = [path.stem for path in FOLDER.glob("L*.toml")]
    return {name: _template(name) for name in sorted(names, key=_order)}


def _order(name: str) -> list[tuple[int, str]]:
    """L2 before L10, R9 before R12."""
    return [(int(number or 0), letters) for letters, number in re.findall(r"([A-Za-z]+)(\d*)", name)]


@functools.cache
def others() -> Mapping[str, str]:
    """Outcome -> the sentence that answers a matter whose letter is another matter's; in the language of letter texts."""
    return _read("others")


def samples() -> dict[str, Any]:
    """A sample value of every field, for previews of templates."""
    return {key: kind.sample for key, kind in fields().items()}


def name_of(kind: str, variant: str | None = None) -> str:
    """The template of a letter: `L14` and `R3` -> `L14.R3`. Raises `KeyError` when there is none."""
    name = f"{kind}.{variant}" if variant and f"{kind}.{variant}" in shipped() else kind
    if name not in shipped():
        raise KeyError(name)
    return name


def check(template: Template, texts: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with an office's words: block -> sentence."""
    problems: dict[str, str] = {}
    for key, text in texts.items():
        block = template.block(key)
        if block is None or block.locked:
            problems[key] = "这一段是法定内容，不能修改。"
            continue
        try:
            filling.parse(text, template.kinds())
        except TextError as error:
            problems[key] = str(error)
    return problems


def _template(name: str) -> Template:
    said = _read(name)
    template = Template(
        name=name,
        label=said["label"],
        title=said["title"],
        to=said["to"],
        series=said["series"],
        blocks=tuple(_block(entry) for entry in said["block"]),
        gives={key: _place(place) for key, place in said["gives"].items()},
        enclosures=tuple(said.get("enclosures", ())),
        forbidden=frozenset(said.get("forbidden", ())),
    )
    for block in template.blocks:
        filling.parse(block.text, template.kinds())
    return template


def _block(entry: dict[str, Any]) -> Block:
    about = (_read("shared")[entry["shared"]] if "shared" in entry else {}) | entry
    return Block(
        about["key"],
        about["label"],
        about["text"].strip("\n"),
        about.get("locked", False),
        about.get("role", "text"),
    )


def _place(text: str) -> tuple[str, str]:
    block, _, field = text.partition(".")
    return block, field


@functools.cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
