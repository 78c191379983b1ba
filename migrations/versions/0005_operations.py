"""operations beside completing a step"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECKED = sa.text("status = 'open' AND check_at IS NOT NULL")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("suspended_at", MOMENT, nullable=True))
    with op.batch_alter_table("work_items") as table:
        table.add_column(sa.Column("sender_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=True))
        table.add_column(sa.Column("waits_for", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("place", sa.Integer(), nullable=True))
        table.add_column(sa.Column("seen_at", MOMENT, nullable=True))
        table.add_column(sa.Column("due_at", MOMENT, nullable=True))
        table.add_column(sa.Column("check_at", MOMENT, nullable=True))
        table.add_column(sa.Column("on_behalf_id", sa.Integer(), nullable=True))
        table.drop_constraint("status", type_="check")
        table.create_check_constraint("status", "status IN ('open','queued','done','gone')")
        table.create_index(
            "ix_work_items_check_at", ["check_at"], sqlite_where=CHECKED, postgresql_where=CHECKED
        )


def downgrade() -> None:
    with op.batch_alter_table("work_items") as table:
        table.drop_index("ix_work_items_check_at", sqlite_where=CHECKED, postgresql_where=CHECKED)
        table.drop_constraint("status", type_="check")
        table.create_check_constraint("status", "status IN ('open','done','gone')")
        for name in "on_behalf_id check_at due_at seen_at place waits_for reason sender_id".split():
            table.drop_column(name)
    with op.batch_alter_table("cases") as table:
        table.drop_column("suspended_at")
        table.drop_column("due_on")
