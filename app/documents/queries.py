"""What pages read of documents. Bounded lists, keyset paging; a person finds only what he may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping as Row
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import table_of
from app.core.errors import NotFound
from app.documents import files, hooks
from app.documents.models import (
    Attachment,
    AttributeChange,
    Document,
    DocumentNumber,
    RegisterImport,
    SecrecyReview,
    StoredFile,
)
from app.documents.permissions import Scope, scope
from workflows.law.grounds import Attribute, Conclusion

PAGE = 50
EXPORT_ROWS = 20_000

d, n, a, f = table_of(Document), table_of(DocumentNumber), table_of(Attachment), table_of(StoredFile)
i, r = table_of(RegisterImport), table_of(SecrecyReview)


@dataclass(frozen=True)
class Page:
    """A page of rows and the key of the next one (None: this is the last)."""

    rows: Sequence[Row]
    next_key: int | None


@dataclass(frozen=True)
class Filter:
    """What the ledger is narrowed to; empty values do not narrow. `stage`: settled (已认定) | open (办理中) | all."""

    attribute: str = ""
    year: int | None = None
    text: str = ""
    stage: str = "all"
    organ: int | None = None

    def clauses(self) -> list[sa.ColumnElement[bool]]:
        """Conditions on documents."""
        found: list[sa.ColumnElement[bool]] = []
        if self.stage != "all":
            found.append(d.c.attribute.is_(None) if self.stage == "open" else d.c.attribute.is_not(None))
        if self.organ is not None:
            found.append(d.c.organ_id == self.organ)
        if self.attribute in list(Attribute):
            found.append(d.c.attribute == self.attribute)
        if self.year is not None and 1900 < self.year < 9000:
            when = sa.func.coalesce(d.c.issued_on, d.c.made_on)
            found.append(when.between(date(self.year, 1, 1), date(self.year, 12, 31)))
        if self.text:
            pattern = like(self.text)
            found.append(sa.or_(d.c.title.like(pattern, escape="\\"), d.c.number.like(pattern, escape="\\")))
        return found


def like(text: str) -> str:
    """A LIKE pattern that contains the text literally (escape character: backslash)."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


_columns = tuple(column for column in d.columns if column.name != "text")


def ledger(
    session: Session, actor: Actor, wanted: Filter, before: int | None = None, limit: int = PAGE
) -> Page:
    """公文台账, newest first: the documents this person may see."""
    query = sa.select(*_columns).where(scope(actor).clause(), *wanted.clauses())
    if before is not None:
        query = query.where(d.c.id < before)
    rows = session.execute(query.order_by(d.c.id.desc()).limit(limit + 1)).mappings().all()
    return Page(rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None)


def document(session: Session, actor: Actor, document_id: int) -> Document:
    """One document this person may see, through his scope or through its case; else NotFound."""
    found = session.get(Document, document_id)
    if found is None or not sees(session, actor, found):
        raise NotFound()
    return found


def sees(session: Session, actor: Actor, found: Document, within: Scope | None = None) -> bool:
    """Whether the person may see the document."""
    if actor.officer or actor.person_id is None:
        return False
    if (within or scope(actor)).covers(found):
        return True
    return found.case_id is not None and sees_case(session, actor, found.case_id)


def sees_case(session: Session, actor: Actor, case_id: int) -> bool:
    """Whether a room above lets this person see the case."""
    return any(may(session, actor, case_id) for may in hooks.may_see_case)


def history(session: Session, document_id: int) -> Sequence[AttributeChange]:
    """Determinations of the attribute, oldest first."""
    query = sa.select(AttributeChange).where(AttributeChange.document_id == document_id)
    return session.scalars(query.order_by(AttributeChange.id).limit(200)).all()


def reviews(session: Session, found: Document) -> Sequence[SecrecyReview]:
    """Secrecy reviews of a document, newest first."""
    mine = SecrecyReview.document_id == found.id
    if found.case_id is not None:
        mine = sa.or_(mine, SecrecyReview.case_id == found.case_id)
    query = sa.select(SecrecyReview).where(mine).order_by(SecrecyReview.id.desc())
    return session.scalars(query.limit(50)).all()


def last_review(session: Session, case_id: int) -> SecrecyReview | None:
    """The newest secrecy review of a case."""
    query = sa.select(SecrecyReview).where(SecrecyReview.case_id == case_id, sa.not_(SecrecyReview.undone))
    return session.scalars(query.order_by(SecrecyReview.round.desc()).limit(1)).first()


_partial = (
    sa.select(r.c.case_id, r.c.conclusion, r.c.remark)
    .where(r.c.case_id.in_(sa.bindparam("cases", expanding=True)), sa.not_(r.c.undone))
    .order_by(r.c.case_id, r.c.round)
)


def left_out(session: Session, cases: Sequence[int]) -> dict[int, str]:
    """case -> what must be left out when it is published: cases whose newest review says 部分公开. One statement."""
    if not cases:
        return {}
    last = {row.case_id: row for row in session.execute(_partial, {"cases": list(cases)})}
    return {
        case: row.remark or "见保密审查记录"
        for case, row in last.items()
        if row.conclusion == Conclusion.PARTIAL
    }


