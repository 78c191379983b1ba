"""用已办的件核对: runs that replay recorded cases on a draft, and what each case gave"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "replay_runs",
        sa.Column("id", big, nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("organ_id", big, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running','stopped','done','changed')", name="state"),
        sa.ForeignKeyConstraint(["draft_id"], ["process_drafts.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["process_versions.id"]),
        sa.ForeignKeyConstraint(["organ_id"], ["organs.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_replay_runs_draft", "replay_runs", ["draft_id", "organ_id", "id"])
    running = sa.text("state = 'running'")
    op.create_index(
        "ix_replay_runs_running", "replay_runs", ["id"], sqlite_where=running, postgresql_where=running
    )
    op.create_table(
        "replay_rows",
        sa.Column("run_id", big, nullable=False),
        sa.Column("case_id", big, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('waiting','same','mapped','refused','failed')", name="kind"),
        sa.ForeignKeyConstraint(["run_id"], ["replay_runs.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("run_id", "case_id"),
    )
    op.create_index("ix_replay_rows_kind", "replay_rows", ["run_id", "kind", "case_id"])


def downgrade() -> None:
    op.drop_table("replay_rows")
    op.drop_table("replay_runs")
