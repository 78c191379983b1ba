"""Tasks for the guarded child that misbehave (`tests/core/test_guard.py`)."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def echo(value: object) -> object:
    return value


def memory(value: object) -> int:
    return len([bytearray(10_000_000) for _ in range(1000)])


def spin(value: object) -> None:
    while True:
        pass


def crash(value: object) -> None:
    ctypes.string_at(0)


def deep(value: object) -> object:
    sys.setrecursionlimit(1000)
    return deep(value)


def leave(value: object) -> None:
    os._exit(0)


def fault(value: object) -> object:
    raise KeyError("missing")


def environment(value: object) -> list[str]:
    return sorted(os.environ)


def write(value: str) -> None:
    Path(value).write_text("x" * 100)
