"""加签, 会签, 征求意见, 抄送, 催办: what stands above the engine"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNREAD = sa.text("read_at IS NULL")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _to(name: str, table: str) -> sa.Column[int]:
    return sa.Column(name, BIG, sa.ForeignKey(f"{table}.id"), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("work_items") as table:
        table.add_column(sa.Column("round_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("prepared_at", MOMENT, nullable=True))
        table.add_column(sa.Column("urged_at", MOMENT, nullable=True))
    op.create_table(
        "case_rounds",
        _id(),
        _to("case_id", "cases"),
        _to("item_id", "work_items"),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("timing", sa.String(10), nullable=True),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("ratio", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        _to("opened_by", "people"),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
    )
    op.create_index("ix_case_rounds_case_id", "case_rounds", ["case_id"])
    op.create_table(
        "prepared_steps",
        sa.Column("item_id", BIG, sa.ForeignKey("work_items.id"), primary_key=True),
        _to("person_id", "people"),
        sa.Column("filled", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "case_copies",
        _id(),
        _to("case_id", "cases"),
        _to("person_id", "people"),
        _to("sent_by", "people"),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
    )
    op.create_index("ix_case_copies_case_id", "case_copies", ["case_id"])
    op.create_index("ix_case_copies_person", "case_copies", ["person_id", "id"])
    op.create_index(
        "ix_case_copies_unread",
        "case_copies",
        ["person_id", "id"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )


def downgrade() -> None:
    for name in ("case_copies", "prepared_steps", "case_rounds"):
        op.drop_table(name)
    with op.batch_alter_table("work_items") as table:
        for name in ("urged_at", "prepared_at", "round_id"):
            table.drop_column(name)
