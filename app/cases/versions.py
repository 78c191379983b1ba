"""附件 with their versions (features.md H20): what a field holds now, and what it held before, nothing lost."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.db import table_of
from app.core.now import local_text
from app.documents.models import Attachment, StoredFile

a, f = table_of(Attachment), table_of(StoredFile)
_kept = (
    sa.select(a.c.id, a.c.name, a.c.field, a.c.replaced_by, a.c.uploaded_by, a.c.at, f.c.size)
    .join(f, f.c.hash == a.c.file_hash)
    .where(a.c.case_id == sa.bindparam("case"), a.c.state == "kept")
    .order_by(a.c.id)
    .limit(500)
)


def of_case(session: Session, case_id: int, hidden: Container[str] = ()) -> list[dict[str, Any]]:
    """The kept files of a case, newest versions first, each followed by those it replaced: {id, name, size, who, at, kind}.

    `kind` is 「第2版」 where a field holds one file and held others before; 「已替换」 where it holds several. Files of
    `hidden` fields are left out.
    """
    fields: dict[str, list[Any]] = {}
    for row in session.execute(_kept, {"case": case_id}):
        if row.field not in hidden:
            fields.setdefault(row.field, []).append(row)
    return [shown for rows in fields.values() for shown in _of_field(rows)]


def _of_field(rows: list[Any]) -> list[dict[str, Any]]:
    now = [row for row in rows if row.replaced_by is None]
    before = [row for row in rows if row.replaced_by is not None]
    numbered = len(now) <= 1
    found = []
    for row in now:
        found.append(_shown(row, f"第{len(before) + 1}版" if before and numbered else ""))
    for number, row in reversed(list(enumerate(before, start=1))):
        found.append(_shown(row, f"第{number}版（已替换）" if numbered else "已替换"))
    return found


def _shown(row: Any, kind: str) -> dict[str, Any]:
    who = directory().name_of(row.uploaded_by) if row.uploaded_by else ""
    return {
        "id": row.id, "name": row.name, "size": row.size, "who": who, "at": local_text(row.at), "kind": kind,
    }  # fmt: skip
