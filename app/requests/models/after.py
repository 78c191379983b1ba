"""What follows an answer: 复议, 诉讼, 转主动公开的建议和评估, 本人信息更正."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime
from app.requests.models.columns import by_person, of_request


class Appeal(Base):
    """行政复议、行政诉讼: the register and the work it causes (domain.md 4.4, 12.11).

    `organ_id` is 办理机构 of the respondent, `subject_id` the respondent (被申请人、被告), `from_organ_id` who entered it.
    `kind` reconsideration | litigation; `track` ordinary | summary (复议), direct | after (诉讼). `answer_due_on` is the day by
    which the answer or the evidence must be there, `item_id` the work item that asks for it; `redo_by` the day of
    责令重新答复, `redo_id` the request made for it. `counts` is false where the organ is sued as 复议机关 only: table four
    counts the suit with whoever acted first (国办公开办函〔2016〕201号). `watch_on` is the day on which the reminders look at it again,
    `told` what they said already (`pressing`).
    """

    __tablename__ = "appeals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    subject_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    from_organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    request_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("requests.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    track: Mapped[str] = mapped_column(sa.String(10))
    case_no: Mapped[str] = mapped_column(sa.String(60))
    body: Mapped[str] = mapped_column(sa.String(100))
    party: Mapped[str] = mapped_column(sa.String(100))
    copy_on: Mapped[date]
    answer_due_on: Mapped[date | None]
    answer_due_why: Mapped[str | None] = mapped_column(sa.String(200))
    item_id: Mapped[int | None] = mapped_column(BigId)
    answered_on: Mapped[date | None]
    result: Mapped[str] = mapped_column(sa.String(10))
    decided_on: Mapped[date | None]
    decided_no: Mapped[str | None] = mapped_column(sa.String(60))
    redo_by: Mapped[date | None]
    redo_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("requests.id"))
    counts: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    note: Mapped[str | None] = mapped_column(sa.Text)
    watch_on: Mapped[date | None]
    told: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "kind", "case_no"),
        sa.CheckConstraint("result IN ('pending', 'upheld', 'corrected', 'other')", name="result"),
        sa.CheckConstraint("kind IN ('reconsideration', 'litigation')", name="kind"),
        sa.Index("ix_appeals_request", "request_id"),
        sa.Index("ix_appeals_organ", "organ_id", "id"),
        sa.Index("ix_appeals_from", "from_organ_id", "id"),
        sa.Index(
            "ix_appeals_watch",
            "watch_on",
            "id",
            sqlite_where=sa.text("watch_on IS NOT NULL"),
            postgresql_where=sa.text("watch_on IS NOT NULL"),
        ),
    )


class Evaluation(Base):
    """转主动公开评估 (条例44)."""

    __tablename__ = "evaluations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    include: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Suggestion(Base):
    """An applicant suggests that what he was given be open to everybody (条例44②), after he applied.

    One made in the application itself is `Request.suggests_open` alone. Its number is the `part` of the letter that answers it.
    """

    __tablename__ = "suggestions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    suggested_on: Mapped[date]
    text: Mapped[str] = mapped_column(sa.String(500))
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordFix(Base):
    """本人信息更正 (条例41): what the applicant wants corrected in what he was given, and what the organ found.

    `finding` fixed | kept | moved | told; `owner` the organ that may correct it, where it is another one; `state` asked |
    refused | agreed | sent. `item_id` is the work item of whoever has it now: the head who agrees, then whoever sends.
    The letters are L23 with the row's number as `part`, that to the other organ with "m" behind it.
    """

    __tablename__ = "record_fixes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    asked_on: Mapped[date]
    record_name: Mapped[str] = mapped_column(sa.String(200))
    evidence: Mapped[str] = mapped_column(sa.String(500))
    finding: Mapped[str] = mapped_column(sa.String(8))
    result: Mapped[str] = mapped_column(sa.Text)
    owner: Mapped[str | None] = mapped_column(sa.String(100))
    owner_contact: Mapped[str | None] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(8))
    item_id: Mapped[int | None] = mapped_column(BigId)
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = by_person()
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opinion: Mapped[str | None] = mapped_column(sa.String(500))
    sent_on: Mapped[date | None]

    __table_args__ = (
        sa.CheckConstraint("finding IN ('fixed', 'kept', 'moved', 'told')", name="finding"),
        sa.CheckConstraint("state IN ('asked', 'refused', 'agreed', 'sent')", name="state"),
        sa.Index("ix_record_fixes_item", "item_id"),
    )
