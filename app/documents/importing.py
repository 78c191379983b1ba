"""Importing an OA's 发文登记簿: upload and check, then one command that inserts every row or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.core.now import today
from app.documents import files, hooks, register
from app.documents.attachments import keep_file
from app.documents.hooks import Imported
from app.documents.ledger import STATES
from app.documents.models import AttributeChange, Document, DocumentNumber, RegisterImport
from app.documents.permissions import keeps, require_keeper
from app.documents.register import Row
from workflows.law.grounds import Attribute

d, n, i = table_of(Document), table_of(DocumentNumber), table_of(RegisterImport)
BATCH = 500


def check(session: Session, organ_id: int, file: BinaryIO, name: str) -> list[Row]:
    """Rows of the register with everything that is wrong, the office's own numbers considered. Writes nothing."""
    rows = register.read(file, name, today())
    used = _used(session, organ_id, [row.values["number"] for row in rows if "number" in row.values])
    for row in rows:
        if (how := used.get(row.values.get("number", ""))) is not None:
            row.errors.append(how)
    return rows


def _used(session: Session, organ_id: int, numbers: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        own = sa.select(d.c.number, d.c.title).where(d.c.organ_id == organ_id, d.c.number.in_(part))
        for number, title in session.execute(own):
            found[number] = f"文号 {number} 已用于《{title}》，台账里已有这份文件。"
        kept = sa.select(n.c.number, n.c.state).where(n.c.organ_id == organ_id, n.c.number.in_(part))
        for number, state in session.execute(kept.where(n.c.state == "void")):
            found[number] = f"文号 {number} 已{STATES[state]}，不能再用。"
    return found


@command
def upload(tx: Tx, *, organ_id: int, stored: files.Stored, rows: int, errors: int) -> dict[str, Any]:
    """Keep an uploaded register with what the check found; nothing is imported yet. Returns {id}."""
    require_keeper(tx.actor, organ_id)
    keep_file(tx, [stored])
    row = {
        "organ_id": organ_id,
        "by": tx.actor.person_id,
        "name": stored.name,
        "file_hash": stored.hash,
        "state": "checked",
        "rows": rows,
        "errors": errors,
        "at": tx.now,
    }
    import_id = tx.session.execute(sa.insert(i).returning(i.c.id), row).scalar_one()
    tx.record(
        "organ",
        "register.upload",
        f"{tx.actor.name} 上传发文登记簿「{stored.name}」，共 {rows} 行，{errors} 行有误，尚未导入",
        stream_id=organ_id,
        upload=import_id,
        hash=stored.hash,
    )
    return {"id": import_id}


def of(session: Session, actor: Actor, import_id: int) -> RegisterImport:
    """An uploaded register of an organ whose numbers this person keeps; else NotFound."""
    found = session.get(RegisterImport, import_id, populate_existing=True)
    if found is None or found.organ_id not in keeps(actor):
        raise NotFound()
    return found


@command
def confirm(tx: Tx, *, import_id: int) -> dict[str, Any]:
    """Import every row of a checked register, in this one transaction. Returns {documents, proactive}."""
    batch = _locked(tx, import_id)
    with files.open_file(batch.file_hash) as file:
        rows = check(tx.session, batch.organ_id, file, batch.name)
    wrong = [row for row in rows if row.errors]
    if wrong:
        raise Refused(f"有 {len(wrong)} 行有误，一行也没有导入。请按报告改好表格后重新上传。")
    inserted = _insert(tx, batch, rows)
    for call in hooks.imported:
        call(tx, inserted)
    batch.state = "done"
    proactive = sum(one.attribute == Attribute.PROACTIVE for one in inserted)
    tx.record(
        "organ",
        "register.import",
        f"{tx.actor.name} 导入发文登记簿「{batch.name}」{len(inserted)} 件，其中主动公开 {proactive} 件",
        stream_id=batch.organ_id,
        upload=batch.id,
        hash=batch.file_hash,
        documents=[one.document_id for one in inserted],
    )
    return {"documents": len(inserted), "proactive": proactive}


@command
def drop(tx: Tx, *, import_id: int) -> dict[str, Any]:
    """Give an uploaded register up without importing it."""
    batch = _locked(tx, import_id)
    batch.state = "dropped"
    tx.record(
        "organ",
        "register.drop",
        f"{tx.actor.name} 放弃导入发文登记簿「{batch.name}」",
        stream_id=batch.organ_id,
        upload=batch.id,
    )
    return {"id": batch.id}


def _locked(tx: Tx, import_id: int) -> RegisterImport:
    batch = tx.session.scalars(
        sa.select(RegisterImport)
        .where(RegisterImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if batch is None or batch.organ_id not in keeps(tx.actor):
        raise NotFound()
    if batch.state != "checked":
        raise Refused("这份登记簿已经导入或已放弃。需要再导入的，请重新上传。")
    return batch


def _insert(tx: Tx, batch: RegisterImport, rows: Sequence[Row]) -> list[Imported]:
    documents = [_document(tx, batch.organ_id, row) for row in rows]
    statement = sa.insert(d).returning(d.c.id, sort_by_parameter_order=True)
    try:
        ids = list(tx.session.execute(statement, documents).scalars())
    except IntegrityError as error:
        raise Refused("有文号刚刚被他人登记，一行也没有导入。请刷新本页，按报告核对后再导入。") from error
    changes = [
        {
            "document_id": document_id,
            "new": row["attribute"],
            "ground": row["ground"],
            "reason": row["reason"],
            "by": tx.actor.person_id,
            "at": tx.now,
        }
        for document_id, row in zip(ids, documents, strict=True)
    ]
    tx.session.execute(sa.insert(table_of(AttributeChange)), changes)
    return [
        Imported(
            document_id=document_id,
            organ_id=batch.organ_id,
            unit_id=None,
            title=document["title"],
            attribute=document["attribute"],
            issued_on=document["issued_on"],
            published_on=row.values.get("published_on"),
            url=row.values.get("url"),
        )
        for document_id, document, row in zip(ids, documents, rows, strict=True)
    ]


def _document(tx: Tx, organ_id: int, row: Row) -> dict[str, Any]:
    said = row.values
    chosen = Attribute(said["attribute"])
    return {
        "organ_id": organ_id,
        "number": said.get("number"),
        "title": said.get("title"),
        "kind": said["kind"],
        "origin": "own",
        "made_on": said["issued_on"],
        "issued_on": said["issued_on"],
        "attribute": chosen.value,
        "ground": said.get("ground"),
        "reason": said.get("reason"),
        "mark": None if row.secret else chosen.mark,
        "secret_entry": row.secret,
        "copies": said.get("copies"),
        "source": "import",
        "created": tx.now,
    }
