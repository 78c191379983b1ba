"""Sequence flows and gateways."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import Construct, line, refused
from tests.engine.diagrams import Diagram, message, timer


def flows() -> Iterator[Construct]:
    plain = Diagram("p").start().people("a", "b").end().go("s -> a -> b -> e")
    yield Construct(
        "sequence flow", plain.source(), runs=lambda p: p.waits("a").does("a").waits("b").does("b").ends()
    )
    choice = Diagram("p").start().people("a", "b").end().gateways("exclusive", "x").go("s -> x")
    choice.go("x -> a", "kind == 1").otherwise("x -> b").go("a -> e").go("b -> e")
    yield Construct(
        "conditional sequence flow", choice.source(), runs=lambda p: p.waits("a"), facts={"kind": 1}
    )
    yield Construct("default sequence flow", choice.source(), runs=lambda p: p.waits("b"), facts={"kind": 2})
    split = Diagram("p").start().people("a", "b", "c").end().go("s -> a -> b -> e").go("a -> c -> e")
    yield refused("several flows out of an activity", "multiple_flows", split)
    merged = (
        Diagram("p")
        .start()
        .people("a", "b", "z")
        .end()
        .gateways("parallel", "g")
        .go("s -> g -> a -> z -> e")
        .go("g -> b -> z")
    )
    yield Construct(
        "several flows into an activity",
        merged.source(),
        runs=lambda p: p.does("a").waits("b", "z").does("b").waits("z", "z"),
    )
    without = (
        Diagram("p")
        .start()
        .people("a", "b")
        .end()
        .gateways("exclusive", "x")
        .go("s -> x")
        .go("x -> a", "k")
        .go("x -> b", "j")
        .go("a -> e")
        .go("b -> e")
    )
    yield refused("a choice without a default flow", "default_flow", without)


def gateways() -> Iterator[Construct]:
    both = Diagram("p").start().people("a", "b", "z").end().gateways("parallel", "g", "j")
    both.go("s -> g -> a -> j -> z -> e").go("g -> b -> j")
    yield Construct(
        "parallel gateway",
        both.source(),
        runs=lambda p: p.waits("a", "b").does("b").waits("a").does("a").waits("z").does("z").ends(),
    )
    some = Diagram("p").start().people("a", "b", "c", "z").end().gateways("inclusive", "g", "j").go("s -> g")
    some.go("g -> a", "n > 0").go("g -> b", "n > 1").otherwise("g -> c").go("a -> j -> z -> e").go(
        "b -> j"
    ).go("c -> j")
    yield Construct(
        "inclusive gateway, all",
        some.source(),
        runs=lambda p: p.waits("a", "b").does("a").waits("b").does("b").waits("z"),
        facts={"n": 2},
    )
    yield Construct(
        "inclusive gateway, one",
        some.source(),
        runs=lambda p: p.waits("a").does("a").waits("z"),
        facts={"n": 1},
    )
    yield Construct(
        "inclusive gateway, none",
        some.source(),
        runs=lambda p: p.waits("c").does("c").waits("z"),
        facts={"n": 0},
    )
    wait = Diagram("p").start().people("a", "b").end().gateways("eventBased", "g").message("补正")
    wait.catch("m", message("补正")).catch("t", timer("'P15D'")).go("s -> g -> m -> a -> e").go(
        "g -> t -> b -> e"
    )
    yield Construct(
        "event-based gateway, message",
        wait.source(),
        runs=lambda p: p.waits().sends("补正").waits("a").quiet(),
    )
    yield Construct(
        "event-based gateway, timer", wait.source(), runs=lambda p: p.fires("t").waits("b").quiet()
    )
    odd = Diagram("p").start().people("a").end().gateways("eventBased", "g").go("s -> g -> a -> e")
    yield refused("event-based gateway before a person", "event_gateway", odd)
    starting = (
        Diagram("p")
        .start()
        .people("a")
        .end()
        .node("eventBasedGateway", "g", instantiate="true")
        .go("s -> a -> e")
    )
    yield refused("event-based gateway that starts a process", "instantiate", starting)
    yield refused("parallel event-based gateway", "event_gateway", _gateway_of_kind("Parallel"))
    yield refused("complex gateway", "complex_gateway", line("complexGateway"))


def _gateway_of_kind(kind: str) -> Diagram:
    made = (
        Diagram("p")
        .start()
        .people("a")
        .end()
        .node("eventBasedGateway", "g", eventGatewayType=kind)
        .message("m", "n")
    )
    return (
        made.catch("c", message("m")).catch("d", message("n")).go("s -> g -> c -> a -> e").go("g -> d -> a")
    )
