"""Differences of plain data read from TOML: tables, and lists of tables that are told apart by a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from app.processes.comparing.change import Change
from app.processes.comparing.wording import plain

Table = Mapping[str, Any]
Show = Callable[[str, Any], str]
#: where nothing and 0 (or false) are not the same
_SAID = frozenset({"default", "fixed", "min", "max", "value", "instance"})


@dataclass(frozen=True)
class Shape:
    """How one kind of table reads: what one is called, what tells it from the others, its properties in Chinese.

    ids: its first key that is written tells one from another. names: as ids, for what people read. lists: key ->
    shape of the lists of tables inside. values: property -> value -> Chinese. show: property -> how its value reads.
    """

    noun: str
    ids: Sequence[str] = ("key",)
    names: Sequence[str] = ("label", "title", "name", "key")
    labels: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Shape] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    show: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    ordered: bool = True

    def said(self, key: str, value: Any) -> str:
        """The value of a property in words."""
        known = self.values.get(key, {})
        if isinstance(value, str) and value in known:
            return known[value]
        if isinstance(value, list) and known:
            return "、".join(
                known.get(each, plain(each)) if isinstance(each, str) else plain(each) for each in value
            )
        if key in self.show and isinstance(value, str) and value:
            return self.show[key](value)
        return plain(value)

    def named(self, table: Table) -> str:
        """What people call one."""
        found = next((table[key] for key in self.names if isinstance(table.get(key), str) and table[key]), "")
        return f"{self.noun}“{found[:60]}”" if found else self.noun


def compare(part: str, where: str, name: str, old: Table, new: Table, shape: Shape) -> Iterator[Change]:
    """Differences of one table, property by property, and of the lists inside it."""
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if key in shape.lists and _tables(before) and _tables(after):
            inner = shape.lists[key]
            yield from compare_lists(part, where, name, before or [], after or [], inner)
        elif _meant(key, before) != _meant(key, after):
            label = shape.labels.get(key, key)
            yield Change(part, where, "changed", name, label, shape.said(key, before), shape.said(key, after))


def compare_lists(
    part: str, where: str, around: str, old: Sequence[Table], new: Sequence[Table], shape: Shape
) -> Iterator[Change]:
    """Differences of two lists of tables: came, went, changed inside, stand elsewhere."""
    before, after = keyed(old, shape.ids), keyed(new, shape.ids)
    for key, table in {**before, **after}.items():
        place = f"{where}.{key}" if where else key
        name = f"{around}的{shape.named(table)}" if around else shape.named(table)
        if key not in after:
            yield Change(part, place, "removed", name, "", summary(table, shape))
        elif key not in before:
            yield Change(part, place, "added", name, "", "", summary(table, shape))
        else:
            yield from compare(part, place, name, before[key], after[key], shape)
    if shape.ordered:
        for key, first, then in moves(list(before), list(after)):
            name = f"{around}的{shape.named(after[key])}" if around else shape.named(after[key])
            place = f"{where}.{key}" if where else key
            yield Change(part, place, "moved", name, "次序", f"第 {first} 项", f"第 {then} 项")


def moves(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """(key, place before, place after, from 1) of those that both have and that changed their order, as few as possible."""
    both = set(old) & set(new)
    first, then = [each for each in old if each in both], [each for each in new if each in both]
    blocks = SequenceMatcher(None, first, then, autojunk=False).get_matching_blocks()
    stayed = {key for block in blocks for key in first[block.a : block.a + block.size]}
    for key in then:
        if key not in stayed:
            yield key, old.index(key) + 1, new.index(key) + 1


def keyed(tables: Sequence[Table], ids: Sequence[str]) -> dict[str, Table]:
    """Tables by what tells them apart; a second one of a key gets a number."""
    found: dict[str, Table] = {}
    for number, table in enumerate(tables, 1):
        key = next((str(table[each]) for each in ids if table.get(each)), str(number))
        while key in found:
            key += "'"
        found[key] = table
    return found


def summary(table: Table, shape: Shape) -> str:
    """One that came or went, in one line."""
    skipped = {*shape.ids, *shape.names}
    said = [
        f"{shape.labels.get(key, key)}：{shape.said(key, value)}"
        for key, value in table.items()
        if key not in skipped and key not in shape.lists and _meant(key, value) is not None
    ]
    inner = [
        f"{shape.lists[key].noun}：" + "、".join(_short_name(each, shape.lists[key]) for each in value)
        for key, value in table.items()
        if key in shape.lists and _tables(value) and value
    ]
    return "；".join(said + inner)


def _short_name(table: Table, shape: Shape) -> str:
    return next((str(table[key]) for key in shape.names if table.get(key)), shape.noun)


def _tables(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, dict) for each in value))


def _meant(key: str, value: Any) -> Any:
    """What is not said, and what says nothing, are the same. Kinds are told apart: 1 is not true."""
    empty = value is None or value in ("", [], {}) or (value is False and key not in _SAID)
    return None if empty else (type(value).__name__, value)


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of plain data with the way to it: ("step.3.answers.title", "…")."""
    match value:
        case Mapping():
            for key, each in value.items():
                yield from flat(each, f"{path}.{key}" if path else str(key))
        case list() if any(isinstance(each, (dict, list)) for each in value):
            for number, each in enumerate(value, 1):
                yield from flat(each, f"{path}.{number}")
        case _:
            yield path, value
