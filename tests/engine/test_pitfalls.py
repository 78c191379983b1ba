"""Every pitfall of the library (engine.md): ours works, and the stock library still does not."""

from __future__ import annotations

import inspect
import itertools
from pathlib import Path

import pytest
import SpiffWorkflow.bpmn.specs.event_definitions.timer as stock_timer
import SpiffWorkflow.util.deep_merge as stock_merge
import SpiffWorkflow.util.task as stock_task
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.exceptions import WorkflowDataException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

import workflows.engine
from tests.engine import stock
from tests.engine.diagrams import Diagram, formal, instances, message, table, timer
from tests.engine.walks import Walk
from tests.engine.zoo import ZOO
from workflows.engine import (
    DefinitionRefused,
    EngineRefused,
    Source,
    check,
    closure_hash,
    load,
    patches,
    state,
)
from workflows.engine.loading import parse
from workflows.engine.merging import overlay

HOSTILE = "__import__('os').getpid()"


def started(source: Source, *callees: Source, **facts: object) -> Walk:
    walk = Walk(load(source, callees))
    walk.start(facts)  # type: ignore[arg-type]
    return walk


def loop_of_two() -> Diagram:
    return (
        Diagram("loop").start().people("a", "b", "c", "z").gateways("parallel", "g", "j").gateways("exclusive", "x").end()
        .go("s -> a -> g -> b -> j -> z -> x").go("g -> c -> j").go("x -> a", "again == 1").otherwise("x -> e")
    )  # fmt: skip


# -- 1. everything that evaluates text ------------------------------------------------------------------


def test_the_stock_engine_still_runs_any_python() -> None:
    assert isinstance(PythonScriptEngine().environment.evaluate(HOSTILE, {}), int)


def test_a_restored_stock_instance_still_gets_the_default_engine_back() -> None:
    restored = BpmnWorkflow(load(loop_of_two().source()).main, {}, deserializing=True)
    assert type(restored.script_engine) is PythonScriptEngine


def _condition() -> Source:
    diagram = Diagram("p").start().people("a").gateways("exclusive", "x").end("e", "f")
    return diagram.go("s -> a -> x").go("x -> e", HOSTILE).otherwise("x -> f").source()


def _after_a(diagram: Diagram, step: str) -> Source:
    return diagram.start().people("a").end().go(f"s -> a -> {step} -> e").source()


def _table(**texts: str) -> Source:
    given = {"column": "1", "cell": "1", "result": "1", **texts}
    data = table("t", [given["column"]], ["out"], [([given["cell"]], [given["result"]])])
    diagram = Diagram("p").start().people("a").decision("d", "t").end().go("s -> a -> d -> e")
    return diagram.source({"t.dmn": data})


def _script(which: str) -> Source:
    inner = f"<bpmn:extensionElements><spiffworkflow:{which}>x = 1</spiffworkflow:{which}></bpmn:extensionElements>"
    return _after_a(Diagram("p").people("b", inner=inner), "b")


