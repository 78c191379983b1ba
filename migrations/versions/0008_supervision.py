"""督办单, and which reminders of a step's limit are done"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


DONE = sa.text("done_by IS NOT NULL")
LOOK = sa.text("status = 'open' AND look_on IS NOT NULL")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("work_items") as table:
        table.add_column(sa.Column("limit_from", MOMENT, nullable=True))
        table.add_column(sa.Column("limit_left", sa.Integer(), nullable=True))
        table.add_column(sa.Column("told", sa.Integer(), nullable=False, server_default="0"))
        table.drop_index("ix_work_items_done_by")
        table.create_index(
            "ix_work_items_done_by", ["done_by", "id"], sqlite_where=DONE, postgresql_where=DONE
        )
    _orders()


def _orders() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "supervision_orders",
        sa.Column("id", big, nullable=False),
        sa.Column("organ_id", big, nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("case_id", big, nullable=True),
        sa.Column("duty_id", big, nullable=True),
        sa.Column("target_id", big, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("post_id", big, nullable=True),
        sa.Column("person_id", big, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("asked_due", sa.Date(), nullable=True),
        sa.Column("asked_reason", sa.Text(), nullable=True),
        sa.Column("issued_by", big, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("closed_by", big, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("look_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["organ_id"], ["organs.id"]),
        sa.ForeignKeyConstraint(["target_id"], ["organs.id"]),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["issued_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"]),
        sa.CheckConstraint("status IN ('open','reported','closed','void')", name="status"),
        sa.CheckConstraint("(post_id IS NULL) <> (person_id IS NULL)", name="one_target"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organ_id", "number"),
    )
    op.create_index("ix_supervision_orders_case_id", "supervision_orders", ["case_id"])
    op.create_index("ix_supervision_orders_duty_id", "supervision_orders", ["duty_id"])
    op.create_index("ix_supervision_orders_organ", "supervision_orders", ["organ_id", "id"])
    op.create_index("ix_supervision_orders_target", "supervision_orders", ["target_id", "id"])
    op.create_index("ix_supervision_orders_post", "supervision_orders", ["post_id", "status", "due_on"])
    op.create_index("ix_supervision_orders_person", "supervision_orders", ["person_id", "status", "due_on"])
    op.create_index(
        "ix_supervision_orders_look",
        "supervision_orders",
        ["look_on"],
        sqlite_where=LOOK,
        postgresql_where=LOOK,
    )
    op.create_table(
        "supervision_acts",
        sa.Column("id", big, nullable=False),
        sa.Column("order_id", big, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("person_id", big, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("capacity", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("old_due", sa.Date(), nullable=True),
        sa.Column("new_due", sa.Date(), nullable=True),
        sa.Column("files", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["supervision_orders.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_supervision_acts_order_id", "supervision_acts", ["order_id"])


def downgrade() -> None:
    op.drop_table("supervision_acts")
    op.drop_table("supervision_orders")
    with op.batch_alter_table("work_items") as table:
        table.drop_index("ix_work_items_done_by", sqlite_where=DONE, postgresql_where=DONE)
        table.create_index("ix_work_items_done_by", ["done_by", "id"])
        for name in ("told", "limit_left", "limit_from"):
            table.drop_column(name)
