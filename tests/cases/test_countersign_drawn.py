"""会签 drawn in a diagram (H5), and signers beside a multi-instance (the regression: a signer broke the sequence)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.cases import service
from app.cases.operations.signers import add_signers
from app.cases.service.answering import answer
from app.cases.submitted import Submitted
from app.core.db import db
from tests.cases.asking import race, subs
from tests.cases.pressing import words_of
from tests.engine.diagrams import Diagram, instances, properties
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small
from tests.support.wholeness import problems


def asking(rule: str, *, sequential: bool = False) -> Diagram:
    """a, then the people of `who` sign, then y when it passed, n when it did not."""
    several = instances(over="who", item="each", sequential=sequential)
    return (
        Diagram("counter").start().people("a", "y", "n")
        .people("u", inner=properties(countersign=rule, role="work") + several)
        .gateways("exclusive", "g").end().go("s -> a -> u -> g").go("g -> y", "u_agreed").otherwise("g -> n")
        .go("y -> e").go("n -> e")
    )  # fmt: skip


@pytest.fixture
def small(house: City) -> Small:
    """A case of a small process."""
    return Small(house)


def sign(small: Small, place: str, agree: bool = True) -> Any:
    """Answer one instance."""
    item = small.item(place)
    decision, label = ("agree", "同意") if agree else ("refuse", "不同意")
    said = Submitted({"decision": decision}, {"decision": decision}, decision=decision, decision_label=label)
    done = service.complete(small.city.actor(small.who(item)), item_id=item["id"], submitted=said)
    small.whole()
    return done


def test_the_rest_need_not_answer_once_the_ratio_is_reached(any_db: str, small: Small) -> None:
    small.put(asking("ratio:60")).begin(who=["甲", "乙", "丙", "丁", "戊"]).do("a")
    for number in (4, 0, 2):
        sign(small, f"u[{number}]")
    assert small.waiting == ["y"]
    assert (
        sorted(item["status"] for item in small.items if item["step"] == "u") == ["done"] * 3 + ["gone"] * 2
    )


def test_the_result_is_visible_while_it_runs(desk: Desk, small: Small) -> None:
    small.put(asking("all")).begin(who=["甲", "乙", "丙", "丁", "戊"]).do("a")
    for number in (0, 1, 3):
        sign(small, f"u[{number}]")
    sign(small, "u[2]", agree=False)
    page = words_of(desk.sit("wen").get(f"/cases/{small.id}"))
    assert "全部同意" in page and "3/5 已同意，1 人不同意，还差 1 人" in page
    sign(small, "u[4]")
    assert small.waiting == ["n"]


def test_in_sequence_a_refusal_stops_it(desk: Desk, small: Small) -> None:
    small.put(asking("sequence", sequential=True)).begin(who=["甲", "乙", "丙"]).do("a")
    sign(small, "u[0]")
    assert small.waiting == ["u[1]"]
    assert "已同意 1 人，正在等第 2 人" in words_of(desk.sit("wen").get(f"/cases/{small.id}"))
    sign(small, "u[1]", agree=False)
    assert small.waiting == ["n"]


def test_one_veto_ends_it_and_signers_of_the_others_go_with_it(small: Small) -> None:
    small.put(asking("veto")).begin(who=["甲", "乙", "丙"]).do("a")
    item = small.item("u[2]")
    signed_by(small, item, "before")
    sign(small, "u[0]", agree=False)
    assert small.waiting == ["n"]
    assert [sub.status for sub in subs(small.id)] == ["gone"]


@pytest.mark.parametrize("timing", ["before", "after"])
def test_adding_a_signer_does_not_break_a_sequential_multi_instance(
    any_db: str, small: Small, timing: str
) -> None:
    small.put(asking("all", sequential=True)).begin(who=["甲", "乙", "丙"]).do("a")
    sign(small, "u[0]")
    item = small.item("u[1]")
    signed_by(small, item, timing)
    if timing == "after":
        sign(small, "u[1]")
    sub = subs(small.id)[0]
    answer(small.city.actor("ke"), item_id=sub.id, decision="agree", opinion="")
    if timing == "before":
        sign(small, "u[1]")
    assert small.waiting == ["u[2]"]
    sign(small, "u[2]")
    assert small.waiting == ["y"]
    assert problems(db.session()) == []


def test_returning_into_a_drawn_round_asks_everybody_again(small: Small) -> None:
    small.put(asking("all")).begin(who=["甲", "乙"]).do("a")
    sign(small, "u[0]")
    sign(small, "u[1]", agree=False)
    assert small.waiting == ["n"]
    small.back("a")
    small.do("a")
    assert small.waiting == ["u[0]", "u[1]"]
    sign(small, "u[0]")
    sign(small, "u[1]")
    assert small.waiting == ["y"]


def test_the_last_two_of_a_round_at_the_same_moment_end_it_once(
    any_db: str, app: Flask, small: Small
) -> None:
    small.put(asking("all"))
    for _ in range(5):
        small.begin(who=["甲", "乙"]).do("a")
        acts = [completing(small, f"u[{number}]") for number in (0, 1)]
        race(app, *acts)
        small.whole()
        for place in [each for each in small.waiting if each.startswith("u[")]:
            sign(small, place)  # the loser was told, and answers now
        assert small.waiting == ["y"]


def completing(small: Small, place: str) -> Any:
    """The act of agreeing to one instance."""
    item = small.item(place)
    said = Submitted({"decision": "agree"}, {"decision": "agree"}, decision="agree", decision_label="同意")
    actor = small.city.actor(small.who(item))
    return lambda: service.complete(actor, item_id=item["id"], submitted=said)


def signed_by(small: Small, item: dict[str, Any], timing: str) -> None:
    """柯文书 is asked to sign beside whoever has the item."""
    who, to = small.city.actor(small.who(item)), [small.city.people["ke"]]
    add_signers(who, item_id=item["id"], timing=timing, to=to, question="请会同办理")
