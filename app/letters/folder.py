"""The letters of a case as one command has them: read and locked once, new ones added, written by one flush.

Whoever changes a letter of the folder leaves the writing to the session: what is drafted and issued in one act is
inserted once, with its final values.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import flag_modified

from app.core.command import Tx
from app.core.db import table_of
from app.letters.models import OPEN, Letter

t = table_of(Letter)
_columns = [column for column in t.c if not column.primary_key]
_add = sa.insert(t).returning(t.c.id, t.c.kind, t.c.part)
#: the columns of a letter that change after it was made
_CHANGING = (
    "template_id addressee fields blocks number dated_on state digest pdf_hash docx_hash version updated_at updated_by "
    "issued_at issued_by"
).split()
_standing = (
    sa.select(Letter)
    .where(Letter.case_id == sa.bindparam("case"), Letter.state.in_((*OPEN, "issued")))
    .order_by(Letter.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def folder(tx: Tx, case_id: int) -> list[Letter]:
    """The letters of a case that are open or went out, oldest first. One statement, once per command."""
    found: list[Letter] | None = tx.memo.get(("letters", case_id))
    if found is None:
        found = list(tx.session.scalars(_standing, {"case": case_id}))
        tx.memo["letters", case_id] = found
    return found


def together(tx: Tx, letters: Sequence[Letter]) -> None:
    """Have letters of a case written by one statement each for new and for changed ones, whatever changed in which."""
    fresh = [letter for letter in letters if letter in tx.session.new]
    changed = [letter for letter in letters if letter in tx.session.dirty]
    if len(fresh) > 1:
        _insert(tx, fresh)
    for letter in changed if len(changed) > 1 else ():
        for name in _CHANGING:
            flag_modified(letter, name)


def _insert(tx: Tx, fresh: Sequence[Letter]) -> None:
    """One INSERT for several letters of a case; their ids come in any order, kind and part tell them apart."""
    rows = [{column.name: getattr(letter, column.name) for column in _columns} for letter in fresh]
    found = tx.session.execute(_add, rows).all()
    ids = {(row.kind, row.part): row.id for row in found}
    for letter in fresh:
        tx.session.expunge(letter)
        letter.id = ids[letter.kind, letter.part]
        make_transient_to_detached(letter)
        tx.session.add(letter)


def open_letters(tx: Tx, case_id: int, *kinds: str) -> list[Letter]:
    """Its letters of these kinds (of every kind when none is named) whose text may still change."""
    return [
        letter
        for letter in folder(tx, case_id)
        if letter.state in OPEN and (not kinds or letter.kind in kinds)
    ]


def open_letter(tx: Tx, case_id: int, kind: str, part: str = "") -> Letter | None:
    """The letter of this kind and part that is being drafted."""
    return next((letter for letter in open_letters(tx, case_id, kind) if letter.part == part), None)
