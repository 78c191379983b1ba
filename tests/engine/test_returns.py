"""退回 and 取回: what a return keeps, drops, opens again and leaves standing, kind by kind."""

from __future__ import annotations

import pytest

from tests.engine.diagrams import Diagram, instances, message, timer
from tests.engine.walks import Walk
from tests.engine.zoo import ZOO
from workflows.engine import EngineRefused, Row, Source, load, place_of, replay


def started(source: Source, *callees: Source, **facts: object) -> Walk:
    walk = Walk(load(source, callees))
    walk.start(facts)  # type: ignore[arg-type]
    return walk


def of(name: str, **facts: object) -> Walk:
    animal = ZOO[name]
    return started(animal.main, *animal.callees, **{**animal.begin, **facts})


def line() -> Walk:
    return started(Diagram("line").start().people("a", "b", "c").end().go("s -> a -> b -> c -> e").source())


def split(*, tail: Diagram | None = None) -> Walk:
    """a, then b1 - b2 beside c, joined before z."""
    diagram = tail or Diagram("split")
    diagram.start().people("a", "b1", "b2", "c", "z").gateways("parallel", "g", "j").end()
    diagram.go("s -> a -> g -> b1 -> b2 -> j -> z -> e").go("g -> c -> j")
    return started(diagram.source())


def do(walk: Walk, *steps: str, **facts: object) -> Walk:
    for step in steps:
        walk.complete(step, facts)  # type: ignore[arg-type]
    return walk


def dropped(walk: Walk, plan: replay.ReturnPlan) -> list[str]:
    rows = {row.seq: row for row in walk.rows}
    return [place_of(rows[seq].at[0]) for seq in plan.drop]


def back(walk: Walk, step: str) -> replay.ReturnPlan:
    """Return to the last completion of `step`; the rows still rebuild the state afterwards."""
    plan = walk.back(walk.row_of(step))
    assert replay.differences(walk.spec, walk.rows, walk.state) == []
    return plan


def finish(walk: Walk) -> Walk:
    """Whatever was returned, the case can still be walked to its end."""
    for _step in range(30):
        if walk.now.finished:
            break
        walk.complete(walk.now.open[0].address)
    assert walk.now.finished
    assert replay.differences(walk.spec, walk.rows, walk.state) == []
    return walk


def test_back_one_step() -> None:
    walk = do(line(), "a")
    plan = back(walk, "a")
    assert walk.waiting() == ["a"] and plan.withdrawal
    assert [place_of(step.address) for step in plan.vanish] == ["b"]
    assert [place_of(step.address) for step in plan.reopened] == ["a"]


def test_back_two_steps_drops_both_and_says_why() -> None:
    walk = do(line(), "a", "b")
    plan = back(walk, "a")
    assert dropped(walk, plan) == ["a", "b"] and not plan.withdrawal
    assert list(plan.why.values()) == ["退回到这一步", "所办的环节不再等待办理"]
    assert [place_of(address) for address in plan.redone] == ["a", "b"]
    finish(walk)


def test_the_returned_step_shows_the_data_of_its_own_time() -> None:
    walk = do(line(), "a", note="一")
    do(walk, "b", note="二")
    back(walk, "b")
    assert walk.now.open[0].facts["note"] == "一"


def test_back_twice_to_the_same_step() -> None:
    walk = do(line(), "a", "b")
    back(walk, "b")
    do(walk, "b")
    back(walk, "b")
    assert walk.waiting() == ["b"]
    finish(walk)


def test_a_row_already_returned_cannot_be_returned_again() -> None:
    walk = do(line(), "a", "b")
    seq = walk.row_of("a")
    walk.back(seq)
    plan = replay.plan_return(walk.spec, walk.rows, seq)
    assert plan.refused is not None and "已经被退回" in plan.refused
    with pytest.raises(EngineRefused):
        replay.apply_return(walk.spec, walk.rows, plan, walk.seq)


def test_only_a_persons_step_can_be_returned_to() -> None:
    assert replay.plan_return(line().spec, do(line(), "a").rows, 0).refused == "只能退回到某个人办理过的环节"


