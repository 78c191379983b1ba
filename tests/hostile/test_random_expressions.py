"""200,000 random expressions: no escape, no change of the data given, none over 50 ms of CPU."""

from __future__ import annotations

import copy
import time

import pytest

from tests.engine.test_expressions import NAMES, only_plain
from tests.hostile.random_expressions import expressions
from workflows.engine import ExpressionError
from workflows.engine.expressions import _compile, evaluate

EACH, SEEDS = 50_000, (1, 2, 3, 4)
MOST = 0.05  # seconds of CPU


def _outcome(text: str) -> tuple[object, float]:
    """What came of it (None for a refusal) and the CPU seconds it took. Whatever else it raises fails the test."""
    began = time.thread_time()
    try:
        value = evaluate(text, NAMES)
    except ExpressionError:
        value = None
    return value, time.thread_time() - began


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_written_yields_plain_data_or_a_sentence_at_once(seed: int) -> None:
    before = copy.deepcopy(NAMES)
    told = 0
    for text in expressions(seed, EACH):
        value, cpu = _outcome(text)
        assert only_plain(value), text
        told += value is not None
        if cpu > MOST:
            _compile.cache_clear()
            assert _outcome(text)[1] < MOST, text
    assert before == NAMES
    assert told > EACH / 10  # they are not all nonsense


def test_the_same_expression_gives_the_same_value() -> None:
    for text in expressions(9, 5_000):
        first, second = _outcome(text)[0], _outcome(text)[0]
        assert first == second and type(first) is type(second), text
