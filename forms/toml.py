"""Reading TOML that anybody may have written: bounded, and with one kind of refusal."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MAX_PARTS = 20  # dotted parts before an equals sign: the reader's cost grows with their square


class TomlRefused(ValueError):
    """The text is not TOML we read. `line`: where, 0 when unknown; `deep`: because of its nesting."""

    def __init__(self, line: int = 0, deep: bool = False) -> None:
        super().__init__("toml")
        self.line, self.deep = line, deep


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises TomlRefused, and nothing else."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.partition("=")[0].count(".") > MAX_PARTS and not line.lstrip().startswith(("#", '"', "'")):
            raise TomlRefused(number, deep=True)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise TomlRefused(deep=True) from error
    except ValueError as error:  # a number of more digits than Python reads is one too
        where = re.search(r"line (\d+)", str(error))
        raise TomlRefused(int(where[1]) if where else 0) from error
