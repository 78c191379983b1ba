"""Start, end and intermediate events."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import SIGNAL, SIGNALS, TERMINATES, Construct, line, refused
from tests.engine.diagrams import Diagram, message, timer


def _branches(thrower: Diagram) -> Diagram:
    """Beside a branch that throws (a -> …), one that waits for the signal (b)."""
    thrower.extra.append(SIGNAL)
    return (
        thrower.gateways("parallel", "g")
        .catch("c", SIGNALS)
        .people("b")
        .end("e2")
        .go("s -> g -> a")
        .go("g -> c -> b -> e2")
    )


def events() -> Iterator[Construct]:
    for name, definition in (
        ("message", message("m")),
        ("timer", timer("'P1D'")),
        ("signal", SIGNALS),
        ("conditional", "<bpmn:conditionalEventDefinition/>"),
    ):
        started = (
            Diagram("p").node("startEvent", "s", definition).people("a").end().message("m").go("s -> a -> e")
        )
        started.extra.append(SIGNAL)
        yield refused(
            f"{name} start event", "conditional_event" if name == "conditional" else "start_event", started
        )
    yield refused(
        "several start events",
        "start_count",
        Diagram("p")
        .start(
            "s",
        )
        .start("s2")
        .people("a")
        .end()
        .go("s -> a -> e")
        .go("s2 -> a"),
    )
    yield refused("no start event", "start_count", Diagram("p").people("a").end().go("a -> e"))
    yield refused("no end event", "no_end", Diagram("p").start().people("a").go("s -> a"))
    ends = (
        Diagram("p")
        .start()
        .people("a", "b")
        .end("e", "e2")
        .gateways("parallel", "g")
        .go("s -> g -> a -> e")
        .go("g -> b -> e2")
    )
    yield Construct(
        "none end event ends when all have",
        ends.source(),
        runs=lambda p: p.does("a").waits("b").does("b").ends(),
    )
    stop = (
        Diagram("p")
        .start()
        .people("a", "b")
        .end("e")
        .end("e2", inner=TERMINATES)
        .gateways("parallel", "g")
        .go("s -> g -> a -> e")
        .go("g -> b -> e2")
    )
    yield Construct("terminate end event", stop.source(), runs=lambda p: p.waits("a", "b").does("b").ends())
    signalled = _branches(Diagram("p").start().people("a").end("e", inner=SIGNALS).go("a -> e"))
    yield Construct(
        "signal end event",
        signalled.source(),
        runs=lambda p: p.waits("a").does("a").waits("b").does("b").ends(),
    )
    lonely = Diagram("p").start().people("a").end("e", inner=SIGNALS).go("s -> a -> e")
    lonely.extra.append(SIGNAL)
    yield refused("signal end event that nobody waits for", "signal_uncaught", lonely)
    inside = Diagram("").start("is").people("k").end("ie", inner=SIGNALS).go("is -> k -> ie")
    around = (
        Diagram("p")
        .start()
        .embed("sp", inside)
        .people("z", "y")
        .end("e", "e2")
        .boundary("bs", "sp", SIGNALS)
        .go("s -> sp -> z -> e")
        .go("bs -> y -> e2")
    )
    around.extra.append(SIGNAL)
    yield Construct(
        "signal end event caught around its sub-process",
        around.source(),
        runs=lambda p: p.waits("k").does("k").waits("y").does("y").ends(),
    )
    late = (
        Diagram("p")
        .start()
        .people("a", "b", "c")
        .end("e", inner=SIGNALS)
        .end("e2")
        .gateways("parallel", "g")
        .catch("w", SIGNALS)
    )
    late.extra.append(SIGNAL)
    late.go("s -> g -> a -> e").go("g -> b -> w -> c -> e2")
    yield Construct(
        "a signal is not kept for who comes later",
        late.source(),
        runs=lambda p: p.does("a").waits("b").does("b").waits(),
    )
    thrown = _branches(
        Diagram("p")
        .start()
        .people("a", "z")
        .node("intermediateThrowEvent", "t", SIGNALS)
        .end()
        .go("a -> t -> z -> e")
    )
    yield Construct("signal throw event", thrown.source(), runs=lambda p: p.does("a").waits("b", "z"))
    yield Construct("none throw event", line("intermediateThrowEvent").source(), runs=lambda p: p.waits("z"))
    caught = line("intermediateCatchEvent", message("m"), name="t").message("m")
    yield Construct(
        "message catch event", caught.source(), runs=lambda p: p.waits().sends("m", x=1).sees("z", x=1)
    )
    for kind, value in (
        ("timeDuration", "'P7D'"),
        ("timeDate", "'2027-01-01'"),
        ("timeDate", "date(day) + days(3)"),
    ):
        waits = line("intermediateCatchEvent", timer(value, kind), name="t")
        yield Construct(
            f"timer catch event: {value}",
            waits.source(),
            facts={"day": "2026-11-22"},
            runs=lambda p: p.waits().fires("t").waits("z"),
        )
    yield refused(
        "timer catch event with a cycle",
        "cycle_timer",
        line("intermediateCatchEvent", timer("'R3/P1D'", "timeCycle")),
    )
    yield refused("catch event of nothing", "no_definition", line("intermediateCatchEvent"))
    yield refused(
        "conditional catch event",
        "conditional_event",
        line("intermediateCatchEvent", "<bpmn:conditionalEventDefinition/>"),
    )
    yield refused(
        "catch event of several",
        "several_definitions",
        line("intermediateCatchEvent", message("m") + timer("'P1D'")).message("m"),
    )
    parallel = line("intermediateCatchEvent", message("m") + timer("'P1D'"), parallelMultiple="true").message(
        "m"
    )
    yield refused("catch event of several at once", "several_definitions", parallel)
    yield refused(
        "event by reference",
        "event_reference",
        line("intermediateCatchEvent", "<bpmn:eventDefinitionRef>d</bpmn:eventDefinitionRef>"),
    )
    yield refused(
        "message throw event", "message_throw", line("intermediateThrowEvent", message("m")).message("m")
    )
    yield refused(
        "compensation throw event",
        "compensation",
        line("intermediateThrowEvent", "<bpmn:compensateEventDefinition/>"),
    )
    for name, definition, rule in (
        ("message", message("m"), "message_end"), ("cancel", "<bpmn:cancelEventDefinition/>", "transaction"),
        ("compensation", "<bpmn:compensateEventDefinition/>", "compensation"),
    ):  # fmt: skip
        ended = Diagram("p").start().people("a").end("e", inner=definition).message("m").go("s -> a -> e")
        yield refused(f"{name} end event", rule, ended)
