"""Who may see which documents, keep numbers and import registers.

Organ-wide posts see the documents of their organ (and of organs it handles for); everybody else those of his own
unit and his own drafts. Files follow their document or their case.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.directory import directory
from app.core.access import BUSINESS, Table, cell
from app.core.actor import Actor
from app.core.errors import NotAllowed
from app.documents.models import Document

#: posts that see every document of the organ
WIDE = frozenset(
    "registrar text_checker disclosure_head secrecy_officer legal_officer signer principal publisher"
    " seal_clerk archivist supervisor statistician".split()
)
#: posts that keep document numbers and import registers
KEEPERS = ("text_checker", "registrar", "seal_clerk")

ROUTES: Table = {
    "documents.ledger": {
        "GET": cell(BUSINESS, relation="organ", note="全机关岗位看本机关，其他人看本科室和自己拟的")
    },
    "documents.ledger_xlsx": {"GET": cell(BUSINESS, relation="organ")},
    "documents.show": {"GET": cell(BUSINESS, relation="organ")},
    "documents.secrecy_sheet": {"GET": cell(BUSINESS, relation="organ")},
    "documents.download": {
        "GET": cell(BUSINESS, relation="case", note="附件随文件、随办件；不予公开的下载留痕")
    },
    "documents.preview": {
        "GET": cell(BUSINESS, relation="case", note="同下载；只限 PDF 和图片"),
    },
    "documents.numbers": {"GET": cell(*KEEPERS, relation="organ"), "POST": cell(*KEEPERS, relation="organ")},
    "documents.void_number": {"POST": cell(*KEEPERS, relation="organ")},
    "documents.imports": {"GET": cell(*KEEPERS, relation="organ"), "POST": cell(*KEEPERS, relation="organ")},
    "documents.import_template": {"GET": cell(*KEEPERS)},
    "documents.import_report": {
        "GET": cell(*KEEPERS, relation="organ"),
        "POST": cell(*KEEPERS, relation="organ"),
    },
    "documents.import_drop": {"POST": cell(*KEEPERS, relation="organ")},
}


@dataclass(frozen=True)
class Scope:
    """Which documents a person sees: whole organs, units, own drafts."""

    organs: frozenset[int]
    units: frozenset[int]
    person: int

    def clause(self) -> sa.ColumnElement[bool]:
        """The scope as a condition on documents."""
        d = Document.__table__.c
        parts = [d.drafted_by == self.person]
        if self.organs:
            parts += [d.organ_id.in_(self.organs), d.from_organ_id.in_(self.organs)]
        if self.units:
            parts.append(d.unit_id.in_(self.units))
        return sa.or_(*parts)

    def covers(self, document: Document) -> bool:
        """Whether one document lies in the scope."""
        return (
            document.drafted_by == self.person
            or document.organ_id in self.organs
            or (document.from_organ_id is not None and document.from_organ_id in self.organs)
            or (document.unit_id is not None and document.unit_id in self.units)
        )


def organs_of(actor: Actor, kinds: frozenset[str] | tuple[str, ...]) -> frozenset[int]:
    """Organs for which the person holds one of the posts, those handled by such an organ included."""
    held = {post.organ_id for post in actor.posts if post.unit_id is None and post.kind in kinds}
    people = directory()
    return frozenset(organ.id for organ_id in held for organ in people.handled_by(organ_id))


def scope(actor: Actor) -> Scope:
    """What this person sees."""
    units = {post.unit_id for post in actor.posts if post.unit_id is not None}
    if actor.unit_id is not None:
        units.add(actor.unit_id)
    return Scope(organs_of(actor, WIDE), frozenset(units), actor.person_id or 0)


def keeps(actor: Actor) -> frozenset[int]:
    """Organs whose numbers and registers this person keeps."""
    return organs_of(actor, KEEPERS)


def require_keeper(actor: Actor, organ_id: int) -> None:
    """Refuse whoever does not keep this organ's numbers."""
    if organ_id not in keeps(actor):
        raise NotAllowed("文号和发文登记簿由本机关核稿岗、受理登记岗或用印·文书送达岗管理。请联系他们办理。")
