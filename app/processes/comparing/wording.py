"""Expressions, timers and plain values in Chinese, as far as they are simple; the text itself where they are not."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from workflows.engine import ExpressionError, expressions

#: key of a question -> (label, value -> label)
Names = Mapping[str, tuple[str, Mapping[str, str]]]

LONGEST = 400
_COMPARE = {
    ast.Eq: "是", ast.NotEq: "不是", ast.Lt: "小于", ast.LtE: "不大于", ast.Gt: "大于", ast.GtE: "不小于", ast.In: "是其中之一：",
    ast.NotIn: "不是其中之一：", ast.Is: "是", ast.IsNot: "不是",
}  # fmt: skip
_UNITS = {"Y": "年", "M": "个月", "W": "周", "D": "天"}
_HOURS = {"H": "小时", "M": "分钟", "S": "秒"}
_DURATION = re.compile(r"P(?=.)((?:\d+[YMWD])*)(?:T((?:\d+[HMS])+))?\Z")


def in_words(text: str, names: Names) -> str:
    """A condition as people say it."""
    try:
        return _said(expressions.compile(text).tree, names)
    except (ExpressionError, _Plain):
        return short(text)


class _Plain(Exception):
    """There are no words for it."""


def _said(node: ast.expr, names: Names) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            word = "，并且" if isinstance(op, ast.And) else "，或者"
            return word.join(_within(each, names) for each in values)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() as operand):
            return f"{_term(operand, names)}不成立"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"不符合（{_said(operand, names)}）"
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            return f"{_term(left, names)}{_COMPARE[type(op)]}{_value(left, right, names)}"
        case ast.Name():
            return f"{_term(node, names)}成立"
        case ast.Constant():
            return _term(node, names)
    raise _Plain


def _within(node: ast.expr, names: Names) -> str:
    said = _said(node, names)
    return f"（{said}）" if isinstance(node, ast.BoolOp) else said


def _term(node: ast.expr, names: Names) -> str:
    match node:
        case ast.Name(id=name):
            label = names.get(name, ("", {}))[0]
            return f"「{label}」" if label else name
        case ast.Constant(value=value):
            return plain(value) or "空"
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return "、".join(_term(each, names) for each in elements) or "空"
    raise _Plain


def _value(left: ast.expr, right: ast.expr, names: Names) -> str:
    options = names.get(left.id, ("", {}))[1] if isinstance(left, ast.Name) else {}
    match right:
        case ast.Constant(value=str(value)) if value in options:
            return f"「{options[value]}」"
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return "、".join(_value(left, each, names) for each in elements) or "空"
    return _term(right, names)


def timer(text: str) -> str:
    """A duration or date of a timer: `"P3D"` is 3 天."""
    said = text.strip().strip("\"'")
    found = _DURATION.match(said)
    if not found:
        return short(text)
    days = [f"{n} {_UNITS[unit]}" for n, unit in re.findall(r"(\d+)([YMWD])", found[1] or "")]
    hours = [f"{n} {_HOURS[unit]}" for n, unit in re.findall(r"(\d+)([HMS])", found[2] or "")]
    return " ".join(days + hours) or short(text)


def plain(value: Any) -> str:
    """A value of a file, in words."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case list() | tuple():
            return "、".join(plain(each) for each in value)
        case Mapping():
            return "；".join(f"{key}：{plain(each)}" for key, each in value.items())
    return short(str(value))


def short(text: str) -> str:
    """A text of a size that a page can show."""
    said = " ".join(text.split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
