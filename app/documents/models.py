"""Rows of the room: official documents, their numbers, files and secrecy reviews.

A document of ground N14a is an entry of 份号 alone: CHECK constraints and a composite foreign key refuse a title,
a body, a number, a reason and every file (domain.md 12.7), whatever the code above them does.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, UtcDateTime


class Document(Base):
    """公文. `organ_id` is 成文机关 (发文机关), `from_organ_id` the organ that drafted or gave it.

    `number` 文号 is unique per organ when set. `attribute` is a value of `law.grounds.Attribute` or NULL (未定).
    `ground` is a code of `law.grounds.GROUNDS`. `source`: case | import. `text` is 正文 where the office types it in.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("units.id"))
    drafted_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    number: Mapped[str | None] = mapped_column(sa.String(60))
    title: Mapped[str | None] = mapped_column(sa.String(300))
    text: Mapped[str | None] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.String(20), default="non_policy", server_default="non_policy")
    origin: Mapped[str] = mapped_column(sa.String(10), default="own", server_default="own")
    from_organ_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    made_on: Mapped[date | None]
    issued_on: Mapped[date | None]
    attribute: Mapped[str | None] = mapped_column(sa.String(12))
    ground: Mapped[str | None] = mapped_column(sa.String(6))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    mark: Mapped[str | None] = mapped_column(sa.String(40))
    secret_entry: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    copies: Mapped[str | None] = mapped_column(sa.String(60))
    source: Mapped[str] = mapped_column(sa.String(10), default="case", server_default="case")
    case_id: Mapped[int | None] = mapped_column(BigId, index=True)
    created: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "number"),
        sa.UniqueConstraint("id", "secret_entry"),
        sa.CheckConstraint(
            "NOT secret_entry OR (title IS NULL AND text IS NULL AND number IS NULL AND reason IS NULL"
            " AND copies IS NOT NULL AND ground IS NOT NULL AND ground = 'N14a')",
            name="secret_entry_holds_copies_only",
        ),
        sa.CheckConstraint(
            "ground IS NULL OR ground <> 'N14a' OR secret_entry", name="state_secrets_are_entries"
        ),
        sa.CheckConstraint("secret_entry OR title IS NOT NULL", name="title_present"),
        sa.Index("ix_documents_ledger", "organ_id", "id"),
        sa.Index("ix_documents_unit", "unit_id", "id"),
    )


class DocumentNumber(Base):
    """文号 kept outside a document's own row: reserved 占用, entered 补录, used 已用, void 作废. Rows are never deleted.

    A number that a document carries stands on the document; this ledger says what no document says. `used` are the
    numbers of papers that rooms above keep (letters); `subject` is the title of such a paper.
    """

    __tablename__ = "document_numbers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    number: Mapped[str] = mapped_column(sa.String(60))
    state: Mapped[str] = mapped_column(sa.String(10))
    document_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("documents.id"))
    subject: Mapped[str | None] = mapped_column(sa.String(300))
    reason: Mapped[str | None] = mapped_column(sa.String(300))
    by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("organ_id", "number"),
        sa.CheckConstraint("state IN ('reserved', 'entered', 'used', 'void')", name="state"),
    )


class AttributeChange(Base):
    """One determination of 公开属性: old and new. Append-only."""

    __tablename__ = "attribute_changes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("documents.id"), index=True)
    old: Mapped[str | None] = mapped_column(sa.String(12))
    old_ground: Mapped[str | None] = mapped_column(sa.String(6))
    new: Mapped[str | None] = mapped_column(sa.String(12))
    ground: Mapped[str | None] = mapped_column(sa.String(6))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    case_id: Mapped[int | None] = mapped_column(BigId)
    by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class StoredFile(Base):
    """Bytes under their SM3 hash; the file lies at `files/ab/cd/<hash>`."""

    __tablename__ = "stored_files"

    hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    media_type: Mapped[str] = mapped_column(sa.String(100))
    created: Mapped[datetime] = mapped_column(UtcDateTime)


