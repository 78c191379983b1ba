"""Random expressions: pieces thrown together, and sentences the grammar allows, some grown, some bent."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.engine.test_expressions import PIECES
from workflows.engine.expressions import FUNCTIONS

ATOMS = [
    "n",
    "kind",
    "units",
    "case",
    "case.unit",
    "none",
    "when",
    "ok",
    "2",
    "0",
    "-1",
    "1e308",
    "9223372036854775807",
    "'公'",
    "'x'",
    "True",
]
SIGNS = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    "in",
    "not in",
    "and",
    "or",
    "is",
    "**",
    "<<",
    "|",
]
CALLED = [*sorted(FUNCTIONS), "getattr", "open", "eval", "n", "__import__"]
ENDS = [".__class__", ".name", "[0]", "['unit']", "[n]", "()", ".unit.name", "[-1]", ".upper", "[:]"]


def expressions(seed: int, count: int) -> Iterator[str]:
    """The same `count` expressions for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _thrown(dice) if dice.random() < 0.4 else _grown(dice, dice.randint(1, 4))


def _thrown(dice: random.Random) -> str:
    return "".join(dice.choices(PIECES, k=dice.randint(1, 16)))


def _grown(dice: random.Random, depth: int) -> str:
    if depth == 0 or dice.random() < 0.15:
        return dice.choice(ATOMS)
    shape = dice.randrange(8)
    one = _grown(dice, depth - 1)
    if shape < 3:
        return f"({one} {dice.choice(SIGNS)} {_grown(dice, depth - 1)})"
    if shape == 3:
        return f"{dice.choice(CALLED)}({one})"
    if shape == 4:
        return f"[{one}, {_grown(dice, depth - 1)}]"
    if shape == 5:
        return f"({one} if {_grown(dice, depth - 1)} else {dice.choice(ATOMS)})"
    if shape == 6:
        return one + dice.choice(ENDS)
    return f"not {one}"
