"""Hostile decision tables."""

from __future__ import annotations

from collections.abc import Iterator

from tests.engine.diagrams import table
from tests.hostile.cases import CANARY, CODE, MARKUP, Case

GOOD = table("levels", ["kind"], ["grade"], [(["'a'"], ["1"]), (["-"], ["2"])], "FIRST")


def cases() -> Iterator[Case]:
    for part in (_files(), _code(), _tables()):
        for name, payload, element in part:
            yield Case("dmn", name, payload, element)


Found = Iterator[tuple[str, bytes, str]]


def _files() -> Found:
    yield "doctype", b"<!DOCTYPE x>" + GOOD, ""
    yield (
        "external entity",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + GOOD.replace(b"'a'", b"&a;"),
        "",
    )
    yield (
        "doctype in utf-16",
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x>' + GOOD.decode()).encode("utf-16"),
        "",
    )
    yield "empty", b"", ""
    yield "a diagram", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', ""
    yield "another year", GOOD.replace(b"20191111", b"20300101"), ""
    yield "truncated", GOOD[:-30], ""
    yield "too many bytes", GOOD + b" " * 1_000_001, ""
    row = GOOD[GOOD.index(b"<rule") : GOOD.index(b"</rule>") + 7]
    yield "ten thousand rows", GOOD.replace(row, row * 10_000), ""
    yield "a thousand deep", GOOD.replace(b"<text>", b"<text>" + b"<x>" * 1000 + b"</x>" * 1000, 1), ""


def _code() -> Found:
    for number, code in enumerate(CODE, 1):
        yield f"input {number}", table("levels", [code], ["grade"], [(["-"], ["1"])]), "i0"
        yield f"condition {number}", table("levels", ["kind"], ["grade"], [([code], ["1"])]), "r0i0"
        yield f"result {number}", table("levels", ["kind"], ["grade"], [(["-"], [code])]), "r0o0"
    yield (
        "a marked condition",
        table("levels", ["kind"], ["grade"], [([f"?.__class__ or open('{CANARY}')"], ["1"])]),
        "r0i0",
    )
    yield (
        "a comparison with code",
        table("levels", ["kind"], ["grade"], [(["== __import__('os')"], ["1"])]),
        "r0i0",
    )
    yield (
        "a cell as long as a book",
        table("levels", ["kind"], ["grade"], [(["'" + "x" * 50_000 + "'"], ["1"])]),
        "r0i0",
    )
    yield "a cell of question marks", table("levels", ["kind"], ["grade"], [(["?" * 1900], ["1"])]), "r0i0"
    yield "brackets without end", table("levels", ["kind"], ["grade"], [(["(" * 1900], ["1"])]), "r0i0"


def _tables() -> Found:
    for policy in ("ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "__class__"):
        yield (
            f"hit policy {policy}",
            GOOD.replace(b'hitPolicy="FIRST"', f'hitPolicy="{policy}"'.encode()),
            "t_levels",
        )
    yield (
        "aggregation",
        GOOD.replace(b'hitPolicy="FIRST"', b'hitPolicy="COLLECT" aggregation="SUM"'),
        "t_levels",
    )
    for name in ("__class__", "typename", "len", "a b", ""):
        yield f"output named “{name}”", table("levels", ["kind"], [name], [(["-"], ["1"])]), "o0"
    yield (
        "too few cells",
        GOOD.replace(b'<outputEntry id="r0o0"><text>1</text></outputEntry>', b""),
        "t_levels",
    )
    decision = GOOD[GOOD.index(b"<decision ") : GOOD.index(b"</decision>") + 11]
    yield "two decisions", GOOD.replace(decision, decision + decision.replace(b"levels", b"other")), ""
    yield "no decision", GOOD.replace(decision, b""), ""
    java = b'<decision id="levels"><literalExpression expressionLanguage="java"><text>Runtime.exec</text></literalExpression></decision>'
    yield "java", GOOD.replace(decision, java), ""
    context = b'<decision id="levels"><context><contextEntry><variable name="x"/></contextEntry></context></decision>'
    yield "context", GOOD.replace(decision, context), ""
    for number, text in enumerate(MARKUP, 1):
        shown = text.replace("<", "&lt;").encode()
        yield (
            f"name {number}",
            GOOD.replace(
                b'<decision id="levels" name="levels"', b'<decision id="levels" name="' + shown + b'"'
            ),
            "levels",
        )
        yield (
            f"label of a column {number}",
            GOOD.replace(b'<input id="i0"', b'<input id="i0" label="' + shown + b'"'),
            "i0",
        )
