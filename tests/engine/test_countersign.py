"""The rules of 会签: when several answers make one decision."""

from __future__ import annotations

import pytest

from tests.engine.diagrams import Diagram, instances, properties
from tests.engine.test_pitfalls import started
from workflows.engine import Catalogue, check, replay
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


# -- drawn as a multi-instance ------------------------------------------------------------------------------------


def asking(rule: str, *, sequential: bool = False, until: str = "") -> Diagram:
    """a, then everybody of `who` signs, then what came of it: y when it passed, n when it did not."""
    several = instances(over="who", item="each", sequential=sequential, until=until)
    return (
        Diagram("p").start().people("a", "y", "n").people("u", inner=properties(countersign=rule) + several)
        .gateways("exclusive", "g").end().go("s -> a -> u -> g").go("g -> y", "u_agreed").otherwise("g -> n")
        .go("y -> e").go("n -> e")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "answers", "then"),
    [
        ("all", "++-", "n"),
        ("all", "+++", "y"),
        ("ratio:60", "+-++", "y"),
        ("ratio:60", "---", "n"),
        ("veto", "+-", "n"),
        ("first", "+", "y"),
        ("first", "-", "n"),
    ],
)
@pytest.mark.parametrize("sequential", [False, True])
def test_the_rule_ends_the_drawn_step_and_says_what_came_of_it(
    rule: str, answers: str, then: str, sequential: bool
) -> None:
    walk = started(asking(rule, sequential=sequential).source(), who=["甲"] * (5 if rule[0] == "r" else 3))
    walk.complete("a")
    for number, answer in enumerate(answers):
        assert [step.step for step in walk.now.open] != [then], "ended too early"
        walk.complete(f"u[{number}]", decision="agree" if answer == "+" else "refuse")
    assert walk.waiting() == [then]
    assert walk.now.row.closed == () or not sequential
    rebuilt = replay.rebuild(walk.spec, walk.rows)
    assert [step.step for step in rebuilt.open] == [then]


def test_nobody_to_ask_passes_and_a_second_round_counts_afresh() -> None:
    walk = started(asking("all").source(), who=[])
    walk.complete("a")
    assert walk.waiting() == ["y"]
    diagram = asking("veto").gateways("exclusive", "h")
    again = diagram.source()
    assert not [finding for finding in check(again, [], Catalogue()) if finding.rule == "countersign"]


@pytest.mark.parametrize(
    ("diagram", "words"),
    [
        (asking("most"), "会签规则不认识"),
        (asking("all", until="decision == 'refuse'"), "既有会签规则，又有提前结束的条件"),
        (asking("sequence"), "会签是依次，但画成了同时"),
        (Diagram("p").start().people("u", inner=properties(countersign="all")).end().go("s -> u -> e"), "不是多人办理"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_meant_is_found_before_publication(diagram: Diagram, words: str) -> None:
    found = [finding.message for finding in check(diagram.source(), [], Catalogue())]
    assert any(words in message for message in found), found
