"""Checking a version or a package against what this installation offers."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.actions import CATALOGUE
from app.processes import limits, references
from app.processes.models import ProcessVersion
from app.processes.packages import Package, unpack
from app.processes.runtime import closure
from workflows.engine import Catalogue, Finding, check

#: properties a person's step may carry
SETTINGS = frozenset(
    {
        "form",
        "role",
        "offline",
        "joint_with",
        "button",
        "countersign",
        "letter",
        "signers",
        "signs",
        "operations",
        "desk",
        "skip_if",
        *limits.SETTINGS,
    }
)


def check_package(
    package: Package, called: Mapping[str, Package], actions: Mapping[str, Mapping[str, str]] | None = None
) -> list[Finding]:
    """All findings of a package with its callees. `actions`: name -> parameter -> label; those of this installation if None."""
    if actions is None:
        actions = {name: dict(action.params) for name, action in CATALOGUE.items()}
    own = {(package.key, step) for step in package.forms}
    others = {(other.key, step) for other in called.values() for step in other.forms}
    lanes = set(package.meta.lanes).union(*(other.meta.lanes for other in called.values()))
    catalogue = Catalogue(
        lanes=frozenset(lanes),
        actions=actions,
        forms=frozenset(own | others),
        settings=SETTINGS,
    )
    found = check(package.source, [other.source for other in called.values()], catalogue)
    return [*found, *references.findings(package, called)]


def check_version(version: ProcessVersion) -> list[Finding]:
    """All findings of a stored version."""
    return check_package(unpack(version.content), closure(version.locks))
