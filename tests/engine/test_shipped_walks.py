"""The processes we ship, walked at random: storing, rebuilding, forgetting and returning change nothing."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.comparing import assert_nothing_shows
from tests.engine.guessing import guessed_answers, results_by_action
from tests.engine.walks import Walk, random_walk
from workflows.engine import Json, Source, check, load, place_of, replay

PACKAGES = Path(__file__).parents[2] / "bpmn"
KEYS = sorted(path.parent.name for path in PACKAGES.glob("*/process.bpmn"))
seeds = st.integers(0, 2**32)
walks = settings(max_examples=int(os.environ.get("WALKS", "10")), deadline=None)  # `make soak`: 200

if not KEYS:
    pytest.skip("no process is shipped yet", allow_module_level=True)

pytestmark = pytest.mark.parametrize("key", KEYS)


@cache
def source(key: str) -> Source:
    folder = PACKAGES / key
    return Source(
        key,
        (folder / "process.bpmn").read_bytes(),
        {file.name: file.read_bytes() for file in folder.glob("*.dmn")},
    )


@cache
def callees(key: str) -> tuple[Source, ...]:
    """Every process that `key` calls, directly or through others."""
    settings_of = tomllib.loads((PACKAGES / key / "package.toml").read_text())
    called = {name: source(name) for name in settings_of.get("calls", [])}
    deeper = {other.key: other for name in list(called) for other in callees(name)}
    return tuple((called | deeper).values())


@cache
def guesses(key: str) -> tuple[dict[str, list[Json]], dict[str, str]]:
    """What people may answer, and the name of every action's result."""
    closure = [source(key), *callees(key)]
    return guessed_answers(closure), results_by_action(closure)


def walked(key: str, seed: int, *, returns: bool = False) -> Walk:
    answers, names = guesses(key)
    rng = Random(seed)
    begin = {name: rng.choice(values) for name, values in answers.items()}

    def result(action: str) -> Json:
        values = answers.get(names.get(action, ""), [])
        return rng.choice(values) if any(isinstance(value, dict) for value in values) else rng.random() < 0.6

    said = {name: values for name, values in answers.items() if name not in names.values()}
    spec = load(source(key), callees(key))
    return random_walk(spec, rng, said, begin, steps=40, returns=returns, result=result)


@walks
@given(seed=seeds)
def test_storing_rebuilding_and_forgetting_finished_history_show_in_nothing(key: str, seed: int) -> None:
    assert_nothing_shows(walked(key, seed))


@walks
@given(seed=seeds)
def test_after_returns_the_rows_still_rebuild_the_state(key: str, seed: int) -> None:
    walk = walked(key, seed, returns=True)
    assert replay.differences(walk.spec, walk.rows, walk.state) == []


def test_the_walks_reach_every_step_of_a_person(key: str) -> None:
    spec = load(source(key), callees(key))
    missing = {
        step for (process, step), info in spec.steps.items() if info.kind == "person" and process == key
    }
    for seed in range(60):
        for row in walked(key, seed).rows if missing else ():
            missing -= {place_of(address).rsplit("/")[-1].split("[")[0] for address in row.opened}
    assert not missing


def test_a_shipped_process_has_no_findings(key: str) -> None:
    findings = check(source(key), callees(key))
    assert [finding for finding in findings if finding.severity == "error"] == []
