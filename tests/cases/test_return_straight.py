"""退回后 直达 (H8): straight back to whoever returned it, unless what was approved between has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.cases import service
from app.cases.submitted import Submitted
from app.core.actions import CATALOGUE, ActionContext, action
from tests.cases.pressing import press, recorded, words_of
from tests.engine.diagrams import Diagram, instances
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small
from workflows.engine import place_of


@pytest.fixture
def small(house: City) -> Small:
    """A small process of the office."""
    return Small(house)


def line(small: Small) -> Small:
    """拟稿 a, 科室 b, 核稿 c, 签发 d."""
    diagram = Diagram("st_line").start().people("a", "b", "c", "d").end().go("s -> a -> b -> c -> d -> e")
    return small.put(diagram.lane("科室负责人", "b").lane("核稿", "c").lane("签发", "d")).begin()


def again(small: Small, place: str, **facts: Any) -> str:
    """Complete a step, and what its person reads."""
    item = small.item(place)
    answers = {key: facts.pop(key, None) for key in ("note", "opinion", "paper")} | {"decision": "agree"}
    said = Submitted(
        answers, facts, decision="agree", decision_label="同意", opinion=answers["opinion"] or ""
    )
    done = service.complete(small.city.actor(small.who(item)), item_id=item["id"], submitted=said)
    small.whole()
    return str(done["said"])


def done_by(small: Small) -> dict[str, str]:
    """Who did the steps that count."""
    return {item["step"]: item["done_name"] for item in small.items if item["status"] == "done"}


def test_the_same_content_goes_straight_back_to_who_returned_it(any_db: str, small: Small) -> None:
    line(small).do("a", by="wen", note="一稿").do("b", "c", opinion="同意")
    small.back("a", reason="附件编号请核对", way="straight")
    assert small.waiting == ["a"]
    said = again(small, "a", note="一稿", opinion="已核对，无误")
    assert (
        said.count("内容没有改动，直达「环节d」，沿用「环节b」（申牧之）、「环节c」（柯文书）的办理。") == 1
    )
    item = small.item("d")
    assert item["holder_id"] == small.city.people["lu"]
    assert item["came_from"] == "文承远 改好后直达"
    assert done_by(small) == {"a": "文承远", "b": "申牧之", "c": "柯文书"}
    assert small.case.doers == {
        name: small.city.people[who] for name, who in (("a", "wen"), ("b", "shen"), ("c", "ke"))
    }
    assert "直达「环节d」" in recorded("case.complete")[-1]
    small.do("d")
    assert small.case.status == "done"


def test_one_changed_word_and_every_step_is_done_again(any_db: str, small: Small) -> None:
    line(small).do("a", by="wen", note="一稿").do("b", "c")
    small.back("a", way="straight")
    said = again(small, "a", note="二稿")
    assert "内容有改动，不能直达「环节d」，按原来的环节重新办理。" in said
    assert small.waiting == ["b"]
    small.do("b", "c")
    assert small.waiting == ["d"]


@pytest.mark.parametrize(("digest", "straight"), [("a" * 64, True), ("b" * 64, False)])
def test_a_file_is_its_bytes_not_its_upload(small: Small, digest: str, straight: bool) -> None:
    paper = [{"id": "91", "name": "正文.txt", "sha256": "a" * 64, "size": 3}]
    line(small)
    again(small, "a", paper=paper)
    small.do("b", "c")
    small.back("a", way="straight")
    again(small, "a", paper=[{"id": "92", "name": "正文.txt", "sha256": digest, "size": 3}])
    assert small.waiting == (["d"] if straight else ["b"])


def test_a_fact_the_flow_routes_on_counts_as_content(small: Small) -> None:
    line(small)
    again(small, "a", grade=1)
    small.do("b", "c")
    small.back("a", way="straight")
    said = again(small, "a", grade=2)
    assert "不能直达" in said and small.waiting == ["b"]


def test_what_another_branch_said_meanwhile_counts_too(small: Small) -> None:
    diagram = Diagram("st_beside").start().people("a", "b", "c", "x").gateways("parallel", "g", "j").end()
    diagram.go("s -> g -> a -> b -> c -> j -> e").go("g -> x -> j")
    small.put(diagram).begin().do("a", note="稿").do("b")
    small.back("a", at="c", way="straight")
    small.do("x", note="另一路写的")
    assert "内容有改动" in again(small, "a", note="稿")
    assert small.waiting == ["b"]


@pytest.fixture
def numbers() -> Iterator[list[int]]:
    """An action that would give a number each time it is called."""
    calls: list[int] = []

    @action("test.straight", "编号")
    def number(context: ActionContext) -> dict[str, int]:
        calls.append(len(calls) + 1)
        return {"n": len(calls)}

    yield calls
    CATALOGUE.pop("test.straight")


def test_acts_between_answer_as_they_did_and_are_not_done_again(
    any_db: str, small: Small, numbers: list[int]
) -> None:
    diagram = Diagram("st_acts").start().people("a", "b", "c").end().action("n", "test.straight", "no")
    small.put(diagram.go("s -> a -> b -> n -> c -> e")).begin().do("a", note="稿").do("b")
    small.back("a", way="straight")
    again(small, "a", note="稿")
    assert small.waiting == ["c"] and numbers == [1]
    rows = small.rows("complete")
    assert rows[-1].row["acts"] == rows[1].row["acts"]
    assert [row.person_id for row in rows] == [rows[0].person_id, rows[1].person_id] * 2


def test_over_branches_a_call_and_several_parts(any_db: str, small: Small) -> None:
    inner = Diagram("st_inner").start().people("k").end().go("s -> k -> e").lane("核稿", "k")
    repeat = instances(over="units", item="unit", output="views", result="view")
    diagram = Diagram("st_wide").start().people("a", "z").people("u", inner=repeat).call("ca", "st_inner")
    diagram.gateways("parallel", "g", "j").end().go("s -> a -> g -> ca -> j -> z -> e").go("g -> u -> j")
    small.put(diagram, inner).begin(units=["甲", "乙"]).do("a", note="稿", by="wang")
    small.do("u[1]", view="同意").do("ca/k").do("u[0]", view="保留")
    small.back("a", at="z", way="straight")
    again(small, "a", note="稿")
    assert small.waiting == ["z"]
    assert len([item for item in small.items if item["status"] == "done"]) == 4


def test_where_the_step_still_waits_there_is_nothing_to_come_straight_back_to(
    small: Small, desk: Desk
) -> None:
    diagram = Diagram("st_sibling").start().people("a", "b", "c", "z").gateways("parallel", "g", "j").end()
    small.put(diagram.go("s -> g -> a -> b -> j -> z -> e").go("g -> c -> j")).begin().do("a")
    item = small.item("c")
    answer = press(desk, "wen", item["id"], "return", target=small.row_of("a"), reason="改", way="straight")
    assert "不能直达：退回后本环节仍在等您办理" in words_of(answer)
    small.back("a", at="c", way="straight")
    again(small, "a")
    assert small.waiting == ["b", "c"]


def test_the_receiver_reads_that_it_comes_straight_back(small: Small, desk: Desk) -> None:
    line(small).do("a", by="wen", note="一稿").do("b", "c")
    small.back("a", reason="编号请核对", way="straight")
    words = words_of(desk.sit("wen").get(f"/work/{small.item('a')['id']}"))
    assert "陆分明在「环节d」退回" in words and "编号请核对" in words and "改好以后直达" in words


def test_straight_once_then_the_ordinary_road(small: Small) -> None:
    """A second, ordinary return of the same step does not come straight back."""
    line(small).do("a", by="wen", note="稿").do("b", "c")
    small.back("a", way="straight")
    again(small, "a", note="稿")
    small.back("a", at="d", way="redo")
    again(small, "a", note="稿")
    assert small.waiting == ["b"]
    assert {place_of(item["address"]) for item in small.items if item["status"] == "done"} == {"a"}
