"""The runner itself: it must fail when a scenario is wrong, and say where and why in Chinese."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.processes import scenarios
from app.processes.packages import Package, assemble, read_package
from app.processes.tracing import flows_of, traced
from workflows.engine import flow, load

ROOT = Path(__file__).parents[2]
GOOD = "two_levels"


@pytest.fixture(scope="module")
def review() -> Package:
    return read_package(ROOT / "bpmn" / "secrecy_review", ROOT / "forms" / "secrecy_review")


def outcome(review: Package, old: str, new: str) -> scenarios.Report:
    text = review.scenarios[f"scenarios/{GOOD}.toml"]
    assert old in text
    return scenarios.run(replace(review, scenarios={"scenarios/one.toml": text.replace(old, new)}), {})


def failure(review: Package, old: str, new: str) -> str:
    report = outcome(review, old, new)
    assert not report.ok
    return "；".join(report.results[0].failures)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'open = ["officer_review"]',
            'open = ["head_review"]',
            "应当等待 head_review，实际等待 officer_review",
        ),
        ("{ levels = 2 }", "{ levels = 3 }", "事实 levels 应当是 3，实际是 2"),
        ('conclusion = "open"\n', 'conclusion = "closed"\n', "conclusion 应当是 closed"),
        ("finished = true", "finished = false", "不应当办结，实际已经办结"),
        (
            'step = "officer_review"',
            'step = "leader_approve"',
            "没有在等待办理，现在等待的是：officer_review",
        ),
        ('by = "卫慎言"', 'by = "文承远"', "审查人不能是承办人"),
        ('["secrecy.conclude"]', "[]", "应当执行 无，实际执行 secrecy.conclude"),
        ("checked = true", "", "请确认「已对照以上要点逐项自查」"),
        ("checked = true", "checkd = true", "没有字段 checkd"),
        ("expect = {", 'refused = { message = "不行" }\nexpect = {', "应当拒绝（不行），却通过了"),
        ("organ_levels = 2", "organ_level = 2", "不是流程包声明的事实"),
        ('by = "卫慎言"', 'byy = "卫慎言"', "不认识的项“byy”"),
    ],
)
def test_a_wrong_scenario_fails_and_says_where(review: Package, old: str, new: str, sentence: str) -> None:
    assert sentence in failure(review, old, new)


def test_flows_that_nobody_took_are_named(review: Package) -> None:
    report = outcome(review, "finished = true", "finished = true")
    assert all(each.ok for each in report.results)
    assert 0 < report.coverage < 100 and not report.ok
    assert "没有走到：「审查员意见」→「承办人自查」（退回修改）" in report.text()


def test_a_package_without_scenarios_is_not_good(review: Package) -> None:
    assert not scenarios.run(replace(review, scenarios={}), {}).ok


def test_a_broken_package_is_reported_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "bpmn" / "broken").mkdir(parents=True)
    report = scenarios.run_package(tmp_path / "bpmn" / "broken")
    assert not report.ok and "缺少文件 package.toml" in report.text()


def test_a_diagram_the_engine_refuses_is_reported_and_not_raised(review: Package) -> None:
    texts = {**review.texts, "process.bpmn": "<a/>"}
    assert "不是 BPMN" in scenarios.run(assemble(texts, review.scenarios), {}).text()


def test_the_recording_copy_moves_exactly_like_the_original(review: Package) -> None:
    facts = {"attribute": "proactive", "ground": None, "organ_levels": 4, "initiator_is_head": False}
    steps = [
        ("self_check", {"important": False}),
        ("head_review", {"decision": "return"}),
        ("self_check", {"important": False}),
        ("head_review", {"decision": "agree"}),
        ("officer_review", {"decision": "agree", "conclusion": "undetermined"}),
        ("offline_decision", {"conclusion": "closed"}),
        ("leader_approve", {"decision": "agree"}),
    ]
    seen = []
    for source in (review.source, traced(review.source)):
        spec = load(source)
        now = flow.start(spec, 1, facts, lambda name, params, address: None)
        trail = [[step.step for step in now.open]]
        for number, (_step, answers) in enumerate(steps, 2):
            now = flow.complete(
                spec, now.state, number, now.open[0].address, answers, lambda name, params, address: None
            )
            trail.append([step.step for step in now.open])
        seen.append((trail, now.finished, now.facts["conclusion"]))
    assert seen[0] == seen[1] and seen[0][1]
    assert len(flows_of(review.source)) == 19
