"""Hostile diagrams: the file itself, its identifiers and its shape."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from tests.engine.diagrams import HEAD, Diagram, timer
from tests.hostile.cases import CANARY, Case

END = b"</bpmn:definitions>"


def sound() -> Diagram:
    """A diagram with nothing wrong in it: s -> a -> e, the lane 经办."""
    return Diagram("p").start().people("a").end().go("s -> a -> e").lane("经办", "a")


GOOD = sound().xml()


def cases() -> Iterator[Case]:
    for part in (_files(), _characters(), _shapes()):
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
