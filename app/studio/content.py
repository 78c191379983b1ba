"""What a draft consists of: names of its parts, the package they make, the versions it would call.

Pure but for the versions it calls, which are the active ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Sayable
from app.processes.models import Process, ProcessVersion
from app.processes.packages import Package, PackageRefused, assemble, unpack
from app.processes.runtime import closure
from workflows.engine import DIAGRAM as DIAGRAM
from workflows.engine import SETTINGS as SETTINGS

MAX_PART = 1_000_000  # bytes, as uploaded XML
_PART = re.compile(
    r"(process\.bpmn|package\.toml|[a-z][a-z0-9_]{0,59}\.dmn|(forms|scenarios)/[a-z_][a-z0-9_]{0,59}\.toml)\Z"
)


class Conflict(Sayable):
    """Somebody saved this part since it was opened; `theirs` and `revision` are what stands now."""

    title = "别人刚刚保存过这一部分"

    def __init__(self, message: str, theirs: str, revision: int) -> None:
        super().__init__(message)
        self.theirs, self.revision = theirs, revision


def is_part(name: str) -> bool:
    """Whether a file of that name may belong to a package."""
    return bool(_PART.match(name))


def split(texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The files that decide how it runs, and the scenarios that travel along."""
    own = {name: text for name, text in texts.items() if not name.startswith("scenarios/")}
    return own, {name: text for name, text in texts.items() if name.startswith("scenarios/")}


def package_of(texts: Mapping[str, str]) -> Package:
    """The package the parts make; PackageRefused with every problem when they make none."""
    return assemble(*split(texts))


def parts_of(package: Package) -> dict[str, str]:
    """The parts of a package, scenarios among them."""
    return {**package.texts, **package.scenarios}


def active_closure(session: Session, package: Package) -> dict[str, Package]:
    """The packages it calls, in the versions active now, and those they lock; PackageRefused when one is missing."""
    found: dict[str, Package] = {}
    for callee in package.meta.calls:
        row = session.execute(
            sa.select(ProcessVersion.content, ProcessVersion.locks)
            .join(Process, Process.active_id == ProcessVersion.id)
            .where(Process.key == callee)
        ).first()
        if row is None:
            known = session.get(Process, callee)
            which = f"“{known.name}”尚未启用" if known else f"“{callee}”不存在"
            raise PackageRefused([f"调用的流程{which}，请先启用它，或在图上改正"], [SETTINGS])
        found[callee] = unpack(row.content)
        found |= closure(row.locks)
    return found
