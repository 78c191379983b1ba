"""流程设计: drafts of processes, their parts, and who has one open"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open','submitted','released','discarded')", name="status"),
        sa.ForeignKeyConstraint(["base_id"], ["process_versions.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["process_versions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("process_drafts") as table:
        table.create_index(op.f("ix_process_drafts_process_key"), ["process_key"], unique=False)
    op.create_table(
        "process_draft_parts",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["process_drafts.id"]),
        sa.PrimaryKeyConstraint("draft_id", "name"),
    )
    op.create_table(
        "process_draft_presence",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["process_drafts.id"]),
        sa.PrimaryKeyConstraint("draft_id", "person_id"),
    )


def downgrade() -> None:
    op.drop_table("process_draft_presence")
    op.drop_table("process_draft_parts")
    with op.batch_alter_table("process_drafts") as table:
        table.drop_index(op.f("ix_process_drafts_process_key"))
    op.drop_table("process_drafts")
