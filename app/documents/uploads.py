"""Uploads ahead of a step: the file is stored first, then one short command names it as a pending attachment."""

from __future__ import annotations

from typing import IO, Any

from app.core.actor import Actor
from app.core.command import Tx, command
from app.core.errors import Refused
from app.documents import attachments, files

SECRET = "涉密文件只登记份号，不得上传正文、附件。请在线下按保密规定办理。"


def add_to_case(
    actor: Actor,
    *,
    stream: IO[bytes],
    name: str,
    case_id: int,
    item_id: int | None,
    field: str,
    part: str = "document",
    document_id: int | None = None,
    secret: bool = False,
) -> dict[str, Any]:
    """Store one uploaded file for a step; returns {id, name, size, hash, url}.

    `secret` says that the case is a 涉密登记项: the file is refused before a byte of it is written. The caller has
    checked that the person may work on the item.
    """
    if secret:
        raise Refused(SECRET)
    stored = files.store(stream, name)
    result: dict[str, Any] = _name(
        actor,
        stored=stored,
        case_id=case_id,
        item_id=item_id,
        field=field,
        part=part,
        document_id=document_id,
    )
    return result


@command
def _name(
    tx: Tx,
    *,
    stored: files.Stored,
    case_id: int,
    item_id: int | None,
    field: str,
    part: str,
    document_id: int | None,
) -> dict[str, Any]:
    ids = attachments.add(
        tx, [stored], case_id=case_id, item_id=item_id, field=field, part=part, document_id=document_id
    )
    return {"id": ids[0], "name": stored.name, "size": stored.size, "hash": stored.hash}


@command
def take_back(tx: Tx, *, attachment_id: int, case_id: int) -> None:
    """Remove one's own upload before the step is completed."""
    attachments.remove(tx, attachment_id, case_id)
