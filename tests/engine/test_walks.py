"""Whatever way a case takes, storing, rebuilding and pruning change nothing."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.comparing import assert_nothing_shows
from tests.engine.walks import Walk, random_walk
from tests.engine.zoo import ZOO, Animal
from workflows.engine import replay

pytestmark = pytest.mark.parametrize("animal", ZOO.values(), ids=list(ZOO))
walks = settings(
    max_examples=int(os.environ.get("WALKS", "8")),  # `make soak`: 200
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
seeds = st.integers(0, 2**32)


def walked(animal: Animal, seed: int, *, returns: bool = False) -> Walk:
    return random_walk(animal.spec(), Random(seed), animal.answers, animal.begin, returns=returns)


@walks
@given(seed=seeds)
def test_storing_rebuilding_and_forgetting_finished_history_show_in_nothing(
    animal: Animal, seed: int
) -> None:
    assert_nothing_shows(walked(animal, seed))


@walks
@given(seed=seeds)
def test_after_returns_the_rows_still_rebuild_the_state(animal: Animal, seed: int) -> None:
    walk = walked(animal, seed, returns=True)
    assert replay.differences(animal.spec(), walk.rows, walk.state) == []


@settings(walks, max_examples=4)
@given(seed=seeds)
def test_a_checkpoint_anywhere_leads_to_the_same_state(animal: Animal, seed: int) -> None:
    walk = walked(animal, seed, returns=True)
    for cut in range(1, len(walk.rows) + 1):
        rows = walk.rows[:cut]
        point = replay.Checkpoint(
            replay.trail(replay.effective(rows)), replay.rebuild(animal.spec(), rows).state
        )
        assert replay.rebuild(animal.spec(), walk.rows, point).state == walk.state
