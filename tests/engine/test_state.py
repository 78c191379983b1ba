"""Stored states, checkpoints, and what `flask cases rebuild --check` says about them."""

from __future__ import annotations

import dataclasses

import pytest
import zstandard

from tests.engine.walks import Walk
from tests.engine.zoo import ZOO
from workflows.engine import ReplayDiffers, Row, StateUnreadable, cached, closure_hash, load, replay, state
from workflows.engine.loading import Spec, _Cache


def walked() -> Walk:
    animal = ZOO["actions"]
    walk = Walk(animal.spec())
    walk.start(animal.begin)
    for step in ("a", "b", "c"):
        walk.complete(step, grade="高", again=0)
    return walk


def changed(walk: Walk, seq: int, **fields: object) -> list[Row]:
    rows = list(walk.rows)
    rows[seq] = dataclasses.replace(rows[seq], **fields)  # type: ignore[arg-type]
    return rows


def test_a_state_names_its_format_engine_and_definition() -> None:
    walk = walked()
    assert state.inspect(walk.state) == {"format": "1", "engine": "spiff-3.2.0", "spec": walk.spec.hash}


def test_an_unknown_format_is_a_clear_error() -> None:
    walk = walked()
    with pytest.raises(StateUnreadable, match="第 9 版"):
        state.load(walk.spec, walk.state.replace(b"gongkai-flow 1 ", b"gongkai-flow 9 ", 1))


@pytest.mark.parametrize("blob", [b"", b"x", b"gongkai-flow", b"\x00" * 50, b"gongkai-flow 1 spiff-3.2.0\nx"])
def test_what_is_not_a_state_is_a_clear_error(blob: bytes) -> None:
    with pytest.raises(StateUnreadable):
        state.load(walked().spec, blob)


def test_a_damaged_state_is_a_clear_error() -> None:
    walk = walked()
    for damaged in (walk.state[:-20], walk.state.split(b"\n")[0] + b"\n" + zstandard.compress(b"{")):
        with pytest.raises(StateUnreadable, match="已损坏"):
            state.load(walk.spec, damaged)


def test_a_state_of_another_definition_is_refused() -> None:
    with pytest.raises(StateUnreadable, match="另一个流程版本"):
        state.load(ZOO["inclusive"].spec(), walked().state)


def test_dumping_what_was_loaded_gives_the_same_bytes() -> None:
    walk = walked()
    assert state.dump(state.load(walk.spec, walk.state)) == walk.state


def test_a_sound_case_shows_no_differences() -> None:
    walk = walked()
    assert replay.differences(walk.spec, walk.rows, walk.state) == []


def test_a_state_that_missed_a_row_is_found() -> None:
    walk = walked()
    before = replay.rebuild(walk.spec, walk.rows[:-1]).state
    found = replay.differences(walk.spec, walk.rows, before)
    assert any("缺少等待中的环节：3:z" in sentence for sentence in found)
    assert any("多出等待中的环节：1:c" in sentence for sentence in found)


def test_a_state_whose_data_was_changed_is_found() -> None:
    walk = walked()
    flow = state.load(walk.spec, walk.state)
    next(task for task in flow.workflow.tasks.values() if task.task_spec.name == "z").data["levels"] = 9
    assert replay.differences(walk.spec, walk.rows, state.dump(flow)) == ["环节 3:z 的数据不同"]


def test_a_changed_row_is_found_and_named() -> None:
    walk = walked()
    found = replay.differences(walk.spec, changed(walk, 1, facts={"grade": "低", "again": 0}), walk.state)
    assert any(sentence.startswith("第 2 行") for sentence in found)
    found = replay.differences(walk.spec, changed(walk, 2, opened=("2:q",)), walk.state)
    assert any("第 2 行打开的环节不同" in sentence for sentence in found)


def test_a_row_without_the_result_of_its_action_cannot_be_replayed() -> None:
    walk = walked()
    rows = changed(walk, 2, acts=())
    assert replay.differences(walk.spec, rows, walk.state) == [
        "第 2 行无法重放：流程记录中没有动作“number.assign”的结果"
    ]
    with pytest.raises(ReplayDiffers) as refusal:
        replay.rebuild(walk.spec, rows)
    assert refusal.value.differences


def test_a_rebuild_executes_nothing() -> None:
    walk = walked()
    calls = list(walk.actions.calls)
    replay.rebuild(walk.spec, walk.rows)
    assert walk.actions.calls == calls


def test_a_checkpoint_is_due_every_twenty_five_rows_and_used() -> None:
    animal = ZOO["parallel_loop"]
    walk, points = Walk(animal.spec()), []
    walk.start({"again": 1})
    while walk.seq < 60:
        step = walk.now.open[0]
        walk.complete(step.address, again=1)
        points.append(replay.checkpoint(walk.spec, walk.rows, walk.state))
    due = [number for number, point in enumerate(points, 2) if point is not None]
    assert due == [25, 50]
    rebuilt = replay.rebuild(walk.spec, walk.rows, points[48])
    assert rebuilt.state == walk.state and list(rebuilt.history) == walk.rows


def test_a_checkpoint_that_does_not_fit_the_rows_is_not_used() -> None:
    walk = walked()
    strange = replay.Checkpoint("0" * 24, b"nothing")
    assert replay.rebuild(walk.spec, walk.rows, strange).state == walk.state


def test_a_definition_is_parsed_once_and_found_by_its_hash() -> None:
    animal = ZOO["calls"]
    spec = load(animal.main, animal.callees)
    assert load(animal.main, list(reversed(animal.callees))) is spec
    assert closure_hash(animal.main, animal.callees) == spec.hash and cached(spec.hash) is spec
    assert cached("0" * 64) is None


def test_the_cache_is_bounded() -> None:
    cache = _Cache(2)
    specs = [dataclasses.replace(ZOO["calls"].spec(), hash=str(number)) for number in range(3)]
    for spec in specs:
        cache.put(spec)
    kept: list[Spec | None] = [cache.get(str(number)) for number in range(3)]
    assert kept == [None, specs[1], specs[2]]
