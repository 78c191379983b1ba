"""What every application of a test process works out alike, worked out once: compiled templates, the table of routes,
the text of SQL statements.

All are pure functions of their source: nothing of one test's application reaches another through them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Map, Rule, RuleFactory


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


class KeptMap(Map):
    """Routes that are worked out when first asked for, and once for all applications that have the same."""

    _known: dict[tuple[Any, ...], Map] = {}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._waiting: list[Rule] = []

    def add(self, rulefactory: RuleFactory) -> None:
        """Take a rule in."""
        self._waiting += rulefactory.get_rules(self)
        self._remap = True

    def update(self) -> None:
        """Work the rules out, or take what the last application with these rules worked out."""
        if not self._remap:
            return
        with self._remap_lock:
            key = tuple(_content(rule) for rule in self._waiting)
            if key not in self._known:
                self._known[key] = _worked_out(self._waiting)
            self._matcher = self._known[key]._matcher
            self._rules_by_endpoint = self._known[key]._rules_by_endpoint
            self._remap = False


def _content(rule: Rule) -> tuple[Any, ...]:
    defaults = tuple(sorted((rule.defaults or {}).items()))
    methods = frozenset(rule.methods or ())
    automatic = vars(rule).get("provide_automatic_options")
    switches = (rule.subdomain, rule.host, rule.build_only, rule.strict_slashes, rule.alias, rule.redirect_to)
    return rule.rule, rule.endpoint, methods, defaults, automatic, *switches


def _worked_out(rules: list[Rule]) -> Map:
    found = Map()
    for rule in rules:
        copy = rule.empty()
        vars(copy)["provide_automatic_options"] = vars(rule).get("provide_automatic_options")  # Flask's
        found.add(copy)
    found.update()
    return found


def remember() -> None:
    """From now on, in this process."""
    Flask.jinja_options = {"bytecode_cache": Compiled()}
    Flask.url_map_class = KeptMap


_spoken: dict[str, tuple[sa.Dialect, Any]] = {}


def share_statements(engine: sa.Engine) -> None:
    """Let this engine use the SQL that earlier engines of its kind compiled: statements are kept per dialect."""
    kind = f"{engine.dialect.name}+{engine.dialect.driver}"
    known = _spoken.get(kind)
    if known is None or getattr(known[0], "server_version_info", None) is None:  # it never met a server
        _spoken[kind] = engine.dialect, engine._compiled_cache
        return
    engine.dialect, engine._compiled_cache = known
