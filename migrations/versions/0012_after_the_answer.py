"""What follows an answer: suggestions of 44条, corrections of 41条; a party that cannot be reached by post"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str, *, must: bool = False) -> sa.Column[int]:
    return sa.Column(name, _ID, nullable=not must)


def upgrade() -> None:
    op.create_table(
        "suggestions",
        _number("id", must=True),
        _number("request_id", must=True),
        sa.Column("suggested_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        _number("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name=op.f("fk_suggestions_by")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_suggestions_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
    )
    op.create_index("ix_suggestions_request_id", "suggestions", ["request_id"])
    op.create_table(
        "record_fixes",
        _number("id", must=True),
        _number("request_id", must=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("record_name", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("finding", sa.String(length=8), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=True),
        sa.Column("owner_contact", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        _number("item_id"),
        _number("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _number("decided_by"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.String(length=500), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "finding IN ('fixed', 'kept', 'moved', 'told')", name=op.f("ck_record_fixes_finding")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'refused', 'agreed', 'sent')", name=op.f("ck_record_fixes_state")
        ),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name=op.f("fk_record_fixes_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_record_fixes_decided_by")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_record_fixes_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_fixes")),
    )
    op.create_index("ix_record_fixes_request_id", "record_fixes", ["request_id"])
    op.create_index("ix_record_fixes_item", "record_fixes", ["item_id"])
    with op.batch_alter_table("consultations") as table:
        table.add_column(sa.Column("delivered_how", sa.String(length=8), nullable=True))
        table.add_column(sa.Column("delivery_note", sa.String(length=500), nullable=True))
        table.add_column(sa.Column("notice_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("consultations") as table:
        table.drop_column("notice_on")
        table.drop_column("delivery_note")
        table.drop_column("delivered_how")
    op.drop_table("record_fixes")
    op.drop_table("suggestions")
