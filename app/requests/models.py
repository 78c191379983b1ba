"""来件, 申请 and everything that happens to one: applicants, matters, clock events, hand-offs, opinions, fees, service.

The clock is its events: `ClockEvent` rows are the truth, `Request.due_on` and its neighbours are what
`workflows.law.clock` last made of them, kept for lists and thresholds. An ID number and a telephone number are
stored encrypted and found through a keyed index (design.md 3); the case carries a snapshot of who applied.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime

#: sorts requests without a due date behind all others
NEVER = date(9999, 12, 31)


def _request() -> Mapped[int]:
    return mapped_column(BigId, sa.ForeignKey("requests.id"), index=True)


def _person() -> Mapped[int | None]:
    return mapped_column(BigId, sa.ForeignKey("people.id"))


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
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "number"),
        sa.Index("ix_incoming_organ", "organ_id", "id"),
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
    request_id: Mapped[int] = _request()
    seq: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    outcome: Mapped[str | None] = mapped_column(sa.String(4))
    grounds: Mapped[list[str]] = mapped_column(sa.JSON)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("request_id", "seq"),)


class ClockEvent(Base):
    """One event of the statutory clock, append-only; `data` are the fields of the event of `workflows.law.clock`.

    `document` names the paper that proves it. An event entered by mistake is voided by a later row, never deleted.
    """

    __tablename__ = "clock_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
    kind: Mapped[str] = mapped_column(sa.String(24))
    on: Mapped[date]
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    document: Mapped[str | None] = mapped_column(sa.String(120))
    voided: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Search(Base):
    """检索记录 (条例36(四); R4 is lost in court without it)."""

    __tablename__ = "searches"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
    unit_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("units.id"))
    scope: Mapped[str] = mapped_column(sa.String(500))
    method: Mapped[str] = mapped_column(sa.String(500))
    keywords: Mapped[str | None] = mapped_column(sa.String(300))
    found: Mapped[str] = mapped_column(sa.String(14))
    result: Mapped[str | None] = mapped_column(sa.Text)
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Handoff(Base):
    """转承办科室、协查: who still owes work. `status` open | accepted | answered | returned.

    `watch_on` is the day on which the reminders look at it (NULL: never again).
    """

    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
    unit_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("units.id"))
    round: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(10))
    asked: Mapped[str | None] = mapped_column(sa.String(500))
    due_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    answer: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    urged: Mapped[int] = mapped_column(default=0)
    urged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = _person()
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

    `opinion` agree | disagree | none; `reasonable` is the organ's judgement of a refusal; `state` planned | sent | closed.
    """

    __tablename__ = "consultations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
    kind: Mapped[str] = mapped_column(sa.String(8))
    party: Mapped[str] = mapped_column(sa.String(100))
    address: Mapped[str | None] = mapped_column(sa.String(200))
    content: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(8))
    sent_on: Mapped[date | None]
    mail_no: Mapped[str | None] = mapped_column(sa.String(40))
    delivered_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    opinion: Mapped[str | None] = mapped_column(sa.String(10))
    opinion_text: Mapped[str | None] = mapped_column(sa.Text)
    reasonable: Mapped[bool | None]
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Fee(Base):
    """信息处理费 (条例42, 国办函〔2020〕109号). Amounts in whole yuan."""

    __tablename__ = "fees"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
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
    request_id: Mapped[int] = _request()
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
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Extension(Base):
    """延期答复 (条例33②): asked by the handler, approved by the head of 工作机构, once."""

    __tablename__ = "extensions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[str] = mapped_column(sa.String(8))
    item_id: Mapped[int | None] = mapped_column(BigId)
    old_due: Mapped[date | None]
    new_due: Mapped[date | None]
    asked_by: Mapped[int | None] = _person()
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = _person()
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opinion: Mapped[str | None] = mapped_column(sa.String(500))
    told_on: Mapped[date | None]


class Appeal(Base):
    """行政复议、行政诉讼: the register and the work it causes (domain.md 4.4, 12.11).

    `organ_id` is 办理机构 of the respondent, `subject_id` the respondent (被申请人、被告), `from_organ_id` who entered it.
    `kind` reconsideration | litigation; `track` ordinary | summary (复议), direct | after (诉讼). `answer_due_on` is the day by
    which the answer or the evidence must be there, `item_id` the work item that asks for it; `redo_by` the day of
    责令重新答复, `redo_id` the request made for it. `counts` is false where the organ is sued as 复议机关 only: table four
    counts the suit with whoever acted first (国办公开办函〔2016〕201号).
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
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "kind", "case_no"),
        sa.CheckConstraint("result IN ('pending', 'upheld', 'corrected', 'other')", name="result"),
        sa.CheckConstraint("kind IN ('reconsideration', 'litigation')", name="kind"),
        sa.Index("ix_appeals_request", "request_id"),
        sa.Index("ix_appeals_organ", "organ_id", "id"),
        sa.Index("ix_appeals_from", "from_organ_id", "id"),
    )


class Evaluation(Base):
    """转主动公开评估 (条例44)."""

    __tablename__ = "evaluations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = _request()
    include: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    by: Mapped[int | None] = _person()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
