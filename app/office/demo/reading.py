"""Reading the data files."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")


@cache
def read(name: str) -> dict[str, Any]:
    """A file of the data; nobody changes what it returns."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def folder(name: str) -> dict[str, dict[str, Any]]:
    """Every file of a folder of the data, by its key, in the order of the names."""
    return {path.stem: read(f"{name}/{path.name}") for path in sorted((DATA / name).glob("*.toml"))}
