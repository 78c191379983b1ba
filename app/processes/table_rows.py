"""Saved tries of a decision table: inputs and what must come out; they travel with the scenarios of a package.

    # scenarios/tables_levels.toml
    [[row]]
    inputs = { important = true, organ_levels = 3 }
    expect = { levels = 4 }

A row without `expect` is only looked at. Rules that no row hits are named as not tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from forms.toml import TomlRefused, read_toml
from forms.writing import toml
from workflows.engine import DefinitionRefused, deciding
from workflows.engine.xml import read_dmn

PREFIX = "scenarios/tables_"
MAX_ROWS = 200


@dataclass(frozen=True)
class Row:
    """One try."""

    inputs: Mapping[str, Any]
    expect: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Tried:
    """What came of one row; `failures` are Chinese sentences, empty when it is as expected."""

    rules: tuple[int, ...]
    outputs: Mapping[str, Any]
    refused: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """All rows of a table, and the numbers of the rules that none of them hit."""

    rows: tuple[Tried, ...] = ()
    missed: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


def file_of(table: str) -> str:
    """The part that holds the rows of `<table>.dmn`."""
    return f"{PREFIX}{table}.toml"


def table_of(name: str) -> str:
    """The table whose rows a part holds; "" for other parts."""
    return name.removeprefix(PREFIX).removesuffix(".toml") if name.startswith(PREFIX) else ""


def written(rows: Sequence[Mapping[str, Any]]) -> str:
    """The file of rows `{inputs, [expect]}`; NotData when they are none."""
    return toml({"row": [dict(each) for each in rows[:MAX_ROWS]]})


def read(text: str) -> list[Row]:
    """The rows of a file; [] when it cannot be read: a try is an aid and never in the way."""
    try:
        found = read_toml(text).get("row", [])
    except TomlRefused:
        return []
    return [
        Row(each["inputs"], each["expect"] if isinstance(each.get("expect"), dict) else None)
        for each in (found if isinstance(found, list) else ())[:MAX_ROWS]
        if isinstance(each, dict) and isinstance(each.get("inputs"), dict)
    ]


def try_rows(table: bytes, rows: Sequence[Row]) -> Trial:
    """Every row through the table."""
    try:
        reads, every = deciding.reads(table), deciding.rows(table)
        labels = _labels(table)
        tried = tuple(_try(table, row, reads, labels) for row in rows)
    except DefinitionRefused as refusal:
        return Trial(problems=(refusal.message,))
    hit = {number for each in tried for number in each.rules}
    missed = tuple(number for number in range(1, len(every) + 1) if number not in hit)
    return Trial(tried, missed, (), reads)


def _labels(table: bytes) -> dict[str, str]:
    """What people call the results of a table: name -> label."""
    outputs = read_dmn(table).iter("{*}output")
    return {str(each.get("name")): str(each.get("label") or each.get("name")) for each in outputs}


def _try(table: bytes, row: Row, reads: Sequence[str], labels: Mapping[str, str]) -> Tried:
    decided = deciding.decide(table, dict.fromkeys(reads) | dict(row.inputs))
    failures = [decided.refused] if decided.refused else list(_unlike(row, decided.outputs, labels))
    return Tried(decided.rules, decided.outputs, decided.refused, tuple(failures))


def _unlike(row: Row, outputs: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    for name, wanted in (row.expect or {}).items():
        if outputs.get(name) != wanted:
            yield f"{labels.get(name, name)}应当是 {_shown(wanted)}，实际是 {_shown(outputs.get(name))}"


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {True: "是", False: "否", None: "空"}[value]
    return "、".join(map(_shown, value)) if isinstance(value, list) else str(value)


def told(trial: Trial) -> dict[str, Any]:
    """A trial as JSON."""
    return asdict(trial)


def failures_of(tables: Mapping[str, bytes], name: str, text: str) -> tuple[str, ...]:
    """Why the saved rows of a part do not come out as they say; empty when they do."""
    file = f"{table_of(name)}.dmn"
    if file not in tables:
        return (f"编号是“{table_of(name)}”的决策表已经删除，请删除它的试算",)
    trial = try_rows(tables[file], read(text))
    wrong = [
        f"第 {place} 行：{'；'.join(each.failures)}"
        for place, each in enumerate(trial.rows, 1)
        if each.failures
    ]
    return (*trial.problems, *wrong)
