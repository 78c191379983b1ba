"""Walking a draft step by step on paper, in the guarded child: what waits, what was done, which flows were taken.

A walk is a scenario under way (`scenarios`): the whole of it goes in, is walked again from its beginning, and what it
came to goes out as plain data. Nothing is kept between two questions and nothing of the office is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core import guard
from app.core.actions import CATALOGUE
from app.processes.guarded import lost
from app.processes.packages import Package, PackageRefused, assemble
from app.processes.rehearsal import Rehearsal
from app.processes.scenarios import Script, tried_alone
from app.processes.stub import Stumble
from app.processes.tracing import Tracing, flows_of, traced
from workflows.engine import EngineError, OpenMessage, OpenTimer, Spec, load

Texts = Mapping[str, str]
MOST_STEPS = 80
_CPU = 0.1  # seconds a scenario or a step may take on top
_MAX_CPU = 20.0


def walk(texts: Texts, called: Mapping[str, Texts], script: Mapping[str, Any]) -> dict[str, Any]:
    """Walk `script` on the package of these texts:

    problems: why nothing could be walked, [] else. said: why it stopped before its end, [] else; reached: how many
    steps were walked. steps: one per step walked, the start first: {process, step, label, role, lane, calls: [{name,
    params}], flows: [[process, flow]]}. open, timers, messages: what waits. data, facts, finished. flows: process -> {flow: words}.
    """
    return _asked(
        "answer_walk", {**_texts(texts, called), "script": dict(script)}, len(script.get("step", ()))
    )


def covered(texts: Texts, called: Mapping[str, Texts], scenarios: Texts) -> dict[str, Any]:
    """Every scenario tried: {problems, results: [{file, name, failures, flows}], flows: process -> {flow: words}}."""
    return _asked("answer_covered", {**_texts(texts, called), "scenarios": dict(scenarios)}, len(scenarios))


def _texts(texts: Texts, called: Mapping[str, Texts]) -> dict[str, Any]:
    return {"texts": dict(texts), "called": {key: dict(each) for key, each in called.items()}}


def _asked(task: str, question: dict[str, Any], many: int) -> dict[str, Any]:
    try:
        cpu = min(_MAX_CPU, guard.CPU_SECONDS + _CPU * many)
        answer: dict[str, Any] = guard.ask(f"{__name__}:{task}", question, cpu=cpu)
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        finding = lost(error)
        return {"problems": [f"{finding.message}。{finding.mend}。"]}
    return answer


def words_of_action(name: str, params: Mapping[str, Any]) -> str:
    """「编号」：类型 办件, of an action of the catalogue; its own name where it is not there."""
    found = CATALOGUE.get(name)
    told = [
        f"{found.params.get(key, key) if found else key} {value}"
        for key, value in params.items()
        if value not in (None, "", [])
    ]
    return (found.label if found else name) + (f"（{'，'.join(told)}）" if told else "")


# -- in the child ---------------------------------------------------------------------------------------------


def answer_walk(question: Mapping[str, Any]) -> dict[str, Any]:
    """`walk` in the child."""
    try:
        package, called = _assembled(question)
        tracing = Tracing()
        rehearsal = _rehearsal(_spec(package, called), package, called, tracing)
    except (PackageRefused, EngineError) as refusal:
        return {"problems": list(getattr(refusal, "problems", (str(refusal),)))}
    walked = _Walked(rehearsal, tracing)
    try:
        script = Script.read(question["script"], rehearsal.wanted_facts(), rehearsal.inputs())
        walked.go(script)
    except Stumble as stumble:
        walked.said = list(stumble.sentences)
    return {"problems": [], **walked.told(), "flows": _flows(package, called)}


def answer_covered(question: Mapping[str, Any]) -> dict[str, Any]:
    """`covered` in the child."""
    try:
        package, called = _assembled(question)
        spec, results = _spec(package, called), []
        for file, text in sorted(question["scenarios"].items()):
            tracing = Tracing()
            found = tried_alone(_rehearsal(spec, package, called, tracing), file, text)
            flows = sorted(map(list, tracing.taken))
            results.append(
                {"file": file, "name": found.name, "failures": list(found.failures), "flows": flows}
            )
    except (PackageRefused, EngineError) as refusal:
        return {"problems": list(getattr(refusal, "problems", (str(refusal),)))}
    return {"problems": [], "results": results, "flows": _flows(package, called)}


def _assembled(question: Mapping[str, Any]) -> tuple[Package, dict[str, Package]]:
    package = assemble(question["texts"], {})
    return package, {key: assemble(texts, {}) for key, texts in question["called"].items()}


def _spec(package: Package, called: Mapping[str, Package]) -> Spec:
    return load(traced(package.source), [traced(each.source) for each in called.values()])


def _rehearsal(spec: Spec, package: Package, called: Mapping[str, Package], tracing: Tracing) -> Rehearsal:
    return Rehearsal(spec, package, {**called, package.key: package}, tracing)


def _flows(package: Package, called: Mapping[str, Package]) -> dict[str, dict[str, str]]:
    return {each.key: flows_of(each.source) for each in (package, *called.values())}


class _Walked:
    """A rehearsal under way, with what each step of it did."""

    def __init__(self, rehearsal: Rehearsal, tracing: Tracing) -> None:
        self.rehearsal, self.tracing = rehearsal, tracing
        self.steps: list[dict[str, Any]] = []
        self.said: list[str] = []

    def go(self, script: Script) -> None:
        self._one(
            {"label": "发起", "role": "", "step": "start", "form": "start"},
            lambda: script.begin(self.rehearsal),
        )
        for number, step in enumerate(script.steps[:MOST_STEPS], 1):
            self._one(self._about(step), lambda n=number, s=step: script.go(self.rehearsal, n, s))

    def _one(self, about: dict[str, Any], act: Any) -> None:
        calls, flows = len(self.rehearsal.stub.calls), set(self.tracing.taken)
        act()
        done = self.rehearsal.stub.calls[calls:]
        about["calls"] = [{"name": name, "params": params} for name, params in done]
        about["flows"] = sorted(map(list, self.tracing.taken - flows))
        self.steps.append(about)

    def _about(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """The place a step will be done at, as it waits now."""
        if "step" not in step:
            now = self.rehearsal.outcome
            waits: list[OpenMessage | OpenTimer] = [*now.messages, *now.timers] if now else []
            name = str(step.get("message") or step.get("timer"))
            return {
                "label": self._word(name, waits),
                "role": "event",
                "step": "",
                "calls": [],
            }
        now = self.rehearsal.outcome
        found = [each for each in (now.open if now else ()) if each.step == step["step"]]
        place = found[0] if found else None
        return {
            "process": place.process if place else "",
            "step": str(step["step"]),
            "label": place.label if place else str(step["step"]),
            "role": place.settings.get("role", "work") if place else "",
            "form": place.settings.get("form", step["step"]) if place else "",
        }

    def _word(self, name: str, waits: Sequence[OpenMessage | OpenTimer]) -> str:
        """What is drawn where a message or a timer of this name is waited for, as people read it."""
        steps = self.rehearsal.spec.steps
        found = [steps.get((each.process, each.step)) for each in waits if name in (each.name, each.step)]
        return "、".join(dict.fromkeys(each.label for each in found if each)) or name

    def told(self) -> dict[str, Any]:
        now = self.rehearsal.outcome
        return {
            "said": self.said,
            "reached": max(len(self.steps) - 1, 0),
            "steps": self.steps,
            "open": [_place(each) for each in now.open] if now else [],
            "timers": [
                {"name": self._word(each.name, [each]), "step": each.step, "value": each.value}
                for each in now.timers
            ]
            if now
            else [],
            "messages": [
                {"name": name, "label": self._word(name, now.messages)}
                for name in sorted({each.name for each in now.messages})
            ]
            if now
            else [],
            "finished": bool(now and now.finished),
            "data": self.rehearsal.data,
        }


def _place(place: Any) -> dict[str, Any]:
    return {
        "process": place.process, "step": place.step, "label": place.label, "lane": place.lane,
        "settings": dict(place.settings), "instance": place.instance, "facts": dict(place.facts),
        "address": place.address,
    }  # fmt: skip
