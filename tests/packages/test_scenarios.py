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
            "应当等待 科室负责人审核（head_review），实际等待 保密审查意见（officer_review）",
        ),
        ("{ levels = 2 }", "{ levels = 3 }", "事实 审查级数（levels） 应当是 3，实际是 2"),
        ('conclusion = "open"\n', 'conclusion = "closed"\n', "审查结论 应当是 不公开，实际是 公开"),
        ("finished = true", "finished = false", "不应当办结，实际已经办结"),
        (
            'step = "officer_review"',
            'step = "leader_approve"',
            "环节 领导审批（leader_approve） 没有在等待办理，现在等待的是：保密审查意见（officer_review）",
        ),
        ('by = "卫慎言"', 'by = "文承远"', "审查人不能是承办人"),
        ('["secrecy.conclude"]', "[]", "应当执行 无，实际执行 登记保密审查结论（secrecy.conclude）"),
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
    assert not report.ok and "缺少流程设置" in report.text()


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
    assert len(flows_of(review.source)) == 21


# -- several packages together: called ones, parts of a multi-instance, messages


def diagram(key: str, nodes: str, flows: str, more: str = "") -> str:
    """A process in one lane 「岗」; `flows` as `a>b` words."""
    ids = [word.split('id="')[1].split('"')[0] for word in nodes.split("<bpmn:")[1:] if 'id="' in word]
    refs = "".join(
        f"<bpmn:flowNodeRef>{each}</bpmn:flowNodeRef>"
        for each in ids
        if each not in ("item", "words", "of_message")
    )
    lines = "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in (each.split(">") for each in flows.split())
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="x">'
        f'{more}<bpmn:process id="{key}" isExecutable="true"><bpmn:laneSet id="lanes">'
        f'<bpmn:lane id="lane" name="岗">{refs}</bpmn:lane></bpmn:laneSet>{nodes}{lines}</bpmn:process></bpmn:definitions>'
    )


PACKAGE = """format = 1
key = "{key}"
name = "{key}"
owner = "科"
number = "{{n}}"
title = ""
calls = [{calls}]
[[legal_basis]]
title = "条例"
articles = ["第一条"]
[lanes."岗"]
scope = "unit"
post = "drafter"
"""
WORK = '<bpmn:startEvent id="begin"/><bpmn:userTask id="work"/><bpmn:endEvent id="finish"/>'
PARTS = (
    '<bpmn:startEvent id="begin"/><bpmn:userTask id="ask"/><bpmn:callActivity id="parts" calledElement="part">'
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>units</bpmn:loopDataInputRef>"
    '<bpmn:inputDataItem id="item"/></bpmn:multiInstanceLoopCharacteristics></bpmn:callActivity>'
    '<bpmn:boundaryEvent id="stopped" attachedToRef="parts"><bpmn:messageEventDefinition id="of_message" '
    'messageRef="words"/></bpmn:boundaryEvent><bpmn:userTask id="closing"/><bpmn:endEvent id="finish"/>'
)
STEP = 'format = 1\ntitle = "办"\n[[field]]\nkey = "why"\nlabel = "说明"\ntype = "text"\n'
ASK = """format = 1
title = "问"
[[field]]
key = "units"
label = "科室"
type = "checks"
options_from = "units"
route = true
once = true
"""
ALL = """
[[step]]
step = "ask"
by = "白受之"
answers = { units = ["7", "9"] }
expect = { open = ["work", "work"] }

[[step]]
step = "work"
instance = 1
by = "房建业"
expect = { open = ["work"], facts = { item = "7" } }
"""


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    files = {
        "bpmn/part/process.bpmn": diagram("part", WORK, "begin>work work>finish"),
        "bpmn/part/package.toml": PACKAGE.format(key="part", calls=""),
        "forms/part/work.toml": STEP,
        "bpmn/whole/process.bpmn": diagram(
            "whole", PARTS, "begin>ask ask>parts parts>finish stopped>closing closing>finish",
            '<bpmn:message id="words" name="stop"/>',
        ),
        "bpmn/whole/package.toml": PACKAGE.format(key="whole", calls='"part"'),
        "forms/whole/ask.toml": ASK,
        "forms/whole/closing.toml": STEP,
        "bpmn/whole/scenarios/all.toml": 'name = "全"' + ALL + '[[step]]\nstep = "work"\nby = "谷监筑"\n',
        "bpmn/whole/scenarios/stopped.toml": 'name = "停"' + ALL
        + '[[step]]\nmessage = "stop"\nfacts = { why = "撤回" }\nexpect = { open = ["closing"], '
        'facts = { why = "撤回" }, data = { why = "撤回" } }\n[[step]]\nstep = "closing"\nby = "白受之"\n',
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return [tmp_path / "bpmn" / "part", tmp_path / "bpmn" / "whole"]


def test_a_called_process_is_covered_by_its_callers(folders: list[Path]) -> None:
    alone = scenarios.run_package(folders[0])
    assert alone.coverage == 0 and not alone.ok
    part, whole = scenarios.run_all(folders)
    assert part.ok and part.coverage == 100, part.text()
    assert whole.ok, whole.text()


def test_a_message_that_nothing_waits_for_fails_the_scenario(folders: list[Path]) -> None:
    path = folders[1] / "scenarios" / "stopped.toml"
    path.write_text(path.read_text("utf-8").replace('message = "stop"', 'message = "halt"'), "utf-8")
    assert "没有环节在等待“halt”" in scenarios.run_all(folders)[1].text()


def test_one_of_several_parts_must_be_named(folders: list[Path]) -> None:
    path = folders[1] / "scenarios" / "all.toml"
    path.write_text(path.read_text("utf-8").replace("instance = 1\n", ""), "utf-8")
    assert "没有在等待办理" in scenarios.run_all(folders)[1].text()
