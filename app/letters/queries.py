"""Letters found: by id for a person, of a case, of a kind; an organ's texts and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.core.actor import Actor
from app.core.errors import NotFound
from app.letters import permissions
from app.letters.models import OPEN, Letter, LetterText

HISTORY = 50

_open = sa.select(Letter).where(
    Letter.case_id == sa.bindparam("case"),
    Letter.kind == sa.bindparam("kind"),
    Letter.part == sa.bindparam("part"),
    Letter.state.in_(OPEN),
)
_newest = (
    sa.select(Letter)
    .where(
        Letter.case_id == sa.bindparam("case"), Letter.kind == sa.bindparam("kind"), Letter.state != "void"
    )
    .order_by(Letter.id.desc())
    .limit(1)
)
_of_case = sa.select(Letter).where(Letter.case_id == sa.bindparam("case")).order_by(Letter.id).limit(200)
_text = (
    sa.select(LetterText)
    .where(LetterText.organ_id == sa.bindparam("organ"), LetterText.template == sa.bindparam("name"))
    .order_by(LetterText.id.desc())
    .limit(sa.bindparam("n"))
)


@dataclass(frozen=True, slots=True)
class OwnText:
    """An organ's own words for a template: the row they stand in, block -> text."""

    id: int
    texts: Mapping[str, str]


def letter(session: Session, actor: Actor, letter_id: int) -> Letter:
    """A letter this person may read, else NotFound."""
    found = session.get(Letter, letter_id)
    if found is None or not permissions.sees(session, actor, found):
        raise NotFound()
    return found


def open_letter(session: Session, case_id: int, kind: str, part: str = "") -> Letter | None:
    """The letter of this kind that is being drafted."""
    return session.scalars(_open, {"case": case_id, "kind": kind, "part": part}).first()


def newest(session: Session, case_id: int, kind: str) -> Letter | None:
    """The newest letter of a kind that is not void; `kind` "reply" is any of L13 to L22."""
    if kind != "reply":
        return session.scalars(_newest, {"case": case_id, "kind": kind}).first()
    replies = [f"L{n}" for n in range(13, 23)]
    query = sa.select(Letter).where(
        Letter.case_id == case_id, Letter.kind.in_(replies), Letter.state != "void"
    )
    return session.scalars(query.order_by(Letter.id.desc()).limit(1)).first()


def of_case(session: Session, case_id: int) -> Sequence[Letter]:
    """All letters of a case, oldest first."""
    return session.scalars(_of_case, {"case": case_id}).all()


def digest_of(session: Session, case_id: int, kind: str) -> str:
    """SM3 of the newest letter's text, "" when there is none: what an approval is bound to."""
    found = newest(session, case_id, kind)
    return found.digest if found else ""


def own_text(session: Session, organ_id: int, name: str) -> LetterText | None:
    """The organ's own words for a template that hold now; None where it uses the shipped ones."""
    found = session.scalars(_text, {"organ": organ_id, "name": name, "n": 1}).first()
    return found if found is not None and found.texts else None


def own_texts(session: Session) -> dict[tuple[int, str], OwnText]:
    """Every organ's own words that hold now: (organ, template) -> texts. One statement."""
    newest_ids = sa.select(sa.func.max(LetterText.id)).group_by(LetterText.organ_id, LetterText.template)
    rows = session.execute(
        sa.select(LetterText.organ_id, LetterText.template, LetterText.id, LetterText.texts).where(
            LetterText.id.in_(newest_ids)
        )
    )
    return {(row.organ_id, row.template): OwnText(row.id, row.texts) for row in rows if row.texts}


def changed_templates(session: Session, organ_id: int) -> dict[str, LetterText]:
    """Templates an organ has own words for: name -> newest row."""
    newest_ids = (
        sa.select(sa.func.max(LetterText.id))
        .where(LetterText.organ_id == organ_id)
        .group_by(LetterText.template)
    )
    rows = session.scalars(sa.select(LetterText).where(LetterText.id.in_(newest_ids)))
    return {row.template: row for row in rows if row.texts}


def history(session: Session, organ_id: int, name: str) -> list[dict[str, Any]]:
    """Edits of a template, newest first: who, when, what became of which block."""
    rows = session.scalars(_text, {"organ": organ_id, "name": name, "n": HISTORY}).all()
    people = directory()
    return [{"who": people.name_of(row.by), "at": row.at, "new": row.texts, "old": row.old} for row in rows]
