"""what is told of requests, supervision, recalculation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "calendar_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=True),
        sa.Column("after_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'stopped', 'done', 'replaced')", name=op.f("ck_calendar_runs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_runs")),
    )
    with op.batch_alter_table("calendar_runs", schema=None) as batch_op:
        batch_op.create_index(
            "ix_calendar_runs_unfinished",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('running', 'stopped')"),
            postgresql_where=sa.text("state IN ('running', 'stopped')"),
        )

    op.create_table(
        "calendar_moves",
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column(
            "ref_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("organ_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=120), nullable=False),
        sa.Column("old", sa.String(length=80), nullable=False),
        sa.Column("new", sa.String(length=80), nullable=False),
        sa.Column("failed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organs.id"], name=op.f("fk_calendar_moves_organ_id")),
        sa.ForeignKeyConstraint(["run_id"], ["calendar_runs.id"], name=op.f("fk_calendar_moves_run_id")),
        sa.PrimaryKeyConstraint("run_id", "part", "ref_id", name=op.f("pk_calendar_moves")),
    )
    with op.batch_alter_table("calendar_moves", schema=None) as batch_op:
        batch_op.create_index(
            "ix_calendar_moves_organ", ["run_id", "organ_id", "part", "ref_id"], unique=False
        )

    op.create_table(
        "supervisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organ_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["organs.id"], name=op.f("fk_supervisions_office_id")),
        sa.ForeignKeyConstraint(["organ_id"], ["organs.id"], name=op.f("fk_supervisions_organ_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_supervisions_post_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_supervisions_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
        sa.UniqueConstraint("request_id", "due_on", name=op.f("uq_supervisions_request_id_due_on")),
    )
    with op.batch_alter_table("supervisions", schema=None) as batch_op:
        batch_op.create_index("ix_supervisions_office", ["office_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supervisions_request_id"), ["request_id"], unique=False)

    with op.batch_alter_table("calendar_uploads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposed", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("watch_on", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_handoffs_watch",
            ["watch_on", "id"],
            unique=False,
            sqlite_where=sa.text("watch_on IS NOT NULL"),
            postgresql_where=sa.text("watch_on IS NOT NULL"),
        )

    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:

    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_column("told")

    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_handoffs_watch",
            sqlite_where=sa.text("watch_on IS NOT NULL"),
            postgresql_where=sa.text("watch_on IS NOT NULL"),
        )
        batch_op.drop_column("watch_on")

    with op.batch_alter_table("calendar_uploads", schema=None) as batch_op:
        batch_op.drop_column("proposed")

    with op.batch_alter_table("supervisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervisions_request_id"))
        batch_op.drop_index("ix_supervisions_office")

    op.drop_table("supervisions")
    with op.batch_alter_table("calendar_moves", schema=None) as batch_op:
        batch_op.drop_index("ix_calendar_moves_organ")

    op.drop_table("calendar_moves")
    with op.batch_alter_table("calendar_runs", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_calendar_runs_unfinished",
            sqlite_where=sa.text("state IN ('running', 'stopped')"),
            postgresql_where=sa.text("state IN ('running', 'stopped')"),
        )

    op.drop_table("calendar_runs")
