"""Rows of a case in the words of the version it runs on now: a migration may have renamed its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.engine import Row, replay


def row_now(rows: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """Number of a row -> the engine's row as it reads now, from all rows of a case in order; migrations left out."""
    if not any(row["kind"] == "migrate" for row in rows):
        return {row["seq"]: dict(row) for row in rows}
    found: dict[int, dict[str, Any]] = {}
    for row in replay.current(Row.from_json(row) for row in rows):
        found.setdefault(row.seq, row.to_json())
    return found


class Backwards:
    """Reads rows from the newest to the oldest, as pages do: each in the words of now."""

    def __init__(self) -> None:
        self._moves: list[Row] = []

    def __call__(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row as it reads now; a migration is remembered for those before it."""
        if row["kind"] == "migrate":
            self._moves.insert(0, Row.from_json(row))
            return row
        if not self._moves:
            return row
        return next(iter(replay.current([Row.from_json(row), *self._moves]))).to_json()