class Attachment(Base):
    """A file in its place: which case, step item, form field, document and version.

    `part`: `document` (正文、附件: what a secrecy review looks at) or `paper` (签批单扫描件, 佐证).
    `state`: pending (uploaded, step not yet completed) | kept | removed. `replaced_by` points to the newer version.
    """

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(BigId)
    document_id: Mapped[int | None] = mapped_column(BigId)
    document_secret: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    item_id: Mapped[int | None] = mapped_column(BigId)
    field: Mapped[str] = mapped_column(sa.String(40), default="files")
    part: Mapped[str] = mapped_column(sa.String(10), default="document", server_default="document")
    file_hash: Mapped[str] = mapped_column(sa.String(64), sa.ForeignKey("stored_files.hash"))
    name: Mapped[str] = mapped_column(sa.String(160))
    version: Mapped[int] = mapped_column(default=1)
    replaced_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("attachments.id"))
    state: Mapped[str] = mapped_column(sa.String(10), default="pending")
    uploaded_by: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["document_id", "document_secret"],
            ["documents.id", "documents.secret_entry"],
            name="fk_attachments_document_not_secret",
        ),
        sa.CheckConstraint("NOT document_secret", name="no_file_of_a_secret_entry"),
        sa.CheckConstraint("state IN ('pending', 'kept', 'removed')", name="state"),
        sa.CheckConstraint("part IN ('document', 'paper')", name="part"),
        sa.Index("ix_attachments_case", "case_id", "id"),
        sa.Index("ix_attachments_document", "document_id", "id"),
        sa.Index("ix_attachments_file_hash", "file_hash"),
    )


class SecrecyReview(Base):
    """保密审查记录 (domain.md 5.2): one number per case, one row per round.

    `digest` is the SM3 over title, text and the sorted hashes of the reviewed files: what was reviewed. A changed
    file needs another round, which is another row under the same number. `checklist` maps 审查要点 to what was
    found. A round whose steps were returned is `undone` and covers nothing. Who gave which opinion stands on the
    case's work items alone (`hooks.opinions_of`).
    """

    __tablename__ = "secrecy_reviews"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"))
    unit_id: Mapped[int | None] = mapped_column(BigId)
    case_id: Mapped[int] = mapped_column(BigId)
    document_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("documents.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    number: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str | None] = mapped_column(sa.String(300))
    document_number: Mapped[str | None] = mapped_column(sa.String(60))
    index_no: Mapped[str | None] = mapped_column(sa.String(60))
    origin: Mapped[str | None] = mapped_column(sa.String(120))
    produced_on: Mapped[date | None]
    drafter: Mapped[str | None] = mapped_column(sa.String(60))
    proposed: Mapped[str | None] = mapped_column(sa.String(12))
    ground: Mapped[str | None] = mapped_column(sa.String(6))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    checklist: Mapped[Any] = mapped_column(sa.JSON)
    deidentified: Mapped[Any] = mapped_column(sa.JSON)
    referred: Mapped[bool] = mapped_column(default=False)
    referred_to: Mapped[str | None] = mapped_column(sa.String(120))
    referred_on: Mapped[date | None]
    decided_number: Mapped[str | None] = mapped_column(sa.String(60))
    decided_on: Mapped[date | None]
    conclusion: Mapped[str] = mapped_column(sa.String(10))
    remark: Mapped[str | None] = mapped_column(sa.Text)
    archive_no: Mapped[str | None] = mapped_column(sa.String(60))
    digest: Mapped[str] = mapped_column(sa.String(64))
    files: Mapped[Any] = mapped_column(sa.JSON)
    concluded_by: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    __table_args__ = (
        sa.UniqueConstraint("case_id", "round"),
        sa.CheckConstraint("conclusion IN ('open', 'partial', 'closed', 'deferred')", name="conclusion"),
    )


class Counter(Base):
    """The last number given in a series of an organ and year (0 = not by year)."""

    __tablename__ = "counters"

    series: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]


class RegisterImport(Base):
    """A 发文登记簿 of an OA that was uploaded, checked and perhaps imported. `state`: checked | done | dropped."""

    __tablename__ = "register_imports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organ_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("organs.id"), index=True)
    by: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(sa.String(160))
    file_hash: Mapped[str] = mapped_column(sa.String(64), sa.ForeignKey("stored_files.hash"))
    state: Mapped[str] = mapped_column(sa.String(10))
    rows: Mapped[int]
    errors: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
