"""Loops and multi-instances."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import Construct, line, refused
from tests.engine.diagrams import Diagram, formal, instances


def _repeated(**how: object) -> Diagram:
    made = instances(**how)  # type: ignore[arg-type]
    return Diagram("p").start().people("t", inner=made).people("z").end().go("s -> t -> z -> e")


def _each(**how: object) -> Diagram:
    return _repeated(over="units", item="unit", **how)


def loops() -> Iterator[Construct]:
    three = {"units": ["甲", "乙", "丙"]}
    yield Construct("parallel multi-instance over a list", _repeated(over="units", item="unit").source(), facts={**three},
                    runs=lambda p: p.waits("t", "t", "t").does("t").does("t").waits("t").does("t").waits("z"))  # fmt: skip
    yield Construct("sequential multi-instance over a list", _repeated(over="units", item="unit", sequential=True).source(), facts={**three},
                    runs=lambda p: p.waits("t").sees("t", unit="甲").does("t").sees("t", unit="乙").does("t").does("t").waits("z"))  # fmt: skip
    yield Construct("multi-instance by cardinality", _repeated(cardinality="n").source(), facts={"n": 2},
                    runs=lambda p: p.waits("t", "t").does("t").does("t").waits("z"))  # fmt: skip
    yield Construct("multi-instance over nothing", _repeated(over="units", item="unit").source(), facts={"units": []},
                    runs=lambda p: p.waits("z"))  # fmt: skip
    gathered = _repeated(over="units", item="unit", output="said", result="word")
    yield Construct("multi-instance that gathers", gathered.source(), facts={**three},
                    runs=lambda p: p.does("t", word=1).does("t", word=2).does("t", word=3).sees("z", said=[1, 2, 3]))  # fmt: skip
    veto = _repeated(over="units", item="unit", output="said", result="word", until="word == '反对'")
    yield Construct("completion condition on the last answer", veto.source(), facts={**three},
                    runs=lambda p: p.does("t", word="同意").waits("t", "t").does("t", word="反对").waits("z"))  # fmt: skip
    yield Construct("completion condition on nrOfCompletedInstances", _each(until="nrOfCompletedInstances >= 2").source(),
                    facts={**three}, runs=lambda p: p.does("t").waits("t", "t").does("t").waits("z").does("z").ends())  # fmt: skip
    yield Construct("completion condition on nrOfInstances", _each(until="nrOfCompletedInstances / nrOfInstances > 0.5").source(),
                    facts={**three}, runs=lambda p: p.does("t").waits("t", "t").does("t").waits("z"))  # fmt: skip
    yield Construct("completion condition on nrOfActiveInstances", _each(until="nrOfActiveInstances == 1").source(),
                    facts={**three}, runs=lambda p: p.does("t").waits("t", "t").does("t").waits("z"))  # fmt: skip
    yield Construct("completion condition in sequence on counts", _each(sequential=True, until="nrOfCompletedInstances == 2").source(),
                    facts={**three}, runs=lambda p: p.does("t").waits("t").does("t").waits("z"))  # fmt: skip
    active = _repeated(
        over="units",
        item="unit",
        sequential=True,
        until="nrOfActiveInstances != 1 or nrOfTerminatedInstances > 0",
    )
    yield Construct("in sequence one instance is active", active.source(), facts={**three},
                    runs=lambda p: p.does("t").does("t").waits("t").does("t").waits("z"))  # fmt: skip
    enough = _repeated(
        over="units", item="unit", output="said", result="word", until="len(said) == 2 and said[0] == 1"
    )
    yield Construct("completion condition on what is gathered", enough.source(), facts={**three},
                    runs=lambda p: p.does("t", word=1).waits("t", "t").does("t", word=2).waits("z").sees("z", said=[1, 2]))  # fmt: skip
    yield refused(
        "completion condition on a count nobody knows",
        "completion_condition",
        _repeated(over="units", until="nrOfHappyInstances > 1"),
    )
    for behavior in ("None", "One", "Complex"):
        several = instances(cardinality="2").replace("isSequential", f'behavior="{behavior}" isSequential')
        yield refused(f"multi-instance that throws: {behavior}", "unsupported", line("userTask", several))
    called = Diagram("q").start().people("k").end().go("s -> k -> e")
    each = (
        Diagram("p")
        .start()
        .call("t", "q", instances(over="units", item="unit"))
        .people("z")
        .end()
        .go("s -> t -> z -> e")
    )
    yield Construct("multi-instance call", each.source(), [called.source()], facts={**three},
                    runs=lambda p: p.waits("k", "k", "k").does("k").does("k").does("k").waits("z"))  # fmt: skip
    again = f'<bpmn:standardLoopCharacteristics loopMaximum="3">{formal("loopCondition", "again == 1")}</bpmn:standardLoopCharacteristics>'
    yield Construct("standard loop", line("userTask", again).source(), facts={"again": 1},
                    runs=lambda p: p.waits("t").does("t").waits("t").does("t", again=0).waits("z"))  # fmt: skip
    yield Construct("standard loop up to its maximum", line("userTask", again).source(), facts={"again": 1},
                    runs=lambda p: p.does("t").does("t").does("t").waits("z"))  # fmt: skip
    before = again.replace("loopMaximum", 'testBefore="true" loopMaximum')
    yield Construct(
        "standard loop that asks first",
        line("userTask", before).source(),
        facts={"again": 0},
        runs=lambda p: p.waits("z"),
    )
    yield refused(
        "standard loop without a maximum",
        "loop_maximum",
        line("userTask", "<bpmn:standardLoopCharacteristics/>"),
    )
