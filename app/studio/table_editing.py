"""What the page of a decision table shows: the table, the facts it may read, its saved tries; and a new table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from app.processes import table_rows
from forms.definition import KEY, RESERVED

_DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_DI = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
_DC = "http://www.omg.org/spec/DMN/20180521/DC/"

_NAMES: dict[Any, str] = {None: _DMN, "dmndi": _DI, "dc": _DC}
#: type of a fact -> type of a column
COLUMN_TYPES: Mapping[str, str] = {"boolean": "boolean", "integer": "number", "date": "date", "list": "Any"}
RESULTS: Mapping[str, str] = {
    "string": "文字（选项的编号）",
    "boolean": "是或否",
    "number": "数字",
    "Any": "一组选项",
}
HIT_POLICIES: Mapping[str, str] = {
    "UNIQUE": "各行互不重叠，最多一行符合",
    "FIRST": "从上往下，用第一个符合的",
    "COLLECT": "符合的都要，结果是一组",
}


def usable_key(key: str) -> bool:
    """Whether a table may be called so: the file, its decision and its result share the rules of field keys."""
    return bool(KEY.match(key)) and key not in RESERVED


def blank(
    key: str, label: str, inputs: Sequence[Mapping[str, Any]], output: tuple[str, str, str], policy: str
) -> str:
    """A new table: columns for the facts, one result (name, label, type), a row that holds always."""
    root = etree.Element(f"{{{_DMN}}}definitions", nsmap=_NAMES)
    root.attrib.update({"id": f"{key}_file", "name": label, "namespace": f"http://gongkai/dmn/{key}"})
    decision = _add(root, "decision", id=key, name=label)
    table = _add(decision, "decisionTable", id=f"{key}_table", hitPolicy=policy)
    for number, fact in enumerate(inputs, 1):
        column = _add(table, "input", id=f"{key}_in_{number}", label=str(fact["label"]))
        expression = _add(
            column, "inputExpression", id=f"{key}_in_{number}_expression",
            typeRef=COLUMN_TYPES.get(str(fact["type"]), "string"),
        )  # fmt: skip
        _add(expression, "text").text = str(fact["name"])
    name, told, kind = output
    _add(table, "output", id=f"{key}_out", label=told, name=name, typeRef=kind)
    rule = _add(table, "rule", id=f"{key}_rule_1")
    for number, _fact in enumerate(inputs, 1):
        _add(_add(rule, "inputEntry", id=f"{key}_rule_1_in_{number}"), "text").text = ""
    _add(_add(rule, "outputEntry", id=f"{key}_rule_1_out"), "text").text = ""
    _draw(root, key)
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_DMN}}}{tag}")
    for name, value in attributes.items():
        made.set(name, value)
    return made


def _draw(root: etree._Element, key: str) -> None:
    """Other tools open a file only where its box is drawn."""
    diagram = etree.SubElement(etree.SubElement(root, f"{{{_DI}}}DMNDI"), f"{{{_DI}}}DMNDiagram")
    shape = etree.SubElement(diagram, f"{{{_DI}}}DMNShape", dmnElementRef=key)
    etree.SubElement(shape, f"{{{_DC}}}Bounds", height="80", width="180", x="160", y="100")


# -- what the page needs --------------------------------------------------------------------------------------


def facts_for(offered: Iterable[Mapping[str, Any]], own: Iterable[str]) -> list[dict[str, Any]]:
    """The facts a table may read, without its own results: [{name, label, type, options, from}]."""
    mine = set(own)
    return [
        {key: fact[key] for key in ("name", "label", "type", "options", "from")}
        for fact in offered
        if fact["name"] not in mine
    ]


def saved_rows(texts: Mapping[str, str], table: str) -> list[dict[str, Any]]:
    """The saved tries of a table, for the page."""
    return [
        {"inputs": dict(row.inputs), "expect": None if row.expect is None else dict(row.expect)}
        for row in table_rows.read(texts.get(table_rows.file_of(table), ""))
    ]
