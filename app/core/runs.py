"""Work in the background that people may stop and resume: a row says how far it is, and a job goes on with what is running."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.command import Tx
from app.core.db import UtcDateTime
from app.core.errors import Refused


class Run:
    """What the row of such work has. `state`: running → done, stopped and running again as often as somebody likes."""

    id: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10))
    total: Mapped[int]
    by: Mapped[str] = mapped_column(sa.String(60))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


R = TypeVar("R", bound=Run)


def locked(session: Session, kind: type[R], run_id: int) -> R | None:
    """The run as it stands, locked until the command ends; None for an unknown id."""
    query = sa.select(kind).where(kind.id == run_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).first()


def stop(run: Run) -> None:
    """停下: no further batch begins; what is done stays."""
    if run.state != "running":
        raise Refused("没有在进行，不用停下。请刷新页面看最新进度。")
    run.state = "stopped"


def resume(tx: Tx, run: Run, job: str) -> None:
    """接着做, from where it stopped."""
    if run.state != "stopped":
        raise Refused("没有停下，不用接着做。请刷新页面看最新进度。")
    run.state = "running"
    tx.wake(job)
