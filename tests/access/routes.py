"""Every route of the application beside its declared cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.core.access import Cell

MISSING: dict[str, Any] = {
    "IntegerConverter": 987654,
    "FloatConverter": 9.5,
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
}
#: whoever may act through a related object only
RELATED = frozenset({"own", "item", "case", "unit", "organ"})


@dataclass(frozen=True)
class Route:
    """One endpoint by one method, and what the table says of it (None: nothing)."""

    endpoint: str
    method: str
    rule: Rule
    cell: Cell | None

    @property
    def name(self) -> str:
        """「POST accounts.grant」"""
        return f"{self.method} {self.endpoint}"

    def address(self, app: Flask, args: dict[str, Any] | None = None) -> str:
        """The path with `args`, or with ids that do not exist."""
        if args is None:
            args = {name: _missing(converter) for name, converter in self.rule._converters.items()}
        with app.test_request_context():
            return app.url_for(self.endpoint, **args)


def _missing(converter: Any) -> Any:
    """A value that fits the URL and names nothing."""
    words = getattr(converter, "items", None)
    return sorted(words)[0] if words else MISSING.get(type(converter).__name__, "missing")


def routes(app: Flask) -> Iterator[Route]:
    """Every route except the static files, by each method a browser uses on it."""
    table = app.extensions["gongkai_access"]
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(rule.endpoint, method, rule, table.get(rule.endpoint, {}).get(method))


def undeclared(app: Flask) -> list[str]:
    """Routes without a cell."""
    return [route.name for route in routes(app) if route.cell is None]


def stale(app: Flask) -> list[str]:
    """Cells without a route."""
    known = {(route.endpoint, route.method) for route in routes(app)}
    table = app.extensions["gongkai_access"]
    return [
        f"{method} {endpoint}"
        for endpoint, cells in table.items()
        for method in cells
        if (endpoint, method) not in known
    ]
