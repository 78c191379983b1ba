"""What a case brings along when it starts: files uploaded before it existed, and the document it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any, BinaryIO, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.documents import attachments, files
from app.documents.models import Attachment, Document, StoredFile
from app.documents.permissions import scope

a, f = table_of(Attachment), table_of(StoredFile)
_mine = (
    sa.select(a.c.id, a.c.name, a.c.file_hash, a.c.field, a.c.state, f.c.size)
    .join(f, f.c.hash == a.c.file_hash)
    .where(
        a.c.case_id.is_(None),
        a.c.document_id.is_(None),
        a.c.uploaded_by == sa.bindparam("me"),
        a.c.state == "pending",
    )
    .order_by(a.c.id.desc())
    .limit(100)
)
_take = (
    sa.update(a)
    .where(
        a.c.id.in_(sa.bindparam("ids", expanding=True)),
        a.c.case_id.is_(None),
        a.c.uploaded_by == sa.bindparam("me"),
        a.c.state == "pending",
    )
    .values(case_id=sa.bindparam("case"), state="kept")
)


def keep(actor: Actor, stream: IO[bytes], name: str, field: str) -> dict[str, Any]:
    """Store an upload of this person for a case that does not exist yet; {id, name, size}."""
    stored = files.store(cast("BinaryIO", stream), name)
    result: dict[str, Any] = _name(actor, stored=stored, field=field)
    return result


@command
def _name(tx: Tx, *, stored: files.Stored, field: str) -> dict[str, Any]:
    ids = attachments.add(tx, [stored], field=field)
    return {"id": ids[0], "name": stored.name, "size": stored.size}


def waiting(session: Session, person_id: int | None) -> dict[str, dict[str, Any]]:
    """This person's uploads that belong to no case yet, by id."""
    return {
        str(row.id): {"id": str(row.id), "name": row.name, "sha256": row.file_hash, "size": row.size}
        for row in session.execute(_mine, {"me": person_id})
    }


def take(tx: Tx, case_id: int, fields: Mapping[str, Sequence[int]]) -> None:
    """Give the uploads named at the start to the new case; Refused when one is not there any more."""
    ids = sorted({i for each in fields.values() for i in each})
    if not ids:
        return
    done = tx.session.execute(_take, {"ids": ids, "me": tx.actor.person_id, "case": case_id})
    if done.rowcount != len(ids):  # type: ignore[attr-defined]
        raise Refused("有附件已被移除，没有登记。请刷新页面，重新上传后再提交。")


_take_for = (
    sa.update(a)
    .where(
        a.c.id.in_(sa.bindparam("ids", expanding=True)),
        a.c.case_id.is_(None),
        a.c.document_id.is_(None),
        a.c.field == sa.bindparam("of_field"),
        a.c.uploaded_by == sa.bindparam("me"),
        a.c.state == "pending",
    )
    .values(item_id=sa.bindparam("item"), part="paper", state="kept")
    .returning(a.c.id, a.c.name, a.c.file_hash)
)


def take_for(tx: Tx, field: str, item_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Give one's uploads to something of a room above, which `hooks.may_see_kept` guards by the field; {id, name, hash}.

    Refused when one is not there any more, or was given away already.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return []
    values = {"ids": wanted, "of_field": field, "me": tx.actor.person_id, "item": item_id}
    rows = sorted(tx.session.execute(_take_for, values).all())
    if len(rows) != len(wanted):
        raise Refused("有附件已被移除，没有提交。请刷新页面，重新上传后再提交。")
    return [{"id": row.id, "name": row.name, "hash": row.file_hash} for row in rows]


def facts_for_start(session: Session, actor: Actor, document_id: str | None) -> dict[str, Any]:
    """What a case about an existing document knows from the start (属性变更); {} without one.

    NotFound for a document this person does not see.
    """
    if not document_id:
        return {}
    found = session.get(Document, int(document_id)) if document_id.isdigit() else None
    if found is None or not scope(actor).covers(found) or found.secret_entry:
        raise NotFound()
    return {
        "document_id": found.id,
        "document": str(found.id),
        "kind": "change",
        "title": found.title,
        "old_doc_no": found.number,
        "old_attribute": found.attribute,
        "doc_kind": "policy" if found.kind == "policy" else "other",
    }


def choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Documents whose attribute this person may ask to change, newest first, as (id, title)."""
    query = (
        sa.select(Document.id, Document.title, Document.number)
        .where(scope(actor).clause(), Document.attribute.is_not(None), sa.not_(Document.secret_entry))
        .order_by(Document.id.desc())
        .limit(200)
    )
    return [(str(row.id), f"{row.number or ''} {row.title}".strip()) for row in session.execute(query)]
