"""One run of a package on paper: real forms, real engine, recorded actions, no database.

It keeps the hard rules of the office too: nobody reviews or signs what he drafted, and a step that does not wait
cannot be done.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.processes import start_facts
from app.processes.naming import Naming
from app.processes.packages import Package
from app.processes.stub import Stub, Stumble
from app.processes.tracing import Tracing
from forms import (
    Around,
    Definition,
    StepForm,
    answers_of,
    bind,
    facts_of,
    said_on_sheet,
    submitted,
    union,
    with_offline,
)
from workflows.engine import EngineError, OpenStep, Outcome, Spec, flow
from workflows.law.grounds import STATE_SECRET, Attribute

TODAY = dt.date(2026, 11, 23)
JUDGING = ("review", "sign")
#: what a scenario may expect at its end -> what people call it
_RESULTS = {"attribute": "公开属性", "mark": "公文上的标注", "conclusion": "审查结论", "people": "参与的人"}


class Rehearsal:
    """The state of one run. `where` is told with every failure."""

    def __init__(
        self, spec: Spec, package: Package, packages: Mapping[str, Package], tracing: Tracing
    ) -> None:
        self.spec, self.package, self.packages = spec, package, packages
        self._naming: Naming | None = None
        self.data: dict[str, Any] = {}
        self.stub = Stub(tracing, self.data)
        self.where = "发起"
        self.authors: set[str] = set()
        self.people: set[str] = set()
        self.outcome: Outcome | None = None
        self.seq = 0

    def wanted_facts(self) -> dict[str, str]:
        """Facts the package and those it calls ask of the office, with their sources."""
        return start_facts.wanted(self.packages.values())

    def inputs(self) -> frozenset[str]:
        """What a caller of the package gives it: the data inputs its diagram declares."""
        declared = getattr(self.spec.main.io_specification, "data_inputs", ())
        return frozenset(str(each.bpmn_id) for each in declared)

    @property
    def naming(self) -> Naming:
        """What people call what this run names; made when something is to be said."""
        if self._naming is None:
            self._naming = Naming(self.spec, self.packages.values())
        return self._naming

    # -- moving

    def start(self, by: str, facts: Mapping[str, Any], answers: Mapping[str, Any], refused: Any) -> None:
        definition = self.package.forms.get("start")
        said: dict[str, Any] = {}
        if definition is not None:
            form = self._form(definition, answers, by)
            if self._refused(form, refused):
                return
            said = form.answers()
        self.people.add(by)
        self.data.update({**facts, **said})
        routed = facts_of(definition, said) if definition else {}
        self._travel(lambda seq: flow.start(self.spec, seq, {**facts, **routed}, self.stub))

    def send(self, script: Mapping[str, Any]) -> None:
        """A message moves the flow, with the facts it brings."""
        facts = dict(script.get("facts", {}))
        self.data.update(facts)
        if "outcome" in facts:
            self.stub.settle(str(facts["outcome"]))
        state = self._now().state
        self._travel(lambda seq: flow.send(self.spec, state, seq, script["message"], facts, self.stub))

    def fire(self, script: Mapping[str, Any]) -> None:
        """A timer that waits is due; named by its event."""
        wanted, now = str(script["timer"]), self._now()
        timer = next((each for each in now.timers if wanted in (each.step, each.name)), None)
        if timer is None:
            here = "、".join(each.step for each in now.timers) or "没有"
            self._stumble(f"内部时限 {wanted} 没有在等待，现在等待的是：{here}")
            return
        name, address, state = timer.name, timer.address, now.state
        self._travel(lambda seq: flow.fire(self.spec, state, seq, address, name, self.stub))

    def step(self, script: Mapping[str, Any]) -> None:
        place = self._waiting(str(script.get("step", "")), script.get("instance"))
        by = str(script.get("by", ""))
        if not by:
            self._stumble("没有写由谁办（by）")
        joint = self._joint(place) if script.get("joint") else None
        own = self._definition(place.process, place.step)
        asked = union(own, joint) if joint else own
        if script.get("offline"):
            asked = with_offline(asked)
        sent = {**script.get("answers", {}), **script.get("offline", {})}
        if script.get("decision"):
            sent["decision"] = script["decision"]
        form = self._form(asked, sent, by)
        if not self._refused(form, script.get("refused")):
            self._complete(place, own, form, by)
            if joint is not None:
                self._complete(self._waiting(str(place.settings["joint_with"])), joint, form, by)

    def _complete(self, place: OpenStep, own: Definition, form: StepForm, by: str) -> None:
        role = place.settings.get("role", "work")
        if role in JUDGING and by in self.authors:
            self._stumble(f"「{place.label}」由{by}办，可他是拟稿人：审查人不能是承办人")
        said = answers_of(own, said_on_sheet(own, form.answers()))
        self.people.add(by)
        if role == "draft":
            self.authors.add(by)
        passing = ("decision", "opinion")
        self.data.update({key: value for key, value in said.items() if key not in passing})
        facts = facts_of(own, said)
        state = self._now().state
        self._travel(lambda seq: flow.complete(self.spec, state, seq, place.address, facts, self.stub))

    def _travel(self, move: Any) -> None:
        self.seq += 1
        try:
            self.outcome = move(self.seq)
        except EngineError as error:
            self._stumble(f"流程走不下去：{error}")

    # -- forms

    def _form(self, definition: Definition, sent: Mapping[str, Any], by: str) -> StepForm:
        for key in sent:
            if key not in definition.by_key:
                self._stumble(f"表单“{definition.title}”没有字段 {key}")
        files = {name: _file(name) for name in _names_of_files(definition, sent)}
        around = Around(self.data, _lists(definition, sent, by), files, today=TODAY)
        return bind(definition, around, submitted(definition, sent))

    def _refused(self, form: StepForm, refused: Mapping[str, str] | None) -> bool:
        """Whether the form refuses, as the scenario expects it; any other outcome stumbles."""
        good = form.validate()
        problems = list(form.problems())
        if refused is None:
            if not good:
                told = "；".join(sentence for _key, sentence in problems)
                self._stumble(f"表单没有通过：{told}")
            return False
        if good:
            self._stumble(f"表单应当拒绝（{refused.get('message', '')}），却通过了")
        wanted = (refused.get("field"), refused.get("message", ""))
        if not any(wanted[0] in (None, key) and wanted[1] in sentence for key, sentence in problems):
            told = "；".join(f"{self.naming.fact(key)}：{sentence}" for key, sentence in problems)
            place = f"在 {self.naming.fact(wanted[0])} " if wanted[0] else ""
            self._stumble(f"应当{place}说“{wanted[1]}”，实际是：{told}")
        return True

    def _definition(self, process: str, step: str) -> Definition:
        info = self.spec.steps[process, step]
        found = self.packages[process].forms.get(info.settings.get("form", step))
        if found is None:
            raise Stumble(f"{self.where}：环节「{info.label}」没有表单")
        return found

    def _joint(self, place: OpenStep) -> Definition:
        if "joint_with" not in place.settings:
            self._stumble("这个环节没有设置并签（joint_with）")
        return self._definition(place.process, str(place.settings["joint_with"]))

    # -- looking

    def _now(self) -> Outcome:
        if self.outcome is None:
            raise Stumble(f"{self.where}：还没有发起")
        return self.outcome

    def _waiting(self, step: str, instance: int | None = None) -> OpenStep:
        """The one open step of that name; `instance` tells the parts of a multi-instance apart, from 0."""
        wanted = None if instance is None else str(instance)
        found = [each for each in self._now().open if each.step == step]
        found = [each for each in found if wanted is None or each.instance == wanted]
        if len(found) != 1:
            here = [each.step for each in self._now().open]
            told = self.naming.steps(here) if here else "无，已办结"
            self._stumble(f"环节 {self.naming.steps([step])} 没有在等待办理，现在等待的是：{told}")
        return found[0]

    def check(self, expect: Mapping[str, Any], calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Compare with what the scenario expects after this step, or at the end."""
        found = list(self._differences(expect, calls)) if expect else []
        if found:
            raise Stumble(*(f"{self.where}：{each}" for each in found))

    def _differences(
        self, expect: Mapping[str, Any], calls: Sequence[tuple[str, dict[str, Any]]]
    ) -> Iterable[str]:
        open_steps = sorted(each.step for each in self.outcome.open) if self.outcome else []
        if "open" in expect and sorted(expect["open"]) != open_steps:
            steps = self.naming.steps
            yield f"应当等待 {steps(expect['open'])}，实际等待 {steps(open_steps)}"
        if "finished" in expect and expect["finished"] != bool(self.outcome and self.outcome.finished):
            yield "应当办结，实际没有办结" if expect["finished"] else "不应当办结，实际已经办结"
        done = [name for name, _params in calls]
        if "actions" in expect and list(expect["actions"]) != done:
            actions = self.naming.actions
            yield f"应当执行 {actions(expect['actions'])}，实际执行 {actions(done)}"
        yield from self._unlike("事实", expect.get("facts", {}), self._facts())
        yield from self._unlike("数据", expect.get("data", {}), self.data)
        yield from self._outcome_differences(expect, dict(calls))

    def _outcome_differences(
        self, expect: Mapping[str, Any], last: Mapping[str, dict[str, Any]]
    ) -> Iterable[str]:
        confirmed = last.get("attribute.confirm", {})
        attribute, secret = confirmed.get("attribute"), confirmed.get("ground") == STATE_SECRET
        mark = Attribute(attribute).mark if attribute and not secret else ""
        conclusion = last.get("secrecy.conclude", {}).get("conclusion")
        found = {
            "attribute": attribute,
            "mark": mark,
            "conclusion": conclusion,
            "people": sorted(self.people),
        }
        for key in found.keys() & expect.keys():
            wanted = sorted(expect[key]) if key == "people" else expect[key]
            if wanted != found[key]:
                told, seen = (self.naming.value(key, each) for each in (wanted, found[key]))
                yield f"{_RESULTS[key]} 应当是 {told}，实际是 {seen}"

    def _unlike(self, what: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterable[str]:
        for key, value in wanted.items():
            if found.get(key) != value:
                told, seen = (self.naming.value(key, each) for each in (value, found.get(key)))
                yield f"{what} {self.naming.fact(key)} 应当是 {told}，实际是 {seen}"

    def _facts(self) -> Mapping[str, Any]:
        if self.outcome is None:
            return {}
        return self.outcome.open[0].facts if self.outcome.open else self.outcome.facts

    def _stumble(self, sentence: str) -> None:
        raise Stumble(f"{self.where}：{sentence}")


# -- what the page would offer --------------------------------------------------------------------------------


def _file(name: str) -> Any:
    """An upload by its name: another name is another content."""
    body = name.encode()
    return {"id": name, "name": name, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}


def _names_of_files(definition: Definition, sent: Mapping[str, Any]) -> Iterable[str]:
    for key, value in sent.items():
        if definition.by_key[key].type == "files" and isinstance(value, list):
            yield from (str(each) for each in value)


def _lists(definition: Definition, sent: Mapping[str, Any], by: str) -> dict[str, list[tuple[str, str]]]:
    """Lists the caller would offer: on paper, whatever the scenario names is there to choose."""
    offered: dict[str, list[tuple[str, str]]] = {"signers": [(by, by)]}
    for key, value in sent.items():
        source = definition.by_key[key].source
        if source in ("organs", "persons", "units", "documents"):
            named = value if isinstance(value, list) else [value]
            offered.setdefault(source, []).extend((str(each), str(each)) for each in named)
    return offered
