"""What an expression may call: a fixed set of functions over plain data (`workflows.engine.expressions`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from workflows.engine.errors import ExpressionError

SCALARS = (bool, int, float, str, type(None), dt.date, dt.datetime, dt.timedelta)


def number(value: object) -> int | float:
    if isinstance(value, int | float):
        return value
    raise ExpressionError("这里需要数字")


def _round(value: object, digits: object = 0) -> object:
    if type(digits) is not int or not -18 <= digits <= 18:
        raise ExpressionError("小数位数须在 -18 到 18 之间")
    return round(number(value), digits)


def _int(value: object) -> int:
    if isinstance(value, int | float):
        return int(value)
    return int(_text(value)[:80])


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float(_text(value)[:80])


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ExpressionError("这里需要文字")


def _str(value: object) -> str:
    if not isinstance(value, SCALARS):
        raise ExpressionError("只有数字、文字和日期可以转成文字")
    return str(value)


def _contains(whole: object, part: object) -> bool:
    if isinstance(whole, list | tuple | dict):
        return part in whole
    return _text(part) in _text(whole)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "abs": lambda value: abs(number(value)),
    "contains": _contains,
    "date": lambda value: dt.date.fromisoformat(_text(value)[:10]),
    "days": lambda value: dt.timedelta(days=number(value)),
    "endswith": lambda value, ending: _text(value).endswith(_text(ending)),
    "float": _float,
    "int": _int,
    "len": lambda value: len(value),
    "lower": lambda value: _text(value).lower(),
    "max": max,
    "min": min,
    "round": _round,
    "startswith": lambda value, start: _text(value).startswith(_text(start)),
    "str": _str,
}
"""Everything an expression can call. No fact may have one of these names (`facts.RESERVED_NAMES`)."""
