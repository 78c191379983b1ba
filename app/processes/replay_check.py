"""Recorded rows replayed on two packages, in the guarded child: what each of them does differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.core import guard
from app.processes.guarded import lost
from app.processes.packages import PackageRefused, assemble
from workflows.engine import EngineError, Row, Spec, load, migrating

Texts = Mapping[str, str]
_CPU = 0.5  # seconds the replay of one case may take on top
_MAX_CPU = 15.0


def compared(
    old: Mapping[str, Texts], old_key: str, new: Mapping[str, Texts], new_key: str, cases: Sequence[Any]
) -> list[dict[str, Any]]:
    """For each case (its rows as JSON): {kind, diverging: [{seq, label, recorded, instead}], remarks}.

    kind: same, mapped (more data, other timers), refused (it parts at `diverging`), failed (it could not be compared).
    old, new: process key -> texts, with the key of the process itself.
    """
    question = {
        "old": {key: dict(each) for key, each in old.items()}, "old_key": old_key,
        "new": {key: dict(each) for key, each in new.items()}, "new_key": new_key, "cases": list(cases),
    }  # fmt: skip
    try:
        cpu = min(_MAX_CPU, guard.CPU_SECONDS + _CPU * len(cases))
        answer: list[dict[str, Any]] = guard.ask(f"{__name__}:answer_compared", question, cpu=cpu)
    except (guard.Gone, guard.Unavailable, guard.Failed) as error:
        finding = lost(error)
        return [_failed(f"{finding.message}。{finding.mend}。")] * len(cases)
    return answer


def _failed(sentence: str) -> dict[str, Any]:
    return {"kind": "failed", "diverging": [], "remarks": [sentence]}


def answer_compared(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`compared` in the child."""
    try:
        old = _spec(question["old"], question["old_key"])
        new = _spec(question["new"], question["new_key"])
    except (PackageRefused, EngineError) as refusal:
        return [_failed(str(refusal))] * len(question["cases"])
    return [_case(old, new, rows) for rows in question["cases"]]


def _case(old: Spec, new: Spec, rows: Sequence[Any]) -> dict[str, Any]:
    try:
        plan = migrating.plan(old, new, [Row.from_json(row) for row in rows])
    except EngineError as error:
        return _failed(f"流程记录不能照原样重放：{error}")
    return {
        "kind": plan.kind,
        "diverging": [asdict(each) for each in plan.diverging],
        "remarks": list(plan.remarks),
    }


def _spec(texts: Mapping[str, Texts], key: str) -> Spec:
    packages = {name: assemble(each, {}) for name, each in texts.items()}
    main = packages.pop(key)
    return load(main.source, [each.source for each in packages.values()])
