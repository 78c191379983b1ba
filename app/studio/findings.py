"""What is to be mended in a draft: every finding names its element and the part it lies in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from app.processes import guarded
from app.processes.packages import PackageRefused
from app.studio.content import DIAGRAM, SETTINGS, active_closure, package_of, split
from workflows.engine import Finding


def of_texts(session: Session, texts: Mapping[str, str]) -> list[Finding]:
    """All findings of a draft's parts; errors first. Never raises for what is in them."""
    try:
        called = active_closure(session, package_of(texts))
    except PackageRefused as refusal:
        return guarded.findings(*split(texts), {}) or [
            Finding("", "package", "error", sentence, "请按提示修改") for sentence in refusal.problems
        ]
    return guarded.findings(*split(texts), {key: each.texts for key, each in called.items()})


def told(findings: Iterable[Finding], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Findings as JSON, each with the part a person opens to mend it."""
    return [{**asdict(each), "part": _part(each, texts)} for each in findings]


def _part(finding: Finding, texts: Mapping[str, str]) -> str:
    for name in sorted(texts, key=len, reverse=True):
        if name in finding.message or name == finding.element:
            return name
    if f"forms/{finding.element}.toml" in texts and finding.rule.startswith("form"):
        return f"forms/{finding.element}.toml"
    marked = f'id="{finding.element}"'
    found = [name for name in texts if name.endswith((".bpmn", ".dmn")) and marked in texts[name]]
    return found[0] if found else (SETTINGS if finding.rule == "package" else DIAGRAM)
