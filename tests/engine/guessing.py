"""Answers for a process whose forms are unknown: the values its own expressions compare with, and others."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable

from workflows.engine import Json, Source, expressions
from workflows.engine.activities import cell_expression
from workflows.engine.model import CELL_NAME
from workflows.engine.xml import SPIFF, local, read_bpmn, read_dmn


def guessed_answers(sources: Iterable[Source]) -> dict[str, list[Json]]:
    """Name -> values worth giving it, for every name that any expression of the closure reads."""
    found: dict[str, list[Json]] = defaultdict(list)
    for source in sources:
        for text in _texts(source):
            _collect(text, found)
    return {name: [*values, *_others(values)] for name, values in found.items()}


def _texts(source: Source) -> Iterable[str]:
    for element in read_bpmn(source.bpmn).iter():
        if local(element) in ("conditionExpression", "loopCardinality", "completionCondition"):
            yield element.text or ""
        elif element.tag == f"{{{SPIFF}}}parameter":
            yield str(element.get("value"))
    for data in source.dmn.values():
        yield from _cells(data)


def _cells(data: bytes) -> Iterable[str]:
    table = next(element for element in read_dmn(data).iter() if local(element) == "decisionTable")
    columns = [_text(element) for element in table if local(element) == "input"]
    for rule in (element for element in table if local(element) == "rule"):
        entries = [_text(element) for element in rule if local(element) == "inputEntry"]
        for column, entry in zip(columns, entries, strict=True):
            yield column
            if cell := cell_expression(entry):
                yield re.sub(rf"\b{CELL_NAME}\b", column, cell)
        yield from (_text(element) for element in rule if local(element) == "outputEntry" and _text(element))


def _text(element: object) -> str:
    return "".join(e.text or "" for e in element.iter() if local(e) == "text").strip()  # type: ignore[attr-defined]


def _collect(text: str, found: dict[str, list[Json]]) -> None:
    tree = expressions.compile(text).tree
    for name in expressions.names_used(text):
        found[name] += []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Call):
            names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in found]
            values = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            for name in names:
                found[name] += [value for value in values if value not in found[name]]  # type: ignore[misc]


def _others(values: list[Json]) -> list[Json]:
    """Values beside the ones named: neighbours of numbers, another word, the other truth value."""
    kinds = {type(value) for value in values}
    if int in kinds:
        return [value + step for value in values if type(value) is int for step in (-1, 1)]
    if str in kinds:
        return ["另一个", ""]
    return [True, False]
