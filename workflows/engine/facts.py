"""What may enter the flow: plain JSON under plain names, bounded (engine.md 7, 8)."""

from __future__ import annotations

import math

from workflows.engine import expressions
from workflows.engine.errors import EngineRefused
from workflows.engine.merging import clone
from workflows.engine.model import CELL_NAME, KEY, Facts

#: what a multi-instance's completion condition may count (BPMN 2.0, table 10.31)
COUNTS = ("nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances", "nrOfTerminatedInstances")

RESERVED_NAMES = frozenset(
    {*COUNTS, *expressions.FUNCTIONS, CELL_NAME, "typename", "data_objects", "True", "False", "None"}
)
"""Names no fact may have: they would shadow a function or the engine's own."""

MAX_DEPTH = 12
MAX_VALUES = 5_000
MAX_TEXT = 10_000
_BIG = 2**63


def checked(facts: Facts) -> Facts:
    """A copy of `facts`; raises EngineRefused `facts` when they are not plain, or too many."""
    for name, value in facts.items():
        if not is_name(name):
            raise EngineRefused(
                f"数据名“{name}”不可用：须以字母开头，只含字母、数字和下划线，且不是保留名称", "facts"
            )
        if not is_plain(value):
            raise EngineRefused(f"数据“{name}”不是普通数据，或者过大、嵌套过深", "facts")
    copied: Facts = clone(dict(facts))
    return copied


def is_name(name: object) -> bool:
    """Whether a fact may have this name."""
    return isinstance(name, str) and bool(KEY.match(name)) and name not in RESERVED_NAMES


def is_plain(value: object) -> bool:
    """Whether `value` is JSON that a state can store: finite, bounded in depth, number and length."""
    return _plain(value, MAX_DEPTH, [MAX_VALUES])


def _plain(value: object, depth: int, budget: list[int]) -> bool:
    budget[0] -= 1
    if depth < 0 or budget[0] < 0:
        return False
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return -_BIG <= value < _BIG
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and _encodable(value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(item, depth - 1, budget) for key, item in value.items())
    return isinstance(value, list) and all(_plain(item, depth - 1, budget) for item in value)


def _encodable(text: str) -> bool:
    """Whether text is valid Unicode: no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
