"""What the constructs are made of: one construct, and the smallest diagrams around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.conformance.play import Play
from tests.engine.diagrams import Diagram
from workflows.engine import Source

Walk = Callable[[Play], None]


@dataclass(frozen=True)
class Construct:
    """`runs` is None for what is refused by `rule`."""

    name: str
    source: Source
    callees: Sequence[Source] = ()
    runs: Walk | None = None
    rule: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


SIGNAL = '<bpmn:signal id="sig" name="信号"/>'
ERROR = '<bpmn:error id="err" name="退件" errorCode="E1"/>'
ESCALATION = '<bpmn:escalation id="esc" name="请示" escalationCode="X1"/>'
SIGNALS = '<bpmn:signalEventDefinition signalRef="sig"/>'
ERRORS = '<bpmn:errorEventDefinition errorRef="err"/>'
ESCALATES = '<bpmn:escalationEventDefinition escalationRef="esc"/>'
TERMINATES = "<bpmn:terminateEventDefinition/>"


def link(name: str = "转下页") -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def line(kind: str, inner: str = "", **attributes: str) -> Diagram:
    """s -> t -> z -> e, where t is the construct."""
    return Diagram("p").start().node(kind, "t", inner, **attributes).people("z").end().go("s -> t -> z -> e")


def refused(name: str, rule: str, diagram: Diagram) -> Construct:
    return Construct(name, diagram.source(), rule=rule)


def beside(kind: str, inner: str = "", **attributes: str) -> Diagram:
    """A sound process with something beside its flow."""
    return Diagram("p").start().people("a").end().node(kind, "t", inner, **attributes).go("s -> a -> e")
