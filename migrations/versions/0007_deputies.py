"""代理: who stands in for whom"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _person(name: str) -> sa.Column[int]:
    return sa.Column(name, BIG, sa.ForeignKey("people.id"), nullable=False)


def _made() -> list[sa.Column[object]]:
    return [sa.Column("made_by", sa.Integer()), sa.Column("made_at", MOMENT, nullable=False)]


def _ended() -> list[sa.Column[object]]:
    return [sa.Column("ended_by", sa.Integer()), sa.Column("ended_at", MOMENT)]


def upgrade() -> None:
    op.create_table(
        "deputies",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("organ_id", BIG, sa.ForeignKey("organs.id"), nullable=False),
        _person("principal_id"),
        _person("deputy_id"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("processes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        *_made(),
        *_ended(),
        sa.CheckConstraint("kind IN ('period','standing','handover')", name="kind"),
        sa.CheckConstraint("principal_id <> deputy_id", name="not_oneself"),
        sa.CheckConstraint("kind = 'standing' OR until_on IS NOT NULL", name="ends"),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name="order"),
    )
    op.create_index("ix_deputies_organ", "deputies", ["organ_id", "id"])
    op.create_index("ix_deputies_principal", "deputies", ["principal_id", "id"])
    op.create_index("ix_deputies_deputy", "deputies", ["deputy_id", "id"])
    op.create_table(
        "absences",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("organ_id", BIG, sa.ForeignKey("organs.id"), nullable=False),
        _person("person_id"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        *_made(),
        *_ended(),
        sa.CheckConstraint("kind IN ('leave','trip','training','other')", name="kind"),
        sa.CheckConstraint("until_on >= from_on", name="order"),
    )
    op.create_index("ix_absences_organ", "absences", ["organ_id", "id"])
    op.create_index("ix_absences_person", "absences", ["person_id", "id"])
    op.create_table(
        "handovers",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("organ_id", BIG, sa.ForeignKey("organs.id"), nullable=False),
        _person("person_id"),
        _person("successor_id"),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        *_made(),
        sa.CheckConstraint("person_id <> successor_id", name="not_oneself"),
    )
    op.create_index("ix_handovers_organ", "handovers", ["organ_id", "id"])
    op.create_index("ix_handovers_person", "handovers", ["person_id", "id"])


def downgrade() -> None:
    for table in ("handovers", "absences", "deputies"):
        op.drop_table(table)
