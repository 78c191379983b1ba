"""办件, 待办 and the truth about their flow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime

#: a work item without a deadline sorts last; `due_on` is never NULL so that the inbox index alone orders
NO_DUE = date(9999, 12, 31)


class Case(Base):
    """办件: one run of a process version. Everything else of the case hangs on this row, which commands lock.

    `subject_id` is the organ in whose name the act is done (答复主体, 发文主体), `office_id` the one that handles
    it (办理机构). `authors` are the ids of people who drafted: none of them may review or sign; `doers` maps a step
    to whoever did it last. `state` is the engine's cache of the flow rows. `returns` counts 退回 and 取回: only a case that
    has some has acts left standing for whoever repeats a step.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(300))
    process_key: Mapped[str] = mapped_column(sa.String(40))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("process_versions.id"))
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    subject_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    office_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    document_id: Mapped[int | None] = mapped_column(BigId, index=True)
    started_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    authors: Mapped[list[int]] = mapped_column(sa.JSON)
    doers: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    status: Mapped[str] = mapped_column(sa.String(10))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    lock: Mapped[int] = mapped_column(default=0)
    flow_seq: Mapped[int]
    record_seq: Mapped[int]
    record_mac: Mapped[str] = mapped_column(sa.String(64))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None]
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returns: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "number"),
        sa.CheckConstraint("status IN ('open','done','void')", name="status"),
        sa.Index("ix_cases_organ", "organ_id", "id"),
        sa.Index("ix_cases_started_by", "started_by", "id"),
        sa.Index(
            "ix_cases_open",
            "id",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        ),
    )


class WorkItem(Base):
    """待办: a step waiting for a person, or waited for once.

    `post_id` says who may take it (resolved to people when the inbox is read), `holder_id` who holds it: claimed
    from the post, or addressed to a person from the start (`post_id` NULL). `kind` is `step`, or what a sub-item above
    the engine is for (征求意见, 加签, 会签); its `parent_id` is the step, which counts in `waits_for` the sub-items it
    cannot be completed before. A sub-item in a sequence is `queued` until its `place` comes. `incident` holds a sentence
    while nobody can receive the item.

    `due_on` orders the inbox: the earlier of the step's own day and the case's statutory one. `due_at` is the moment of
    the step's own limit, `check_at` when the next reminder of it is due, `told` how many rungs of its reminders are done
    (`processes.limits`); after a rest of the case (挂起) `limit_left` minutes of office time count from `limit_from`; a limit
    that waits for a year to be confirmed has `limit_from` alone. `sender_id` sent it, `reason` is what he wrote to whoever
    receives it, `seen_at` when that person first opened it. `on_behalf_id` is for whom a B岗 acted. A sub-item belongs to a round; `prepared_at` says
    since when the holder's own answers wait for signers (`sub_models`), `urged_at` when somebody last pressed 催办.
    `desk` says which of the counts above the inbox it belongs to (`inbox.DESKS`).
    """

    __tablename__ = "work_items"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("work_items.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    address: Mapped[str] = mapped_column(sa.String(300))
    process_key: Mapped[str] = mapped_column(sa.String(40))
    step: Mapped[str] = mapped_column(sa.String(60))
    label: Mapped[str] = mapped_column(sa.String(80))
    role: Mapped[str] = mapped_column(sa.String(10))
    organ_id: Mapped[int] = mapped_column(sa.ForeignKey("organs.id"))
    post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("posts.id"))
    holder_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    status: Mapped[str] = mapped_column(sa.String(10))
    incident: Mapped[str | None] = mapped_column(sa.String(200))
    due_on: Mapped[date]
    came_from: Mapped[str] = mapped_column(sa.String(120))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    done_name: Mapped[str | None] = mapped_column(sa.String(60))
    capacity: Mapped[str | None] = mapped_column(sa.String(200))
    how: Mapped[str | None] = mapped_column(sa.String(10))
    entered_name: Mapped[str | None] = mapped_column(sa.String(60))
    decision: Mapped[str | None] = mapped_column(sa.String(60))
    opinion: Mapped[str | None] = mapped_column(sa.Text)
    signed_on: Mapped[date | None]
    sender_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)
    waits_for: Mapped[int] = mapped_column(default=0, server_default="0")
    place: Mapped[int | None]
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_left: Mapped[int | None]
    told: Mapped[int] = mapped_column(default=0, server_default="0")
    on_behalf_id: Mapped[int | None]
    round_id: Mapped[int | None]
    prepared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    urged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    desk: Mapped[str | None] = mapped_column(sa.String(10))

    __table_args__ = (
        sa.CheckConstraint("status IN ('open','queued','done','gone')", name="status"),
        sa.Index(
            "ix_work_items_check_at",
            "check_at",
            sqlite_where=sa.text("status = 'open' AND check_at IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND check_at IS NOT NULL"),
        ),
        sa.Index("ix_work_items_case", "case_id", "id"),
        sa.Index(
            "ix_work_items_unclaimed",
            "post_id",
            "due_on",
            "id",
            sqlite_where=sa.text("status = 'open' AND holder_id IS NULL"),
            postgresql_where=sa.text("status = 'open' AND holder_id IS NULL"),
        ),
        sa.Index(
            "ix_work_items_held",
            "holder_id",
            "due_on",
            "id",
            sqlite_where=sa.text("status = 'open' AND holder_id IS NOT NULL"),
            postgresql_where=sa.text("status = 'open' AND holder_id IS NOT NULL"),
        ),
        sa.Index(  # of what is done only: an open item would be written here twice for nothing
            "ix_work_items_done_by",
            "done_by",
            "id",
            sqlite_where=sa.text("done_by IS NOT NULL"),
            postgresql_where=sa.text("done_by IS NOT NULL"),
        ),
        sa.Index(
            "ix_work_items_incident",
            "organ_id",
            "id",
            sqlite_where=sa.text("incident IS NOT NULL AND status = 'open'"),
            postgresql_where=sa.text("incident IS NOT NULL AND status = 'open'"),
        ),
    )


class FlowRow(Base):
    """One input of the flow, append-only: the truth that the state blob caches (design.md 3a).

    `row` is the engine's row (kind, addresses, facts, action results, opened, closed …), `answers` all that the
    step's form said (personal values as references), `checkpoint` every 25th row a state to rebuild from.
    """

    __tablename__ = "flow_rows"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    item_id: Mapped[int | None] = mapped_column(BigId)
    person_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    answers: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    row: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    checkpoint: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)


class CaseTimer(Base):
    """A BPMN timer that waits: the engine has no clock, this row fires it."""

    __tablename__ = "case_timers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    address: Mapped[str] = mapped_column(sa.String(300))
    name: Mapped[str] = mapped_column(sa.String(120))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(sa.String(200))

    __table_args__ = (sa.UniqueConstraint("case_id", "address", "name"),)


class Draft(Base):
    """What a person has typed into a step's form and not sent yet."""

    __tablename__ = "drafts"

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("work_items.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
