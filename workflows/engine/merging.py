"""How data is copied and joined (engine.md 8 and 14c, d).

No value is ever shared, and no branch overwrites another with what it merely inherited. Plain functions over
JSON values; no library here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

_ABSENT = object()


def clone(value: Any) -> Any:
    """A deep copy of plain data; anything that is not a dict or list is immutable and returned as it is."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """What an expression yielded as JSON: dates become ISO text, spans of time days, tuples lists."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.days
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def overlay(target: dict[str, Any], source: Mapping[str, Any], path: object = None) -> dict[str, Any]:
    """Write every value of `source` over `target`, dictionaries key by key, and return `target`.

    Stands in for the library's DeepMerge.merge, which shares nested values between tasks and, merging lists
    item by item, loses what was changed. `path` is the library's and unused.
    """
    for key, value in source.items():
        current = target.get(key, _ABSENT)
        if isinstance(current, dict) and isinstance(value, dict):
            overlay(current, value)
        elif current is _ABSENT or current != value or type(current) is not type(value):
            target[key] = clone(value)
    return target


def join_branches(base: Mapping[str, Any], branches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Three-way merge: the data at the split, and then, in the order of arrival, what each branch changed.

    A branch that removed a key removes it. Where two branches changed the same plain value the later arrival
    holds; nested dictionaries are joined key by key.
    """
    joined: dict[str, Any] = clone(dict(base))
    for branch in branches:
        _apply_changes(joined, base, branch)
    return joined


def _apply_changes(joined: dict[str, Any], base: Mapping[str, Any], branch: Mapping[str, Any]) -> None:
    for key in [*branch, *(key for key in base if key not in branch)]:
        before, after = base.get(key, _ABSENT), branch.get(key, _ABSENT)
        if after == before and type(after) is type(before):
            continue
        if after is _ABSENT:
            joined.pop(key, None)
        elif all(isinstance(value, dict) for value in (before, after, joined.get(key))):
            _apply_changes(joined[key], base[key], branch[key])
        else:
            joined[key] = clone(after)
