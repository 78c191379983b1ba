"""Hostile diagrams that are well formed: numbers without end, and code and markup wherever something is written."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from tests.engine.diagrams import Diagram, formal, instances, message, properties, timer
from tests.hostile.cases import CANARY, CODE, MARKUP, Case
from tests.hostile.diagrams import GOOD, Found


def cases() -> Iterator[Case]:
    for part in (_loops(), _code(), _extensions(), _names(), _constructs()):
        for name, payload, element in part:
            yield Case("bpmn", name, payload, element)


def _loops() -> Found:
    """Numbers that would make a case of any size."""

    def repeated(**settings: str) -> bytes:
        return Diagram("p").start().people("a", inner=instances(**settings)).end().go("s -> a -> e").xml()  # type: ignore[arg-type]

    yield "a billion at once", repeated(cardinality="1000000000"), "a"
    yield "minus one at once", repeated(cardinality="-1"), "a"
    yield "a text of them", repeated(cardinality="'9' + '9'"), "a"
    yield "a number too large to count", repeated(cardinality="9" * 400), "a"
    yield "half a person", repeated(cardinality="1.5"), "a"
    yield "one for each letter of code", repeated(over="__import__('os').listdir('/')"), "a"
    yield "counts the engine does not keep", repeated(over="units", until="nrOfInstances.__class__"), "a"
    inner = (
        Diagram("").start("is").people("k", inner=instances(cardinality="100")).end("ie").go("is -> k -> ie")
    )
    inner = (
        Diagram("")
        .start("ms")
        .node("subProcess", "m", instances(cardinality="100") + inner.body())
        .end("me")
        .go("ms -> m -> me")
    )
    nested = (
        Diagram("p")
        .start()
        .node("subProcess", "o", instances(cardinality="100") + inner.body())
        .end()
        .go("s -> o -> e")
    )
    yield "a hundred times a hundred times a hundred", nested.xml(), "k"
    for name, loop in (
        ("a loop without a maximum", "<bpmn:standardLoopCharacteristics/>"),
        ("a loop a billion times", '<bpmn:standardLoopCharacteristics loopMaximum="1000000000"/>'),
        ("a loop a superscript number of times", '<bpmn:standardLoopCharacteristics loopMaximum="²"/>'),
        (
            "a loop that asks the system",
            f'<bpmn:standardLoopCharacteristics loopMaximum="3">{formal("loopCondition", CODE[0])}</bpmn:standardLoopCharacteristics>',
        ),
    ):
        yield name, Diagram("p").start().people("a", inner=loop).end().go("s -> a -> e").xml(), "a"


def _code() -> Found:
    """Code in every place that is worked out."""
    for number, code in enumerate(CODE, 1):
        choice = Diagram("p").start().people("a").end("e", "e2").gateways("exclusive", "x")
        yield (
            f"condition {number}",
            choice.go("s -> a -> x").go("x -> e", code).otherwise("x -> e2").xml(),
            "f_x_e",
        )
        act = Diagram("p").start().action("n", "number.assign", kind=code).end().go("s -> n -> e")
        yield f"parameter {number}", act.xml(), "n"
    for number, code in enumerate(CODE[:4], 1):
        yield f"duration {number}", _waiting(timer(code)), "w"
        yield f"date {number}", _waiting(timer(code, "timeDate")), "w"
        several = Diagram("p").start().people("a", inner=instances(cardinality=code)).end().go("s -> a -> e")
        yield f"cardinality {number}", several.xml(), "a"
        until = (
            Diagram("p")
            .start()
            .people("a", inner=instances(over="units", until=code))
            .end()
            .go("s -> a -> e")
        )
        yield f"completion condition {number}", until.xml(), "a"
    yield "cycle", _waiting(timer("R99999999/PT0S", "timeCycle")), "w"
    yield "a timer of no time", _waiting(timer("'PT'")), "w"
    yield "a timer of all time", _waiting(timer("days(999999999)")), "w"
    conditional = (
        f"<bpmn:conditionalEventDefinition>{formal('condition', CODE[0])}</bpmn:conditionalEventDefinition>"
    )
    yield "conditional event", _waiting(conditional), "w"
    act = Diagram("p").start().action("n", "os.system", kind="'id'").end().go("s -> n -> e").xml()
    yield (
        "result in a name of the system",
        act.replace(b'id="os.system"', b'id="os.system" resultVariable="__builtins__"'),
        "n",
    )
    yield (
        "a table by code",
        Diagram("p").start().decision("d", "open('x')").end().go("s -> d -> e").xml(),
        "d",
    )
    yield (
        "a callee by path",
        Diagram("p")
        .start()
        .call("c", "a.b")
        .end()
        .go("s -> c -> e")
        .xml()
        .replace(b'calledElement="a.b"', b'calledElement="../p"'),
        "",
    )


def _waiting(definition: str) -> bytes:
    return Diagram("p").start().people("a").catch("w", definition).end().go("s -> a -> w -> e").xml()


def _extensions() -> Found:
    """What other engines would run."""

    def extended(inner: str, spaces: str = "") -> bytes:
        text = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"
        data = Diagram("p").start().people("a", inner=text).end().go("s -> a -> e").xml()
        return data.replace(b"<bpmn:definitions ", f"<bpmn:definitions {spaces} ".encode(), 1)

    camunda = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    script = f'<camunda:script scriptFormat="groovy">new File("{CANARY}").text = 1</camunda:script>'
    yield "pre script", extended(f"<spiffworkflow:preScript>{escape(CODE[0])}</spiffworkflow:preScript>"), "a"
    yield (
        "post script",
        extended(f"<spiffworkflow:postScript>{escape(CODE[1])}</spiffworkflow:postScript>"),
        "a",
    )
    yield (
        "unit tests",
        extended("<spiffworkflow:unitTests><spiffworkflow:unitTest id='t'/></spiffworkflow:unitTests>"),
        "a",
    )
    yield (
        "an unknown extension of ours",
        extended("<spiffworkflow:allowGuest>true</spiffworkflow:allowGuest>"),
        "a",
    )
    yield (
        "execution listener",
        extended(f'<camunda:executionListener event="start">{script}</camunda:executionListener>', camunda),
        "a",
    )
    yield "task listener", extended(f'<camunda:taskListener event="create" class="{CANARY}"/>', camunda), "a"
    yield (
        "connector",
        extended(
            "<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>",
            camunda,
        ),
        "a",
    )
    yield (
        "entry script",
        extended(
            '<d:onEntry-script xmlns:d="http://www.jboss.org/drools"><d:script>System.exit(1)</d:script></d:onEntry-script>'
        ),
        "a",
    )
    delegate = GOOD.replace(
        b'<bpmn:userTask id="a"',
        b'<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:delegateExpression="${x}" id="a"',
    )
    yield "delegate", delegate, "a"
    klass = GOOD.replace(
        b'<bpmn:userTask id="a"',
        b'<bpmn:userTask xmlns:f="http://flowable.org/bpmn" f:class="java.lang.Runtime" id="a"',
    )
    yield "java class", klass, "a"
    for name, tag in (("script task", "scriptTask"), ("script task in a sub-process", "subProcess")):
        script_task = f'<bpmn:script>open("{CANARY}", "w")</bpmn:script>'
        if tag == "subProcess":
            inside = (
                Diagram("").start("is").node("scriptTask", "t", script_task).end("ie").go("is -> t -> ie")
            )
            yield name, Diagram("p").start().embed("sp", inside).end().go("s -> sp -> e").xml(), "t"
        else:
            yield (
                name,
                Diagram("p")
                .start()
                .node(tag, "t", script_task, scriptFormat="python")
                .end()
                .go("s -> t -> e")
                .xml(),
                "t",
            )
    yield (
        "a setting nobody knows",
        Diagram("p")
        .start()
        .people("a", inner=properties(countersign="eval(x)"))
        .end()
        .go("s -> a -> e")
        .xml(),
        "a",
    )


def _names() -> Found:
    """Markup in whatever a page shows."""
    for number, text in enumerate(MARKUP, 1):
        shown = quoteattr(text).encode()
        yield f"name of a step {number}", GOOD.replace('name="环节a"'.encode(), b"name=" + shown), "a"
        yield f"name of the process {number}", GOOD.replace('name="流程p"'.encode(), b"name=" + shown), "p"
        yield f"name of a lane {number}", GOOD.replace('name="经办"'.encode(), b"name=" + shown), "lane_0"
        noted = f'<bpmn:textAnnotation id="note"><bpmn:text>{escape(text)}</bpmn:text></bpmn:textAnnotation>'.encode()
        yield (
            f"text on the page {number}",
            GOOD.replace(b"</bpmn:process>", noted + b"</bpmn:process>"),
            "note",
        )
        said = f"<bpmn:documentation>{escape(text)}</bpmn:documentation>".encode()
        yield f"documentation {number}", GOOD.replace('环节a">'.encode(), '环节a">'.encode() + said), "a"
    yield "a name as long as a book", GOOD.replace("环节a".encode(), "长".encode() * 5000), "a"
    yield "a bell in a name", GOOD.replace("环节a".encode(), b"&#x85;"), "a"


def _constructs() -> Found:
    """What the library would ignore without a word, or run wrongly."""
    for name, kind, inner in (
        ("transaction", "transaction", ""), ("ad-hoc sub-process", "adHocSubProcess", ""),
        ("complex gateway", "complexGateway", ""), ("abstract task", "task", ""), ("send task", "sendTask", ""),
        ("choreography task", "choreographyTask", ""), ("call conversation", "callConversation", ""),
        ("event by reference", "intermediateCatchEvent", "<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>"),
        ("several triggers", "intermediateCatchEvent", message("m") + timer("'P1D'")),
        ("compensation", "intermediateThrowEvent", "<bpmn:compensateEventDefinition/>"),
        ("an element nobody knows", "quantumTask", ""),
    ):  # fmt: skip
        yield (
            name,
            Diagram("p").start().message("m").node(kind, "t", inner).end().go("s -> t -> e").xml(),
            "t",
        )
    yield (
        "two tokens at once",
        GOOD.replace(b'<bpmn:userTask id="a"', b'<bpmn:userTask startQuantity="99999" id="a"'),
        "a",
    )
    yield (
        "import",
        GOOD.replace(
            b"<bpmn:process",
            b'<bpmn:import importType="x" location="file:///etc/passwd" namespace="y"/><bpmn:process',
            1,
        ),
        "",
    )
    event = (
        Diagram("p")
        .start()
        .people("a")
        .node("subProcess", "sp", "<bpmn:startEvent id='es'/>", triggeredByEvent="true")
        .end()
    )
    yield "event sub-process", event.go("s -> a -> e").xml(), "sp"
