"""Checking and trying out what people draw and upload, in a child process with limits (`app.core.guard`).

The web process calls `findings`, `report` and `alone`; the functions named `answer_…` run in the child.
Texts go in, plain data comes out; whatever is wrong with a package is a finding, never an exception.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.core import guard
from app.core.actions import CATALOGUE
from app.processes import checking, scenarios
from app.processes.models import ProcessVersion
from app.processes.packages import MAX_BYTES, MAX_FILES, TOO_LARGE, Package, PackageRefused, assemble, unpack
from app.processes.runtime import closure
from app.processes.scenarios import Coverage, Report, Result
from forms.definition import FormRefused
from forms.reading import read_definition
from workflows.engine import SETTINGS, Finding, check_alone, check_table_alone

Texts = Mapping[str, str]

TOO_HEAVY = (
    "检查用的时间超过 2 秒，或者内存超过 300 MB，已停止",
    "请删去过长、过深或者重复的内容，或者把流程拆成几个再相互调用",
)
_NOT_DONE = ("检查没有做成，内容没有变化", "请过一会儿再试；仍然这样，请联系系统管理员查看日志")
MAX_UPLOAD = 5_000_000  # bytes; the child knows the exact bound of each kind
_SCENARIO_CPU = 0.1  # seconds a scenario may take on top
_MAX_CPU = 20.0
guard.preload(__name__)
#: where package.toml says its key, for those whose TOML cannot be read
KEY_LINE = re.compile(r'^key = "([a-z0-9_]{1,40})"', re.M)


def findings(texts: Texts, scenarios: Texts, called: Mapping[str, Texts]) -> list[Finding]:
    """Everything that is wrong with a package of these texts, errors first. Never raises for what is in them.

    called: process key -> texts of the packages it may call; more than it calls does no harm.
    """
    try:
        return heavy_findings("answer_findings", _question(texts, scenarios, called))
    except PackageRefused as refusal:
        return _refusals(refusal)


def of_version(version: ProcessVersion) -> list[Finding]:
    """Findings of a stored version with those it locks."""
    package = unpack(version.content)
    called = {key: each.texts for key, each in closure(version.locks).items()}
    return findings(package.texts, package.scenarios, called)


def report(texts: Texts, scenarios: Texts, called: Mapping[str, Texts]) -> Report:
    """What the scenarios of a package gave; a package that cannot be tried out says why in `problems`."""
    try:
        question = _question(texts, scenarios, called)
        cpu = min(_MAX_CPU, guard.CPU_SECONDS + _SCENARIO_CPU * len(scenarios))
        raw = guard.ask(f"{__name__}:answer_report", question, cpu=cpu)
    except PackageRefused as refusal:
        return Report("", "", problems=refusal.problems)
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        finding = lost(error)
        return Report("", "", problems=(f"{finding.message}。{finding.mend}。",))
    return _report(raw)


def alone(bpmn: bytes) -> list[Finding]:
    """What can be said of a diagram without its package, found in the child."""
    return _file_findings("answer_alone", bpmn)


def table_alone(dmn: bytes) -> list[Finding]:
    """What can be said of a decision table without its package, found in the child."""
    return _file_findings("answer_table", dmn)


def form_alone(toml: bytes) -> list[Finding]:
    """What can be said of a form definition without its package, found in the child."""
    return _file_findings("answer_form", toml)


def packed(data: bytes) -> str:
    """An upload on its way to the child. Too large a one is not sent at all: PackageRefused."""
    if len(data) > MAX_UPLOAD:
        raise PackageRefused([f"文件过大，最大 {MAX_UPLOAD // 1_000_000} MB，请精简后重新上传"])
    return base64.b64encode(data).decode()


def _file_findings(task: str, data: bytes) -> list[Finding]:
    try:
        return heavy_findings(task, packed(data))
    except PackageRefused as refusal:
        return _refusals(refusal)


def answered(task: str, question: Any) -> dict[str, Any]:
    """The answer of "module:function", which may refuse: PackageRefused with its problems, or for a child that is lost."""
    try:
        raw: dict[str, Any] = guard.ask(task, question)
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        finding = lost(error)
        raise PackageRefused([f"{finding.message}。{finding.mend}。"]) from error
    if "problems" in raw:
        raise PackageRefused(raw["problems"])
    return raw


def heavy_findings(task: str, question: Any) -> list[Finding]:
    """The findings that `task` of this module answers; a child that is lost is one finding."""
    try:
        raw = guard.ask(f"{__name__}:{task}", question)
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        return [lost(error)]
    return [Finding(**each) for each in raw]


def lost(error: Exception) -> Finding:
    """What is said of a child that gave no answer: `too_heavy`, or `not_checked` when the fault is ours."""
    if isinstance(error, guard.Gone):
        return Finding("", "too_heavy", "error", *TOO_HEAVY)
    logging.getLogger("gongkai").error("guarded check: %s", error)
    return Finding("", "not_checked", "error", *_NOT_DONE)


def _question(texts: Texts, scenarios: Texts, called: Mapping[str, Texts]) -> dict[str, Any]:
    """What a child needs to know: its server does not load the rooms that register the actions."""
    if sum(map(len, (*texts.values(), *scenarios.values()))) > MAX_BYTES:
        raise PackageRefused([TOO_LARGE])
    return {
        "texts": dict(texts),
        "scenarios": dict(scenarios),
        "called": {key: dict(each) for key, each in called.items()},
        "actions": {name: dict(action.params) for name, action in CATALOGUE.items()},
    }


def _report(raw: dict[str, Any]) -> Report:
    return Report(
        raw["process"],
        raw["name"],
        tuple(Result(each["name"], tuple(each["failures"]), each["facts"]) for each in raw["results"]),
        tuple(
            Coverage(each["process"], each["name"], each["total"], tuple(each["missed"]))
            for each in raw["coverages"]
        ),
        tuple(raw["problems"]),
    )


# -- in the child ---------------------------------------------------------------------------------------------


def answer_findings(question: dict[str, Any]) -> list[dict[str, Any]]:
    """`findings` in the child."""
    texts, called = question["texts"], question["called"]
    try:
        package = assemble(texts, question["scenarios"])
    except PackageRefused as refusal:
        return [asdict(each) for each in _broken(texts, refusal)]
    try:
        closure = _closure(package, called)
    except PackageRefused as refusal:
        return [asdict(each) for each in _refusals(refusal)]
    return [asdict(each) for each in checking.check_package(package, closure, question["actions"])]


def answer_report(question: dict[str, Any]) -> dict[str, Any]:
    """`report` in the child."""
    try:
        package = assemble(question["texts"], question["scenarios"])
        found = scenarios.run(package, _closure(package, question["called"]))
    except PackageRefused as refusal:
        found = Report("", "", problems=refusal.problems)
    return asdict(found)


def answer_alone(data: str) -> list[dict[str, Any]]:
    """`alone` in the child."""
    return [asdict(each) for each in check_alone(base64.b64decode(data))]


def answer_table(data: str) -> list[dict[str, Any]]:
    """`table_alone` in the child."""
    return [asdict(each) for each in check_table_alone(base64.b64decode(data))]


def answer_form(data: str) -> list[dict[str, Any]]:
    """`form_alone` in the child."""
    try:
        read_definition(base64.b64decode(data).decode(), "", "step")
    except UnicodeDecodeError:
        return [asdict(_refusal("表单不是 UTF-8 文本"))]
    except FormRefused as refusal:
        return [asdict(_refusal(sentence)) for sentence in refusal.problems]
    return []


def _closure(package: Package, called: Mapping[str, Texts]) -> dict[str, Package]:
    """The packages it calls, directly or through others; PackageRefused names one that is not there."""
    found: dict[str, Package] = {}
    waiting = list(package.meta.calls)
    while waiting:
        key = waiting.pop()
        if key in found or key == package.key:
            continue
        if key not in called:
            raise PackageRefused(
                [f"调用的流程“{key[:40]}”不存在或尚未启用，请先启用它，或在图上改正"], [SETTINGS]
            )
        found[key] = assemble(called[key])
        waiting.extend(found[key].meta.calls)
    return found


def _refusal(sentence: str, part: str = "") -> Finding:
    """Under the step of the form, if it is mended in one."""
    step = part.removeprefix("forms/").removesuffix(".toml") if part.startswith("forms/") else ""
    return Finding(step, "package", "error", sentence, "请按提示修改", part)


def _refusals(refusal: PackageRefused) -> list[Finding]:
    return [_refusal(*each) for each in zip(refusal.problems, refusal.parts, strict=True)]


def _broken(texts: Texts, refusal: PackageRefused) -> list[Finding]:
    """A package that does not hold together: every problem in its part, and what can be seen of the diagram."""
    if len(texts) > MAX_FILES or sum(map(len, texts.values())) > MAX_BYTES:
        return _refusals(refusal)
    return _refusals(refusal) + _drawn(texts)


def _drawn(texts: Texts) -> list[Finding]:
    """What the engine finds in a diagram without knowing forms, lanes and actions."""
    if "process.bpmn" not in texts:
        return []
    tables = {name: text.encode() for name, text in texts.items() if name.endswith(".dmn")}
    return [each for each in check_alone(texts["process.bpmn"].encode(), tables) if each.severity == "error"]
