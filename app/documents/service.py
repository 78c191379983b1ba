"""Commands and transaction helpers of documents: opening, numbers, recorded downloads, sweeping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.documents import attachments, ledger, queries
from app.documents.ledger import checked, use_number, use_numbers, use_of, withdraw_number
from app.documents.models import Document, DocumentNumber
from app.documents.permissions import keeps, require_keeper
from workflows.law.grounds import STATE_SECRET, Attribute

__all__ = ["clean", "day", "use_number", "use_numbers", "withdraw_number"]

d = table_of(Document)

_open = sa.insert(d).returning(d.c.id)

#: attachments of a completed step, for the case road
keep_attachments = attachments.keep
#: after a return: the files of that time
bring_back = attachments.bring_back


def open_document(
    tx: Tx,
    *,
    organ_id: int,
    title: str | None,
    unit_id: int | None = None,
    case_id: int | None = None,
    answers: Mapping[str, Any] | None = None,
) -> int:
    """The row of a document whose drafting begins; returns its id. One statement.

    `answers` are those of the form that starts the case. For a 涉密登记项 (entry = secret, or ground N14a) only
    份号 (`copy_no`) is kept. A change of attribute that names a `document` gets that document, not a new one.
    """
    said = answers or {}
    if said.get("kind") == "change" and str(said.get("document") or "").isdigit():
        return queries.document(tx.session, tx.actor, int(said["document"])).id
    row = _fresh_row(tx, organ_id, unit_id, case_id)
    if is_secret(said):
        row |= {"secret_entry": True, "ground": STATE_SECRET, "attribute": Attribute.WITHHELD.value}
        row["copies"] = (clean(said.get("copy_no")) or "未登记份号")[:60]
    else:
        row |= {"title": (clean(title) or "未定标题")[:300], **facts_of(said)}
    return int(tx.session.execute(_open, row).scalar_one())


def is_secret(said: Mapping[str, Any]) -> bool:
    """Whether the answers describe a 涉密登记项."""
    return said.get("entry") == "secret" or said.get("ground") == STATE_SECRET


def _fresh_row(tx: Tx, organ_id: int, unit_id: int | None, case_id: int | None) -> dict[str, Any]:
    return {
        "organ_id": organ_id,
        "unit_id": unit_id,
        "drafted_by": tx.actor.person_id,
        "case_id": case_id,
        "created": tx.now,
        "source": "case",
        "kind": "non_policy",
        "origin": "own",
        "secret_entry": False,
    }


def clean(value: Any) -> str | None:
    """Text of an answer without blanks around it; None when there is none."""
    text = str(value).strip() if value is not None else ""
    return text or None


def day(value: Any) -> date | None:
    """A date from an answer: a date, ISO text, or nothing."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def facts_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a document that forms may have said: kind, origin, text, made_on."""
    facts: dict[str, Any] = {}
    if said.get("doc_kind"):
        facts["kind"] = "policy" if said["doc_kind"] == "policy" else "non_policy"
    if said.get("agency_draft"):
        facts["origin"] = "entrusted"
    elif said.get("source"):
        facts["origin"] = "own" if said["source"] in ("made", "joint") else "obtained"
    if clean(said.get("text")):
        facts["text"] = said["text"]
    if day(said.get("produced_on")):
        facts["made_on"] = day(said.get("produced_on"))
    return facts


# --- numbers ---------------------------------------------------------------------------------------------------


@command
def reserve_number(
    tx: Tx, *, organ_id: int, number: str = "", prefix: str = "", reason: str = ""
) -> dict[str, Any]:
    """占用: a given number, or the next one of the prefix and year. Returns {id, number}."""
    require_keeper(tx.actor, organ_id)
    if number.strip():
        return ledger.add(tx, organ_id, checked(number), "reserved", reason)
    text = ledger.next_number(tx, organ_id, prefix.strip() or usual_prefix(organ_id))
    return ledger.add(tx, organ_id, text, "reserved", reason)


@command
def enter_number(
    tx: Tx, *, organ_id: int, number: str, document_id: int | None = None, reason: str = ""
) -> dict[str, Any]:
    """补录: a number that was given outside (by the OA, on paper), for a document when there is one."""
    require_keeper(tx.actor, organ_id)
    text = checked(number)
    if document_id is not None:
        _give(tx, organ_id, document_id, text)
    return ledger.add(tx, organ_id, text, "entered", reason, document_id)


@command
def void_number(tx: Tx, *, number_id: int, reason: str) -> dict[str, Any]:
    """作废, with a reason: the number is never given again. One that an issued document carries stays."""
    row = tx.session.scalars(
        sa.select(DocumentNumber)
        .where(DocumentNumber.id == number_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None or row.organ_id not in keeps(tx.actor):
        raise NotFound()
    if not reason.strip():
        raise Refused("请写明作废原因。", fields={"reason": "请写明作废原因。"})
    if row.state == "void":
        raise Refused(f"{row.number} 已经作废。")
    if row.state == "used":
        raise Refused(f"{row.number} 已用于《{row.subject}》。请在该文书的页面作废文书，文号随之作废。")
    user = tx.session.execute(
        sa.select(d.c.id, d.c.title, d.c.issued_on).where(
            d.c.organ_id == row.organ_id, d.c.number == row.number
        )
    ).first()
    if user is not None and user.issued_on is not None:
        raise Refused(f"{row.number} 已用于《{user.title}》并已印发，不能作废。文件要撤销的，请另行发文。")
    if user is not None:
        tx.session.execute(sa.update(d).where(d.c.id == user.id).values(number=None))
        row.document_id = user.id
    old = row.state
    row.state, row.reason, row.by, row.at = "void", reason.strip()[:300], tx.actor.person_id, tx.now
    tx.record(
        "organ",
        "number.void",
        f"{tx.actor.name} 作废文号 {row.number}：{reason.strip()}",
        stream_id=row.organ_id,
        number=row.number,
        old=old,
        document=row.document_id,
    )
    return {"id": row.id, "number": row.number}


def usual_prefix(organ_id: int) -> str:
    """云政办 -> 云政办发: 发文代字 of the organ's ordinary documents; empty when the organ has none set."""
    prefix = directory().organ(organ_id).doc_prefix
    return prefix if not prefix or prefix.endswith(("发", "函", "字")) else f"{prefix}发"


def _give(tx: Tx, organ_id: int, document_id: int, number: str) -> None:
    """Write a number onto a document that has none."""
    if (used := use_of(tx, organ_id, number)) is not None:
        raise Refused(used, fields={"number": used})
    put = (
        sa.update(d)
        .where(
            d.c.id == document_id, d.c.organ_id == organ_id, d.c.number.is_(None), sa.not_(d.c.secret_entry)
        )
        .values(number=number)
    )
    if tx.session.execute(put).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这份文件已有文号，或不属于本机关。请刷新页面核对。")


# --- downloads and sweeping --------------------------------------------------------------------------------------


@command
def record_download(tx: Tx, *, organ_id: int, document_id: int, attachment_id: int, name: str) -> None:
    """A file of a 不予公开 document was fetched: who, when, which."""
    tx.record(
        "organ",
        "document.download",
        f"{tx.actor.name} 下载不予公开文件的附件「{name}」",
        stream_id=organ_id,
        document=document_id,
        attachment=attachment_id,
    )
