"""用已办的件核对: runs that replay recorded cases on a draft, and what each case gave."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.core.runs import Run


class ReplayRun(Run, Base):
    """One comparison of a draft with cases of the version in use, of one organ. `digest` is the draft's content as it was.

    `state`: running → done, stopped and running again; a draft that changed meanwhile ends it (`changed`).
    """

    __tablename__ = "replay_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("process_drafts.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("process_versions.id"))
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    digest: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.CheckConstraint("state IN ('running','stopped','done','changed')", name="state"),
        sa.Index("ix_replay_runs_draft", "draft_id", "organ_id", "id"),
        sa.Index(
            "ix_replay_runs_running",
            "id",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
    )


class ReplayRow(Base):
    """One case of a run. `kind`: waiting, same, mapped, refused, failed; `told` is what the comparison gave."""

    __tablename__ = "replay_rows"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("replay_runs.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    told: Mapped[dict[str, Any]] = mapped_column(sa.JSON)

    __table_args__ = (
        sa.CheckConstraint("kind IN ('waiting','same','mapped','refused','failed')", name="kind"),
        sa.Index("ix_replay_rows_kind", "run_id", "kind", "case_id"),
    )
