"""Rows of the room: letters of a case, and what an office made of the shipped texts.

A letter is a draft until it is approved, and an approved one becomes a draft again when a word of it changes. Issued
letters are never changed: what went out is kept as bytes under its hash, a new letter supersedes an old one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime

#: state -> what people read
STATES = {"draft": "草稿", "approved": "已签发", "issued": "已制发", "superseded": "已被替换", "void": "作废"}
#: states in which a letter's text may still change
OPEN = ("draft", "approved")


class Letter(Base):
    """文书 of a case. `organ_id` signs it (答复主体 or 办理机构), `kind` is L2 … L25, `reply_kind` R1 … R16 or NULL.

    `part` tells letters of one kind apart where a case has several (one per third party, per unit); a case has one
    open letter per kind and part. `fields` are the facts the text was filled with: key -> plain value; of a person
    only name and address. `blocks` is the text: [{key, label, locked, edited, text, role}]. `digest` is the SM3 of
    what a reader reads, without number and date. `pdf_hash`, `docx_hash` name the bytes that were sent.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    kind: Mapped[str] = mapped_column(sa.String(4))
    reply_kind: Mapped[str | None] = mapped_column(sa.String(4))
    part: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    template: Mapped[str] = mapped_column(sa.String(12))
    template_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("letter_texts.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    addressee: Mapped[str] = mapped_column(sa.String(200))
    fields: Mapped[Any] = mapped_column(sa.JSON)
    blocks: Mapped[Any] = mapped_column(sa.JSON)
    number: Mapped[str | None] = mapped_column(sa.String(60))
    dated_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(sa.String(10), default="draft", server_default="draft")
    digest: Mapped[str] = mapped_column(sa.String(64))
    pdf_hash: Mapped[str | None] = mapped_column(sa.String(64), sa.ForeignKey("stored_files.hash"))
    docx_hash: Mapped[str | None] = mapped_column(sa.String(64), sa.ForeignKey("stored_files.hash"))
    reason: Mapped[str | None] = mapped_column(sa.String(300))
    replaced_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("letters.id"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))

    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'approved', 'issued', 'superseded', 'void')", name="state"),
        sa.CheckConstraint(
            "state <> 'issued' OR pdf_hash IS NOT NULL", name="issued_letters_keep_their_bytes"
        ),
        sa.Index("ix_letters_case", "case_id", "id"),
        sa.Index(
            "uq_letters_open",
            "case_id",
            "kind",
            "part",
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'approved')"),
            postgresql_where=sa.text("state IN ('draft', 'approved')"),
        ),
    )


class LetterText(Base):
    """One edit of an office's text of a template: append-only, the newest row of (organ, template) holds.

    `texts` are the unlocked blocks that differ from the shipped ones: key -> text; {} is 恢复默认. `old` is what held
    before.
    """

    __tablename__ = "letter_texts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    template: Mapped[str] = mapped_column(sa.String(12))
    texts: Mapped[Any] = mapped_column(sa.JSON)
    old: Mapped[Any] = mapped_column(sa.JSON)
    by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.Index("ix_letter_texts_newest", "organ_id", "template", "id"),)
