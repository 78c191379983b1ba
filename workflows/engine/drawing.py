"""A diagram as drawn: nodes, flows and scopes from the XML, for the checks. Knows nothing of the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from workflows.engine.drawn_words import KIND_WORDS
from workflows.engine.xml import BPMN, local, tag

GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
CHOICES = {"exclusiveGateway", "inclusiveGateway"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
ACTIVITIES = {
    "userTask", "manualTask", "serviceTask", "businessRuleTask", "receiveTask", "callActivity", "subProcess",
    "task", "scriptTask", "sendTask", "transaction", "adHocSubProcess",
}  # fmt: skip
FLOW_NODES = GATEWAYS | EVENTS | ACTIVITIES
PERSONS = {"userTask", "manualTask"}
MAX_NODES = 200  # flow nodes in one file; the library's parser recurses along the flow


@dataclass(eq=False)
class Node:
    """One flow node. `definitions` names its event definitions, without the word "EventDefinition"."""

    element: etree._Element
    scope: str
    outgoing: list[Flow] = field(default_factory=list)
    incoming: list[Flow] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.element.get("id", ""))

    @property
    def kind(self) -> str:
        return local(self.element)

    @property
    def label(self) -> str:
        return str(self.element.get("name") or f"未命名的{KIND_WORDS.get(self.kind, '图形')}")

    @property
    def definitions(self) -> list[str]:
        names = [local(child) for child in self.element if isinstance(child.tag, str)]
        return [name.removesuffix("EventDefinition") for name in names if name.endswith("EventDefinition")]

    def definition(self, name: str) -> etree._Element | None:
        return self.element.find(tag(f"{name}EventDefinition"))

    @property
    def interrupting(self) -> bool:
        return str(self.element.get("cancelActivity", "true")).lower() == "true"

    @property
    def followers(self) -> list[Node]:
        return [flow.target for flow in self.outgoing if flow.target is not None]


@dataclass(eq=False)
class Flow:
    """One sequence flow; an end that is not there is None."""

    element: etree._Element
    source: Node | None
    target: Node | None

    @property
    def id(self) -> str:
        return str(self.element.get("id", ""))

    @property
    def condition(self) -> str | None:
        """The text of its condition; None when there is no condition at all."""
        element = self.element.find(tag("conditionExpression"))
        return None if element is None else (element.text or "")


class Drawing:
    """Everything drawn in one file."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.processes = root.findall(tag("process"))
        self.nodes: dict[str, Node] = {}
        self.duplicates: list[str] = []
        self.flows: list[Flow] = []
        for process in self.processes:
            self._read(process)
        for element in root.iter(tag("sequenceFlow")):
            self._read_flow(element)

    def _read(self, scope: etree._Element) -> None:
        """Nodes of a process or sub-process and, inside it, of its own sub-processes."""
        for element in scope:
            if not isinstance(element.tag, str) or local(element) not in FLOW_NODES:
                continue
            node = Node(element, str(scope.get("id", "")))
            if node.id in self.nodes:
                self.duplicates.append(node.id)
            self.nodes[node.id] = node
            self._read(element)

    def _read_flow(self, element: etree._Element) -> None:
        flow = Flow(element, self._node(element, "sourceRef"), self._node(element, "targetRef"))
        self.flows.append(flow)
        if flow.source is not None:
            flow.source.outgoing.append(flow)
        if flow.target is not None:
            flow.target.incoming.append(flow)

    def _node(self, element: etree._Element, attribute: str) -> Node | None:
        return self.nodes.get(str(element.get(attribute, "")))

    def scopes(self) -> dict[str, list[Node]]:
        """Process or sub-process id -> its nodes."""
        found: dict[str, list[Node]] = {str(process.get("id", "")): [] for process in self.processes}
        for node in self.nodes.values():
            if node.kind in ("subProcess", "transaction"):
                found.setdefault(node.id, [])
            found.setdefault(node.scope, []).append(node)
        return found

    def boundaries(self, host: str) -> list[Node]:
        """The boundary events attached to an activity."""
        return [node for node in self.nodes.values() if node.element.get("attachedToRef") == host]

    def ids(self, name: str) -> set[str]:
        """Ids of the root elements of one kind: message, error, escalation, signal."""
        return {str(element.get("id", "")) for element in self.root.findall(tag(name))}

    def bpmn_elements(self) -> Iterator[etree._Element]:
        return self.root.iter(f"{{{BPMN}}}*")
