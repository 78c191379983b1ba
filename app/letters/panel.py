"""The letters of a case as rows, for a page of the room that knows cases."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.letters import checking, composing, permissions, queries
from app.letters.models import OPEN, STATES, Letter

_KINDS = {"draft": "draft", "approved": "waiting", "issued": "done", "superseded": "inactive", "void": "void"}


def panel(session: Session, actor: Actor, case_id: int) -> list[dict[str, Any]]:
    """Letters of a case this person may read, oldest first; void drafts that never went out are left away.

    Rows: {id, kind, part, label, addressee, number, state, status: (ui kind, words), dated_on, missing: count for open
    letters, url, pdf_url, docx_url, may_edit, hash}. One statement, what the case's hook asks once,
    and what an open letter asks of its steps.
    """
    with_case = permissions.sees_case(session, actor, case_id)
    return [
        _row(session, actor, letter)
        for letter in queries.of_case(session, case_id)
        if (letter.state != "void" or letter.pdf_hash or letter.number)
        and permissions.seen(actor, letter, with_case)
    ]


def _row(session: Session, actor: Actor, letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "kind": letter.kind,
        "part": letter.part,
        "label": composing.label(letter.template),
        "addressee": letter.addressee,
        "number": letter.number or "",
        "state": letter.state,
        "status": (_KINDS[letter.state], STATES[letter.state]),
        "dated_on": letter.dated_on,
        "missing": len(checking.missing(letter)) if letter.state in OPEN else 0,
        "url": url_for("letters.show", letter_id=letter.id),
        "pdf_url": url_for("letters.pdf", letter_id=letter.id),
        "docx_url": url_for("letters.docx", letter_id=letter.id),
        "may_edit": permissions.edits(session, actor, letter),
        "hash": letter.pdf_hash or "",
    }
