"""The expression language: what it can say, what it refuses, and that nothing gets out of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import time

import pytest

from workflows.engine.errors import ExpressionError
from workflows.engine.expressions import FUNCTIONS, compile, evaluate, names_used

NAMES: dict[str, object] = {
    "n": 3, "kind": "公开", "ok": True, "none": None, "units": ["甲", "乙"], "case": {"unit": {"name": "财政局"}},
    "when": "2026-03-01",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n > 2 and kind == '公开'", True),
        ("not ok or none is None", True),
        ("1 < n <= 3", True),
        ("'甲' in units and '丙' not in units", True),
        ("case.unit.name", "财政局"),
        ("case['unit'].level", None),
        ("units[0] + '、' + units[1]", "甲、乙"),
        ("len(units) * 2 - 1", 3),
        ("7 // 2 + 7 % 2 + 1 / 4", 4.25),
        ("'短' if n < 3 else '长'", "长"),
        ("min(n, 2) + max([1, 5]) + abs(-1)", 8),
        ("round(2.567, 1)", 2.6),
        ("int('12') + int(2.9) + float('0.5')", 14.5),
        ("str(n) + lower('AB')", "3ab"),
        ("startswith(kind, '公') and endswith(kind, '开') and contains(kind, '公')", True),
        ("date(when) + days(7) > date('2026-03-07')", True),
        ("date(when) - date('2026-02-27')", dt.timedelta(days=2)),
        ("'P7D'", "P7D"),
        ("(1, 2)[1]", 2),
        ("-n + +n", 0),
        ("ok == True and (none == None)", True),
        ("  n\n", 3),
    ],
)
def test_what_can_be_said(text: str, value: object) -> None:
    assert evaluate(text, NAMES) == value


ESCAPES = [
    "__import__('os')", "().__class__", "''.__class__.__mro__", "kind.upper()", "kind.format(1)", "f'{n}'", "lambda: 1",
    "[x for x in units]", "{x for x in units}", "{'a': 1}", "{1}", "(x := 1)", "n ** n", "n << 3", "n @ n", "~n", "n & 1",
    "n | 1", "n ^ 1", "units[0:1]", "*units", "len(*units)", "len(obj=units)", "getattr(n, 'real')", "eval('1')",
    "exec('1')", "open('x')", "type(n)", "print(n)", "b'x'", "1j", "...", "await n", "yield", "n; n", "n = 1", "import os",
    "del n", "_n", "case._unit", "case.__class__", "len.__self__", "(len)(units)()", "n is 3", "kind is not 'x'",
    "", "   ", "(", "'", "n n", "\x00", "n #\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", ESCAPES)
def test_what_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile(text)
    assert any("\u4e00" <= character <= "\u9fff" for character in str(refusal.value))


@pytest.mark.parametrize(
    "text",
    [
        "'x' * 3", "3 * 'x'", "[1] * 9", "'%s' % n", "missing", "1 / 0", "n['a']", "kind.name", "kind[0]", "units[9]",
        "units['a']", "n + kind", "kind < n", "int('x')", "float('nan')", "float('inf')", "round(5, -1000000000)",
        "date('2026-02-30')", "date(1)", "days('a')", "days(10**9)", "date(when) + days(99999999)", "len(n)", "max()",
        "lower(n)", "str(units)", "contains(n, 1)", "n in n", "9223372036854775807 + 1", "1e308 * 10", "-kind", "+units",
    ],
)  # fmt: skip
def test_what_is_refused_when_it_is_worked_out(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100 + "1" + ")" * 100, "not " * 300 + "n", "-" * 5000 + "1", "[" * 500, "1" + "+1" * 900, "n" * 3000,
        " or ".join(["n"] * 400), "n" + ".a" * 300, "1" + "0" * 1500, "int('" + "9" * 1900 + "')",
        "'" + "x" * 1990 + "'" + "+'y'", "n if n else " * 100 + "n", "max(" * 39 + "1" + ")" * 39,
    ],
)  # fmt: skip
def test_heavy_expressions_are_refused_or_done_at_once(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ExpressionError):
        evaluate(text, NAMES)
    assert time.process_time() - began < 0.2


def test_text_cannot_grow_without_bounds() -> None:
    with pytest.raises(ExpressionError):
        evaluate("a + a + a", {"a": "x" * 5000})
    with pytest.raises(ExpressionError):
        evaluate("a + a", {"a": [0] * 900})


@pytest.mark.parametrize("value", [object(), len, FUNCTIONS, {1}, 1j, b"x", ZeroDivisionError])
def test_only_plain_data_can_be_reached(value: object) -> None:
    with pytest.raises(ExpressionError):
        evaluate("a" if not isinstance(value, dict) else "a.len", {"a": value})


def test_a_fact_cannot_shadow_a_function() -> None:
    assert evaluate("len(units)", {"len": 5, "units": [1]}) == 1


def test_names_used_are_the_data_read() -> None:
    assert names_used("len(units) > n and case.unit.name == kind") == {"units", "n", "case", "kind"}
    assert names_used("date('2026-01-01')") == frozenset()


def test_nothing_is_changed_by_evaluating() -> None:
    names: dict[str, object] = {"a": [1], "b": {"c": [2]}}
    evaluate("a + [2] + b.c", names)
    assert names == {"a": [1], "b": {"c": [2]}}


PIECES = [
    "n", "kind", "units", "case", "none", "_x", "__class__", "len", "str", "int", "max", "round", "date", "days", "1", "-1",
    "0", "10**9", "1e308", "'x'", "'%s'", "''", "[", "]", "(", ")", "{", "}", ",", ".", ":", "+", "-", "*", "**", "/", "//",
    "%", "<<", "==", "!=", "<", ">", "in", "not", "and", "or", "if", "else", "is", "for", "lambda", "await", " ", "\n", "#",
    "=", ":=", "f'", "b'", "\\", "é", "\ud800", "@", "~", "*args", "__import__('os')", ".__class__", ".__mro__", "[0]",
]  # fmt: skip


def only_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(only_plain(item) for item in value)
    if isinstance(value, dict):
        return all(only_plain(item) for item in value.values())
    return isinstance(value, bool | int | float | str | dt.date | dt.timedelta | None)


def test_what_the_parser_only_warns_of_is_refused() -> None:
    for text in ("1and n", "0x1or n", "'\\d' == kind"):
        with pytest.raises(ExpressionError):
            compile(text)
