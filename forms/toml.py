"""Reading TOML that anybody may have written: bounded, and with one kind of refusal."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MAX_PARTS = 20  # parts of a dotted key: the reader's time and memory grow with their square
_LARGEST = 2**63  # what a database and JSON hold of an integer

#: a part of a key; a quoted one is looked at for sixty characters, for the search begins anew at every quote
_KEY = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.){0,60}+"|'[^'\n]{0,60}+')"""
_DOTTED = re.compile(rf"(?<![\w-]){_KEY}(?:[ \t]*+\.[ \t]*+{_KEY}){{{MAX_PARTS}}}")


class TomlRefused(ValueError):
    """The text is not TOML we read. `why` ends a sentence that begins with the file."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises TomlRefused, and nothing else."""
    if _DOTTED.search(text):
        raise TomlRefused("嵌套过深")
    try:
        found = tomllib.loads(text)
    except RecursionError as error:
        raise TomlRefused("嵌套过深") from error
    except ValueError as error:  # a number of more digits than Python reads is one too
        where = re.search(r"line (\d+)", str(error))
        raise TomlRefused(f"{f'第 {where[1]} 行' if where else '末尾'}附近的写法不正确") from error
    if _too_large(found):
        raise TomlRefused("有过大的数，整数最多 18 位")
    return found


def _too_large(found: dict[str, Any]) -> bool:
    """Whether an integer anywhere in it is longer than 64 bits."""
    waiting: list[Any] = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
        elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            return True
    return False
