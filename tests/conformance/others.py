"""Artifacts, data, and what stands around a process."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.made import Construct, beside, line, refused
from tests.conformance.play import Play
from tests.engine.diagrams import Diagram
from workflows.engine import Source


def artifacts() -> Iterator[Construct]:
    def noted(inner: str) -> Source:
        made = Diagram("p").start().people("a").end().go("s -> a -> e").lane("经办", "a")
        return Source("p", made.xml().replace(b"</bpmn:process>", inner.encode() + b"</bpmn:process>"))

    def walk(p: Play) -> None:
        p.waits("a").does("a").ends()

    note = '<bpmn:textAnnotation id="n"><bpmn:text>二十个工作日</bpmn:text></bpmn:textAnnotation>'
    yield Construct("text annotation", noted(note), runs=walk)
    yield Construct(
        "association", noted(note + '<bpmn:association id="as" sourceRef="a" targetRef="n"/>'), runs=walk
    )
    yield Construct("group", noted('<bpmn:group id="gr"/>'), runs=walk)
    yield Construct("lanes", noted(""), runs=lambda p: p.waits("a").in_lane("a", "经办").does("a").ends())
    yield Construct(
        "documentation",
        line("userTask", "<bpmn:documentation>说明</bpmn:documentation>").source(),
        runs=lambda p: p.waits("t"),
    )
    for name in ("dataObject", "dataObjectReference", "dataStoreReference", "property"):
        yield refused(name, "unsupported", beside(name))


def refused_around() -> Iterator[Construct]:
    """Root elements and collaborations."""

    def root(text: str) -> Source:
        made = Diagram("p").start().people("a").end().go("s -> a -> e")
        return Source("p", made.xml().replace(b"<bpmn:process", text.encode() + b"<bpmn:process", 1))

    for name in (
        "itemDefinition",
        "resource",
        "interface",
        "dataStore",
        "partnerRole",
        "choreography",
        "globalUserTask",
    ):
        yield Construct(name, root(f'<bpmn:{name} id="x"/>'), rule="unsupported")
    flow = '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb"/>'
    flow += '<bpmn:messageFlow id="mf" sourceRef="pb" targetRef="a"/></bpmn:collaboration>'
    yield Construct("message flow", root(flow), rule="message_flow")
    key = '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:correlationKey id="k"/></bpmn:collaboration>'
    yield Construct("correlation", root(key), rule="correlation")
    yield Construct(
        "pool",
        root('<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/></bpmn:collaboration>'),
        runs=lambda p: p.waits("a").does("a").ends(),
    )
