"""Signing and sending: approval, number, the bytes that go out, replacement, 作废.

What a step does with several letters of its case costs no more statements than with one: numbers, files and rows are
written together.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts.directory import directory
from app.core.command import Tx
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.documents import attachments, files, ledger
from app.letters import checking, composing, rendering, texts
from app.letters.drafting import REPLY_KINDS, locked, make_void
from app.letters.folder import folder, together
from app.letters.models import OPEN, Letter


@dataclass(frozen=True, slots=True)
class Issued:
    """A letter that went out: SM3 hashes of its PDF and Word bytes, its number and date."""

    letter_id: int
    number: str
    dated_on: date
    pdf_hash: str
    docx_hash: str


# --- by id: acts of other rooms' pages ----------------------------------------------------------------------------------


def approve(tx: Tx, letter_id: int, *, facts: Mapping[str, Any] | None = None) -> str:
    """签发: the text stands; returns its digest. Refused while something is missing."""
    letter = locked(tx, letter_id)
    _complete(letter, facts)
    letter.state = "approved"
    return letter.digest


def take_number(tx: Tx, letter_id: int, *, number: str = "") -> str:
    """发文字号 of an open letter: a given one (reserved, or from an OA), else the next of its series this year.

    "" for letters that carry none (登记回执, 会商纪要) unless one is given. A letter keeps the number it has.
    """
    letter = locked(tx, letter_id)
    number_letters(tx, [letter], number=number)
    return letter.number or ""


def issue(
    tx: Tx, letter_id: int, *, sealed_on: date, number: str = "", facts: Mapping[str, Any] | None = None
) -> Issued:
    """制发: `issue_letters` for one. An issued letter answers with what was issued (safe to repeat)."""
    letter = locked(tx, letter_id, states=(*OPEN, "issued"))
    if letter.state != "issued":
        issue_letters(tx, [letter], sealed_on=sealed_on, number=number, facts=facts)
    return issued(letter)


# --- letters of a folder: acts of a step --------------------------------------------------------------------------------


def approve_letters(letters: Sequence[Letter]) -> None:
    """签发 of open letters. Refused while something is missing in one of them."""
    for letter in letters:
        _complete(letter, None)
        letter.state = "approved"


def sign_letters(tx: Tx, letters: Sequence[Letter]) -> None:
    """签发 of open letters, with their numbers."""
    approve_letters(letters)
    number_letters(tx, letters)
    together(tx, letters)


def number_letters(tx: Tx, letters: Sequence[Letter], *, number: str = "") -> None:
    """Give letters of one organ their numbers (`number`: a given one, for one letter). Two statements however many."""
    if number.strip():
        (letter,) = letters
        _give(tx, letter, number)
        return
    going = [letter for letter in letters if not letter.number and texts.shipped()[letter.template].series]
    for organ_id in {letter.organ_id for letter in going}:
        mine = [letter for letter in going if letter.organ_id == organ_id]
        papers = [(_prefix(letter), composing.label(letter.template)) for letter in mine]
        given = ledger.use_numbers(tx, organ_id=organ_id, papers=papers)
        for letter, text in zip(mine, given, strict=True):
            letter.number = text


def _give(tx: Tx, letter: Letter, number: str) -> None:
    """A number from outside; one the letter had before becomes void."""
    old = letter.number
    if old and ledger.checked(number) == old:
        return
    label = composing.label(letter.template)
    letter.number = ledger.use_number(tx, organ_id=letter.organ_id, number=number, subject=label)
    if old:
        ledger.withdraw_number(tx, organ_id=letter.organ_id, number=old, reason=f"改用 {letter.number}")


def _prefix(letter: Letter) -> str:
    series = texts.shipped()[letter.template].series
    return composing.organ_values(directory().organ(letter.organ_id)).get(f"prefix_{series}", "")


def issue_letters(
    tx: Tx,
    letters: Sequence[Letter],
    *,
    sealed_on: date,
    number: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """制发 of open letters: final bytes into the file store, hashes on the rows; from now nobody changes them.

    Refused while something is missing in one of them, or for a date in the future. An earlier issued letter of the same
    kind and part of the case is superseded. `number`: a given one, for one letter.
    """
    if sealed_on > business_date(tx.now):
        raise Refused(
            "用印日期不能晚于今天。请核对后重新填写。", fields={"sealed_on": "用印日期不能晚于今天。"}
        )
    for letter in letters:
        _complete(letter, facts, to_print=False)  # it is printed below
    number_letters(tx, letters, number=number)
    printed = [_printed(letter, sealed_on) for letter in letters]
    stored = [_stored(letter, pdf) for letter, pdf in zip(letters, printed, strict=True)]
    attachments.keep_file(tx, [file for pair in stored for file in pair])
    for letter, (pdf, word) in zip(letters, stored, strict=True):
        letter.pdf_hash, letter.docx_hash = pdf.hash, word.hash
        letter.state, letter.issued_at, letter.issued_by = "issued", tx.now, tx.actor.person_id
    together(tx, letters)
    tx.session.flush()
    for letter in letters:
        _supersede_earlier(tx, letter)
        tx.note(
            letter.organ_id,
            "letter.issued",
            f"{tx.actor.name} 制发{composing.label(letter.template)} {letter.number or ''}".strip(),
            case=letter.case_id,
            letter=letter.id,
            number=letter.number,
            hash=letter.pdf_hash,
            word_hash=letter.docx_hash,
        )


def _printed(letter: Letter, sealed_on: date) -> bytes:
    """The final PDF of a letter dated as it is sealed. Refused when a character has no font."""
    letter.dated_on = sealed_on
    try:
        return rendering.preview_pdf(letter)
    except Refused as refusal:
        raise _not_complete(letter, refusal.message) from refusal


def _stored(letter: Letter, pdf: bytes) -> tuple[files.Stored, files.Stored]:
    """The final bytes, in the file store."""
    return (
        files.store(io.BytesIO(pdf), "letter.pdf"),
        files.store(io.BytesIO(rendering.preview_word(letter)), "letter.docx"),
    )


def _complete(letter: Letter, facts: Mapping[str, Any] | None, *, to_print: bool = True) -> None:
    absent = checking.missing(letter, facts, to_print=to_print)
    if absent:
        raise _not_complete(letter, " ".join(absent[:5]))


def _not_complete(letter: Letter, said: str) -> Refused:
    return Refused(f"《{letter.title}》{said}")


def issued(letter: Letter) -> Issued:
    """What went out."""
    assert letter.dated_on is not None and letter.pdf_hash is not None and letter.docx_hash is not None
    return Issued(letter.id, letter.number or "", letter.dated_on, letter.pdf_hash, letter.docx_hash)


def _supersede_earlier(tx: Tx, letter: Letter) -> None:
    kinds = REPLY_KINDS if letter.kind in REPLY_KINDS else (letter.kind,)
    for old in folder(tx, letter.case_id):
        same = old.kind in kinds and old.part == letter.part and old is not letter
        if same and old.state == "issued":
            old.state, old.replaced_by = "superseded", letter.id


def supersede(tx: Tx, letter_id: int, *, by: int) -> None:
    """An issued letter is replaced by another one of the same case; both stay."""
    letter = locked(tx, letter_id, states=("issued",))
    newer = tx.session.get(Letter, by)
    if newer is None or newer.case_id != letter.case_id or newer.id == letter.id:
        raise NotFound()
    letter.state, letter.replaced_by = "superseded", newer.id
    tx.note(
        letter.organ_id,
        "letter.superseded",
        f"{tx.actor.name} 以新的文书替换{composing.label(letter.template)} {letter.number or ''}".strip(),
        case=letter.case_id,
        letter=letter.id,
        newer=newer.id,
    )


def void(tx: Tx, letter_id: int, *, reason: str) -> None:
    """作废, with a reason; a number it carries becomes void too and is never given again."""
    if not reason.strip():
        raise Refused("请写明作废原因。", fields={"reason": "请写明作废原因。"})
    make_void(tx, locked(tx, letter_id, states=(*OPEN, "issued")), reason.strip())
