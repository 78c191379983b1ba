"""督办单, and which reminders of a step's limit are done"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


DONE = sa.text("done_by IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("work_items") as table:
        table.add_column(sa.Column("told", sa.Integer(), nullable=False, server_default="0"))
        table.drop_index("ix_work_items_done_by")
        table.create_index(
            "ix_work_items_done_by", ["done_by", "id"], sqlite_where=DONE, postgresql_where=DONE
        )


def downgrade() -> None:
    with op.batch_alter_table("work_items") as table:
        table.drop_index("ix_work_items_done_by", sqlite_where=DONE, postgresql_where=DONE)
        table.create_index("ix_work_items_done_by", ["done_by", "id"])
        table.drop_column("told")