PLACES = {
    "condition": _condition(),
    "duration": _after_a(Diagram("p").catch("t", timer(HOSTILE)), "t"),
    "date": _after_a(Diagram("p").catch("t", timer(HOSTILE, "timeDate")), "t"),
    "cardinality": _after_a(Diagram("p").people("u", inner=instances(cardinality=HOSTILE)), "u"),
    "sequential cardinality": _after_a(
        Diagram("p").people("u", inner=instances(cardinality=HOSTILE, sequential=True)), "u"
    ),
    "completion": _after_a(Diagram("p").people("u", inner=instances(cardinality="2", until=HOSTILE)), "u"),
    "loop condition": _after_a(
        Diagram("p").people(
            "u",
            inner='<bpmn:standardLoopCharacteristics loopMaximum="3" testBefore="true">'
            + formal("loopCondition", HOSTILE)
            + "</bpmn:standardLoopCharacteristics>",
        ),
        "u",
    ),
    "parameter": _after_a(Diagram("p").action("n", "number.assign", kind=HOSTILE), "n"),
    "column": _table(column=HOSTILE),
    "cell": _table(cell=HOSTILE),
    "cell with operator": _table(cell="> " + HOSTILE),
    "cell with mark": _table(cell="? == " + HOSTILE),
    "result": _table(result=HOSTILE),
    "before": _script("preScript"),
    "after": _script("postScript"),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_place_runs_hostile_text_and_the_check_finds_it(place: str) -> None:
    findings = check(PLACES[place])
    assert {"expression", "script", "instances"} & {
        finding.rule for finding in findings if finding.severity == "error"
    }
    with pytest.raises(EngineRefused) as refusal:
        _walked_through(PLACES[place])
    assert refusal.value.code == "expression"


def _walked_through(source: Source) -> None:
    walk = started(source)
    for _step in range(4):
        walk.complete(walk.now.open[0].address)


def test_a_script_task_cannot_even_be_loaded() -> None:
    source = _after_a(Diagram("p").node("scriptTask", "t", "<bpmn:script>x = 1</bpmn:script>"), "t")
    with pytest.raises(DefinitionRefused, match="脚本"):
        load(source)


# -- 2. depth and runaways ------------------------------------------------------------------------------


def test_the_stock_iterator_still_gives_up_at_a_depth_of_a_thousand() -> None:
    default = inspect.signature(stock.fresh(stock_task).TaskIterator.__init__).parameters["max_depth"].default
    assert default == 1000


def test_iteration_reaches_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.engine.running.prune", lambda workflow: None)
    diagram = Diagram("p").start().people("a").gateways("exclusive", "x").end()
    walk = started(diagram.go("s -> a -> x").go("x -> a", "True").otherwise("x -> e").source())
    flow = state.load(walk.spec, walk.state)
    for seq in range(1, 520):
        address = workflows.engine.running.waiting_tasks(flow)[0].internal_data["address"]
        row = workflows.engine.Row(seq, "complete", at=(address,))
        flow, _row = workflows.engine.flow.step(
            walk.spec, flow, row, workflows.engine.running.Engine(seq, None)
        )
    assert len(workflows.engine.running.waiting_tasks(flow)) == 1
    assert not flow.workflow.completed


def test_the_stock_library_still_walks_every_task_to_find_those_that_wait() -> None:
    assert "TaskIterator(self.task_tree" in inspect.getsource(patches.walk_waiting_tasks)


def test_an_advance_that_never_stops_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thousands of nodes are not walked again after each of them: nothing waits there."""
    monkeypatch.delattr(patches, "walk_waiting_tasks")
    diagram = Diagram("p").start().people("a").action("n", "number.assign").gateways("exclusive", "x").end()
    walk = started(diagram.go("s -> a -> n -> x").go("x -> n", "True").otherwise("x -> e").source())
    with pytest.raises(EngineRefused) as refusal:
        walk.complete("a")
    assert refusal.value.code == "runaway"
    assert walk.waiting() == ["a"]


# -- 3. what instances share ----------------------------------------------------------------------------


def test_the_stock_parser_still_leaves_multi_instances_unconnected() -> None:
    spec = stock.parsed(ZOO["each_parallel"].main)
    assert not spec.task_specs["u [child]"].completed_event.is_connected(spec.task_specs["u"].merge_child)


def test_a_multi_instance_survives_a_restore_on_a_freshly_parsed_definition() -> None:
    source = ZOO["each_parallel"].main
    walk = started(source, units=["甲", "乙"], again=0)
    walk.complete("a")
    walk.spec = parse(source)  # as another server process would have it
    walk.complete("u[0]", opinion="同意")
    walk.complete("u[1]", opinion="同意")
    assert walk.waiting() == ["z"]
    assert walk.now.open[0].facts["opinions"] == ["同意", "同意"]


def test_running_instances_leaves_the_shared_definition_as_it_was() -> None:
    def shape(spec: workflows.engine.Spec) -> object:
        return {
            (n, t): (s._inputs, s._outputs) for n, p in spec.parsed.items() for t, s in p.task_specs.items()
        }

    spec = ZOO["withdrawal"].spec()
    before = repr(shape(spec))
    walk = started(ZOO["withdrawal"].main, *ZOO["withdrawal"].callees, again=0)
    walk.complete("a")
    walk.send("撤回")
    assert repr(shape(spec)) == before


# -- 4. and 5. state, and no reset ------------------------------------------------------------------------


def test_a_state_holds_no_definition() -> None:
    walk = started(loop_of_two().source())
    assert b"task_spec" not in state.content(walk.state)
    assert len(walk.state) < 400


def test_a_line_of_five_hundred_steps_is_refused_with_a_sentence() -> None:
    steps = [f"u{number}" for number in range(500)]
    source = Diagram("p").start().people(*steps).end().go(" -> ".join(["s", *steps, "e"])).source()
    assert "oversize" in {finding.rule for finding in check(source)}
    with pytest.raises(DefinitionRefused):
        load(source)


def test_two_hundred_steps_in_a_line_are_fine() -> None:
    steps = [f"u{number}" for number in range(190)]
    source = Diagram("p").start().people(*steps).end().go(" -> ".join(["s", *steps, "e"])).source()
    assert started(source).waiting() == ["u0"]


def test_nothing_calls_the_librarys_reset() -> None:
    folder = Path(workflows.engine.__file__).parent
    assert not [file for file in folder.glob("*.py") if "reset_from_task_id(" in file.read_text()]


# -- 7. and 8. facts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["typename", "len", "date", "_x", "a-b", "中文", "1a", "cell_input", "a" * 65, "a\n"]
)
def test_facts_under_dangerous_names_are_refused(name: str) -> None:
    with pytest.raises(EngineRefused) as refusal:
        started(loop_of_two().source(), **{name: 1})
    assert refusal.value.code == "facts"


@pytest.mark.parametrize("value", [{1}, object(), 10**30, float("nan"), "x" * 10_001, "\ud800", {1: 2}, b"x"])
def test_facts_that_are_not_plain_are_refused(value: object) -> None:
    with pytest.raises(EngineRefused):
        started(loop_of_two().source(), a=value)


def test_the_stock_merge_still_shares_and_loses_nested_values() -> None:
    merge = stock.fresh(stock_merge).DeepMerge.merge
    source = {"a": [{"x": 1}]}
    assert merge({}, source)["a"][0] is source["a"][0]
    assert merge({"a": [1, 2]}, {"a": [2, 3]}) == {"a": [1, 2]}


def test_nested_values_are_never_shared() -> None:
    source = {"a": [{"x": 1}]}
    copied = overlay({}, source)
    assert copied == source and copied["a"][0] is not source["a"][0]
    assert overlay({"a": [1, 2]}, {"a": [2, 3]}) == {"a": [2, 3]}


# -- 12. and 13. closures, messages ---------------------------------------------------------------------------


def test_a_new_version_of_a_called_process_is_another_closure() -> None:
    main = ZOO["each_call"].main
    old, new = (Diagram("opinion").start().people(*steps).end() for steps in (["o1"], ["o1", "o9"]))
    before, after = old.go("s -> o1 -> e").source(), new.go("s -> o1 -> o9 -> e").source()
    assert closure_hash(main, [before]) != closure_hash(main, [after])
    walk = started(main, before, units=["甲"])
    with pytest.raises(workflows.engine.StateUnreadable):
        state.load(load(main, [after]), walk.state)


def test_a_call_gives_back_only_what_it_declares() -> None:
    walk = started(ZOO["calls"].main, *ZOO["calls"].callees, again=0, level=1)
    walk.complete("a")
    walk.complete("ca/k")
    walk.complete("ca/deep/r1", verdict="公开", private="x")
    walk.complete("c")
    assert walk.now.open[0].facts["verdict"] == "公开"
    assert "private" not in walk.now.open[0].facts


def test_a_message_boundary_that_interrupts_nothing_is_refused_at_publication() -> None:
    diagram = Diagram("p").start().people("a", "b").end("e", "f").message("催办")
    diagram.boundary("m", "a", message("催办"), interrupting=False).go("s -> a -> e").go("m -> b -> f")
    assert "message_boundary" in {finding.rule for finding in check(diagram.source())}


# -- 14. determinism ------------------------------------------------------------------------------------------


def test_the_stock_timers_still_look_at_the_clock() -> None:
    assert "datetime.now(" in inspect.getsource(stock_timer.DurationTimerEventDefinition.has_fired)
    assert "datetime.now(" in inspect.getsource(stock_timer.TimeDateEventDefinition.has_fired)


@pytest.mark.parametrize("definition", [timer("'P0D'"), timer("'2001-01-01'", "timeDate")])
def test_a_timer_waits_for_its_row_however_late_it_is(definition: str) -> None:
    walk = started(_after_a(Diagram("p").catch("t", definition), "t"))
    walk.complete("a")
    assert [timer.name for timer in walk.now.timers] == ["t"]
    assert walk.fire("t").finished


ORDERS = list(itertools.product(itertools.permutations("bc"), repeat=3))


def test_the_stock_join_still_fires_early_in_a_loop() -> None:
    early = 0
    for orders in ORDERS:
        workflow = stock.started(loop_of_two().source(), again=1)
        for first, second in orders:
            stock.complete(workflow, "a")
            stock.complete(workflow, first)
            if stock.waiting(workflow) != [second]:
                early += 1
                break
            stock.complete(workflow, second)
            stock.complete(workflow, "z")
    assert early > 0


@pytest.mark.parametrize("orders", ORDERS)
def test_a_join_in_a_loop_waits_for_both_in_every_round(orders: tuple[tuple[str, str], ...]) -> None:
    walk = started(loop_of_two().source(), again=1)
    for first, second in orders:
        walk.complete("a")
        walk.complete(first)
        assert walk.waiting() == [second]
        walk.complete(second)
        assert walk.waiting() == ["z"]
        walk.complete("z", again=1)


def test_a_stock_join_still_overwrites_with_what_a_branch_merely_inherited() -> None:
    workflow = stock.started(loop_of_two().source(), v="旧", again=0)
    stock.complete(workflow, "a")
    stock.complete(workflow, "b", v="新")
    stock.complete(workflow, "c")
    task = next(iter(workflow.get_tasks(spec_name="z")))
    assert task.data["v"] == "旧"


@pytest.mark.parametrize("order", ["bc", "cb"])
def test_a_join_keeps_what_each_branch_changed_in_either_order(order: str) -> None:
    walk = started(loop_of_two().source(), v="旧", deep={"甲": 1, "乙": 1}, again=0)
    walk.complete("a")
    changes: dict[str, dict[str, object]] = {
        "b": {"v": "新", "deep": {"甲": 2, "乙": 1}}, "c": {"w": 1, "deep": {"甲": 1, "乙": 3}},
    }  # fmt: skip
    for step in order:
        walk.complete(step, changes[step])  # type: ignore[arg-type]
    facts = walk.now.open[0].facts
    assert (facts["v"], facts["w"], facts["deep"]) == ("新", 1, {"甲": 2, "乙": 3})


def test_where_both_branches_changed_a_value_the_later_arrival_holds() -> None:
    for order in ("bc", "cb"):
        walk = started(loop_of_two().source(), v=0, again=0)
        walk.complete("a")
        for step in order:
            walk.complete(step, v=step)
        assert walk.now.open[0].facts["v"] == order[-1]


def test_an_inclusive_join_in_a_loop_waits_in_every_round() -> None:
    walk = started(ZOO["inclusive"].main, want=["b", "c"], again=1)
    for first, second in ("bc", "cb", "bc"):
        walk.complete("a", want=["b", "c"])
        walk.complete(first)
        assert walk.waiting() == [second]
        walk.complete(second)
        walk.complete("z", again=1)


def test_no_listener_outlives_its_task() -> None:
    walk = started(ZOO["withdrawal"].main, *ZOO["withdrawal"].callees, again=0)
    walk.complete("a")
    walk.send("撤回")
    flow = state.load(walk.spec, walk.state)
    assert flow.workflow.event_manager.tasks == {}
    assert walk.now.timers == () and walk.now.messages == ()


def test_an_error_is_caught_by_its_own_activity_only() -> None:
    walk = started(ZOO["failing"].main, fail=0, again=0)
    walk.complete("a")
    walk.complete("sp/k", fail=1)
    assert walk.waiting() == ["mend", "sq/m"]


def test_a_step_that_another_one_ended_in_the_same_moment_does_not_run() -> None:
    """A branch that ends everything, beside an action that is ready at the same time."""
    diagram = (
        Diagram("p").start().people("a").gateways("parallel", "g").end("e")
        .end("t", inner="<bpmn:terminateEventDefinition/>").action("n", "number.assign")
        .go("s -> a -> g -> t").go("g -> n -> e")
    )  # fmt: skip
    walk = started(diagram.source())
    walk.complete("a")
    assert walk.now.finished and walk.actions.calls == []


def test_branches_of_an_inner_split_are_joined_before_the_outer_one() -> None:
    """b changes what was written between the splits; c, which arrives later, merely inherited it."""
    diagram = (
        Diagram("p").start().people("a", "b", "c", "d", "z").gateways("parallel", "g1", "g2", "j").end()
        .go("s -> g1 -> a -> g2 -> b -> j -> z -> e").go("g2 -> c -> j").go("g1 -> d -> j")
    )  # fmt: skip
    for order in itertools.permutations("bcd"):
        walk = started(diagram.source(), v="起")
        walk.complete("a", v="中")
        for step in order:
            walk.complete(step, {"v": "终"} if step == "b" else {})
        assert walk.now.open[0].facts["v"] == "终", order


def test_many_splits_in_a_row_cost_no_more_than_few() -> None:
    diagram, path = Diagram("p").start().end(), ["s"]
    for number in range(30):
        diagram.gateways("parallel", f"g{number}", f"j{number}").people(f"a{number}", f"b{number}")
        diagram.go(f"g{number} -> a{number} -> j{number}").go(f"g{number} -> b{number} -> j{number}")
        diagram.go(f"{path[-1]} -> g{number}")
        path.append(f"j{number}")
    walk = started(diagram.go(f"{path[-1]} -> e").source())
    assert walk.waiting() == ["a0", "b0"]
    assert walk.complete("a0").row.opened == () and len(walk.state) < 600


# -- 15. multi-instance in a loop -------------------------------------------------------------------------------


def test_a_stock_multi_instance_in_a_loop_still_raises() -> None:
    workflow = stock.started(ZOO["each_parallel"].main, units=["甲"], again=1)
    stock.complete(workflow, "a")
    stock.complete(workflow, "u [child]", opinion="同意")
    stock.complete(workflow, "z")
    with pytest.raises(WorkflowDataException):
        stock.complete(workflow, "a")


def test_a_multi_instance_in_a_loop_starts_afresh() -> None:
    walk = started(ZOO["each_parallel"].main, units=["甲"], again=1)
    for opinion in ("同意", "反对", "弃权"):
        walk.complete("a")
        walk.complete("u[0]", opinion=opinion)
        assert walk.now.open[0].facts["opinions"] == [opinion]
        walk.complete("z", again=1)


def test_too_many_instances_are_refused() -> None:
    walk = started(ZOO["each_parallel"].main, units=[], again=0)
    with pytest.raises(EngineRefused) as refusal:
        walk.complete("a", units=["甲"] * 201)
    assert refusal.value.code == "too_many_instances"


def test_an_instance_without_its_result_is_refused() -> None:
    walk = started(ZOO["each_parallel"].main, units=["甲"], again=0)
    walk.complete("a")
    with pytest.raises(EngineRefused) as refusal:
        walk.complete("u[0]")
    assert refusal.value.code == "missing_output"
    walk.complete("u[0]", opinion="同意")


# -- a multi-instance of calls that an event interrupts ----------------------------------------------------------


def called_parts() -> tuple[Source, Source, Source]:
    """a, then for each unit a call of `part`, which calls `inner`; the message 撤回 ends all of it and leads to w."""
    calls = instances(over="units", item="unit")
    inner = Diagram("inner").start().people("v").end().go("s -> v -> e").source()
    part = (
        Diagram("part")
        .start()
        .node("callActivity", "i", calledElement="inner")
        .end()
        .go("s -> i -> e")
        .source()
    )
    main = (
        Diagram("main").start().people("a", "w").node("callActivity", "u", calls, calledElement="part").end()
        .boundary("b", "u", message("撤回")).message("撤回").go("s -> a -> u -> e").go("b -> w -> e")
    )  # fmt: skip
    return main.source(), part, inner


@pytest.mark.parametrize("done", [[], ["u[1]/i/v"]])
def test_an_interrupted_multi_instance_of_calls_leaves_nothing_behind(done: list[str]) -> None:
    walk = started(*called_parts(), units=["甲", "乙", "丙"])
    walk.complete("a")
    for step in done:
        walk.complete(step)
    walk.send("撤回")
    assert [step.step for step in walk.now.open] == ["w"]
    assert len(walk.now.row.closed) == 3 - len(done)
    assert not state.load(walk.spec, walk.state).workflow.subprocesses
    walk.complete("w")
    assert walk.now.finished


def test_the_stock_library_still_forgets_what_runs_inside_cancelled_instances() -> None:
    walk = started(*called_parts(), units=["甲", "乙"])
    walk.complete("a")
    workflow = state.load(walk.spec, walk.state).workflow
    loop = next(task for task in workflow.tasks.values() if task.task_spec.name == "u")
    loop.cancel()
    assert workflow.get_active_subprocesses()


# -- decision tables ----------------------------------------------------------------------------------------------


def test_a_table_of_which_two_rows_hold_is_refused_and_none_gives_none() -> None:
    both = table("t", ["n"], ["out"], [(["> 1"], ["1"]), (["in [2, 3]"], ["2"])])
    source = (
        Diagram("p").start().people("a").decision("d", "t").end().go("s -> a -> d -> e").source({"t": both})
    )
    walk = started(source, n=0, out="上一轮")
    with pytest.raises(EngineRefused) as refusal:
        walk.complete("a", n=2)
    assert refusal.value.code == "ambiguous_table"
    assert walk.complete("a", n=1).facts["out"] is None
