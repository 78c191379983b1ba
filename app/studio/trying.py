"""Trying a draft out with the scenarios that travel with it, in the guarded child."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from app.processes import guarded
from app.processes.packages import PackageRefused
from app.processes.scenarios import Report
from app.studio.content import active_closure, package_of, split


def report(session: Session, texts: Mapping[str, str]) -> Report:
    """Every scenario of the draft, and the flows none of them takes; a broken draft says why in `problems`."""
    try:
        called = active_closure(session, package_of(texts))
    except PackageRefused as refusal:
        return Report("", "", problems=refusal.problems)
    return guarded.report(*split(texts), {key: each.texts for key, each in called.items()})


def untested(report: Report) -> Iterator[str]:
    """What stands against an activation that nobody notices: failed scenarios, flows that none takes."""
    yield from report.problems
    for result in report.results:
        if not result.ok:
            yield f"情形「{result.name}」没有通过：{'；'.join(result.failures)}"
    for coverage in report.coverages:
        if coverage.process == report.process:
            yield from (f"没有情形走到：{missed}" for missed in coverage.missed)
