"""用已办的件核对: recorded cases of the version in use replayed on a draft, and where they part, step by step.

The rows alone go to the guarded child, which replays them on both definitions and executes nothing. Cases of one's own
organ only; a batch per question, so that many cases are looked at in pieces that can be stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cases.models import Case, FlowRow
from app.core.db import table_of
from app.processes import replay_check
from app.processes.models import Process
from app.processes.runtime import build
from app.studio.walking import Draft

BATCH = 10
CHOICES = (10, 50, 200)
WHICH = {"all": "全部", "done": "已办结的", "open": "在办的"}

c, f = table_of(Case), table_of(FlowRow)


def active_version(session: Session, process: str) -> int | None:
    """The version in use."""
    return session.scalar(sa.select(Process.active_id).where(Process.key == process))


def cases(session: Session, version_id: int, organ_id: int, which: str, many: int) -> list[Any]:
    """The newest cases of an organ on a version: id, number, title, status."""
    query = sa.select(c.c.id, c.c.number, c.c.title, c.c.status).where(
        c.c.version_id == version_id, c.c.organ_id == organ_id, c.c.status.in_(("open", "done"))
    )
    if which in ("open", "done"):
        query = query.where(c.c.status == which)
    return list(session.execute(query.order_by(c.c.id.desc()).limit(many)))


def compared(
    session: Session, version_id: int, draft: Draft, ids: Sequence[int]
) -> dict[int, Mapping[str, Any]]:
    """Case id -> {kind: same | mapped | refused | failed, diverging: [{seq, label, recorded, instead}], remarks}."""
    old = build(version_id)
    rows: dict[int, list[Any]] = {each: [] for each in ids}
    query = sa.select(f.c.case_id, f.c.row).where(f.c.case_id.in_(list(ids)))
    for row in session.execute(query.order_by(f.c.case_id, f.c.seq)):
        rows[row.case_id].append(row.row)
    told = replay_check.compared(
        {key: each.texts for key, each in old.packages.items()}, old.key,
        {key: each.texts for key, each in draft.packages.items()}, draft.package.key,
        [rows[each] for each in ids],
    )  # fmt: skip
    return dict(zip(ids, told, strict=True))
