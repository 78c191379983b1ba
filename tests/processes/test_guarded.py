"""Checking in the child says what checking here would say, and says something whatever happens."""

from __future__ import annotations

import dataclasses

import pytest

from app.core import guard
from app.processes import checking, guarded, scenarios
from app.processes.cli import shipped
from app.processes.packages import Package


@pytest.fixture(scope="module")
def packages() -> dict[str, Package]:
    return {package.key: package for package in shipped()}


def _called(packages: dict[str, Package]) -> dict[str, dict[str, str]]:
    return {key: dict(package.texts) for key, package in packages.items()}


def test_a_shipped_package_is_found_as_sound_as_it_is(packages: dict[str, Package]) -> None:
    package = packages["disclosure_attribute"]
    found = guarded.findings(package.texts, package.scenarios, _called(packages))
    assert found == checking.check_package(package, {"secrecy_review": packages["secrecy_review"]})


def test_scenarios_are_tried_out_in_the_child(packages: dict[str, Package]) -> None:
    package = packages["secrecy_review"]
    found = guarded.report(package.texts, package.scenarios, {})
    assert found == scenarios.run(package, {}) and len(found.results) == len(package.scenarios)


def test_a_missing_callee_is_a_finding(packages: dict[str, Package]) -> None:
    found = guarded.findings(packages["disclosure_attribute"].texts, {}, {})
    assert [each.rule for each in found] == ["package"] and "secrecy_review" in found[0].message


def test_a_broken_form_is_named_and_the_diagram_is_still_looked_at(packages: dict[str, Package]) -> None:
    texts = dict(packages["secrecy_review"].texts) | {"forms/start.toml": "title = ["}
    texts["process.bpmn"] = texts["process.bpmn"].replace(
        "<bpmn:endEvent", "<bpmn:task id='t9'/><bpmn:endEvent", 1
    )
    found = {(each.element, each.rule) for each in guarded.findings(texts, {}, {})}
    assert {("start", "package"), ("t9", "abstract_task"), ("t9", "unreachable")} <= found


def test_a_child_that_is_lost_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_args: object, **_more: object) -> None:
        raise guard.Gone("memory")

    monkeypatch.setattr(guard, "ask", lost)
    (found,) = guarded.findings({}, {}, {})
    assert (found.rule, found.severity) == ("too_heavy", "error") and "300 MB" in found.message
    assert "已停止" in guarded.report({}, {}, {}).text()


def test_nothing_at_all_is_a_finding() -> None:
    found = guarded.findings({}, {}, {})
    assert {each.rule for each in found} == {"package"}
    assert all(dataclasses.asdict(each)["message"] for each in found)
