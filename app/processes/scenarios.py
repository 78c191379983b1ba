"""Trying a package out on paper: who does what with which answers at each step, and what must come of it.

A scenario goes through the real forms and the real engine; only the actions are recorded instead of executed. No
database. To see which sequence flows were taken, the runner works on a copy of the diagram in which every flow
passes a recording service task; nothing else differs.

    [[step]]
    step = "head_review"          # must be waiting
    by = "申牧之"
    decision = "return"
    answers = { opinion = "…" }
    offline = { offline_how = "paper", … }    # 线下签批回填
    joint = true                  # also signs the step named by joint_with
    refused = { field = "reason", message = "…" }   # instead of completing: what the form must say
    expect = { open = ["draft"], facts = {…}, actions = ["…"], finished = false }
    instance = 0                  # which part, where a multi-instance opened the step several times

    [[step]]
    message = "foi_withdrawn"     # a message in place of a step, with the facts it brings
    facts = { … }

    [[step]]
    timer = "late"                # a timer that is due: the event's id, or its name

    [[matters]]                   # 依申请公开: what the drafter decides, draft by draft
    outcome = "R3"
    grounds = ["N15"]             # with it go the law's own secrecy, legal, signer, unless written here
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.processes import table_rows
from app.processes.item_words import FACT_SOURCES
from app.processes.packages import Package, PackageRefused, read_package
from app.processes.rehearsal import Rehearsal
from app.processes.stub import MATTERS, Stumble
from app.processes.tracing import Tracing, flows_of, traced
from forms.toml import TomlRefused, read_toml
from workflows.engine import EngineError, load

_TOP = {"name", "note", "by", "facts", "answers", "refused", "step", "expect", "actions", "matters"}
_STEP = {"step", "by", "decision", "answers", "offline", "joint", "refused", "expect", "instance"}
_MESSAGE = {"message", "facts", "expect"}
_TIMER = {"timer", "expect"}
_EXPECT = {"open", "facts", "actions", "finished", "data"}
_END = _EXPECT | {"attribute", "mark", "conclusion", "people"}


@dataclass(frozen=True)
class Result:
    """One scenario: its name, the facts its flow ended with and, if it failed, why (Chinese sentences)."""

    name: str
    failures: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.failures


@dataclass(frozen=True)
class Coverage:
    """Which flows of one process were taken. `missed` are readable: 「审查员意见」→「线下报送」."""

    process: str
    name: str
    total: int
    missed: tuple[str, ...]

    @property
    def taken(self) -> int:
        return self.total - len(self.missed)

    @property
    def share(self) -> float:
        """Percent of the flows taken."""
        return 100.0 * self.taken / self.total if self.total else 100.0


@dataclass(frozen=True)
class Report:
    """What trying out a package gave."""

    process: str
    name: str
    results: tuple[Result, ...] = ()
    coverages: tuple[Coverage, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def coverage(self) -> float:
        """Percent of the package's own sequence flows that the scenarios took."""
        return next((each.share for each in self.coverages if each.process == self.process), 0.0)

    @property
    def ok(self) -> bool:
        """Every scenario came out as it says, and every flow of the package was taken by one of them or by a caller's."""
        good = all(each.ok for each in self.results)
        return good and not self.problems and self.coverage == 100.0

    def text(self) -> str:
        """The report as lines for a terminal or a page."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.name}（{self.process}）"
        yield from (f"  {problem}" for problem in self.problems)
        for result in self.results:
            yield f"  {'通过' if result.ok else '未过'}  {result.name}"
            yield from (f"        {failure}" for failure in result.failures)
        good = sum(each.ok for each in self.results)
        yield f"  情形 {len(self.results)} 个，通过 {good} 个"
        for each in self.coverages:
            own = "" if each.process == self.process else "（被调用）"
            yield f"  流线覆盖 {each.name}{own}：{each.taken}/{each.total}，{each.share:.0f}%"
            if not own:
                yield from (f"        没有走到：{missed}" for missed in each.missed)


def run_package(folder: Path, forms: Path | None = None) -> Report:
    """Try out all scenarios of the package in `folder` (`bpmn/<key>`); called packages stand beside it."""
    return run_all([folder], forms)[0]


def run_all(folders: Sequence[Path], forms: Path | None = None) -> list[Report]:
    """Try out several packages together, in their order.

    A flow counts as taken whichever scenario took it: those of a called process are covered by its callers too.
    """
    tracing = Tracing()
    tried = [_try_folder(folder, forms or folder.parent.parent / "forms", tracing) for folder in folders]
    return [each.report(tracing) for each in tried]


def _try_folder(folder: Path, forms: Path, tracing: Tracing) -> _Tried:
    try:
        package = read_package(folder, forms / folder.name)
        called = called_by(package, folder.parent, forms)
    except PackageRefused as refusal:
        return _Tried(folder.name, folder.name, problems=refusal.problems)
    return _try(package, called, tracing)


def called_by(package: Package, beside: Path, forms: Path) -> dict[str, Package]:
    """Every package that `package` calls, directly or through others."""
    found: dict[str, Package] = {}
    waiting = list(package.meta.calls)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = read_package(beside / key, forms / key)
            waiting.extend(found[key].meta.calls)
    return found


def run(package: Package, called: Mapping[str, Package]) -> Report:
    """Try out the scenarios that travel with `package`."""
    tracing = Tracing()
    return _try(package, called, tracing).report(tracing)


@dataclass(frozen=True)
class _Tried:
    """What the scenarios of one package gave; what they covered is counted when all have run."""

    process: str
    name: str
    packages: Sequence[Package] = ()
    results: tuple[Result, ...] = ()
    problems: tuple[str, ...] = ()

    def report(self, tracing: Tracing) -> Report:
        covered = tuple(_coverage(each, tracing) for each in self.packages)
        return Report(self.process, self.name, self.results, covered, self.problems)


def _try(package: Package, called: Mapping[str, Package], tracing: Tracing) -> _Tried:
    packages = {**called, package.key: package}
    key, name = package.key, package.meta.name
    try:
        spec = load(traced(package.source), [traced(each.source) for each in called.values()])
    except EngineError as refusal:
        return _Tried(key, name, problems=(str(refusal),))
    results = [
        _rows(package, file, text)
        if table_rows.table_of(file)
        else tried_alone(Rehearsal(spec, package, packages, tracing), file, text)
        for file, text in sorted(package.scenarios.items())
    ]
    return _Tried(key, name, tuple(packages.values()), tuple(results))


def _rows(package: Package, file: str, text: str) -> Result:
    """The saved tries of a decision table, as one result."""
    table = table_rows.table_of(file)
    return Result(f"决策表 {table} 的试算", table_rows.failures_of(package.source.dmn, file, text))


def _coverage(package: Package, tracing: Tracing) -> Coverage:
    flows = flows_of(package.source)
    missed = tuple(label for key, label in flows.items() if (package.key, key) not in tracing.taken)
    return Coverage(package.key, package.meta.name, len(flows), missed)


# -- one scenario ---------------------------------------------------------------------------------------------


def tried_alone(rehearsal: Rehearsal, file: str, text: str) -> Result:
    """One scenario on a rehearsal that has not begun."""
    try:
        raw = read_toml(text)
    except TomlRefused:
        return Result(file, (f"{file} 的 TOML 写法不正确",))
    name = raw.get("name") if isinstance(raw.get("name"), str) else file
    try:
        script = Script.read(raw, rehearsal.wanted_facts(), rehearsal.inputs())
        script.play(rehearsal)
    except Stumble as stumble:
        return Result(str(name), tuple(stumble.sentences))
    return Result(str(name), facts=rehearsal.outcome.facts if rehearsal.outcome else {})


@dataclass(frozen=True)
class Script:
    """A scenario whose shape is checked."""

    by: str
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]
    refused: Mapping[str, str] | None
    steps: Sequence[Mapping[str, Any]]
    expect: Mapping[str, Any]
    actions: Mapping[str, list[Any]] = field(default_factory=dict)
    matters: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def read(cls, raw: Mapping[str, Any], wanted: Mapping[str, str], inputs: frozenset[str]) -> Script:
        _only(raw, _TOP, "情形")
        for number, step in enumerate(raw.get("step", []), 1):
            _only(
                step,
                _MESSAGE if "message" in step else _TIMER if "timer" in step else _STEP,
                f"第 {number} 步",
            )
            _only(step.get("expect", {}), _EXPECT, f"第 {number} 步的 expect")
        for each in raw.get("matters", []):
            _only(each, MATTERS, "情形的 matters")
        _only(raw.get("expect", {}), _END, "情形的 expect")
        return cls(
            by=str(raw.get("by", "拟稿人")),
            facts=_facts(raw.get("facts", {}), wanted, inputs),
            answers=raw.get("answers", {}),
            refused=raw.get("refused"),
            steps=raw.get("step", []),
            expect=raw.get("expect", {}),
            actions=raw.get("actions", {}),
            matters=raw.get("matters", []),
        )

    def play(self, rehearsal: Rehearsal) -> None:
        """Walk it to its end. Stumble says where it goes another way."""
        self.begin(rehearsal)
        for number, step in enumerate(self.steps, 1):
            before = len(rehearsal.stub.calls)
            self.go(rehearsal, number, step)
            rehearsal.check(step.get("expect", {}), rehearsal.stub.calls[before:])
        rehearsal.where = "结果"
        rehearsal.check(self.expect, rehearsal.stub.calls)

    def begin(self, rehearsal: Rehearsal) -> None:
        """The start alone."""
        rehearsal.stub.script(self.actions, self.matters)
        rehearsal.start(self.by, self.facts, self.answers, self.refused)

    def go(self, rehearsal: Rehearsal, number: int, step: Mapping[str, Any]) -> None:
        """One step, message or timer; nothing of what it expects is looked at."""
        kind = next((each for each in ("message", "timer") if each in step), "step")
        rehearsal.where = f"第 {number} 步「{step.get(kind, '')}」"
        {"message": rehearsal.send, "timer": rehearsal.fire, "step": rehearsal.step}[kind](step)


def _only(table: Any, allowed: set[str], where: str) -> None:
    if not isinstance(table, dict):
        raise Stumble(f"{where}须写成表")
    for key in table:
        if key not in allowed:
            raise Stumble(f"{where}有不认识的项“{key}”，请改正拼写")


_USUAL: Mapping[str, Any] = {"boolean": False, "integer": 3, "text": ""}


def usual_fact(kind: str) -> Any:
    """What a fact of this kind is where nobody says anything else."""
    return _USUAL[kind]


def _facts(given: Mapping[str, Any], wanted: Mapping[str, str], inputs: frozenset[str]) -> dict[str, Any]:
    """What the office would fill in at the start, or a caller would give (`inputs`); a scenario says what differs."""
    for name in given:
        if name not in wanted and name not in inputs:
            raise Stumble(f"情形的 facts 里“{name}”不是流程包声明的事实")
    usual = {name: _USUAL[FACT_SOURCES[source]] for name, source in wanted.items()}
    return dict.fromkeys(inputs) | usual | dict(given)
