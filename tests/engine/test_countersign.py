"""The rules of 会签: when several answers make one decision."""

from __future__ import annotations

import pytest

from workflows.engine.countersign import Rule


@pytest.mark.parametrize(
    ("text", "asked", "agreed", "refused", "verdict", "over"),
    [
        ("all", 3, 2, 0, None, False),
        ("all", 3, 3, 0, True, True),
        ("all", 3, 1, 1, False, False),  # decided, but everybody is heard
        ("all", 3, 2, 1, False, True),
        ("ratio:60", 5, 2, 0, None, False),
        ("ratio:60", 5, 3, 0, True, True),
        ("ratio:60", 5, 2, 3, False, True),
        ("ratio:60", 5, 2, 2, None, False),
        ("ratio:50", 3, 1, 1, None, False),  # half of three is two
        ("veto", 3, 2, 0, None, False),
        ("veto", 3, 2, 1, False, True),
        ("veto", 3, 3, 0, True, True),
        ("first", 3, 1, 0, True, True),
        ("first", 3, 0, 1, False, True),
        ("first", 3, 0, 0, None, False),
        ("sequence", 3, 1, 0, None, False),
        ("sequence", 3, 1, 1, False, True),
        ("all", 0, 0, 0, True, True),
    ],
)
def test_what_the_answers_decide(
    text: str, asked: int, agreed: int, refused: int, verdict: bool | None, over: bool
) -> None:
    rule = Rule.read(text)
    assert (rule.verdict(asked, agreed, refused), rule.over(asked, agreed, refused)) == (verdict, over)


@pytest.mark.parametrize(
    "text", ["", "most", "ratio", "ratio:0", "ratio:101", "ratio:6e1", "all:3", "ratio:٣"]
)
def test_anything_else_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        Rule.read(text)
    assert refused.value.args == (text,)