def test_inside_a_branch_the_sibling_keeps_its_place() -> None:
    walk = do(split(), "a", "b1", "c")
    plan = back(walk, "b1")
    assert walk.waiting() == ["b1"] and dropped(walk, plan) == ["b1"]
    assert [walk.rows[seq].at[0].split(":")[1] for seq in plan.kept] == ["c"]
    do(walk, "b1", "b2")
    assert walk.waiting() == ["z"]


def test_before_the_split_both_branches_go() -> None:
    walk = do(split(), "a", "b1", "c")
    plan = back(walk, "a")
    assert walk.waiting() == ["a"] and sorted(dropped(walk, plan)) == ["a", "b1", "c"]
    finish(walk)


def test_after_the_join_into_a_branch_the_join_waits_again_and_fires_once() -> None:
    walk = do(split(), "a", "b1", "b2", "c")
    plan = back(walk, "b2")
    assert walk.waiting() == ["b2"]
    assert [place_of(address) for gone in plan.undone.values() for address in gone] == ["z"]
    do(walk, "b2")
    assert walk.waiting() == ["z"]
    finish(walk)


def test_after_the_join_into_the_branch_that_arrived_first() -> None:
    walk = do(split(), "a", "c", "b1", "b2")
    back(walk, "c")
    assert walk.waiting() == ["c"]
    do(walk, "c")
    assert walk.waiting() == ["z"]


def test_work_after_the_join_is_dropped_with_it() -> None:
    walk = do(split(), "a", "b1", "b2", "c", "z")
    assert walk.now.finished
    plan = back(walk, "c")
    assert walk.waiting() == ["c"] and dropped(walk, plan) == ["c", "z"]
    finish(walk)


def test_into_an_earlier_round_of_a_loop() -> None:
    walk = of("parallel_loop")
    for again in (1, 1):
        do(walk, "a", "b1", "b2", "c", "d")
        do(walk, "z", again=again)
    first_z = min(row.seq for row in walk.rows for address in row.at if place_of(address) == "z")
    plan = walk.back(first_z)
    assert walk.waiting() == ["z"] and len(plan.drop) == 7
    do(walk, "z", again=0)
    assert walk.now.finished


def test_one_part_of_a_multi_instance() -> None:
    walk = of("each_parallel", units=["甲", "乙", "丙"])
    do(walk, "a")
    do(walk, "u[0]", opinion="同意")
    do(walk, "u[1]", opinion="同意")
    plan = back(walk, "u[0]")
    assert walk.waiting() == ["u[0]", "u[2]"] and dropped(walk, plan) == ["u[0]"]
    do(walk, "u[2]", "u[0]", opinion="保留")
    assert walk.now.open[0].facts["opinions"] == ["同意", "保留", "保留"]


def test_a_veto_taken_back_opens_the_other_parts_again() -> None:
    walk = of("each_parallel", units=["甲", "乙", "丙"])
    do(walk, "a")
    do(walk, "u[1]", opinion="反对")
    assert walk.waiting() == ["z"]
    back(walk, "u[1]")
    assert walk.waiting() == ["u[0]", "u[1]", "u[2]"]


def test_before_a_multi_instance() -> None:
    walk = of("each_parallel", units=["甲", "乙"])
    do(walk, "a")
    do(walk, "u[0]", opinion="同意")
    back(walk, "a")
    do(walk, "a", units=["丙"])
    assert walk.waiting() == ["u[0]"] and walk.now.open[0].facts["unit"] == "丙"


def test_a_part_of_a_sequential_multi_instance() -> None:
    walk = of("each_sequential", units=["甲", "乙", "丙"], levels=0)
    do(walk, "a")
    do(walk, "u[0]", "u[1]", opinion="同意")
    back(walk, "u[0]")
    assert walk.waiting() == ["u[0]"]
    do(walk, "u[0]", opinion="反对")
    do(walk, "u[1]", "u[2]", opinion="同意")
    assert walk.now.open[0].facts["opinions"] == ["反对", "同意", "同意"]


def test_inside_a_call() -> None:
    walk = of("calls", level=2)
    do(walk, "a", "ca/k", "ca/deep/r1")
    back(walk, "ca/k")
    assert walk.waiting() == ["c", "ca/k"]
    do(walk, "ca/k", "ca/deep/r1", "ca/deep/r2", "c")
    assert walk.waiting() == ["z"]


