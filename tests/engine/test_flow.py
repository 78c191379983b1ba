"""The live road: what an input gives back, what is refused, and that a refusal leaves everything as it was."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.engine.diagrams import Diagram, properties, timer
from tests.engine.walks import Walk, random_walk
from tests.engine.zoo import ERROR_END, ZOO
from workflows.engine import EngineRefused, Json, Row, Source, flow, load, replay


def started(source: Source, *callees: Source, **facts: Json) -> Walk:
    walk = Walk(load(source, callees))
    walk.start(facts)
    return walk


def of(name: str, **facts: Json) -> Walk:
    return started(ZOO[name].main, *ZOO[name].callees, **{**ZOO[name].begin, **facts})


def test_an_open_step_says_everything_a_desk_needs() -> None:
    diagram = (
        Diagram("p").start().people("a", inner=properties(form="f", role="clerk", internal_days="3")).end()
    )
    walk = started(diagram.lane("经办", "a").go("s -> a -> e").source(), title="请示")
    step = walk.now.open[0]
    assert (step.address, step.process, step.step, step.label, step.lane) == (
        "0:a",
        "p",
        "a",
        "环节a",
        "经办",
    )
    assert step.settings == {"form": "f", "role": "clerk", "internal_days": "3"}
    assert (step.instance, step.facts) == (None, {"title": "请示"})


def test_the_steps_of_a_definition_can_be_listed() -> None:
    spec = ZOO["calls"].spec()
    assert spec.steps["check", "k"].kind == "person" and spec.steps["calls", "ca"].kind == "call"
    assert spec.steps["calls", "g"].kind == "gateway" and spec.steps["calls", "s"].kind == "event"
    assert spec.labels == {"calls": "流程calls", "check": "流程check", "review": "流程review"}


def test_parts_of_a_multi_instance_are_told_apart() -> None:
    walk = of("each_call", units=["甲", "乙"])
    walk.complete("a")
    assert [(step.instance, step.process, step.facts["unit"]) for step in walk.now.open] == [
        ("0", "opinion", "甲"), ("1", "opinion", "乙"),
    ]  # fmt: skip


def test_the_same_place_entered_twice_in_one_moment_gets_two_addresses() -> None:
    diagram = (
        Diagram("p").start().people("a", "z").gateways("parallel", "g").gateways("exclusive", "m", "n").end()
    )
    diagram.go("s -> a -> g -> m -> z -> e").go("g -> n -> m")
    walk = started(diagram.source())
    walk.complete("a")
    assert sorted(step.address for step in walk.now.open) == ["1:z", "1:z#2"]
    walk.complete("1:z#2")
    assert [step.address for step in walk.now.open] == ["1:z"]


def test_an_outcome_names_what_opened_and_what_closed() -> None:
    walk = of("parallel_loop")
    outcome = walk.complete("a")
    assert [step.step for step in outcome.opened] == ["b1", "c", "d"] and outcome.closed == ("0:a",)
    outcome = walk.complete("c")
    assert outcome.opened == () and outcome.closed == ("1:c",) and len(outcome.open) == 2


def test_an_interrupting_event_closes_what_it_interrupts() -> None:
    walk = of("withdrawal")
    walk.complete("a")
    outcome = walk.send("撤回")
    assert set(outcome.closed) == {"1:bw", "1:bt", "1:sp/k1", "1:sp/kc/q"}
    assert set(outcome.row.closed) == {"1:bt", "1:sp/k1", "1:sp/kc/q"}


def test_a_timer_that_interrupts_nothing_leaves_its_step_open() -> None:
    walk = of("boundaries")
    walk.complete("a")
    kinds = {
        timer.name: (timer.kind, timer.value, timer.interrupting, timer.step) for timer in walk.now.timers
    }
    assert kinds == {"soon": ("duration", "P3D", False, "soon"), "over": ("duration", "P7D", True, "over")}
    outcome = walk.fire("soon")
    assert walk.waiting() == ["b", "urge"] and outcome.closed == ("1:soon",)


@pytest.mark.parametrize(
    ("text", "value"), [("date(when)", "2026-03-01"), ("days(3)", "P3D"), ("limit", "PT2H")]
)
def test_what_a_timer_waits_for_is_iso_text(text: str, value: str) -> None:
    diagram = Diagram("p").start().catch("t", timer(text)).end().go("s -> t -> e")
    assert started(diagram.source(), when="2026-03-01", limit="PT2H").now.timers[0].value == value


def test_a_message_brings_its_facts() -> None:
    walk = of("event_choice")
    walk.complete("a")
    walk.send("补正", text="补充说明")
    assert walk.now.open[0].facts["text"] == "补充说明"


def test_the_end_gives_the_data_of_every_branch() -> None:
    walk = of("nested_parallel")
    for step in ("d", "f", "a", "b", "c"):
        walk.complete(step, {f"by_{step}": step, "again": 0})
    outcome = walk.complete("z", by_z="z")
    assert outcome.finished and outcome.open == ()
    assert {key for key in outcome.facts if key.startswith("by_")} == {
        "by_a",
        "by_b",
        "by_c",
        "by_d",
        "by_f",
        "by_z",
    }


def test_reminders_in_every_round_of_a_loop_leave_nothing_behind() -> None:
    walk, sizes = of("boundaries"), []
    for _round in range(40):
        walk.complete("a")
        walk.fire("soon")
        walk.complete("urge")
        walk.complete("b")
        walk.complete("z", again=1)
        sizes.append(len(walk.state))
    assert sizes[-1] < sizes[2] + 30
    assert replay.differences(walk.spec, walk.rows, walk.state) == []


def test_actions_get_their_parameters_and_an_address() -> None:
    seen: list[tuple[str, dict[str, Json], str]] = []

    def actions(name: str, params: dict[str, Json], address: str) -> Json:
        seen.append((name, params, address))
        return {"no": 7}

    diagram = (
        Diagram("p").start().people("a").action("n", "number.assign", "doc", kind="'文'", day="date(when)")
    )
    spec = load(diagram.people("z").end().go("s -> a -> n -> z -> e").source())
    begun = flow.start(spec, 0, {"when": "2026-03-01"}, actions)
    outcome = flow.complete(spec, begun.state, 1, "0:a", {}, actions)
    assert seen == [("number.assign", {"kind": "文", "day": "2026-03-01"}, "1:n")]
    assert outcome.open[0].facts["doc"] == {"no": 7}
    assert [(act.name, act.path, act.result) for act in outcome.row.acts] == [
        ("number.assign", "n", {"no": 7})
    ]


def test_an_unnamed_result_leaves_no_trace_in_the_data() -> None:
    walk = of("actions")
    walk.complete("a", grade="高")
    walk.complete("b")
    walk.complete("c")
    assert not [name for name in walk.now.open[0].facts if name.startswith("spiff")]


@pytest.mark.parametrize("result", [object(), {1, 2}, float("nan"), 10**30])
def test_an_action_must_answer_with_plain_data(result: object) -> None:
    diagram = Diagram("p").start().action("n", "number.assign", "doc").end().go("s -> n -> e")
    with pytest.raises(EngineRefused) as refusal:
        flow.start(load(diagram.source()), 0, {}, lambda name, params, address: result)  # type: ignore[arg-type, return-value]
    assert refusal.value.code == "facts"


def test_a_failing_action_leaves_the_state_as_it_was() -> None:
    def broken(name: str, params: dict[str, Json], address: str) -> Json:
        raise KeyError("文号用完")

    walk = of("actions")
    walk.complete("a", grade="高")
    before = walk.state
    with pytest.raises(KeyError):
        flow.complete(walk.spec, before, 2, walk.find("b"), {}, broken)
    assert walk.state == before
    assert flow.look(walk.spec, before).addresses() == {"1:b", "1:c"}


def test_a_step_done_by_someone_else_is_refused() -> None:
    walk = of("parallel_loop")
    address = walk.find("a")
    walk.complete("a")
    with pytest.raises(EngineRefused) as refusal:
        walk.complete(address)
    assert refusal.value.code == "not_open" and "刷新" in str(refusal.value)


@pytest.mark.parametrize("address", ["", "9:a", "0:b1", "0:a#2", "x", "0:sp/a"])
def test_an_unknown_address_is_refused(address: str) -> None:
    walk = of("parallel_loop")
    with pytest.raises(EngineRefused) as refusal:
        flow.complete(walk.spec, walk.state, 1, address, {}, None)
    assert refusal.value.code == "not_open"


def test_a_timer_is_not_a_step_and_a_step_is_not_a_timer() -> None:
    walk = of("boundaries")
    walk.complete("a")
    with pytest.raises(EngineRefused) as refusal:
        flow.complete(walk.spec, walk.state, 2, "1:soon", {}, None)
    assert refusal.value.code == "not_open"
    with pytest.raises(EngineRefused) as refusal:
        flow.fire(walk.spec, walk.state, 2, "1:b", "soon", None)
    assert refusal.value.code == "no_timer"
    with pytest.raises(EngineRefused) as refusal:
        flow.fire(walk.spec, walk.state, 2, "1:soon", "over", None)
    assert refusal.value.code == "no_timer"


def test_a_message_nobody_waits_for_is_refused() -> None:
    walk = of("withdrawal")
    with pytest.raises(EngineRefused) as refusal:
        walk.send("撤回")
    assert refusal.value.code == "not_caught"
    with pytest.raises(EngineRefused):
        walk.send("没有这种消息")


def test_a_condition_over_missing_data_is_refused_in_words() -> None:
    diagram = Diagram("p").start().people("a").gateways("exclusive", "x").end("e", "f")
    walk = started(diagram.go("s -> a -> x").go("x -> e", "amount > 3").otherwise("x -> f").source())
    with pytest.raises(EngineRefused, match="没有名为“amount”的数据"):
        walk.complete("a")
    assert walk.complete("a", amount=5).finished


def test_a_step_after_which_nothing_would_wait_is_refused() -> None:
    """A join behind a choice waits for a branch that never comes."""
    diagram = (
        Diagram("p").start().people("a", "b", "c").gateways("exclusive", "x").gateways("parallel", "j").end()
    )
    diagram.go("s -> a -> x").go("x -> b", "n == 1").otherwise("x -> c").go("b -> j").go("c -> j -> e")
    walk = started(diagram.source(), n=1)
    walk.complete("a")
    with pytest.raises(EngineRefused) as refusal:
        walk.complete("b")
    assert refusal.value.code == "deadlock" and walk.waiting() == ["b"]


def test_an_error_that_nobody_catches_is_refused() -> None:
    diagram = Diagram("p").start().people("a").end("e", inner=ERROR_END).go("s -> a -> e")
    diagram.extra.append('<bpmn:error id="err" name="退件" errorCode="E1"/>')
    walk = started(diagram.source())
    with pytest.raises(EngineRefused) as refusal:
        walk.complete("a")
    assert refusal.value.code == "uncaught_error"


def test_a_signal_reaches_its_catcher_in_another_branch() -> None:
    signal = '<bpmn:signalEventDefinition signalRef="sig"/>'
    diagram = (
        Diagram("p").start().people("a", "b").gateways("parallel", "g", "j").end().catch("c", signal)
        .node("intermediateThrowEvent", "t", signal).go("s -> g -> a -> t -> j -> e").go("g -> c -> b -> j")
    )  # fmt: skip
    diagram.extra.append('<bpmn:signal id="sig" name="信号"/>')
    walk = started(diagram.source())
    assert walk.waiting() == ["a"]
    walk.complete("a")
    assert walk.waiting() == ["b"]


def test_a_standard_loop_repeats_up_to_its_maximum() -> None:
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    walk = started(Diagram("p").start().people("a", inner=loop).end().go("s -> a -> e").source())
    for number in range(3):
        assert walk.waiting() == [f"a[{number}]"]
        walk.complete(walk.now.open[0].address)
    assert walk.now.finished


def test_facts_given_are_copied() -> None:
    walk, given = of("parallel_loop"), {"note": ["甲"]}
    outcome = flow.complete(walk.spec, walk.state, 1, "0:a", given, None)  # type: ignore[arg-type]
    given["note"].append("乙")
    assert outcome.row.facts == {"note": ["甲"]}
    assert all(step.facts["note"] == ["甲"] for step in outcome.open)


def test_rows_survive_json() -> None:
    walk = random_walk(
        ZOO["actions"].spec(), Random(5), ZOO["actions"].answers, ZOO["actions"].begin, returns=True
    )
    for row in walk.rows:
        assert Row.from_json(json.loads(json.dumps(row.to_json(), ensure_ascii=False))) == row


def test_many_threads_share_one_definition() -> None:
    def one(seed: int) -> list[str]:
        animal = ZOO[sorted(ZOO)[seed % len(ZOO)]]
        walk = random_walk(animal.spec(), Random(seed), animal.answers, animal.begin)
        return replay.differences(animal.spec(), walk.rows, walk.state)

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(one, range(56)))
