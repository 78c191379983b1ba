"""how people want to be told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ONCE, ONCE_EACH = (
    "uq_notice_deliveries_notice_id_person_id",
    "uq_notice_deliveries_notice_id_person_id_channel",
)
STATES = "'waiting', 'claimed', 'sent', 'failed', 'dropped'"


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("about", sa.String(10), nullable=True))
    with op.batch_alter_table("notice_readers") as table:
        table.add_column(sa.Column("by_webhook", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("quiet", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("off", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("notice_deliveries") as table:
        table.add_column(sa.Column("channel", sa.String(10), nullable=False, server_default="email"))
        table.add_column(sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("merged", sa.Integer(), nullable=False, server_default="0"))
        table.drop_constraint(op.f(ONCE), type_="unique")
        table.create_unique_constraint(op.f(ONCE_EACH), ["notice_id", "person_id", "channel"])
        table.drop_constraint("state", type_="check")
        table.create_check_constraint("state", f"state IN ({STATES}, 'merged')")
    op.create_table(
        "notice_webhook",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("with_text", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name="only_one"),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("notice_webhook")
    op.execute("DELETE FROM notice_deliveries WHERE channel <> 'email' OR state = 'merged'")
    with op.batch_alter_table("notice_deliveries") as table:
        table.drop_constraint("state", type_="check")
        table.create_check_constraint("state", f"state IN ({STATES})")
        table.drop_constraint(op.f(ONCE_EACH), type_="unique")
        table.create_unique_constraint(op.f(ONCE), ["notice_id", "person_id"])
        for name in ("merged", "digest", "channel"):
            table.drop_column(name)
    with op.batch_alter_table("notice_readers") as table:
        for name in ("off", "digest", "quiet", "by_webhook"):
            table.drop_column(name)
    with op.batch_alter_table("notices") as table:
        table.drop_column("about")