def test_back_into_a_call_that_has_returned() -> None:
    walk = of("calls", level=1)
    do(walk, "a", "c", "ca/k", "ca/deep/r1")
    assert walk.waiting() == ["z"]
    plan = back(walk, "ca/deep/r1")
    assert walk.waiting() == ["ca/deep/r1"] and plan.withdrawal


def test_one_of_several_calls_at_once() -> None:
    walk = of("each_call", units=["甲", "乙"])
    do(walk, "a", "ca[0]/o1")
    do(walk, "ca[0]/o2", "ca[1]/o1", said=1)
    back(walk, "ca[0]/o1")
    assert walk.waiting() == ["ca[0]/o1", "ca[1]/o2"]


def test_a_timer_that_fired_is_detached_when_its_step_is_returned() -> None:
    walk = of("boundaries")
    do(walk, "a")
    walk.fire("soon")
    do(walk, "urge")
    plan = back(walk, "a")
    assert walk.waiting() == ["a"] and len(plan.detached) == 1
    do(walk, "a")
    assert sorted(timer.name for timer in walk.now.timers) == ["over", "soon"]


def test_a_return_beside_a_fired_timer_keeps_it() -> None:
    walk = of("boundaries")
    do(walk, "a")
    walk.fire("soon")
    do(walk, "urge")
    plan = back(walk, "urge")
    assert walk.waiting() == ["b", "urge"] and plan.detached == ()


def test_timers_of_what_opens_again_are_listed() -> None:
    walk = of("boundaries")
    do(walk, "a", "b")
    plan = back(walk, "b")
    assert sorted(timer.name for timer in plan.timers) == ["over", "soon"]
    assert sorted(timer.name for timer in walk.now.timers) == ["over", "soon"]


def test_a_deadline_that_passed_can_be_undone_only_with_its_step() -> None:
    walk = of("boundaries")
    do(walk, "a")
    walk.fire("over")
    assert walk.waiting() == ["late"]
    plan = replay.plan_return(walk.spec, walk.rows, walk.seq - 1)
    assert plan.refused is not None
    back(walk, "a")
    assert walk.waiting() == ["a"]


def test_a_withdrawal_message_is_detached_by_a_return_before_it() -> None:
    walk = of("withdrawal")
    do(walk, "a", "sp/k1")
    walk.send("撤回")
    plan = back(walk, "sp/k1")
    assert walk.waiting() == ["sp/k1", "sp/kc/q"] and len(plan.detached) == 1
    walk.send("撤回")
    assert walk.waiting() == ["wd"]


def test_an_answer_that_arrived_is_kept_where_it_still_fits() -> None:
    diagram = (
        Diagram("p").start().people("a", "b", "z").gateways("parallel", "g", "j").message("补正").end()
        .catch("m", message("补正")).go("s -> g -> a -> j -> z -> e").go("g -> m -> b -> j")
    )  # fmt: skip
    walk = do(started(diagram.source()), "a")
    walk.send("补正", text="新材料")
    plan = back(walk, "a")
    assert plan.detached == () and walk.waiting() == ["a", "b"]
    assert next(step for step in walk.now.open if step.step == "b").facts["text"] == "新材料"


def test_actions_stand_and_are_listed() -> None:
    walk = of("actions")
    do(walk, "a", grade="高")
    do(walk, "b")
    plan = back(walk, "a")
    assert [(act.name, act.result["of"]) for _seq, act in plan.stands] == [  # type: ignore[index, call-overload]
        ("number.assign", "number.assign")
    ]
    assert walk.actions.calls == [("number.assign", "2:number")]
    assert replay.standing_acts(walk.rows)["number.assign", "number"] == [plan.stands[0][1].result]


def test_an_act_that_stands_is_taken_up_once_by_whoever_repeats_it() -> None:
    walk = of("actions")
    do(walk, "a", grade="高")
    do(walk, "b", "c")
    back(walk, "a")
    assert list(replay.standing_acts(walk.rows)) == [("number.assign", "number"), ("notice.send", "tell")]
    do(walk, "a", grade="高")
    do(walk, "b")
    assert list(replay.standing_acts(walk.rows)) == [("notice.send", "tell")]
    back(walk, "b")
    assert sorted(replay.standing_acts(walk.rows)) == [("notice.send", "tell"), ("number.assign", "number")]


