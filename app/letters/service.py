"""Acts on letters. Functions take `tx` and are called inside other rooms' commands; `*_command` are for pages.

letter_id = draft(tx, case_id=…, organ_id=…, kind="L14", reply_kind="R3", addressee="王芳", fields={…})
refill(tx, letter_id, fields={…})                 facts changed: locked text follows, edited text stays
edit(tx, letter_id, texts={"reason": "…"})        only unlocked blocks; a forged locked one is refused
approve(tx, letter_id)                            签发: from now a change of text makes it a draft again
take_number(tx, letter_id, number="")             the next of its series, or a given one
issue(tx, letter_id, sealed_on=…) -> Issued       final bytes into the store, hashes kept
supersede(tx, letter_id, by=other_id)
void(tx, letter_id, reason="…")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core.command import Tx


@dataclass(frozen=True, slots=True)
class Issued:
    """A letter that went out: SM3 hashes of its PDF and Word bytes, its number and date."""

    letter_id: int
    number: str
    dated_on: date
    pdf_hash: str
    docx_hash: str


def draft(
    tx: Tx,
    *,
    case_id: int,
    organ_id: int,
    kind: str,
    reply_kind: str | None = None,
    addressee: str = "",
    fields: Mapping[str, Any] | None = None,
    part: str = "",
) -> int:
    """The open letter of this kind (and part) of the case, made from the organ's text when there is none; its id."""
    raise NotImplementedError


def refill(tx: Tx, letter_id: int, *, fields: Mapping[str, Any], addressee: str | None = None) -> None:
    """Give an open letter other facts: locked and unedited text is filled anew, edited text stays."""
    raise NotImplementedError


def edit(tx: Tx, letter_id: int, *, texts: Mapping[str, str], version: int | None = None) -> None:
    """Change unlocked blocks of an open letter. Refused: locked blocks, issued letters, a newer `version`."""
    raise NotImplementedError


def approve(tx: Tx, letter_id: int) -> str:
    """签发: the text stands; returns its digest. A later change of text makes it a draft again."""
    raise NotImplementedError


def take_number(tx: Tx, letter_id: int, *, number: str = "") -> str:
    """发文字号 of an open letter: a given one (reserved, or from an OA), else the next of its series this year."""
    raise NotImplementedError


def issue(
    tx: Tx, letter_id: int, *, number: str = "", sealed_on: date, facts: Mapping[str, Any] | None = None
) -> Issued:
    """制发: final bytes into the file store, hashes on the row. Refused while something is `missing`."""
    raise NotImplementedError


def supersede(tx: Tx, letter_id: int, *, by: int) -> None:
    """An issued letter is replaced by another one; both stay."""
    raise NotImplementedError


def void(tx: Tx, letter_id: int, *, reason: str) -> None:
    """作废, with a reason; a number it carries becomes void too and is never given again."""
    raise NotImplementedError
