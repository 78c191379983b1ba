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
    """Name -> values worth giving it, for every name that any expression of the closure reads.

    A name whose parts are read (`reply.signer`) gets dictionaries, one that a multi-instance goes over gets lists.
    """
    found: dict[str, list[Json]] = defaultdict(list)
    lists: set[str] = set()
    for source in sources:
        for text in _texts(source):
            _collect(text, found)
        lists |= {
            str(each.text) for each in read_bpmn(source.bpmn).iter() if local(each) == "loopDataInputRef"
        }
    values = {name: [*some, *_others(some)] for name, some in found.items()}
    whole = {name: some for name, some in values.items() if "." not in name}
    for name in {dotted.split(".")[0] for dotted in values if "." in dotted}:
        parts = {
            dotted.split(".")[1]: some for dotted, some in values.items() if dotted.startswith(f"{name}.")
        }
        most = max(len(some) for some in parts.values())
        whole[name] = [{key: some[n % len(some)] for key, some in parts.items()} for n in range(most)]
    return whole | {name: [["甲"], ["甲", "乙"]] for name in lists}


def results_by_action(sources: Iterable[Source]) -> dict[str, str]:
    """Action -> the name its result goes by, where a diagram gives it one."""
    return {
        str(operator.get("id")): str(operator.get("resultVariable"))
        for source in sources
        for operator in read_bpmn(source.bpmn).iter(f"{{{SPIFF}}}serviceTaskOperator")
        if operator.get("resultVariable")
    }


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
    dotted = {f"{each.value.id}.{each.attr}" for each in ast.walk(tree) if _is_part(each)}  # type: ignore[attr-defined]
    for name in (expressions.names_used(text) - {each.split(".")[0] for each in dotted}) | dotted:
        found[name] += []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Call):
            names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in found]
            names += [f"{part.value.id}.{part.attr}" for part in ast.walk(node) if _is_part(part)]  # type: ignore[attr-defined]
            values = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            for name in names:
                found[name] += [value for value in values if value not in found[name]]  # type: ignore[misc]


def _is_part(node: ast.AST) -> bool:
    """`reply.signer`."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def _others(values: list[Json]) -> list[Json]:
    """Values beside the ones named: neighbours of numbers, another word, the other truth value."""
    kinds = {type(value) for value in values}
    if int in kinds:
        return [value + step for value in values if type(value) is int for step in (-1, 1)]
    if str in kinds:
        return ["另一个", ""]
    return [True, False]
