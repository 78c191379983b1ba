"""What every application of a test process works out alike, worked out once: compiled templates, builders of URLs.

Both are pure functions of their source text: nothing of one test's application reaches another through them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Compiled(BytecodeCache):
    """Compiled templates by name, file and the digest of their text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket when this very text was compiled before."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


_builders: dict[tuple[Any, ...], Callable[..., Any]] = {}
_compile_builder = Rule._compile_builder


def _kept_builder(self: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """Werkzeug compiles two Python functions per rule, of its text alone (the converters it takes from the rule)."""
    if self.defaults:
        return _compile_builder(self, append_unknown)
    key = (self.rule, tuple(self._trace), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(self, append_unknown)
    return _builders[key]


def remember() -> None:
    """From now on, in this process."""
    Flask.jinja_options = {"bytecode_cache": Compiled()}
    Rule._compile_builder = _kept_builder  # type: ignore[method-assign]
