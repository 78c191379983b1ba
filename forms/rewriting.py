"""Changing a TOML file as a person would: what stays the same stays as it was written, comments among it.

The data are the truth. Where what was rewritten does not read as exactly these data, the file is written anew, without
its comments: a file never says other things than the page it was saved from.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from forms.toml import read_toml

#: characters; a larger file is written anew, for reading it to the letter takes long
MAX_KEPT = 60_000
#: what names a row of a list of tables, so that it is found again after the rows were moved
_NAMES = ("key", "title", "field", "name")


def rewritten(old: str, plain: str) -> str:
    """`plain` in the words of `old`: the same data, and the comments of what is still there."""
    if "#" not in old or len(old) > MAX_KEPT:
        return plain
    try:
        data = read_toml(plain)
        read_toml(old)  # its bounds hold for the reader of comments too
        document = tomlkit.parse(old)
        _become(document, data)
        text = tomlkit.dumps(document)
        return text if read_toml(text) == data else plain
    except (TOMLKitError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return plain


def _become(table: MutableMapping[str, Any], data: Mapping[str, Any]) -> None:
    for key in [key for key in table if key not in data]:
        del table[key]
    for key, value in data.items():
        if key not in table:
            table[key] = value
            continue
        now = table[key]
        if now == value:
            continue
        if isinstance(now, AoT) and isinstance(value, list) and value:
            _become_rows(table, key, now, value)
        elif isinstance(now, MutableMapping) and isinstance(value, Mapping):
            _become(now, value)
        else:
            table[key] = value


def _become_rows(table: MutableMapping[str, Any], key: str, now: AoT, rows: list[Any]) -> None:
    """Rows keep their comments when others are added, moved or taken away."""
    left = list(now)
    kept = [_taken(left, row) for row in rows]
    for old, row in zip(kept, rows, strict=True):
        if old is not None:
            _become(old, row)
    if [id(each) for each in kept] == [id(each) for each in now]:
        return
    made = tomlkit.aot()
    for old, row in zip(kept, rows, strict=True):
        made.append(old if old is not None else tomlkit.item(row))
    table[key] = made


def _taken(left: list[Table], row: Mapping[str, Any]) -> Table | None:
    """The written row that this one was, taken from those that are left."""
    name = next((each for each in _NAMES if each in row), None)
    for at, old in enumerate(left):
        if old == row or (name is not None and old.get(name) == row[name]):
            return left.pop(at)
    return None
