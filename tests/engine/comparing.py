"""Comparing a walk with the same inputs taken another way."""

from __future__ import annotations

from unittest.mock import patch

from tests.engine.walks import Walk
from workflows.engine import Json, flow, replay, state
from workflows.engine.running import Engine, Flow, addressed, followed, view


def assert_nothing_shows(walk: Walk) -> None:
    """Neither storing nor forgetting nor rebuilding shows in a walk: three other ways to take its rows.

    An instance that is kept in memory through all rows ends in the very bytes that storing each step gave; one that
    forgets nothing shows the same places with the same data after every row; and what is rebuilt from the rows has
    the same steps, data, history and state.
    """
    kept: Flow | None = None
    whole: Flow | None = None
    for row in walk.rows:
        kept, again = flow.step(walk.spec, kept, row, Engine(row.seq, None, row.acts))
        kept.trail = followed(kept.trail, row)
        assert again == row
        with patch("workflows.engine.running.prune", lambda workflow: None):
            whole, _again = flow.step(walk.spec, whole, row, Engine(row.seq, None, row.acts))
        assert shown(whole) == shown(kept), row
    assert kept is not None
    assert state.dump(kept) == walk.state, "storing shows"
    rebuilt, now = replay.rebuild(walk.spec, walk.rows), walk.now
    assert (rebuilt.open, rebuilt.timers, rebuilt.messages) == (now.open, now.timers, now.messages)
    assert (rebuilt.finished, rebuilt.facts) == (now.finished, now.facts)
    assert (rebuilt.state, list(rebuilt.history)) == (walk.state, walk.rows), "a rebuild shows"


def shown(flow: Flow) -> tuple[dict[str, Json], bool, object]:
    """Data by address of everything that waits, and the end."""
    now = view(flow)
    return {address: task.data for address, task in addressed(flow).items()}, now.finished, now.facts
