"""Attachments inside a command: add what was stored, keep what a step submitted, replace and remove.

Uploads arrive as `pending` rows (their own short command); the completion of the step keeps them. For the parts of
a document the kept set of a field is exactly what was submitted; scans of signed papers only accumulate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.documents.files import Stored
from app.documents.models import Attachment, Document, StoredFile

a, d = table_of(Attachment), table_of(Document)

_keep_file = {
    name: dialect.insert(table_of(StoredFile)).on_conflict_do_nothing(index_elements=["hash"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_add = sa.insert(a).returning(a.c.id, sort_by_parameter_order=True)
_supersede = (
    sa.update(a)
    .where(a.c.id == sa.bindparam("k"), a.c.replaced_by.is_(None), a.c.state != "removed")
    .values(replaced_by=sa.bindparam("newer"))
    .returning(a.c.version)
)
_SECRET = "涉密文件只登记份号，不能上传正文、附件。请在线下按保密规定办理。"


def keep_file(tx: Tx, files: Sequence[Stored]) -> None:
    """Name stored files in the database, so that no sweep takes them. One statement."""
    rows = [
        {"hash": f.hash, "size": f.size, "media_type": f.media_type, "created": tx.now}
        for f in {f.hash: f for f in files}.values()
    ]
    if rows:
        tx.session.execute(_keep_file[tx.session.get_bind().dialect.name], rows)


def add(
    tx: Tx,
    files: Sequence[Stored],
    *,
    case_id: int | None = None,
    document_id: int | None = None,
    item_id: int | None = None,
    field: str = "files",
    part: str = "document",
    state: str = "pending",
    replaces: int | None = None,
) -> list[int]:
    """Put stored files in their place; returns the attachment ids in order. Two statements, three with `replaces`.

    Refused when the document is a 涉密登记项. The caller has checked that the person may add here.
    """
    if not files:
        return []
    keep_file(tx, files)
    row: dict[str, Any] = {
        "case_id": case_id,
        "document_id": document_id,
        "item_id": item_id,
        "field": field,
        "part": part,
        "state": state,
        "version": 1,
        "uploaded_by": tx.actor.person_id,
        "at": tx.now,
    }
    if replaces is not None:
        row["version"] = _version_of(tx, replaces) + 1
    try:
        ids = list(
            tx.session.execute(_add, [row | {"file_hash": f.hash, "name": f.name} for f in files]).scalars()
        )
    except IntegrityError as error:
        raise Refused(_SECRET) from error
    if replaces is not None:
        tx.session.execute(_supersede, {"k": replaces, "newer": ids[0]})
    return ids


def _version_of(tx: Tx, attachment_id: int) -> int:
    found = tx.session.execute(sa.select(a.c.version, a.c.replaced_by).where(a.c.id == attachment_id)).first()
    if found is None or found.replaced_by is not None:
        raise Refused("要替换的附件已被他人替换或移除。请刷新页面后再上传。")
    return int(found.version)


_chosen = a.c.id.in_(sa.bindparam("ids", expanding=True))
_newest = sa.bindparam("newest", type_=sa.BigInteger)
_opened_here = (
    sa.select(sa.func.max(d.c.id))
    .where(d.c.case_id == sa.bindparam("case"), sa.not_(d.c.secret_entry))
    .scalar_subquery()
)
_settle = (
    sa.update(a)
    .where(
        a.c.case_id == sa.bindparam("case"),
        a.c.state != "removed",
        a.c.replaced_by.is_(None),
        sa.or_(
            _chosen,
            sa.and_(
                a.c.field.in_(sa.bindparam("fields", expanding=True)),
                a.c.part == "document",
                sa.or_(a.c.state == "kept", a.c.uploaded_by == sa.bindparam("me")),
            ),
        ),
    )
    .values(
        state=sa.case(
            (sa.or_(_chosen, sa.and_(a.c.state == "kept", _newest.is_not(None))), "kept"), else_="removed"
        ),
        replaced_by=sa.case((sa.and_(sa.not_(_chosen), a.c.state == "kept"), _newest), else_=a.c.replaced_by),
        document_id=sa.case(
            (a.c.part == "document", sa.func.coalesce(a.c.document_id, _opened_here)), else_=a.c.document_id
        ),
        item_id=sa.case((sa.and_(_chosen, a.c.state == "pending"), sa.bindparam("item")), else_=a.c.item_id),
    )
    .returning(a.c.id, a.c.state, a.c.replaced_by)
)


def keep(tx: Tx, case_id: int, item_id: int | None, files: Mapping[str, Sequence[int]]) -> None:
    """A step was completed with these attachments per field: keep them, and only them, in these fields.

    What a field held before stays as a replaced version, uploads never submitted are removed. One statement. Refused
    when one of the ids is not (or no longer) an attachment of this case.
    """
    wanted = {i for ids in files.values() for i in ids}
    if not files:
        return
    values = {"case": case_id, "item": item_id, "ids": sorted(wanted) or [0], "fields": sorted(files)}
    values |= {"me": tx.actor.person_id, "newest": max(wanted, default=None)}
    rows = tx.session.execute(_settle, values).all()
    if wanted - {row.id for row in rows if row.state == "kept" and row.replaced_by is None}:
        raise Refused("有附件已被移除或不属于本办件，没有提交。请刷新页面，重新上传后再提交。")


_current_again = (
    sa.update(a)
    .where(
        a.c.case_id == sa.bindparam("case"),
        a.c.part == "document",
        a.c.id.in_(sa.bindparam("ids", expanding=True)),
    )
    .values(state="kept", replaced_by=None)
)
_older_again = (
    sa.update(a)
    .where(
        a.c.case_id == sa.bindparam("case"),
        a.c.part == "document",
        a.c.state == "kept",
        a.c.replaced_by.is_(None),
        a.c.field == sa.bindparam("of_field"),
        a.c.id.not_in(sa.bindparam("ids", expanding=True)),
    )
    .values(replaced_by=sa.bindparam("newest", type_=sa.BigInteger))
)


def bring_back(tx: Tx, case_id: int, files: Mapping[str, Sequence[int]], *, instead: bool = False) -> None:
    """Make kept attachments the current ones of their fields again, after a step that replaced them was undone.

    What stands beside them stays, so that whoever repeats the step finds it; `instead`: they alone are current.
    """
    ids = [i for each in files.values() for i in each]
    if not ids:
        return
    tx.session.execute(_current_again, {"case": case_id, "ids": ids})
    for field, chosen in files.items() if instead else ():
        if chosen:
            values = {"case": case_id, "of_field": field, "ids": list(chosen), "newest": max(chosen)}
            tx.session.execute(_older_again, values)


def remove(tx: Tx, attachment_id: int, case_id: int | None) -> None:
    """Take a pending attachment of one's own away again; kept ones are only replaced by a completed step."""
    gone = (
        sa.update(a)
        .where(
            a.c.id == attachment_id,
            a.c.case_id.is_(None) if case_id is None else a.c.case_id == case_id,
            a.c.state == "pending",
            a.c.uploaded_by == tx.actor.person_id,
        )
        .values(state="removed")
    )
    if tx.session.execute(gone).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这个附件已经提交或已被移除，不能在此移除。需要更换的，请上传新文件后提交本环节。")
