"""What is to be mended in a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from app.processes import guarded
from app.processes.packages import PackageRefused
from app.studio.content import active_closure, package_of, split
from workflows.engine import Finding


def of_texts(session: Session, texts: Mapping[str, str]) -> list[Finding]:
    """All findings of a draft's parts; errors first. Never raises for what is in them."""
    try:
        called = active_closure(session, package_of(texts))
    except PackageRefused as refusal:
        return guarded.findings(*split(texts), {}) or [
            Finding("", "package", "error", sentence, "请按提示修改", part)
            for sentence, part in zip(refusal.problems, refusal.parts, strict=True)
        ]
    return guarded.findings(*split(texts), {key: each.texts for key, each in called.items()})


def told(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON."""
    return [asdict(each) for each in findings]
