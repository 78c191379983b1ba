"""A running case on another definition: it goes on exactly as it would have, or the rows that stand in the way are named."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.diagrams import Diagram, timer
from tests.engine.walks import Registry, Walk, _one_input, _try_return, random_walk
from tests.engine.zoo import ZOO, Animal
from workflows.engine import (
    EngineRefused,
    Facts,
    OpenStep,
    Row,
    Source,
    Spec,
    load,
    migrating,
    place_of,
    replay,
)
from workflows.engine.migrating import Change

walks = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)
zoo = pytest.mark.parametrize("animal", ZOO.values(), ids=list(ZOO))
NEW = "_neu"


def renamed(source: Source, *, only: str = r"[A-Za-z]\w*") -> tuple[Source, Change]:
    """The same process with other ids for what people do, and the map that leads there."""
    text = source.bpmn.decode()
    steps = [each for each in re.findall(r'<bpmn:userTask id="(\w+)"', text) if re.fullmatch(only, each)]
    for step in steps:
        text = re.sub(rf'(id|sourceRef|targetRef|attachedToRef)="{step}"', rf'\1="{step}{NEW}"', text)
        text = text.replace(f"<bpmn:flowNodeRef>{step}</", f"<bpmn:flowNodeRef>{step}{NEW}</")
    changed = replace(source, bpmn=text.encode())
    return changed, Change({(source.key, step): step + NEW for step in steps})


def renamed_animal(animal: Animal) -> tuple[Spec, Change]:
    parts = [renamed(each) for each in (animal.main, *animal.callees)]
    change = Change({key: name for _source, each in parts for key, name in each.renames.items()})
    return load(parts[0][0], [source for source, _change in parts[1:]]), change


def answers_of(animal: Animal):  # type: ignore[no-untyped-def]
    """The same answers whatever a step is called."""

    def give(step: OpenStep, rng: Random) -> Facts:
        found = {name: rng.choice(list(values)) for name, values in animal.answers.items()}
        return {**found, f"did_{step.step.removesuffix(NEW)}": rng.randint(0, 9)}

    return give


def migrated(walk: Walk, new: Spec, change: Change | None = None) -> Walk:
    """The walk on another definition."""
    plan = migrating.plan(walk.spec, new, walk.rows, change)
    assert plan.diverging == ()
    outcome = migrating.apply(walk.spec, new, walk.rows, change, plan, walk.seq)
    kept = Row.from_json(json.loads(json.dumps(outcome.row.to_json())))
    moved = Walk(new, [*walk.rows, kept], registry_of(walk), outcome)
    assert replay.differences(new, moved.rows, moved.state) == []
    return moved


def registry_of(walk: Walk) -> Registry:
    return Registry(list(walk.actions.calls), walk.actions.result)


def twin(walk: Walk) -> Walk:
    """The walk as it stays, with a row that changes nothing so that later addresses are the same."""
    still = migrating.plan(walk.spec, walk.spec, walk.rows)
    assert still.kind == "same"
    outcome = migrating.apply(walk.spec, walk.spec, walk.rows, None, still, walk.seq)
    return Walk(walk.spec, [*walk.rows, outcome.row], registry_of(walk), outcome)


def old_words(text: object) -> str:
    return str(text).replace(NEW, "")


def go_on(walk: Walk, animal: Animal, seed: int, *, returns: bool) -> list[object]:
    """Walk on by the same dice; what it showed after each input, in the old names."""
    rng, shown = Random(seed), []
    for _turn in range(12):
        if walk.now.finished:
            break
        if not (returns and rng.random() < 0.2 and _try_return(walk, rng)):
            _one_input(walk, rng, answers_of(animal))
        shown.append(old_words([(s.address, s.facts) for s in walk.now.open]))
        shown.append((old_words(walk.now.timers), old_words(walk.now.facts), walk.now.finished))
    assert replay.differences(walk.spec, walk.rows, walk.state) == []
    return shown


@zoo
@walks
@given(seed=seeds, returns=st.booleans())
def test_a_case_goes_on_on_a_renamed_diagram_as_it_would_have(
    animal: Animal, seed: int, returns: bool
) -> None:
    walk = random_walk(
        animal.spec(), Random(seed), answers_of(animal), animal.begin, steps=12, returns=returns
    )
    new, change = renamed_animal(animal)
    there = migrated(walk, new, change)
    assert sorted(map(old_words, there.waiting())) == walk.waiting()
    here = twin(walk)
    assert go_on(there, animal, seed, returns=returns) == go_on(here, animal, seed, returns=returns)


@zoo
@settings(walks, max_examples=3)
@given(seed=seeds)
def test_there_and_back_again_gives_the_same_state(animal: Animal, seed: int) -> None:
    walk = random_walk(animal.spec(), Random(seed), answers_of(animal), animal.begin, steps=10, returns=True)
    new, change = renamed_animal(animal)
    back = migrated(migrated(walk, new, change), animal.spec(), change.back())
    assert back.waiting() == walk.waiting()
    assert back.state == walk.state


# -- one thing at a time --------------------------------------------------------------------------------


def spec_of(diagram: Diagram) -> Spec:
    return load(diagram.source())


def line(*steps: str, key: str = "line") -> Diagram:
    return Diagram(key).start().people(*steps).end().go(" -> ".join(["s", *steps, "e"]))


def walked(diagram: Diagram, *steps: str, start: Facts | None = None) -> Walk:
    walk = Walk(spec_of(diagram))
    walk.start(start)
    for step in steps:
        walk.complete(step)
    return walk


def test_a_step_added_later_on_changes_nothing_for_who_waits_before_it() -> None:
    walk = walked(line("a", "b", "c"), "a")
    there = migrated(walk, spec_of(line("a", "b", "hui", "c")))
    there.complete("b")
    assert there.waiting() == ["hui"]


def test_a_step_inserted_behind_a_case_is_refused_with_its_row() -> None:
    walk = walked(line("a", "b", "c"), "a", "b")
    plan = migrating.plan(walk.spec, spec_of(line("a", "hui", "b", "c")), walk.rows)
    assert plan.kind == "refused"
    told = [(each.seq, each.label) for each in plan.diverging]
    assert told[0] == (1, "环节a") and "环节hui" in plan.diverging[0].sentence
    assert (2, "环节b") in told
    with pytest.raises(EngineRefused) as refused:
        migrating.apply(walk.spec, spec_of(line("a", "hui", "b", "c")), walk.rows, None, plan, 3)
    assert refused.value.code == "migrate"


def test_a_step_inserted_behind_a_case_takes_the_answers_given_for_it() -> None:
    walk = walked(line("a", "b", "c"), "a", "b")
    there = migrated(
        walk, spec_of(line("a", "hui", "b", "c")), Change(answers={("line", "hui"): {"said": "无"}})
    )
    assert there.waiting() == ["c"]
    assert there.now.open[0].facts["said"] == "无"
    assert there.now.open[0].address == walk.now.open[0].address
    there.complete("c")
    assert there.now.finished


def test_a_return_after_the_migration_asks_the_inserted_step_really() -> None:
    walk = walked(line("a", "b", "c"), "a", "b")
    there = migrated(walk, spec_of(line("a", "hui", "b", "c")), Change(answers={("line", "hui"): {}}))
    there.back(1)
    assert there.waiting() == ["a"]
    there.complete("a")
    assert there.waiting() == ["hui"]
    assert replay.differences(there.spec, there.rows, there.state) == []


def acting(*actions: str) -> Diagram:
    diagram = Diagram("act").start().people("a", "b", "c").end()
    for each in actions:
        diagram.action(each, f"do.{each}", result=f"got_{each}")
    return diagram.go(" -> ".join(["s", "a", *actions, "b", "c", "e"]))


def test_an_action_that_was_never_done_is_never_done_by_a_migration() -> None:
    walk = walked(acting("x"), "a", "b")
    calls = list(walk.actions.calls)
    plan = migrating.plan(walk.spec, spec_of(acting("x", "y")), walk.rows)
    assert plan.kind == "refused" and "do.y" in plan.diverging[0].sentence and plan.diverging[0].seq == 1
    assert walk.actions.calls == calls


def test_an_action_that_was_done_and_is_missing_now_is_named() -> None:
    walk = walked(acting("x"), "a", "b")
    plan = migrating.plan(walk.spec, spec_of(acting()), walk.rows)
    assert plan.kind == "refused"
    assert "do.x" in plan.diverging[0].sentence or "got_x" in " ".join(d.sentence for d in plan.diverging)


def test_an_action_moved_behind_an_inserted_step_keeps_its_result() -> None:
    walk = walked(acting("x"), "a")
    new = Diagram("act").start().people("a", "b", "c", "hui").end().action("x", "do.x", result="got_x")
    there = migrated(
        walk, spec_of(new.go("s -> a -> hui -> x -> b -> c -> e")), Change(answers={("act", "hui"): {}})
    )
    assert there.now.open[0].facts["got_x"] == walk.now.open[0].facts["got_x"]
    assert len(there.actions.calls) == len(walk.actions.calls) == 1


def decided(gate: str) -> Diagram:
    return (
        Diagram("gate").start().people("a", "b", "c").end().gateways("exclusive", "x")
        .go("s -> a -> x").go("x -> b", gate).otherwise("x -> c").go("b -> e").go("c -> e")
    )  # fmt: skip


def test_a_condition_that_leads_elsewhere_is_named_with_both_ways() -> None:
    walk = walked(decided("n > 3"), "a", start={"n": 5})
    plan = migrating.plan(walk.spec, spec_of(decided("n > 9")), walk.rows)
    assert [each.seq for each in plan.diverging][:2] == [1, 1]
    assert "环节c" in plan.diverging[0].sentence + plan.diverging[1].sentence


def test_a_condition_that_reads_what_nobody_was_asked_is_refused() -> None:
    walk = walked(decided("n > 3"), "a", start={"n": 5})
    plan = migrating.plan(walk.spec, spec_of(decided("amount > 9")), walk.rows)
    assert plan.kind == "refused" and plan.diverging[0].seq == 1 and "amount" in plan.diverging[0].sentence


def test_a_timer_added_to_where_a_case_waits_begins_to_count() -> None:
    walk = walked(line("a", "b"), "a")
    new = spec_of(line("a", "b").boundary("late", "b", timer('"P3D"')).people("z").go("late -> z -> e"))
    plan = migrating.plan(walk.spec, new, walk.rows)
    assert [t.value for t in plan.timers] == ["P3D"] and plan.remarks
    there = migrated(walk, new)
    there.fire(there.now.timers[0].address)
    assert there.waiting() == ["z"]


def test_what_a_case_waits_at_must_be_there_and_a_mapping_says_where() -> None:
    walk = walked(line("a", "b", "c"), "a")
    new = spec_of(line("a", "bb", "c"))
    assert migrating.plan(walk.spec, new, walk.rows).kind == "refused"
    plan = migrating.plan(walk.spec, new, walk.rows, Change({("line", "b"): "bb"}))
    assert plan.kind == "mapped" and plan.addresses == {"1:b": "1:bb"}
    assert [place_of(each.address) for each in plan.after] == ["bb"]


def test_a_plan_that_somebody_overtook_is_not_carried_out() -> None:
    walk = walked(line("a", "b", "c"), "a")
    new, change = spec_of(line("a", "bb", "cc")), Change({("line", "b"): "bb", ("line", "c"): "cc"})
    plan = migrating.plan(walk.spec, new, walk.rows, change)
    walk.complete("b")
    with pytest.raises(EngineRefused, match="新的进展"):
        migrating.apply(walk.spec, new, walk.rows, change, plan, walk.seq)


def test_the_way_back_forgets_what_was_only_inserted() -> None:
    walk = walked(line("a", "b", "c", "d"), "a", "b")
    new = spec_of(line("a", "hui", "b", "c", "d"))
    there = migrated(walk, new, Change(answers={("line", "hui"): {}}))
    there.complete("c")
    back = migrated(there, walk.spec)
    assert back.waiting() == ["d"]
    assert replay.effective(back.rows)[:3] == walk.rows


def test_the_way_back_is_refused_where_somebody_saw_what_would_be_gone() -> None:
    walk = walked(line("a", "b", "c", "d"), "a", "b")
    new = spec_of(line("a", "hui", "b", "c", "d"))
    there = migrated(walk, new, Change(answers={("line", "hui"): {"said": "无"}}))
    there.complete("c")
    plan = migrating.plan(new, walk.spec, there.rows)
    assert plan.kind == "refused" and "said" in plan.diverging[0].sentence
