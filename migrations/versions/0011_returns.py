"""退回, 取回: how often a case was returned, and which secrecy reviews were undone by it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("returns", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("secrecy_reviews") as table:
        table.add_column(sa.Column("undone", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("secrecy_reviews") as table:
        table.drop_column("undone")
    with op.batch_alter_table("cases") as table:
        table.drop_column("returns")
