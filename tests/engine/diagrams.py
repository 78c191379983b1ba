"""Small diagrams for the tests, written as lines instead of XML.

    source("loop", start="s -> a -> x", flows=[...], nodes={...})

`Diagram` collects nodes and flows and renders BPMN; every method returns the diagram, so that calls chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from workflows.engine import Source

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' targetNamespace="http://gongkai.example/bpmn">'
)


def formal(tag: str, text: str) -> str:
    """An expression element of the BPMN namespace."""
    return f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{tag}>'


def timer(value: str, kind: str = "timeDuration") -> str:
    """A timer definition; `value` is expression text, so a duration carries its quotes."""
    return f"<bpmn:timerEventDefinition>{formal(kind, value)}</bpmn:timerEventDefinition>"


def message_id(name: str) -> str:
    return f"m_{name.encode().hex()}"


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{message_id(name)}"/>'


def instances(
    *, sequential: bool = False, over: str = "", cardinality: str = "", output: str = "", item: str = "", result: str = "",
    until: str = "",
) -> str:  # fmt: skip
    """Multi-instance characteristics: over a list `over` or a `cardinality`, results gathered in `output`."""
    inner = (
        formal("loopCardinality", cardinality)
        if cardinality
        else f"<bpmn:loopDataInputRef>{over}</bpmn:loopDataInputRef>"
    )
    inner += f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>" if output else ""
    inner += f'<bpmn:inputDataItem id="{item}"/>' if item else ""
    inner += f'<bpmn:outputDataItem id="{result}"/>' if result else ""
    inner += formal("completionCondition", until) if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inner}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def properties(**settings: str) -> str:
    """The settings of a step."""
    inner = "".join(
        f"<spiffworkflow:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in settings.items()
    )
    return f"<bpmn:extensionElements><spiffworkflow:properties>{inner}</spiffworkflow:properties></bpmn:extensionElements>"


@dataclass
class Diagram:
    """A process under construction."""

    key: str
    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    lanes: dict[str, list[str]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)

    def node(self, tag: str, step: str, inner: str = "", **attributes: str) -> Diagram:
        shown = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        self.nodes.append(f'<bpmn:{tag} id="{step}"{shown}>{inner}</bpmn:{tag}>')
        return self

    def start(self, step: str = "s") -> Diagram:
        return self.node("startEvent", step)

    def end(self, *steps: str, inner: str = "") -> Diagram:
        for step in steps or ("e",):
            self.node("endEvent", step, inner)
        return self

    def people(self, *steps: str, inner: str = "") -> Diagram:
        for step in steps:
            self.node("userTask", step, inner, name=f"环节{step}")
        return self

    def gateways(self, kind: str, *steps: str) -> Diagram:
        """kind: parallel, exclusive, inclusive or eventBased."""
        for step in steps:
            self.node(f"{kind}Gateway", step)
        return self

    def action(self, step: str, name: str, result: str = "", **params: str) -> Diagram:
        inner = "".join(
            f'<spiffworkflow:parameter id="{k}" type="str" value={quoteattr(v)}/>' for k, v in params.items()
        )
        variable = f' resultVariable="{result}"' if result else ""
        operator = (
            f'<spiffworkflow:serviceTaskOperator id="{name}"{variable}><spiffworkflow:parameters>{inner}'
            "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        )
        return self.node("serviceTask", step, f"<bpmn:extensionElements>{operator}</bpmn:extensionElements>")

    def decision(self, step: str, table: str) -> Diagram:
        called = f"<spiffworkflow:calledDecisionId>{table}</spiffworkflow:calledDecisionId>"
        return self.node(
            "businessRuleTask", step, f"<bpmn:extensionElements>{called}</bpmn:extensionElements>"
        )

    def call(self, step: str, process: str, inner: str = "") -> Diagram:
        return self.node("callActivity", step, inner, calledElement=process)

    def boundary(self, step: str, at: str, definition: str, *, interrupting: bool = True) -> Diagram:
        return self.node(
            "boundaryEvent",
            step,
            definition,
            name=step,
            attachedToRef=at,
            cancelActivity=str(interrupting).lower(),
        )

    def catch(self, step: str, definition: str) -> Diagram:
        return self.node("intermediateCatchEvent", step, definition, name=step)

    def embed(self, step: str, inside: Diagram) -> Diagram:
        """An embedded sub-process."""
        self.messages += inside.messages
        return self.node("subProcess", step, inside.body())

    def message(self, *names: str) -> Diagram:
        self.messages += names
        return self

    def go(self, path: str, when: str = "") -> Diagram:
        """Flows along "a -> b -> c"; `when` is the condition of every one of them."""
        steps = [step.strip() for step in path.split("->")]
        for source, target in zip(steps, steps[1:], strict=False):
            condition = formal("conditionExpression", when) if when else ""
            self.flows.append(
                f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">'
                f"{condition}</bpmn:sequenceFlow>"
            )
        return self

    def otherwise(self, path: str) -> Diagram:
        """The default flow of a gateway: "x -> z"."""
        source, target = (step.strip() for step in path.split("->"))
        self.defaults[source] = f"f_{source}_{target}"
        return self.go(path)

    def lane(self, name: str, *steps: str) -> Diagram:
        self.lanes.setdefault(name, []).extend(steps)
        return self

    def body(self) -> str:
        nodes = "".join(self.nodes)
        for step, flow in self.defaults.items():
            nodes = nodes.replace(f'Gateway id="{step}"', f'Gateway id="{step}" default="{flow}"')
        return self._io() + self._lanes() + nodes + "".join(self.flows)

    def _io(self) -> str:
        if not self.inputs and not self.outputs:
            return ""
        data = "".join(f'<bpmn:dataInput id="{n}" name="{n}"/>' for n in self.inputs)
        data += "".join(f'<bpmn:dataOutput id="{n}" name="{n}"/>' for n in self.outputs)
        data += "<bpmn:inputSet>" + "".join(
            f"<bpmn:dataInputRefs>{n}</bpmn:dataInputRefs>" for n in self.inputs
        )
        data += "</bpmn:inputSet><bpmn:outputSet>"
        data += (
            "".join(f"<bpmn:dataOutputRefs>{n}</bpmn:dataOutputRefs>" for n in self.outputs)
            + "</bpmn:outputSet>"
        )
        return f"<bpmn:ioSpecification>{data}</bpmn:ioSpecification>"

    def _lanes(self) -> str:
        inner = "".join(
            f'<bpmn:lane id="lane_{index}" name={quoteattr(name)}>'
            + "".join(f"<bpmn:flowNodeRef>{step}</bpmn:flowNodeRef>" for step in steps)
            + "</bpmn:lane>"
            for index, (name, steps) in enumerate(self.lanes.items())
        )
        return f'<bpmn:laneSet id="lanes">{inner}</bpmn:laneSet>' if inner else ""

    def xml(self) -> bytes:
        messages = "".join(
            f'<bpmn:message id="{message_id(name)}" name="{name}"/>' for name in dict.fromkeys(self.messages)
        )
        process = f'<bpmn:process id="{self.key}" name="流程{self.key}" isExecutable="true">{self.body()}</bpmn:process>'
        return (HEAD + messages + "".join(self.extra) + process + "</bpmn:definitions>").encode()

    def source(self, dmn: dict[str, bytes] | None = None) -> Source:
        return Source(self.key, self.xml(), dmn or {})


def table(
    key: str,
    inputs: list[str],
    outputs: list[str],
    rules: list[tuple[list[str], list[str]]],
    policy: str = "UNIQUE",
) -> bytes:
    """A decision table as DMN 1.3; cells are expression text."""
    columns = "".join(
        f'<input id="i{n}"><inputExpression id="x{n}"><text>{escape(text)}</text></inputExpression></input>'
        for n, text in enumerate(inputs)
    )
    columns += "".join(f'<output id="o{n}" name="{name}"/>' for n, name in enumerate(outputs))
    rows = "".join(
        f'<rule id="r{n}">'
        + "".join(
            f'<inputEntry id="r{n}i{k}"><text>{escape(c)}</text></inputEntry>' for k, c in enumerate(cells)
        )
        + "".join(
            f'<outputEntry id="r{n}o{k}"><text>{escape(c)}</text></outputEntry>'
            for k, c in enumerate(results)
        )
        + "</rule>"
        for n, (cells, results) in enumerate(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://gongkai.example/dmn">'
        f'<decision id="{key}" name="{key}"><decisionTable id="t_{key}" hitPolicy="{policy}">{columns}{rows}'
        "</decisionTable></decision></definitions>"
    ).encode()
