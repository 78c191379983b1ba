"""Editing and saving loses nothing: the shipped diagrams and those of `diagrams` go through the editor, twice, in one page."""

from __future__ import annotations

import ast
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.studio.diagrams import DIAGRAMS
from tests.support import browser as browsing

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "app" / "static" / "dist"
SHIPPED = {
    f"shipped {path.parent.name}": path.read_text("utf-8") for path in (ROOT / "bpmn").glob("*/process.bpmn")
}
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
#: what the schema says an attribute is where it is not written (BPMN 2.0, Semantic.xsd, BPMN20.xsd)
DEFAULTS = {
    ("isCollection", "false"), ("textFormat", "text/plain"), ("eventGatewayType", "Exclusive"), ("instantiate", "false"),
    ("waitForCompletion", "true"), ("behavior", "All"), ("mustUnderstand", "false"),
    ("expressionLanguage", "http://www.w3.org/1999/XPath"), ("typeLanguage", "http://www.w3.org/2001/XMLSchema"),
}  # fmt: skip

Tree = tuple[str, tuple[tuple[str, str], ...], str, tuple[Any, ...]]


def meaning(xml: str) -> Tree:
    """A file without prefixes, order, indentation and defaults. What is only drawn by default is not compared: an X in a gateway.

    Children are compared as a set where the schema does not give them an order of their own: a file's elements are
    found by their ids.
    """
    return _meaning(etree.fromstring(xml.encode(), etree.XMLParser(remove_comments=True, remove_pis=True)))


def _meaning(element: etree._Element) -> Tree:
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    attributes.pop("isMarkerVisible", None)
    name = str(element.tag)
    if name == f"{BPMN}expression" and attributes.get(XSI_TYPE, "").endswith("tFormalExpression"):
        name, _ = f"{BPMN}formalExpression", attributes.pop(XSI_TYPE)  # the schema's substitution group
    children = tuple(sorted((_meaning(child) for child in element), key=repr))
    kept = tuple(sorted(set(attributes.items()) - DEFAULTS))
    text = element.text or ""
    return name, kept, text if not children and name != f"{BPMN}text" else text.strip(), children


@pytest.fixture(scope="module")
def studio(chromium: Any) -> Iterator[Any]:
    """A page with the editor's module as `studio`, without an office around it."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(DIST))
    handler.func.log_message = lambda *_: None  # type: ignore[method-assign, assignment]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = json.loads((DIST / "manifest.json").read_text("utf-8"))
    with browsing.pages(chromium) as make:
        page = make(900, 700)
        page.goto(f"http://127.0.0.1:{server.server_port}/manifest.json")
        page.evaluate(f"import('/{names['studio.js']}').then(module => {{ window.studio = module }})")
        yield page
    server.shutdown()
    server.server_close()


def test_thirty_diagrams_and_more_are_there() -> None:
    assert len(DIAGRAMS) >= 50
    assert len(SHIPPED) >= 10


@pytest.mark.parametrize("name", sorted({**SHIPPED, **DIAGRAMS}))
def test_a_diagram_comes_back_with_the_same_meaning(studio: Any, name: str) -> None:
    text = {**SHIPPED, **DIAGRAMS}[name]
    once, twice = studio.evaluate("text => window.studio.throughTheEditor(text)", text)
    assert meaning(once) == meaning(text)
    assert twice == once


def test_names_with_markup_stay_text(studio: Any) -> None:
    studio.evaluate("() => { window.alert = () => { window.ran = true } }")
    studio.evaluate("text => window.studio.throughTheEditor(text)", DIAGRAMS["names in markup"])
    assert studio.evaluate("() => window.ran === undefined")


# -- conditions as people say them ----------------------------------------------------------------------------

_CONDITION = re.compile(r"<bpmn:conditionExpression[^>]*>([^<]*)<")
CONDITIONS = sorted(
    {
        found.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
        for text in SHIPPED.values()
        for found in _CONDITION.findall(text)
    }
    | {
        "a.b == 'x' and c not in [\"一\", \"二\"]", "not done or count >= 3", '"unit" in units', '"unit" not in units',
        "levels == True", r'name == "say \"hi\""', "days > -2 and days <= 10", 'kind in ("a", "b")',
        "a and b or c", "a or b and c or d", "(a or b == 'x') and c and (d or not e)", "(a) and ((b) or c)",
    }
)  # fmt: skip
ONLY_TEXT = [
    "a and (b or c and d)",
    "not (a or b)",
    "len(units) > 2",
    "a + 1 > 2",
    "not (a and b)",
    "1 < a < 3",
    "a if b else c",
    "x ==",
    "'open",
    "a == b",
]


def _tree(text: str) -> str:
    """The expression's tree; a list and a tuple of constants mean the same, `x == True` is `x`, `(…)` is what is in it."""
    text = text.replace('("a", "b")', '["a", "b"]').replace("levels == True", "levels")
    return ast.dump(ast.parse(text, mode="eval"))


def test_what_the_rows_say_is_what_was_written(studio: Any) -> None:
    said = studio.evaluate(
        "texts => texts.map((text) => { const rows = window.studio.read(text, () => 'boolean');"
        " return rows && window.studio.write(rows, () => 'unknown'); })",
        CONDITIONS,
    )
    for text, again in zip(CONDITIONS, said, strict=True):
        assert again is not None and _tree(again) == _tree(text), text


def test_what_the_rows_cannot_say_stays_text(studio: Any) -> None:
    said = studio.evaluate(
        "texts => texts.map((text) => window.studio.read(text, () => 'boolean'))", ONLY_TEXT
    )
    assert [text for text, rows in zip(ONLY_TEXT, said, strict=True) if rows] == []
