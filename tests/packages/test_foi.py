"""依申请公开: every outcome reached and counted in its row, nothing signed by its author, letters and waiting marked."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.processes import scenarios
from app.processes.packages import Package, read_package
from workflows.engine import Spec, expressions, flow, load
from workflows.engine.xml import read_bpmn, tag
from workflows.law import grounds, replies
from workflows.law.letters import LETTERS
from workflows.law.reports import ROWS

ROOT = Path(__file__).parents[2]
KEYS = sorted(path.name for path in (ROOT / "bpmn").glob("foi_*"))
#: domain.md 1.9: outcome -> row of table three of the annual report, as the handbook writes it
PLACES = {
    "R1": "（一）", "R2": "（一）", "R3": "（三）4", "R3p": "（二）", "R4": "（四）1", "R5": "（四）1", "R6": "（五）2",
    "R7": "（三）8", "R8": "（四）2", "R9": "（五）1", "R10": "（五）3", "R11": "（五）4", "R12": "（五）5",
    "R13": "（四）3", "R14": "（六）1", "R15": "（六）2", "R16": "（六）3",
}  # fmt: skip


def package(key: str) -> Package:
    return read_package(ROOT / "bpmn" / key, ROOT / "forms" / key)


@pytest.fixture(scope="module")
def ended() -> list[tuple[str, str]]:
    """(outcome, report row) of every scenario of the main process that came to its end."""
    report = scenarios.run_package(ROOT / "bpmn" / "foi_request")
    assert all(result.ok for result in report.results), report.text()
    found = [result.facts for result in report.results if result.facts]
    return [((facts.get("reply") or facts)["outcome"], facts["closing"]["report_row"]) for facts in found]


def test_each_of_the_seventeen_outcomes_is_reached(ended: list[tuple[str, str]]) -> None:
    assert {outcome for outcome, _row in ended} == set(replies.REPLIES) == set(PLACES)


def test_each_outcome_is_counted_in_the_row_of_the_handbook(ended: list[tuple[str, str]]) -> None:
    for outcome, row in ended:
        assert ROWS[row].place == PLACES[outcome], (outcome, row)


def test_the_tables_name_outcomes_of_the_law_only() -> None:
    named = [
        text
        for key in KEYS
        for table in package(key).source.dmn.values()
        for text in table.decode().split('"')
        if text[:1] == "R" and text[1:2].isdigit()
    ]
    assert set(named) < set(replies.REPLIES)
    assert {"R6", "R7", "R9", "R10", "R11", "R12", "R13", "R14", "R15"} <= set(named)


def test_what_is_sent_back_is_what_the_review_does_not_allow_to_be_given() -> None:
    condition = condition_of(package("foi_handling").source.bpmn, "to_draft_reply_from_gw_conclusion")
    for outcome in ("R2", "R3", "R3p"):
        attribute = "withheld" if outcome == "R3" else "on_request"
        for conclusion in grounds.Conclusion:
            names = {"reply": {"outcome": outcome}, "attribute": attribute, "conclusion": conclusion.value}
            sent_back = expressions.evaluate(condition, names)
            assert sent_back or not grounds.contradicts(attribute, conclusion.value), names
            if conclusion == "deferred" or (outcome, conclusion) == ("R2", "partial"):
                assert sent_back, names
            if (outcome, conclusion) in (("R3", "closed"), ("R3p", "partial"), ("R2", "open")):
                assert not sent_back, names


def condition_of(diagram: bytes, key: str) -> str:
    flows = {str(each.get("id")): each for each in read_bpmn(diagram).iter(tag("sequenceFlow"))}
    return flows[key].findtext(tag("conditionExpression")) or ""


@pytest.mark.parametrize("key", KEYS)
def test_steps_that_wait_for_somebody_outside_are_marked_so(key: str) -> None:
    spec = load_all(key)
    for (process, step), info in spec.steps.items():
        if process == key and info.kind == "person":
            assert (info.settings["role"] == "wait") == info.label.startswith("等待"), step


@pytest.mark.parametrize("key", KEYS)
def test_letters_of_steps_are_letters_of_the_law(key: str) -> None:
    for info in load_all(key).steps.values():
        letter = info.settings.get("letter")
        assert letter in (None, "reply") or letter in LETTERS, info.step


def load_all(key: str) -> Spec:
    own = package(key)
    others = scenarios.called_by(own, ROOT / "bpmn", ROOT / "forms").values()
    return load(own.source, [other.source for other in others])


@pytest.mark.parametrize("key", KEYS)
def test_what_was_sent_or_answered_before_is_not_put_into_the_next_form(key: str) -> None:
    """Fields of one name stand in many steps: method and dates of the last letter, another unit's answer."""
    for step, definition in package(key).forms.items():
        for spec in definition.fields:
            if (
                spec.key in ("method", "sent_on", "mail_no", "delivered_on", "signed_on")
                or step == "unit_answer"
            ):
                assert spec.once or spec.type == "decision", (step, spec.key)


def test_withdrawal_is_heard_wherever_an_application_stands() -> None:
    """The boundary around 办理 catches the message in every called process, however many units are at work."""
    spec = load_all("foi_request")
    facts = {"confirmed": True, "organ_levels": 3, "initiator_is_head": False}
    answers = {"examine": {"clear": "yes", "nature": "normal", "decision": "go"}}
    answers["search"] = {"handoff": True, "handoff_units": ["1", "2", "3"], "consult": None, "found": None}
    now = flow.start(spec, 1, facts, lambda name, params, address: {})
    for seq, step in enumerate(("examine", "search"), 2):
        now = flow.complete(spec, now.state, seq, now.open[0].address, answers[step], lambda *_: {})
    assert [(place.step, place.instance) for place in now.open] == [("unit_accept", n) for n in "012"]
    assert [place.facts for place in now.open] == [{"unit": n} for n in "123"]
    now = flow.send(spec, now.state, 9, "foi_withdrawn", {"outcome": "R16"}, lambda *_: {})
    assert [place.step for place in now.open] == ["draft_closing"] and not now.messages
