"""What pages read of processes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from app.core.errors import NotFound
from app.processes.models import Process, ProcessVersion


def processes(session: Session) -> list[tuple[Process, Sequence[ProcessVersion]]]:
    """Every process with its versions, newest first."""
    versions: dict[str, list[ProcessVersion]] = {}
    for version in session.scalars(sa.select(ProcessVersion).order_by(ProcessVersion.number.desc())):
        versions.setdefault(version.process_key, []).append(version)
    return [
        (process, versions.get(process.key, []))
        for process in session.scalars(sa.select(Process).order_by(Process.name))
    ]


def startable(session: Session) -> list[str]:
    """Keys of processes with an active version."""
    return list(
        session.scalars(sa.select(Process.key).where(Process.active_id.is_not(None)).order_by(Process.key))
    )


def version(session: Session, version_id: int) -> ProcessVersion:
    """A version with its content; NotFound when there is none."""
    found = session.get(ProcessVersion, version_id, options=[undefer(ProcessVersion.content)])
    if found is None:
        raise NotFound()
    return found
