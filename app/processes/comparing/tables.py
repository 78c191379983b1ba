"""Differences of decision tables: columns, rules row by row, hit policy; anything else of the file as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from app.processes.comparing.canonical import canonical, children, texts_of
from app.processes.comparing.change import Change
from app.processes.comparing.trees import moves
from app.processes.comparing.wording import short

_HIT = {
    "UNIQUE": "只有一行符合", "FIRST": "取第一行符合的", "ANY": "几行符合须相同", "COLLECT": "收集全部",
    "PRIORITY": "按优先级", "RULE ORDER": "按行的次序全部取", "OUTPUT ORDER": "按结果的次序全部取",
}  # fmt: skip
_COLUMNS = ("input", "output")


@dataclass(frozen=True)
class _Column:
    """One column: what people call it, what it reads or gives, and everything else it says."""

    name: str
    reads: str
    rest: str


@dataclass(frozen=True)
class _Table:
    """One decision. rules: id -> column id -> cell; a rule's note stands under ""."""

    name: str
    hit: str
    columns: Mapping[str, _Column]
    rules: Mapping[str, Mapping[str, str]]
    rest: str


def compare_tables(part: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
    """Differences of two decision files."""
    before, after = _decisions(old), _decisions(new)
    for key in dict.fromkeys([*before, *after]):
        if key not in after:
            yield Change(part, key, "removed", f"决策“{before[key].name}”", "", _size(before[key]))
        elif key not in before:
            yield Change(part, key, "added", f"决策“{after[key].name}”", "", "", _size(after[key]))
        else:
            yield from _decision(part, key, before[key], after[key])
    first, then = (canonical(each, without=("decision", "DMNDI")) for each in (old, new))
    if first != then:
        yield Change(part, "", "changed", "决策表文件", "其他内容", *_unlike(texts_of(old), texts_of(new)))


def _size(table: _Table) -> str:
    return f"{len(table.columns)} 列，{len(table.rules)} 行"


def _decision(part: str, key: str, old: _Table, new: _Table) -> Iterator[Change]:
    name = f"决策“{new.name}”"
    if old.name != new.name:
        yield Change(part, key, "changed", name, "名称", old.name, new.name)
    if old.hit != new.hit:
        yield Change(
            part, key, "changed", name, "几行符合时", _HIT.get(old.hit, old.hit), _HIT.get(new.hit, new.hit)
        )
    if old.rest != new.rest:
        yield Change(part, key, "changed", name, "其他内容", *_unlike(old.rest, new.rest))
    yield from _columns(part, old, new)
    yield from _rules(part, old, new)


def _columns(part: str, old: _Table, new: _Table) -> Iterator[Change]:
    for key in dict.fromkeys([*old.columns, *new.columns]):
        before, after = old.columns.get(key), new.columns.get(key)
        if after is None and before is not None:
            yield Change(part, key, "removed", f"列“{before.name}”", "", before.reads)
        elif before is None and after is not None:
            yield Change(part, key, "added", f"列“{after.name}”", "", "", after.reads)
        elif before is not None and after is not None:
            name = f"列“{after.name}”"
            for label, first, then in (
                ("名称", before.name, after.name),
                ("依据或者得出", before.reads, after.reads),
            ):
                if first != then:
                    yield Change(part, key, "changed", name, label, first, then)
            if before.rest != after.rest:
                yield Change(
                    part, key, "changed", name, "类型或者可取的值", *_unlike(before.rest, after.rest)
                )
    for key, first_at, then_at in moves(list(old.columns), list(new.columns)):
        column = f"列“{new.columns[key].name}”"
        yield Change(part, key, "moved", column, "次序", f"第 {first_at} 列", f"第 {then_at} 列")


def _rules(part: str, old: _Table, new: _Table) -> Iterator[Change]:
    places_old = {key: number for number, key in enumerate(old.rules, 1)}
    places = {key: number for number, key in enumerate(new.rules, 1)}
    for key, row in old.rules.items():
        if key not in new.rules:
            yield Change(part, key, "removed", f"原第 {places_old[key]} 行", "", _row(row, old))
    for key, row in new.rules.items():
        name = f"第 {places[key]} 行"
        if key not in old.rules:
            yield Change(part, key, "added", name, "", "", _row(row, new))
            continue
        for column in row:
            before = old.rules[key].get(column)
            if before is not None and before != row[column]:
                label = new.columns[column].name if column in new.columns else "说明"
                yield Change(part, key, "changed", name, label, _cell(before), _cell(row[column]))
        gone = [c for c in old.rules[key] if c not in row and c in new.columns]
        come = [c for c in row if c not in old.rules[key] and c in old.columns]
        if gone or come:
            yield Change(part, key, "changed", name, "单元格数", str(len(old.rules[key])), str(len(row)))
    for key, first, then in moves(list(old.rules), list(new.rules)):
        yield Change(part, key, "moved", f"第 {then} 行", "次序", f"第 {first} 行", f"第 {then} 行")


def _cell(text: str) -> str:
    return short(text) or "不限"


def _row(row: Mapping[str, str], table: _Table) -> str:
    cells = [
        f"{table.columns[key].name}：{short(text)}"
        for key, text in row.items()
        if key in table.columns and text
    ]
    return "；".join(cells) or "不限"


def _unlike(old: str, new: str) -> tuple[str, str]:
    """Two long texts from where they begin to differ."""
    start = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    begin = max(0, start - 20)
    return short(old[begin : begin + 160]), short(new[begin : begin + 160])


def _decisions(root: etree._Element) -> dict[str, _Table]:
    found: dict[str, _Table] = {}
    for number, decision in enumerate(children(root, "decision"), 1):
        key = str(decision.get("id") or number)
        while key in found:
            key += "'"
        found[key] = _table(decision)
    return found


def _table(decision: etree._Element) -> _Table:
    tables = children(decision, "decisionTable")
    table = tables[0] if tables else etree.Element("decisionTable")
    columns, order = _read_columns(table)
    rules: dict[str, dict[str, str]] = {}
    for number, rule in enumerate(children(table, "rule"), 1):
        key = str(rule.get("id") or f"rule {number}")
        while key in rules:
            key += "'"
        rules[key] = _cells(rule, order)
    hit = str(table.get("hitPolicy", "UNIQUE"))
    kept = canonical(decision, without=("decisionTable",), unnamed=("name",))
    inner = [canonical(table, without=(*_COLUMNS, "rule"), unnamed=("hitPolicy",))]
    inner += [canonical(each) for each in tables[1:]]
    return _Table(str(decision.get("name") or ""), hit, columns, rules, kept + "".join(inner))


def _read_columns(table: etree._Element) -> tuple[dict[str, _Column], dict[str, list[str]]]:
    columns: dict[str, _Column] = {}
    order: dict[str, list[str]] = {kind: [] for kind in _COLUMNS}
    for kind in _COLUMNS:
        for number, column in enumerate(children(table, kind), 1):
            key = str(column.get("id") or f"{kind} {number}")
            while key in columns:
                key += "'"
            expression = children(column, "inputExpression")
            reads = _text(expression[0]) if expression else str(column.get("name") or "")
            rest = canonical(column, without=("inputExpression",), unnamed=("label", "name"))
            rest += "".join(canonical(each, texts=False) for each in expression)
            columns[key] = _Column(str(column.get("label") or reads), reads, rest)
            order[kind].append(key)
    return columns, order


def _cells(rule: etree._Element, order: Mapping[str, list[str]]) -> dict[str, str]:
    notes = children(rule, "description")
    cells = {"": _text(notes[0]) if notes else ""}
    for kind in _COLUMNS:
        entries = children(rule, f"{kind}Entry")
        for number, entry in enumerate(entries):
            keys = order[kind]
            cells[keys[number] if number < len(keys) else f"{kind} {number + 1}"] = _text(entry)
    return cells


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(each) for each in element.itertext()).split())
