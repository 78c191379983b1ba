"""常用语, 签名图样, 保存的筛选, 批量办理"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("work_items") as table:
        table.add_column(sa.Column("desk", sa.String(10), nullable=True))
    op.create_table(
        "phrases",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_phrases_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrases")),
    )
    op.create_index("ix_phrases_person", "phrases", ["person_id", "position", "id"])
    op.create_table(
        "signatures",
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signatures_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_signatures")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_filters_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_filters_person_id_name")),
    )
    op.create_table(
        "bulk_runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("process_key", sa.String(40), nullable=False),
        sa.Column("step", sa.String(60), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decision", sa.String(60), nullable=True),
        sa.Column("decision_label", sa.String(60), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('chosen','running','done','dropped')", name=op.f("ck_bulk_runs_state")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bulk_runs_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_runs")),
    )
    op.create_index("ix_bulk_runs_person", "bulk_runs", ["person_id", "id"])
    op.create_table(
        "bulk_rows",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("problem", sa.String(300), nullable=True),
        sa.CheckConstraint("state IN ('waiting','done','failed')", name=op.f("ck_bulk_rows_state")),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_runs.id"], name=op.f("fk_bulk_rows_run_id")),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_bulk_rows")),
    )


def downgrade() -> None:
    op.drop_table("bulk_rows")
    op.drop_index("ix_bulk_runs_person", "bulk_runs")
    op.drop_table("bulk_runs")
    op.drop_table("saved_filters")
    op.drop_table("signatures")
    op.drop_index("ix_phrases_person", "phrases")
    op.drop_table("phrases")
    with op.batch_alter_table("work_items") as table:
        table.drop_column("desk")
