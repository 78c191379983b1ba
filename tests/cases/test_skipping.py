"""自动跳过 (features.md H16): the same person as before, by rule, recorded as skipped; never at a review or a signature."""

from __future__ import annotations

import pytest

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person
from app.cases.rebuilding import check_all
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.processes import references
from app.processes import service as processes
from app.processes.packages import Package, assemble
from tests.cases.pressing import recorded, words_of
from tests.engine.diagrams import Diagram, properties
from tests.support import small
from tests.support.driving import Desk
from tests.support.organs import City
from tests.support.small import Small

PLAIN = """format = 1
title = "办理"

[[field]]
key = "opinion"
label = "意见"
type = "opinion"

[[field]]
key = "decision"
label = "办理"
type = "decision"
options = [{ value = "agree", label = "同意", style = "primary" }]
"""
CHECK = "核稿"


def road(role: str = "work", lane: str = CHECK, **settings: str) -> Diagram:
    """a, then b skipped for the same person, then c at 签发."""
    asked = {"role": role, "skip_if": "same_person", **settings}
    drawn = Diagram("skips").start().people("a", inner=properties(role="work"))
    drawn.people("b", inner=properties(**asked)).people("c", inner=properties(role="work")).end()
    drawn.go("s -> a -> b -> c -> e")
    return drawn.lane(CHECK, "a").lane(lane, "b").lane("签发", "c")


def package(drawn: Diagram, form: str = PLAIN) -> Package:
    return assemble(small.package(drawn).texts | {f"forms/{step}.toml": form for step in "abc"})


def begun(city: City, drawn: Diagram, form: str = PLAIN) -> Small:
    processes.install(SYSTEM, packages=[package(drawn, form)])
    found = Small(city)
    found.key = drawn.key
    return found.begin()


@command
def grant(tx: Tx, city: City, login: str, kind: str) -> None:
    changed(tx)
    post = staffing.find_or_add_post(tx, city.organs["office"], kind, None)
    staffing.grant(tx, post, tx.session.get_one(Person, city.people[login]))


def test_a_step_of_the_same_person_is_skipped_and_says_so(any_db: str, desk: Desk, house: City) -> None:
    case = begun(house, road())
    case.do("a")
    assert case.waiting == ["c"]
    skipped = next(item for item in case.items if item["step"] == "b")
    assert (skipped["status"], skipped["how"], skipped["decision"]) == ("done", "skip", "自动跳过")
    assert skipped["done_name"] == "柯文书"
    (words,) = recorded("case.complete")
    assert "「环节b」与上一环节同为柯文书，自动跳过" in words
    assert "环节b：自动跳过" in words_of(desk.sit("wen").get(f"/cases/{case.id}"))
    assert check_all(db.session()).ok, "the rows explain the state"
    case.do("c")
    assert case.case.status == "done"


def test_somebody_else_or_several_receive_it_as_usual(desk: Desk, house: City) -> None:
    case = begun(house, road(lane="签发"))
    case.do("a")
    assert case.waiting == ["b"], "another person's step"
    grant(SYSTEM, house, "zhang", "text_checker")
    several = begun(house, road())
    several.do("a", by="ke")
    assert several.waiting == ["b"], "one of two: whoever takes it"


@pytest.mark.parametrize("role", ["review", "sign"])
def test_it_never_happens_at_a_review_or_a_signature(house: City, role: str) -> None:
    """Not when it runs, and the definition is refused before it does."""
    case = begun(house, road(role=role))
    case.do("a")
    assert case.waiting == ["b"]
    found = [finding.message for finding in references.findings(package(road(role=role)), {})]
    assert "环节“环节b”是审核或签发，不能自动跳过" in found


def test_a_step_that_asks_more_is_not_skipped(house: City) -> None:
    case = begun(house, road(), form=small._STEP)
    case.do("a")
    assert case.waiting == ["b"]
    found = [finding.message for finding in references.findings(package(road(), small._STEP), {})]
    assert "环节“环节b”要填写内容，不能自动跳过" in found
    (odd,) = [
        f.message for f in references.findings(package(road(skip_if="always")), {}) if "跳过" in f.message
    ]
    assert "不认识" in odd
