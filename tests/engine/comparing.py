"""Comparing a walk with the same inputs taken another way."""

from __future__ import annotations

from unittest.mock import patch

from tests.engine.walks import Walk
from workflows.engine import Json, Row, flow, state
from workflows.engine.running import Engine, Flow, addressed, followed, view


def assert_never_stored_is_the_same(walk: Walk) -> None:
    """One instance kept in memory through all rows ends in the very bytes that storing each step gave."""
    kept: Flow | None = None
    for row in walk.rows:
        kept, again = flow.step(walk.spec, kept, row, Engine(row.seq, None, row.acts))
        kept.trail = followed(kept.trail, row)
        assert again == row
    assert kept is not None
    assert state.dump(kept) == walk.state


def assert_unpruned_shows_the_same(walk: Walk) -> None:
    """An instance that forgets nothing shows the same places with the same data after every row."""
    pruned: Flow | None = None
    whole: Flow | None = None
    for row in walk.rows:
        pruned, _again = flow.step(walk.spec, pruned, row, Engine(row.seq, None, row.acts))
        with patch("workflows.engine.running.prune", lambda workflow: None):
            whole, _again = flow.step(walk.spec, whole, row, Engine(row.seq, None, row.acts))
        assert shown(whole) == shown(pruned), row


def shown(flow: Flow) -> tuple[dict[str, Json], bool, object]:
    """Data by address of everything that waits, and the end."""
    now = view(flow)
    return {address: task.data for address, task in addressed(flow).items()}, now.finished, now.facts


def inputs(rows: list[Row]) -> list[tuple[str, tuple[str, ...]]]:
    """What was done, in order."""
    return [(row.kind, row.at) for row in rows]
