"""What no path through the shipped processes may ever do, whatever people decide and whichever files they change."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.processes.packages import read_package
from workflows.engine import OpenStep, Outcome, Spec, flow, load
from workflows.law.grounds import Attribute, Conclusion, contradicts

ROOT = Path(__file__).parents[2]
#: steps in the order they were done, and what was said there
Trail = list[tuple[str, dict[str, Any]]]


def spec() -> Spec:
    own, review = (
        read_package(ROOT / "bpmn" / key, ROOT / "forms" / key)
        for key in ("disclosure_attribute", "secrecy_review")
    )
    return load(own.source, [review.source])


SPEC = spec()


class Office:
    """Answers every step at random, keeps the files, and answers the actions as the real office must."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.version = 0
        self.reviewed: tuple[int, Any] | None = None
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.facts: dict[str, Any] = {}

    def act(self, name: str, params: dict[str, Any], address: str) -> Any:
        self.log.append((name, params))
        now = (self.version, params.get("attribute"))
        if name == "secrecy.conclude":
            self.reviewed = now
        return now == self.reviewed if name == "secrecy.still_valid" else None

    def begin(self) -> Outcome:
        entry = self.dice.choice(["document", "document", "document", "secret"])
        facts = {
            "entry": entry,
            "kind": self.dice.choice(["first", "change"]),
            "initiator_is_head": self.dice.random() < 0.3,
            "organ_levels": self.dice.choice([1, 2, 3, 4, 9]),
        }
        self.facts.update(facts)
        return flow.start(SPEC, 1, facts, self.act)

    def answer(self, place: OpenStep) -> dict[str, Any]:
        if self.dice.random() < 0.15 and self.facts["entry"] == "document":
            self.version += 1  # somebody replaced a file meanwhile
        decision = "return" if self.dice.random() < 0.2 else "agree"
        match place.step:
            case "draft":
                return self._draft()
            case "self_check":
                return {"important": self.dice.random() < 0.2}
            case "officer_review":
                conclusion = self.dice.choice(
                    [*[each.value for each in Conclusion], "open", "open", "undetermined"]
                )
                return (
                    {"decision": decision}
                    if decision == "return"
                    else {"decision": decision, "conclusion": conclusion}
                )
            case "offline_decision":
                return {"conclusion": self.dice.choice([each.value for each in Conclusion])}
            case "sign_off":
                return (
                    {"decision": decision}
                    if decision == "return"
                    else {"decision": decision, "signed_on": "2026-11-23"}
                )
        return {"decision": decision}

    def _draft(self) -> dict[str, Any]:
        if self.facts["entry"] == "secret":
            return {"attribute": "withheld", "ground": "N14a", "doc_kind": None, "to_organ": None}
        attribute = self.dice.choice([each.value for each in Attribute])
        ground = self.dice.choice(["N14b", "N15", "N16b"]) if attribute == "withheld" else None
        return {
            "attribute": attribute,
            "ground": ground,
            "doc_kind": self.dice.choice(["policy", "other"]),
            "to_organ": self.dice.choice([None, "yt_gov"]),
        }


def walk(seed: int) -> tuple[Office, Outcome, Trail]:
    office = Office(seed)
    now, trail = office.begin(), []
    for seq in range(2, 120):
        if now.finished:
            break
        assert len(now.open) == 1, "one pair of hands at a time"
        place = now.open[0]
        said = office.answer(place)
        trail.append((place.step, said))
        office.facts.update(said)
        now = flow.complete(SPEC, now.state, seq, place.address, said, office.act)
    return office, now, trail


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_whatever_people_decide_an_attribute_is_confirmed_and_a_duty_begun_as_the_law_wants(
    seed: int,
) -> None:
    """One walk, looked at three times."""
    office, now, trail = walk(seed)
    no_attribute_is_confirmed_without_review_and_signature(office, now, trail)
    the_duty_to_publish_follows_the_attribute(office, now)
    a_withheld_policy_document_always_passes_the_disclosure_office(office, now, trail)


def no_attribute_is_confirmed_without_review_and_signature(
    office: Office, now: Outcome, trail: Trail
) -> None:
    confirmed = [index for index, (name, _params) in enumerate(office.log) if name == "attribute.confirm"]
    assert len(confirmed) == int(now.finished)
    if not now.finished:
        return
    params = office.log[confirmed[0]][1]
    assert trail[-1][0] == "sign_off" and trail[-1][1]["decision"] == "agree"
    if office.facts["entry"] == "secret":
        assert not [name for name, _params in office.log if name == "secrecy.conclude"]
        assert params["attribute"] == "withheld" and params["ground"] == "N14a"
        return
    assert office.reviewed == (office.version, params["attribute"]), "the reviewed bytes are the signed bytes"
    conclusion = [each["conclusion"] for name, each in office.log if name == "secrecy.conclude"][-1]
    assert not contradicts(params["attribute"], conclusion)
    assert conclusion in list(Conclusion)


def the_duty_to_publish_follows_the_attribute(office: Office, now: Outcome) -> None:
    scheduled = [name for name, _params in office.log].count("publication.schedule")
    assert scheduled == int(now.finished and office.facts["attribute"] == "proactive")


def a_withheld_policy_document_always_passes_the_disclosure_office(
    office: Office, now: Outcome, trail: Trail
) -> None:
    last_draft = max(index for index, (step, _said) in enumerate(trail) if step == "draft")
    after = {step for step, said in trail[last_draft:] if said.get("decision") == "agree"}
    if now.finished:
        withheld = office.facts["attribute"] == "withheld" and office.facts["doc_kind"] == "policy"
        assert ("disclosure_review" in after) == withheld
        assert ("receive_check" in [step for step, _said in trail[last_draft:]]) == bool(
            office.facts["to_organ"]
        )
        assert ("head_review" in [step for step, _said in trail[last_draft:]]) or office.facts[
            "initiator_is_head"
        ]


@pytest.mark.parametrize("seed", range(3))
def test_most_walks_come_to_an_end(seed: int) -> None:
    ends = [walk(seed * 1000 + number)[1].finished for number in range(20)]
    assert sum(ends) >= 10
