"""迁移: runs that take running cases to another version, and what became of each case"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "migration_runs",
        sa.Column("id", big, nullable=False),
        sa.Column("process_key", sa.String(length=40), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("organ_id", big, nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("back", sa.Boolean(), nullable=False),
        sa.Column("source_id", big, nullable=True),
        sa.Column("renames", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("person_id", big, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running','stopped','done')", name="state"),
        sa.ForeignKeyConstraint(["from_id"], ["process_versions.id"]),
        sa.ForeignKeyConstraint(["to_id"], ["process_versions.id"]),
        sa.ForeignKeyConstraint(["organ_id"], ["organs.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_migration_runs_to", "migration_runs", ["to_id", "organ_id", "id"])
    running = sa.text("state = 'running'")
    op.create_index(
        "ix_migration_runs_running", "migration_runs", ["id"], sqlite_where=running, postgresql_where=running
    )
    op.create_table(
        "migration_rows",
        sa.Column("run_id", big, nullable=False),
        sa.Column("case_id", big, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint("result IN ('waiting','same','mapped','refused')", name="result"),
        sa.ForeignKeyConstraint(["run_id"], ["migration_runs.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("run_id", "case_id"),
    )
    op.create_index("ix_migration_rows_result", "migration_rows", ["run_id", "result", "case_id"])


def downgrade() -> None:
    op.drop_table("migration_rows")
    op.drop_table("migration_runs")