def review(session: Session, actor: Actor, review_id: int) -> SecrecyReview:
    """A review whose document or case this person may see; else NotFound."""
    found = session.get(SecrecyReview, review_id)
    if found is None:
        raise NotFound()
    paper = session.get(Document, found.document_id) if found.document_id else None
    if (paper is not None and sees(session, actor, paper)) or sees_case(session, actor, found.case_id):
        return found
    raise NotFound()


_file_columns = (
    a.c.id,
    a.c.name,
    a.c.field,
    a.c.part,
    a.c.version,
    a.c.replaced_by,
    a.c.state,
    a.c.uploaded_by,
    a.c.at,
    a.c.file_hash,
    a.c.case_id,
    a.c.document_id,
    a.c.item_id,
    f.c.size,
    f.c.media_type,
)
_files = sa.select(*_file_columns).join(f, f.c.hash == a.c.file_hash)


def attachments(session: Session, found: Document) -> Sequence[Row]:
    """Kept files of a document, oldest first, replaced versions included."""
    mine = a.c.document_id == found.id
    if found.case_id is not None:
        mine = sa.or_(mine, a.c.case_id == found.case_id)
    query = _files.where(mine, a.c.state == "kept").order_by(a.c.id).limit(500)
    return session.execute(query).mappings().all()


def attachment(session: Session, actor: Actor, attachment_id: int) -> tuple[Row, Document | None]:
    """A file this person may fetch, with its document if any; else NotFound.

    A pending upload is its uploader's alone; a kept one follows its document or its case.
    """
    row = session.execute(_files.where(a.c.id == attachment_id)).mappings().first()
    if row is None or row["state"] == "removed" or actor.officer:
        raise NotFound()
    own = row["uploaded_by"] == actor.person_id
    if row["state"] == "pending" and not own:
        raise NotFound()
    paper = _document_of(session, row)
    if own or (paper is not None and sees(session, actor, paper)):
        return row, paper
    if row["case_id"] is not None and sees_case(session, actor, row["case_id"]):
        return row, paper
    beside = hooks.may_see_kept.get(row["field"])
    if beside is not None and row["case_id"] is None and beside(session, actor, row["item_id"]):
        return row, paper
    raise NotFound()


def _document_of(session: Session, row: Row) -> Document | None:
    if row["document_id"] is not None:
        return session.get(Document, row["document_id"])
    if row["case_id"] is None:
        return None
    return session.scalars(sa.select(Document).where(Document.case_id == row["case_id"]).limit(1)).first()


# --- numbers and imports -------------------------------------------------------------------------------------------

_user = sa.and_(d.c.organ_id == n.c.organ_id, d.c.number == n.c.number)
_numbers = (
    sa.select(n, d.c.id.label("used_by"), d.c.title.label("used_title"), d.c.issued_on)
    .join(d, _user, isouter=True)
    .order_by(n.c.id.desc())
)


def numbers(
    session: Session, organ_id: int, state: str = "", text: str = "", before: int | None = None
) -> Page:
    """占用, 补录 and 作废 of an organ, newest first, with the document that carries each."""
    query = _numbers.where(n.c.organ_id == organ_id)
    if state:
        query = query.where(n.c.state == state)
    if text:
        query = query.where(n.c.number.like(like(text), escape="\\"))
    if before is not None:
        query = query.where(n.c.id < before)
    rows = session.execute(query.limit(PAGE + 1)).mappings().all()
    return Page(rows[:PAGE], rows[PAGE - 1]["id"] if len(rows) > PAGE else None)


def without_number(session: Session, organ_id: int, limit: int = 100) -> Sequence[Row]:
    """Documents of an organ whose attribute stands and whose number is still missing: what 补录 offers."""
    query = sa.select(d.c.id, d.c.title).where(
        d.c.organ_id == organ_id, d.c.number.is_(None), sa.not_(d.c.secret_entry), d.c.attribute.is_not(None)
    )
    return session.execute(query.order_by(d.c.id.desc()).limit(limit)).mappings().all()


def imports(session: Session, organs: frozenset[int], before: int | None = None) -> Page:
    """Uploaded registers, newest first."""
    query = sa.select(i).where(i.c.organ_id.in_(organs))
    if before is not None:
        query = query.where(i.c.id < before)
    rows = session.execute(query.order_by(i.c.id.desc()).limit(PAGE + 1)).mappings().all()
    return Page(rows[:PAGE], rows[PAGE - 1]["id"] if len(rows) > PAGE else None)


# --- sweeping ------------------------------------------------------------------------------------------------------


def unnamed(session: Session, paths: Sequence[Path]) -> list[Path]:
    """Those of the stored files that no row names."""
    known: set[str] = set()
    for start in range(0, len(paths), 500):
        part = [path.name for path in paths[start : start + 500]]
        known.update(session.scalars(sa.select(f.c.hash).where(f.c.hash.in_(part))))
    return [path for path in paths if path.name not in known]


def sweep(session: Session) -> int:
    """Remove files older than a day without a row, and what interrupted uploads left. Returns how many."""
    old = list(files.candidates())
    return files.remove_orphans(unnamed(session, old)) + files.remove_temporary()
