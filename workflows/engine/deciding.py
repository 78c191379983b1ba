"""Trying one decision table by itself: which rules hold for given inputs, and what comes out.

It goes the same way as a case does (`activities.DecisionTable`, the safe language), only without a flow around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from lxml import etree
from SpiffWorkflow.exceptions import SpiffWorkflowException

from workflows.engine import expressions, parser, xml
from workflows.engine.activities import DecisionTable
from workflows.engine.errors import DefinitionRefused, EngineRefused, ExpressionError
from workflows.engine.model import Json


@dataclass(frozen=True)
class Decided:
    """What a table says to one set of inputs.

    rules: numbers of the rows that hold, from 1, before the hit policy chooses among them. outputs: by the names the flow
    sees; None for each when no row holds. refused: why nothing came out (a Chinese sentence), "" when all is well.
    """

    rules: tuple[int, ...] = ()
    outputs: Mapping[str, Json] = field(default_factory=dict)
    refused: str = ""


class _Engine:
    """Works out the cells as the engine of a case does."""

    def evaluate(self, task: Any, text: str, names: Mapping[str, Any] | None = None) -> object:
        try:
            return expressions.evaluate(text, {**task.data, **(names or {})})
        except ExpressionError as error:
            raise EngineRefused(str(error), "expression") from error


def decide(table: bytes, inputs: Mapping[str, Json]) -> Decided:
    """What the only decision table of a DMN file says. Raises DefinitionRefused when the file has none that can be read."""
    engine = DecisionTable(_read(table))
    task = SimpleNamespace(data=dict(inputs), workflow=SimpleNamespace(script_engine=_Engine()))
    try:
        holding = tuple(rule.row_number for rule in engine.decision_table.rules if engine._holds(rule, task))
    except EngineRefused as refusal:
        return Decided(refused=refusal.message)
    try:
        return Decided(holding, engine.result(task))
    except EngineRefused as refusal:
        return Decided(holding, {}, refusal.message)


def reads(table: bytes) -> tuple[str, ...]:
    """Names of the facts that inputs and cells of a table read, those of its input columns first."""
    root = xml.read_dmn(table)
    texts = [*root.iterfind(".//{*}inputExpression/{*}text"), *root.iterfind(".//{*}outputEntry/{*}text")]
    names: dict[str, None] = {}
    for each in texts:
        try:
            names.update(dict.fromkeys(sorted(expressions.names_used(each.text or ""))))
        except ExpressionError:
            continue  # the check says it
    return tuple(names)


def rows(table: bytes) -> tuple[tuple[str, str], ...]:
    """(id, annotation) of every row of the table, in order."""
    root = xml.read_dmn(table)
    return tuple(
        (str(rule.get("id", "")), (rule.findtext("{*}description") or "").strip())
        for rule in root.iterfind(".//{*}rule")
    )


def _read(table: bytes) -> Any:
    root = xml.read_dmn(table)
    try:
        reader = parser.Parser()
        reader.add_dmn_xml(root)
        (name,) = reader.dmn_parsers
        found = reader.dmn_parsers[name]
        found.parse()
        return found.decision.decisionTables[0]
    except (
        SpiffWorkflowException, etree.LxmlError, LookupError, ValueError, TypeError, AttributeError,
    ) as error:  # fmt: skip
        raise DefinitionRefused("决策表读不出来，请检查列和行是否完整", "parse") from error
