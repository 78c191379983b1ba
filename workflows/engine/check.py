"""Publish-time checks: every finding names its element, its rule and how to mend it, in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.engine.errors import DefinitionRefused
from workflows.engine.loading import parse
from workflows.engine.model import Catalogue, Finding, Source


def check(main: Source, callees: Sequence[Source] = (), catalogue: Catalogue | None = None) -> list[Finding]:
    """Everything that stops `main` from being activated (errors) or deserves a look (warnings)."""
    try:
        parse(main, callees)
    except DefinitionRefused as refusal:
        return [Finding(main.key, refusal.code, "error", refusal.message, "请按提示修改后重新上传")]
    return []
