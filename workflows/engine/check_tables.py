"""Checks of the decision tables of a package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from workflows.engine.activities import cell_expression
from workflows.engine.check_texts import check_expression, check_name
from workflows.engine.drawing import Drawing
from workflows.engine.model import Finding, error
from workflows.engine.shown import MAX_NAME, unfit
from workflows.engine.xml import SPIFF, local

HIT_POLICIES = {"UNIQUE", "FIRST", "COLLECT"}


def check_tables(drawing: Drawing, tables: Mapping[str, etree._Element]) -> Iterator[Finding]:
    """Findings about the decision tables of the package."""
    used = {(element.text or "").strip() for element in drawing.root.iter(f"{{{SPIFF}}}calledDecisionId")}
    seen: set[str] = set()
    for file, root in tables.items():
        for finding in _check_file(file, root, used, seen):
            yield replace(finding, part=file)


def table_label(root: etree._Element) -> str:
    """What people call a decision table."""
    named = (str(each.get("name") or "") for each in (*_children(root, "decision"), root))
    return next(filter(None, named), "未命名的决策表")


def _check_file(file: str, root: etree._Element, used: set[str], seen: set[str]) -> Iterator[Finding]:
    """One file. `used`: tables the diagram asks; `seen`: those of the files before, to which this one's are added."""
    names, label = decisions_of(root), table_label(root)
    if len(names) != 1:
        yield error(
            file,
            "decision_count",
            f"决策表“{label}”的文件里有 {len(names)} 个决策，只能有一个",
            "请一个文件只放一个决策表",
        )
    for name in names:
        if name in seen:
            yield error(name, "duplicate_id", f"决策表“{label}”和另一张编号相同", "请给每个决策表不同的编号")
        if name not in used:
            yield Finding(
                name, "unused_decision", "warning", f"决策表“{label}”没有环节使用", "请确认是否需要它"
            )
        seen.add(name)
    yield from _check_shown(file, root)
    yield from _check_table(file, root)


def _check_shown(file: str, root: etree._Element) -> Iterator[Finding]:
    """Names, labels and descriptions of a table are words."""
    for element in root.iter("{*}*"):
        texts = [(str(element.get(each) or ""), MAX_NAME) for each in ("name", "label")]
        if local(element) == "description":
            texts.append((element.text or "", 0))
        for why in filter(None, (unfit(text, longest) for text, longest in texts)):
            yield error(str(element.get("id") or file), "shown", f"名称或说明{why}", "请改正后再保存")


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str) and local(child) == name]


def decisions_of(root: etree._Element) -> list[str]:
    """Ids of the decisions of a file."""
    return [str(element.get("id", "")) for element in _children(root, "decision")]


def _text(element: etree._Element) -> str:
    return "".join(child.text or "" for child in _children(element, "text")).strip()


def _check_table(file: str, root: etree._Element) -> Iterator[Finding]:
    found = [
        table for decision in _children(root, "decision") for table in _children(decision, "decisionTable")
    ]
    if len(found) != 1:
        yield error(file, "decision_table", f"“{table_label(root)}”里没有表", "请用决策表的形式来写")
        return
    table, where = found[0], str(found[0].get("id") or file)
    policy = str(table.get("hitPolicy", "UNIQUE")).upper()
    if policy not in HIT_POLICIES or table.get("aggregation"):
        yield error(
            where,
            "hit_policy",
            f"决策表“{table_label(root)}”不能用这种取法",
            "请在表的左上角选“唯一”“首个”或者“收集”",
        )
    inputs, outputs = _children(table, "input"), _children(table, "output")
    for column in inputs:
        holder = next(iter(_children(column, "inputExpression")), None)
        yield from check_expression(
            str(column.get("id") or where), _text(holder) if holder is not None else "", "输入列"
        )
    for column in outputs:
        yield from check_name(
            str(column.get("id") or where), column.get("name") or column.get("label"), "输出列的数据名"
        )
    for number, rule in enumerate(_children(table, "rule"), 1):
        yield from _check_rule(where, number, rule, len(inputs), len(outputs))


def _check_rule(
    where: str, number: int, rule: etree._Element, inputs: int, outputs: int
) -> Iterator[Finding]:
    conditions, results = _children(rule, "inputEntry"), _children(rule, "outputEntry")
    if (len(conditions), len(results)) != (inputs, outputs):
        yield error(where, "decision_cells", f"决策表第 {number} 行的格数与列数不同", "请补齐或删除多余的格")
    for cell in conditions:
        condition = cell_expression(_text(cell))
        if condition is not None:
            yield from check_expression(
                str(cell.get("id") or where), condition, f"第 {number} 行的条件“{_text(cell)}”"
            )
    for cell in results:
        if _text(cell):
            yield from check_expression(
                str(cell.get("id") or where), _text(cell), f"第 {number} 行的结果“{_text(cell)}”"
            )
