"""Hostile diagrams: the file itself, its shape, and code wherever something is worked out."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from tests.engine.diagrams import HEAD, Diagram, formal, instances, message, properties, timer
from tests.hostile.cases import CANARY, CODE, MARKUP, Case

END = b"</bpmn:definitions>"


def sound() -> Diagram:
    """A diagram with nothing wrong in it: s -> a -> e, the lane 经办."""
    return Diagram("p").start().people("a").end().go("s -> a -> e").lane("经办", "a")


GOOD = sound().xml()


def cases() -> Iterator[Case]:
    for part in (
        _files(),
        _characters(),
        _shapes(),
        _loops(),
        _code(),
        _extensions(),
        _names(),
        _constructs(),
    ):
        for name, payload, element in part:
            yield Case("bpmn", name, payload, element)


Found = Iterator[tuple[str, bytes, str]]


def _files() -> Found:
    """What the parser itself could be hurt with."""
    doctype = b'<!DOCTYPE x [<!ENTITY a "1">]>'
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    yield "doctype", doctype + GOOD, ""
    yield "internal entity", b'<!DOCTYPE x [<!ENTITY a "zz">]>' + GOOD.replace(b"\xe7\x8e\xaf", b"&a;", 1), ""
    yield "a billion laughs", b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]><x>&l9;</x>", ""
    yield (
        "quadratic entities",
        b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 90_000 + b'">]><x>' + b"&a;" * 9_000 + b"</x>",
        "",
    )
    yield "external entity", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', ""
    yield "external entity by http", b'<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]><x>&a;</x>', ""
    yield "parameter entity", b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><x/>', ""
    yield "external dtd", b'<!DOCTYPE x SYSTEM "file:///dev/random"><x/>', ""
    yield (
        "public dtd",
        b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x.dtd"><html/>',
        "",
    )
    yield "doctype in utf-7", b'<?xml version="1.0" encoding="utf-7"?>+ADw-!DOCTYPE x+AD4-' + GOOD, ""
    yield (
        "doctype in utf-16",
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x>' + GOOD.decode()).encode("utf-16"),
        "",
    )
    yield "utf-16 without a mark", GOOD.decode().encode("utf-16-le"), ""
    yield "utf-32", GOOD.decode().encode("utf-32"), ""
    yield "ebcdic", '<?xml version="1.0" encoding="cp037"?><x/>'.encode("cp037"), ""
    yield "latin bytes", GOOD.replace("环节".encode(), b"\xff\xfe\xe9"), ""
    yield "gbk bytes", GOOD.replace("环节".encode(), "环节".encode("gbk")), ""
    yield "empty", b"", ""
    yield "blank", b" \n\t ", ""
    yield "text", "请假流程".encode(), ""
    yield "truncated", GOOD[: len(GOOD) // 2], ""
    yield "two roots", GOOD + GOOD, ""
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, ""
    yield "gzip", gzip.compress(GOOD, mtime=0), ""
    yield "html", b"<html><body><script>alert(1)</script></body></html>", ""
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', ""
    yield "xslt", b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>', ""
    yield "json", b'{"definitions": []}', ""
    yield "null bytes", GOOD.replace(b"</bpmn:process>", b"\x00</bpmn:process>"), ""
    yield "null reference", GOOD.replace(b"</bpmn:process>", b"&#0;</bpmn:process>"), ""
    yield "half a surrogate", GOOD.replace(b"</bpmn:process>", b"&#xD800;</bpmn:process>"), ""
    yield "other namespace", GOOD.replace(b"20100524/MODEL", b"20200101/MODEL"), ""
    yield "undeclared prefix", GOOD.replace(b'<bpmn:userTask id="a"', b'<evil:x/><bpmn:userTask id="a"'), ""
    yield "too many bytes", HEAD.encode() + b" " * 1_000_001 + END, ""
    yield "fifty megabytes of nothing", b"<x>" + b" " * 50_000_000 + b"</x>", ""
    yield "too many elements", HEAD.encode() + b"<bpmn:process/>" * 20_001 + END, ""
    yield "a hundred deep", HEAD.encode() + b"<bpmn:subProcess>" * 100 + b"</bpmn:subProcess>" * 100 + END, ""
    yield "fifty thousand deep", HEAD.encode() + b"<a>" * 50_000 + b"</a>" * 50_000 + END, ""
    many = " ".join(f'a{n}="x"' for n in range(30_000)).encode()
    yield (
        "thirty thousand attributes",
        GOOD.replace(b'<bpmn:userTask id="a"', b"<bpmn:userTask " + many + b' id="a"'),
        "",
    )
    spaces = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(20_000)).encode()
    yield "twenty thousand namespaces", b"<x " + spaces + b"/>", ""
    yield "an attribute twice", GOOD.replace(b'id="a"', b'id="a" id="b"'), ""
    yield (
        "a second encoding",
        b'<?xml version="1.0" encoding="utf-8"?><?xml version="1.0" encoding="utf-7"?>' + GOOD,
        "",
    )
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{CANARY}" parse="text"/>'.encode()
    )
    yield "xinclude", GOOD.replace(b"<bpmn:userTask", include + b"<bpmn:userTask", 1), ""


def _characters() -> Found:
    """Identifiers that break out of the queries made of them."""
    yield "xpath in an id", GOOD.replace(b'id="a"', b"id=\"a'] | //*['1\""), ""
    yield "xpath in a reference", GOOD.replace(b'sourceRef="s"', b"sourceRef=\"s' or '1\""), ""
    yield "path in an id", GOOD.replace(b'id="a"', b'id="../../etc/passwd"'), ""
    yield "markup in an id", GOOD.replace(b'id="a"', b'id="&lt;script&gt;"'), ""
    yield "a long id", GOOD.replace(b'id="a"', b'id="' + b"a" * 5000 + b'"'), ""
    yield "an id in another script", GOOD.replace(b'id="a"', 'id="а"'.encode()), ""
    yield "reserved ids", GOOD.replace(b'"s"', b'"Start"').replace(b'"e"', b'"End"'), "Start"
    yield "the same id twice", GOOD.replace(b'id="e"', b'id="a"'), "a"
    yield (
        "an attribute of a dictionary as id",
        Diagram("p").start().people("__class__").end().go("s -> __class__ -> e").xml(),
        "__class__",
    )


def _shapes() -> Found:
    """What is well written and cannot run."""
    line = Diagram("p").start().end()
    steps = [f"u{n}" for n in range(1000)]
    yield "a thousand steps in a line", line.people(*steps).go(" -> ".join(["s", *steps, "e"])).xml(), "p"
    fan = (
        Diagram("p")
        .start()
        .end()
        .gateways("parallel", "g", "j")
        .people(*steps[:900])
        .go("s -> g")
        .go("j -> e")
    )
    for step in steps[:900]:
        fan.go(f"g -> {step} -> j")
    yield "nine hundred branches", fan.xml(), "p"
    yield "a step that follows itself", sound().go("a -> a").xml(), "a"
    yield (
        "two steps in a circle",
        Diagram("p").start().people("a", "b").end().go("s -> a -> b -> a").xml(),
        "a",
    )
    gates = Diagram("p").start().end().gateways("parallel", "g", "h").go("s -> g -> h -> g").go("h -> e")
    yield "gateways that double their tokens", gates.xml(), "g"
    busy = Diagram("p").start().end().gateways("exclusive", "x").action("w", "number.assign")
    yield (
        "a loop without anybody",
        busy.go("s -> x").go("x -> w", "True").otherwise("x -> e").go("w -> x").xml(),
        "w",
    )
    yield (
        "a process that calls itself",
        Diagram("p").start().call("c", "p").end().go("s -> c -> e").xml(),
        "c",
    )
    yield "no process", HEAD.encode() + END, ""
    two = GOOD.replace(b"</bpmn:process>", b'</bpmn:process><bpmn:process id="q" isExecutable="true"/>')
    yield "two processes", two, "p"
    yield "no start", Diagram("p").people("a").end().go("a -> e").xml(), "p"
    yield "a flow to nowhere", GOOD.replace(b'targetRef="e"', b'targetRef="gone"'), ""
    deep: Diagram = Diagram("").start("s50").people("u50").end("e50").go("s50 -> u50 -> e50")
    for level in range(49, 0, -1):
        outer = Diagram("").start(f"s{level}").embed(f"d{level}", deep).end(f"e{level}")
        deep = outer.go(f"s{level} -> d{level} -> e{level}")
    outside = Diagram("p").start().embed("d0", deep).end().go("s -> d0 -> e")
    yield "fifty sub-processes in one another", outside.xml(), ""
    host = sound().boundary("b0", "a", timer("'P1D'")).go("b0 -> e")
    for number in range(1, 40):
        host.boundary(f"b{number}", "a", timer("'P1D'")).go(f"b{number} -> e")
    yield "forty timers on one step", host.xml(), "b1"


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
