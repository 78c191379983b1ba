"""The little language of letter texts: `{{ field }}` and `{% if … %} … {% else %} … {% endif %}`, nothing else.

A text is data that offices type in a browser, so it must not be a program: a placeholder names one field, a condition
is an expression of `workflows.engine.expressions` over the fields, and what is filled in is never read again. A field
without a value leaves a gap that names it; a letter with a gap cannot be signed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.letters.paper import chinese_date, tidy
from workflows.engine import expressions
from workflows.engine.errors import ExpressionError

MAX_TEXT = 6000  # characters of one block
MAX_DEPTH = 4  # conditions inside conditions
_MARK = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.S)
_STOPS = "。，；、"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field is: `type` text | date | number | list, its Chinese label and a sample."""

    key: str
    label: str
    type: str
    sample: Any


@dataclass(frozen=True, slots=True)
class _Choice:
    condition: str
    yes: tuple[Any, ...]
    no: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    key: str


class TextError(ValueError):
    """A text that is not of the language; its message is a Chinese sentence."""


def fill(text: str, values: Mapping[str, Any], kinds: Mapping[str, Kind]) -> str:
    """The text with its fields filled in. Lines that a condition leaves empty disappear. Raises `TextError`."""
    found = _fill(parse(text, kinds), values, kinds)
    return "\n".join(line for raw in found.split("\n") if (line := tidy(raw)))


def parse(text: str, kinds: Mapping[str, Kind]) -> tuple[Any, ...]:
    """The text as nodes: str, field, choice. Raises `TextError` with what is wrong and what to do."""
    if len(text) > MAX_TEXT:
        raise TextError(f"这一段超过 {MAX_TEXT} 字，请分段或删减。")
    marks = [part for part in _MARK.split(text) if part]
    nodes, rest = _parse(marks, kinds, 0)
    if rest:
        raise TextError("「{% else %}」或「{% endif %}」前面没有对应的「{% if … %}」，请删去或补上。")
    return nodes


def _parse(marks: list[str], kinds: Mapping[str, Kind], depth: int) -> tuple[tuple[Any, ...], list[str]]:
    nodes: list[Any] = []
    while marks:
        mark = marks[0]
        inside = mark[2:-2].strip()
        if not _MARK.fullmatch(mark):
            marks = marks[1:]
            nodes.append(_plain(mark))
        elif mark.startswith("{{"):
            marks = marks[1:]
            nodes.append(_field(inside, kinds))
        elif inside in ("else", "endif"):
            return tuple(nodes), marks
        else:
            choice, marks = _choice(inside, marks[1:], kinds, depth)
            nodes.append(choice)
    return tuple(nodes), []


def _plain(text: str) -> str:
    if "{{" in text or "{%" in text or "}}" in text or "%}" in text:
        raise TextError("有一处「{{ … }}」或「{% … %}」没有写完整，请补上另一半括号。")
    return text


def _field(name: str, kinds: Mapping[str, Kind]) -> _Field:
    if not _NAME.fullmatch(name) or name not in kinds:
        raise TextError(f"没有「{name[:40]}」这个字段。请从字段表中选用，写作 {{{{ 字段 }}}}。")
    return _Field(name)


def _choice(inside: str, rest: list[str], kinds: Mapping[str, Kind], depth: int) -> tuple[_Choice, list[str]]:
    if not inside.startswith("if "):
        raise TextError(f"不认识「{{% {inside[:40]} %}}」。只能写 if、else、endif。")
    if depth >= MAX_DEPTH:
        raise TextError(f"条件最多套 {MAX_DEPTH} 层，请改得简单些。")
    condition = inside[3:].strip()
    try:
        unknown = expressions.compile(condition).names - set(kinds)
    except ExpressionError as error:
        raise TextError(f"条件「{condition[:60]}」写得不对：{error}") from error
    if unknown:
        raise TextError(f"条件中没有「{min(unknown)[:40]}」这个字段。请从字段表中选用。")
    yes, rest = _parse(rest, kinds, depth + 1)
    no: tuple[Any, ...] = ()
    if rest and rest[0][2:-2].strip() == "else":
        no, rest = _parse(rest[1:], kinds, depth + 1)
    if not rest or rest[0][2:-2].strip() != "endif":
        raise TextError("「{% if … %}」后面少了「{% endif %}」，请补上。")
    return _Choice(condition, yes, no), rest[1:]


def _fill(nodes: Sequence[Any], values: Mapping[str, Any], kinds: Mapping[str, Kind]) -> str:
    out = ""
    for node in reversed(nodes):  # backwards, because what a person wrote ends according to what follows
        if isinstance(node, str):
            text = node
        elif isinstance(node, _Field):
            text = _before(out, shown(values.get(node.key), kinds[node.key]))
        else:
            text = _chosen(node, values, kinds)
        out = text + out
    return out


def _chosen(node: _Choice, values: Mapping[str, Any], kinds: Mapping[str, Kind]) -> str:
    facts = {key: _fact(values.get(key)) for key in kinds}
    try:
        holds = bool(expressions.evaluate(node.condition, facts))
    except ExpressionError as error:
        raise TextError(f"条件「{node.condition[:60]}」算不出来：{error}") from error
    return _fill(node.yes if holds else node.no, values, kinds)


def _before(after: str, text: str) -> str:
    """A value as it stands before the text's own 。，；: people end what they write with a full stop."""
    return (text.rstrip(_STOPS) or text) if after[:1] and after[0] in _STOPS else text


def _fact(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, list)) or value is None else str(value)


def gap(kind: Kind) -> str:
    """What stands where a field has no value yet."""
    return f"【待填：{kind.label}】"


GAP = re.compile(r"【待填：([^】]{1,40})】")


def shown(value: Any, kind: Kind) -> str:
    """A value as it is printed: dates in Chinese, lists as numbered lines, a gap for nothing."""
    if value is None or value == "" or value == []:
        return gap(kind)
    if kind.type == "date":
        day = value if isinstance(value, date) else _day(str(value))
        return chinese_date(day) if day else tidy(str(value))
    if kind.type == "list":
        items = [
            tidy(str(each))
            for each in (value if isinstance(value, (list, tuple)) else str(value).split("\n"))
        ]
        items = [each for each in items if each]
        return items[0] if len(items) == 1 else "\n".join(f"{n}. {each}" for n, each in enumerate(items, 1))
    return "\n".join(tidy(line) for line in str(value).split("\n"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