def test_an_act_of_a_kept_row_stands_when_its_join_waits_again() -> None:
    walk = of("actions")
    do(walk, "a", grade="高")
    do(walk, "b", "c")
    plan = back(walk, "b")
    assert plan.kept and ("notice.send", "tell") in replay.standing_acts(walk.rows)


def test_a_return_never_executes_an_action() -> None:
    walk = of("actions")
    do(walk, "a", grade="高")
    do(walk, "b", "c")
    before = list(walk.actions.calls)
    back(walk, "c")
    assert walk.actions.calls == before and walk.waiting() == ["c"]


def test_a_later_row_that_would_act_where_nothing_is_recorded_is_dropped() -> None:
    """The join fired on c; without c's branch having been last, b would now fire it, and act."""
    diagram = (
        Diagram("p").start().people("b", "c", "d", "z").gateways("inclusive", "g", "j").action("n", "notice.send").end()
        .go("s -> g").go("g -> b", "True").go("g -> c", "True").otherwise("g -> d")
        .go("b -> j").go("c -> j").go("d -> j").go("j -> n -> z -> e")
    )  # fmt: skip
    walk = do(started(diagram.source()), "b", "c")
    calls = list(walk.actions.calls)
    plan = back(walk, "b")
    assert walk.actions.calls == calls
    assert walk.waiting() == ["b"]
    assert [act.name for _seq, act in plan.stands] == ["notice.send"]


def test_a_row_that_saw_other_data_is_dropped() -> None:
    walk = do(line(), "a", n=1)
    do(walk, "b")
    back(walk, "a")
    do(walk, "a", n=2)
    assert walk.waiting() == ["b"]
    assert [row.seq for row in replay.effective(walk.rows)] == [0, 4]


def test_the_same_plan_tomorrow() -> None:
    walk = do(split(), "a", "b1", "c")
    seq = walk.row_of("a")
    assert replay.plan_return(walk.spec, walk.rows, seq) == replay.plan_return(
        walk.spec, list(walk.rows), seq
    )


def test_a_plan_is_refused_when_the_case_moved_on() -> None:
    walk = do(split(), "a", "b1")
    plan = replay.plan_return(walk.spec, walk.rows, walk.row_of("a"))
    do(walk, "c")
    with pytest.raises(EngineRefused) as refusal:
        replay.apply_return(walk.spec, walk.rows, plan, walk.seq)
    assert refusal.value.code == "return"


def test_the_return_row_says_what_it_did_and_nothing_is_deleted() -> None:
    walk = do(split(), "a", "b1", "c")
    back(walk, "b1")
    row = walk.rows[-1]
    assert (row.kind, row.target, row.drop) == ("return", 2, (2,))
    assert [place_of(address) for address in (*row.opened, *row.closed)] == ["b1", "b2"]
    assert [row.seq for row in walk.rows] == [0, 1, 2, 3, 4]
    assert Row.from_json(row.to_json()) == row


def test_an_escalated_and_a_failed_sub_process_can_be_returned_into() -> None:
    walk = of("failing")
    do(walk, "a")
    do(walk, "sp/k", fail=1)
    back(walk, "sp/k")
    assert walk.waiting() == ["sp/k", "sq/m"]
    do(walk, "sp/k", fail=2)
    assert walk.waiting() == ["sp/k2", "sq/m", "told"]


def test_an_event_choice_is_open_again_after_a_return_before_it() -> None:
    walk = of("event_choice")
    do(walk, "a")
    walk.send("补正")
    do(walk, "z", again=0)
    assert walk.now.finished
    back(walk, "a")
    do(walk, "a")
    assert sorted(message.name for message in walk.now.messages) == ["放弃", "补正"]
    walk.fire("g")
    assert walk.waiting() == ["late"]


def test_a_step_beside_a_timer_in_a_multi_instance_can_be_returned() -> None:
    diagram = (
        Diagram("p")
        .start()
        .people("z")
        .people("u", inner=instances(cardinality="2"))
        .end("e", "e2")
        .people("urge")
    )
    diagram.boundary("bt", "u", timer("'P2D'"), interrupting=False).go("s -> u -> z -> e").go(
        "bt -> urge -> e2"
    )
    walk = do(started(diagram.source()), "u[0]")
    walk.fire("bt")
    do(walk, "u[1]")
    back(walk, "u[0]")
    assert walk.waiting() == ["u[0]", "urge"]
    finish(walk)
