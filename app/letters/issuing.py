"""Signing and sending: approval, number, the bytes that go out, replacement, 作废."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.core.command import Tx
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.documents import attachments, files
from app.documents import service as documents
from app.letters import checking, composing, rendering, texts
from app.letters.drafting import REPLY_KINDS, locked, make_void
from app.letters.models import OPEN, Letter


@dataclass(frozen=True, slots=True)
class Issued:
    """A letter that went out: SM3 hashes of its PDF and Word bytes, its number and date."""

    letter_id: int
    number: str
    dated_on: date
    pdf_hash: str
    docx_hash: str


def approve(tx: Tx, letter_id: int, *, facts: Mapping[str, Any] | None = None) -> str:
    """签发: the text stands; returns its digest. Refused while something is missing."""
    letter = locked(tx, letter_id)
    _complete(letter, facts)
    letter.state = "approved"
    tx.session.flush()
    return letter.digest


def _complete(letter: Letter, facts: Mapping[str, Any] | None) -> None:
    absent = checking.missing(letter, facts)
    if absent:
        raise Refused(" ".join(absent[:5]))


def take_number(tx: Tx, letter_id: int, *, number: str = "") -> str:
    """发文字号 of an open letter: a given one (reserved, or from an OA), else the next of its series this year.

    "" for letters that carry none (登记回执, 会商纪要) unless one is given. A letter keeps the number it has.
    """
    letter = locked(tx, letter_id)
    return _number(tx, letter, number)


def _number(tx: Tx, letter: Letter, number: str) -> str:
    template = texts.shipped()[letter.template]
    if letter.number and (not number.strip() or documents.checked(number) == letter.number):
        return letter.number
    if not number.strip() and not template.series:
        return ""
    prefix = composing.organ_values(directory().organ(letter.organ_id)).get(f"prefix_{template.series}", "")
    old = letter.number
    letter.number = documents.use_number(
        tx, organ_id=letter.organ_id, number=number, prefix=prefix, subject=composing.label(letter.template)
    )
    if old:
        documents.withdraw_number(tx, organ_id=letter.organ_id, number=old, reason=f"改用 {letter.number}")
    tx.session.flush()
    return letter.number


def issue(
    tx: Tx, letter_id: int, *, sealed_on: date, number: str = "", facts: Mapping[str, Any] | None = None
) -> Issued:
    """制发: final bytes into the file store, hashes on the row; from now nobody changes the letter.

    Refused while something is missing, or for a date in the future. An earlier issued letter of the same kind and part
    of the case is superseded. An issued letter answers with what was issued (safe to repeat).
    """
    letter = locked(tx, letter_id, states=(*OPEN, "issued"))
    if letter.state == "issued":
        return _issued(letter)
    if sealed_on > business_date(tx.now):
        raise Refused(
            "用印日期不能晚于今天。请核对后重新填写。", fields={"sealed_on": "用印日期不能晚于今天。"}
        )
    _complete(letter, facts)
    _number(tx, letter, number)
    letter.dated_on = sealed_on
    stored = [
        files.store(io.BytesIO(rendering.preview_pdf(letter)), "letter.pdf"),
        files.store(io.BytesIO(rendering.preview_word(letter)), "letter.docx"),
    ]
    attachments.keep_file(tx, stored)
    letter.pdf_hash, letter.docx_hash = stored[0].hash, stored[1].hash
    letter.state, letter.issued_at, letter.issued_by = "issued", tx.now, tx.actor.person_id
    tx.session.flush()
    _supersede_earlier(tx, letter)
    tx.record(
        "organ",
        "letter.issued",
        f"{tx.actor.name} 制发{composing.label(letter.template)} {letter.number or ''}".strip(),
        stream_id=letter.organ_id,
        case=letter.case_id,
        letter=letter.id,
        number=letter.number,
        hash=letter.pdf_hash,
        word_hash=letter.docx_hash,
    )
    return _issued(letter)


def _issued(letter: Letter) -> Issued:
    assert letter.dated_on is not None and letter.pdf_hash is not None and letter.docx_hash is not None
    return Issued(letter.id, letter.number or "", letter.dated_on, letter.pdf_hash, letter.docx_hash)


def _supersede_earlier(tx: Tx, letter: Letter) -> None:
    same = Letter.kind.in_(REPLY_KINDS) if letter.kind in REPLY_KINDS else Letter.kind == letter.kind
    put = (
        sa.update(Letter)
        .where(
            Letter.case_id == letter.case_id,
            Letter.part == letter.part,
            Letter.state == "issued",
            Letter.id != letter.id,
            same,
        )
        .values(state="superseded", replaced_by=letter.id)
        .execution_options(synchronize_session=False)
    )
    tx.session.execute(put)


def supersede(tx: Tx, letter_id: int, *, by: int) -> None:
    """An issued letter is replaced by another one of the same case; both stay."""
    letter = locked(tx, letter_id, states=("issued",))
    newer = tx.session.get(Letter, by)
    if newer is None or newer.case_id != letter.case_id or newer.id == letter.id:
        raise NotFound()
    letter.state, letter.replaced_by = "superseded", newer.id
    tx.record(
        "organ",
        "letter.superseded",
        f"{tx.actor.name} 以新的文书替换{composing.label(letter.template)} {letter.number or ''}".strip(),
        stream_id=letter.organ_id,
        case=letter.case_id,
        letter=letter.id,
        newer=newer.id,
    )


def void(tx: Tx, letter_id: int, *, reason: str) -> None:
    """作废, with a reason; a number it carries becomes void too and is never given again."""
    if not reason.strip():
        raise Refused("请写明作废原因。", fields={"reason": "请写明作废原因。"})
    make_void(tx, locked(tx, letter_id, states=(*OPEN, "issued")), reason.strip())
