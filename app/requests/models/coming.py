"""What arrives and is decided: 来件, 申请人, 申请, 申请事项.

An ID number and a telephone number are stored encrypted and found through a keyed index (design.md 3); the case carries a
snapshot of who applied.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime
from app.requests.models.columns import by_person, of_request

#: sorts requests without a due date behind all others
NEVER = date(9999, 12, 31)


class Incoming(Base):
    """来件: whatever arrived, before anybody says what it is (domain.md 12.2).

    `kind` is a key of `kinds.INCOMING`, `undetermined` until somebody decided; `case_id` points to the case once it is an
    application; `routed_to` says where anything else went.
    """

    __tablename__ = "incoming"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    number: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(14))
    channel: Mapped[str] = mapped_column(sa.String(12))
    arrived_on: Mapped[date]
    sender: Mapped[str] = mapped_column(sa.String(100))
    mail_no: Mapped[str | None] = mapped_column(sa.String(40))
    summary: Mapped[str] = mapped_column(sa.Text)
    case_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("cases.id"))
    about_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("requests.id", use_alter=True))
    routed_to: Mapped[str | None] = mapped_column(sa.String(120))
    routed_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(sa.String(500))
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "number"),
        sa.Index("ix_incoming_organ", "organ_id", "id"),
        sa.Index(
            "ix_incoming_about",
            "about_id",
            "id",
            sqlite_where=sa.text("about_id IS NOT NULL"),
            postgresql_where=sa.text("about_id IS NOT NULL"),
        ),
    )


class Applicant(Base):
    """申请人 as the office knows him; `id_key`, `phone_key` find equal numbers without reading them."""

    __tablename__ = "applicants"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    name: Mapped[str] = mapped_column(sa.String(100))
    name_key: Mapped[str] = mapped_column(sa.String(100))
    id_kind: Mapped[str] = mapped_column(sa.String(12))
    id_sealed: Mapped[bytes | None]
    id_key: Mapped[str | None] = mapped_column(sa.String(64))
    phone_sealed: Mapped[bytes | None]
    phone_key: Mapped[str | None] = mapped_column(sa.String(64))
    address: Mapped[str | None] = mapped_column(sa.String(200))
    postcode: Mapped[str | None] = mapped_column(sa.String(6))
    email: Mapped[str | None] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.Index("ix_applicants_name", "organ_id", "name_key"),
        sa.Index("ix_applicants_id_key", "organ_id", "id_key"),
        sa.Index("ix_applicants_phone_key", "organ_id", "phone_key"),
    )


class Request(Base):
    """申请: one per case; number, clock and one report row (domain.md 12.14).

    `organ_id` is 办理机构, `subject_id` 答复主体. `applicant` is the snapshot on the case: {kind, name, agent, address,
    email, postcode, id_masked, phone_masked}. `due_on` NULL while the clock does not run or the year is not confirmed;
    `not_before` and `due_why` then say what is known. `next_threshold_on` is the day on which the reminders look at it again,
    `told` the keys of what they said already (`watching`). `counts` is false for 责令重新答复 (no new intake, domain.md 12.11).
    """

    __tablename__ = "requests"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("cases.id"), unique=True)
    incoming_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("incoming.id"))
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    subject_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    applicant_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("applicants.id"), index=True)
    applicant_kind: Mapped[str] = mapped_column(sa.String(12))
    applicant: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    number: Mapped[str | None] = mapped_column(sa.String(40))
    year: Mapped[int]
    channel: Mapped[str] = mapped_column(sa.String(12))
    arrived_on: Mapped[date]
    received_on: Mapped[date | None]
    title: Mapped[str] = mapped_column(sa.String(300))
    content: Mapped[str] = mapped_column(sa.Text)
    content_key: Mapped[str] = mapped_column(sa.String(64))
    supply: Mapped[str] = mapped_column(sa.String(12))
    delivery: Mapped[str] = mapped_column(sa.String(12))
    oral: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    suggests_open: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    counts: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    earlier_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("requests.id"))
    query_code: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(12))
    due_on: Mapped[date | None]
    due_why: Mapped[str | None] = mapped_column(sa.String(200))
    not_before: Mapped[date | None]
    sort_on: Mapped[date]
    clock: Mapped[str] = mapped_column(sa.String(20))
    next_threshold_on: Mapped[date | None]
    told: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")
    principal: Mapped[str | None] = mapped_column(sa.String(4))
    outcome: Mapped[str | None] = mapped_column(sa.String(4))
    report_row: Mapped[str | None] = mapped_column(sa.String(40))
    reply_no: Mapped[str | None] = mapped_column(sa.String(60))
    answered_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    created: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("subject_id", "number"),
        sa.CheckConstraint("state IN ('unconfirmed', 'open', 'answered', 'closed', 'dropped')", name="state"),
        sa.Index("ix_requests_queue", "organ_id", "state", "sort_on", "id"),
        sa.Index("ix_requests_same_content", "organ_id", "content_key"),
        sa.Index("ix_requests_query_code", "query_code"),
        sa.Index(
            "ix_requests_threshold",
            "next_threshold_on",
            "id",
            sqlite_where=sa.text("next_threshold_on IS NOT NULL"),
            postgresql_where=sa.text("next_threshold_on IS NOT NULL"),
        ),
    )


class Matter(Base):
    """申请事项: decided one by one (domain.md 12.14). `grounds` are codes of the law, `facts` what the reply kind asks for."""

    __tablename__ = "matters"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    seq: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    outcome: Mapped[str | None] = mapped_column(sa.String(4))
    grounds: Mapped[list[str]] = mapped_column(sa.JSON)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("request_id", "seq"),)
