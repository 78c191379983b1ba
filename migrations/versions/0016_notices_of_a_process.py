"""Notices say of which process they are: a 代理 may be limited to some"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("process", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.drop_column("process")
