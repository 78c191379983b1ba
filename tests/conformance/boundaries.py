"""Boundary events."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import ERROR, ERRORS, ESCALATES, ESCALATION, SIGNAL, Construct, refused
from tests.engine.diagrams import Diagram, message, timer


def _hosted(definition: str, *, interrupting: bool, extra: str = "") -> Diagram:
    made = Diagram("p").start().people("a", "y", "z").end("e", "e2").message("m")
    made.extra.append(SIGNAL + ERROR + ESCALATION + extra)
    return (
        made.boundary("b", "a", definition, interrupting=interrupting)
        .go("s -> a -> z -> e")
        .go("b -> y -> e2")
    )


def _thrown_inside(definition: str, *, interrupting: bool) -> Diagram:
    """A sub-process that ends with the event, which a boundary event on it catches."""
    inside = Diagram("").start("is").people("k").end("ie", inner=definition).go("is -> k -> ie")
    made = Diagram("p").start().embed("sp", inside).people("y", "z").end("e", "e2")
    made.extra.append(ERROR + ESCALATION)
    return (
        made.boundary("b", "sp", definition, interrupting=interrupting)
        .go("s -> sp -> z -> e")
        .go("b -> y -> e2")
    )


def boundaries() -> Iterator[Construct]:
    yield Construct(
        "boundary timer",
        _hosted(timer("'P3D'"), interrupting=True).source(),
        runs=lambda p: p.waits("a").fires("b").waits("y").does("y").ends(),
    )
    yield Construct(
        "boundary timer in time",
        _hosted(timer("'P3D'"), interrupting=True).source(),
        runs=lambda p: p.does("a").waits("z").quiet().does("z").ends(),
    )
    yield Construct(
        "boundary timer beside",
        _hosted(timer("'P3D'"), interrupting=False).source(),
        runs=lambda p: p.fires("b").waits("a", "y").does("a").waits("y", "z"),
    )
    yield Construct(
        "boundary message",
        _hosted(message("m"), interrupting=True).source(),
        runs=lambda p: p.sends("m", x=1).waits("y").sees("y", x=1),
    )
    yield refused("boundary message beside", "message_boundary", _hosted(message("m"), interrupting=False))
    yield Construct(
        "boundary error",
        _thrown_inside(ERRORS, interrupting=True).source(),
        runs=lambda p: p.waits("k").does("k").waits("y").does("y").ends(),
    )
    yield Construct(
        "boundary escalation",
        _thrown_inside(ESCALATES, interrupting=True).source(),
        runs=lambda p: p.does("k").waits("y").does("y").ends(),
    )
    yield Construct(
        "boundary escalation beside",
        _thrown_inside(ESCALATES, interrupting=False).source(),
        runs=lambda p: p.does("k").waits("y", "z"),
    )
    uncaught = Diagram("").start("is").people("k").end("ie", inner=ERRORS).go("is -> k -> ie")
    lost = Diagram("p").start().embed("sp", uncaught).end().go("s -> sp -> e")
    lost.extra.append(ERROR)
    yield refused("an error that nobody catches", "error_uncaught", lost)
    many = _hosted(timer("'P3D'"), interrupting=True).boundary("b2", "a", timer("'P4D'")).go("b2 -> y")
    yield refused("two events that interrupt", "several_interrupting", many)
    yield refused(
        "boundary compensation",
        "compensation",
        _hosted("<bpmn:compensateEventDefinition/>", interrupting=True),
    )
    yield refused(
        "boundary cancel", "transaction", _hosted("<bpmn:cancelEventDefinition/>", interrupting=True)
    )
    yield refused(
        "boundary conditional",
        "conditional_event",
        _hosted("<bpmn:conditionalEventDefinition/>", interrupting=True),
    )
