"""What happens to a request on its way: clock events, searches, hand-offs, opinions, fees, service, extension.

The clock is its events: `ClockEvent` rows are the truth, `Request.due_on` and its neighbours are what
`workflows.law.clock` last made of them, kept for lists and thresholds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime
from app.requests.models.columns import by_person, of_request


class ClockEvent(Base):
    """One event of the statutory clock, append-only; `data` are the fields of the event of `workflows.law.clock`.

    `document` names the paper that proves it. An event entered by mistake is voided by a later row, never deleted.
    """

    __tablename__ = "clock_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    kind: Mapped[str] = mapped_column(sa.String(24))
    on: Mapped[date]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    document: Mapped[str | None] = mapped_column(sa.String(120))
    voided: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Search(Base):
    """检索记录 (条例36(四); R4 is lost in court without it)."""

    __tablename__ = "searches"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    unit_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("units.id"))
    scope: Mapped[str] = mapped_column(sa.String(500))
    method: Mapped[str] = mapped_column(sa.String(500))
    keywords: Mapped[str | None] = mapped_column(sa.String(300))
    found: Mapped[str] = mapped_column(sa.String(14))
    result: Mapped[str | None] = mapped_column(sa.Text)
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Handoff(Base):
    """转承办科室、协查: who still owes work. `status` open | accepted | answered | returned.

    `watch_on` is the day on which the reminders look at it (NULL: never again).
    """

    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    unit_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("units.id"))
    round: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(10))
    asked: Mapped[str | None] = mapped_column(sa.String(500))
    due_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    answer: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    urged: Mapped[int] = mapped_column(default=0)
    urged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = by_person()
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    watch_on: Mapped[date | None]

    __table_args__ = (
        sa.UniqueConstraint("request_id", "unit_id", "round"),
        sa.Index(
            "ix_handoffs_watch",
            "watch_on",
            "id",
            sqlite_where=sa.text("watch_on IS NOT NULL"),
            postgresql_where=sa.text("watch_on IS NOT NULL"),
        ),
        sa.Index(
            "ix_handoffs_open",
            "unit_id",
            "due_on",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )


class Consultation(Base):
    """征求意见 (条例32, 33③, 34): a third party, a joint maker or another organ, each with its own dates.

    `opinion` agree | disagree | none | unreached; `reasonable` is the organ's judgement of a refusal; `state` planned | sent |
    closed. `delivered_how` tells how it reached the party where nobody signed (`kinds.REACHED`), `delivery_note` what proves it,
    or why the party cannot be reached; `notice_on` the day of a public notice, from which `delivered_on` follows.
    """

    __tablename__ = "consultations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    kind: Mapped[str] = mapped_column(sa.String(8))
    party: Mapped[str] = mapped_column(sa.String(100))
    address: Mapped[str | None] = mapped_column(sa.String(200))
    content: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(8))
    sent_on: Mapped[date | None]
    mail_no: Mapped[str | None] = mapped_column(sa.String(40))
    delivered_on: Mapped[date | None]
    delivered_how: Mapped[str | None] = mapped_column(sa.String(8))
    delivery_note: Mapped[str | None] = mapped_column(sa.String(500))
    notice_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    opinion: Mapped[str | None] = mapped_column(sa.String(10))
    opinion_text: Mapped[str | None] = mapped_column(sa.Text)
    reasonable: Mapped[bool | None]
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Fee(Base):
    """信息处理费 (条例42, 国办函〔2020〕109号). Amounts in whole yuan."""

    __tablename__ = "fees"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    mode: Mapped[str] = mapped_column(sa.String(6))
    quantity: Mapped[int]
    yuan: Mapped[int]
    derivation: Mapped[list[str]] = mapped_column(sa.JSON)
    sent_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    due_on: Mapped[date | None]
    paid_on: Mapped[date | None]
    receipt_no: Mapped[str | None] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Base):
    """送达: every attempt is kept; posting day and signature day are two facts (国办公开办函〔2016〕235号).

    `method` is a key of `workflows.law.service`; `letter` what was served; `warning` what was against the rules.
    """

    __tablename__ = "service_attempts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    letter_id: Mapped[int | None] = mapped_column(BigId)
    letter: Mapped[str] = mapped_column(sa.String(120))
    to: Mapped[str] = mapped_column(sa.String(100))
    attempt: Mapped[int]
    method: Mapped[str] = mapped_column(sa.String(12))
    sent_on: Mapped[date]
    mail_no: Mapped[str | None] = mapped_column(sa.String(40))
    signed_on: Mapped[date | None]
    signed_by: Mapped[str | None] = mapped_column(sa.String(60))
    bounced_on: Mapped[date | None]
    bounce_reason: Mapped[str | None] = mapped_column(sa.String(20))
    warning: Mapped[str | None] = mapped_column(sa.String(200))
    by: Mapped[int | None] = by_person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Extension(Base):
    """延期答复 (条例33②): asked by the handler, approved by the head of 工作机构, once."""

    __tablename__ = "extensions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = of_request()
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[str] = mapped_column(sa.String(8))
    item_id: Mapped[int | None] = mapped_column(BigId)
    old_due: Mapped[date | None]
    new_due: Mapped[date | None]
    asked_by: Mapped[int | None] = by_person()
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = by_person()
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opinion: Mapped[str | None] = mapped_column(sa.String(500))
    told_on: Mapped[date | None]
