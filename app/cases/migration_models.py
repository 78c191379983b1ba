"""迁移: running cases taken to another version of their process, in batches that can be tried, stopped and taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.core.runs import Run


class MigrationRun(Run, Base):
    """One 预演 (`rehearsal`) or one 迁移 of the open cases of an organ from one version to another.

    `renames` are [process, old step, new step], `answers` [process, inserted step, facts]. `source_id` is the rehearsal a
    migration carries out, or the migration that a way back undoes (`back`). `state`: running → done, stopped and running
    again as often as somebody likes. The cases are rows of their own, done one by one.
    """

    __tablename__ = "migration_runs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.String(40))
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("process_versions.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("process_versions.id"))
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    rehearsal: Mapped[bool]
    back: Mapped[bool]
    source_id: Mapped[int | None] = mapped_column(BigId)
    renames: Mapped[list[Any]] = mapped_column(sa.JSON)
    answers: Mapped[list[Any]] = mapped_column(sa.JSON)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))

    __table_args__ = (
        sa.CheckConstraint("state IN ('running','stopped','done')", name="state"),
        sa.Index("ix_migration_runs_to", "to_id", "organ_id", "id"),
        sa.Index(
            "ix_migration_runs_running",
            "id",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
    )


class MigrationRow(Base):
    """One case of a run. `result`: waiting, same, mapped, refused; `told` are sentences: why not, or what else changes.

    Of a migration, `same` and `mapped` mean that it was carried out.
    """

    __tablename__ = "migration_rows"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("migration_runs.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(60))
    result: Mapped[str] = mapped_column(sa.String(10))
    told: Mapped[list[str]] = mapped_column(sa.JSON)

    __table_args__ = (
        sa.CheckConstraint("result IN ('waiting','same','mapped','refused')", name="result"),
        sa.Index("ix_migration_rows_result", "run_id", "result", "case_id"),
    )
