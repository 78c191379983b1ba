"""证据目录 for a reconsideration or a suit, from what the case really holds: on the screen, as PDF, as Word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.core.now import today
from app.letters import printing
from app.letters.paper import Table
from app.requests import dossier, sheets
from app.requests.dossier import Piece
from app.requests.models import Request

HEAD = ("序号", "证据名称", "证据来源", "证明内容", "页码")
WIDTHS = (2, 7, 4, 8, 2)
NOTES = (
    "注：证据按办理先后编号，与案卷一致。页码空白的，装订后填写。",
    "提交人（盖章）：　　　　　　　　　　提交日期：　　　　年　　月　　日",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its number, the piece, its pages of the whole bundle (「3—7」, "" once a piece cannot be counted)."""

    number: int
    piece: Piece
    pages: str

    @property
    def name(self) -> str:
        """「答复书（云政公开复〔2026〕1号，2026-10-28）」."""
        said = "，".join(part for part in (self.piece.number, sheets.text(self.piece.on)) if part)
        return f"{self.piece.title}（{said}）" if said else self.piece.title

    def cells(self) -> tuple[str, ...]:
        """As the list prints it."""
        return (str(self.number), self.name, self.piece.source, self.piece.proves, self.pages)


def entries(session: Session, case: Mapping[str, Any], request: Request) -> list[Entry]:
    """The evidence of a case, numbered, its pages counted through."""
    found, at = [], 1
    for number, piece in enumerate((p for p in dossier.pieces(session, case, request) if p.evidence), 1):
        count = dossier.page_count(piece.contents[0]) if at else None
        pages = ""
        if at and count:
            pages = str(at) if count == 1 else f"{at}—{at + count - 1}"
        at = at + count if at and count else 0
        found.append(Entry(number, piece, pages))
    return found


def _about(request: Request) -> str:
    return f"申请：{request.number or '待编号'}　申请人：{request.applicant.get('name') or ''}"


def as_pdf(request: Request, found: list[Entry]) -> bytes:
    """The list on paper. Refused when a character has no font."""
    left = f"{sheets.organ_name(request)}　{_about(request)}"
    return printing.listing(
        "证据目录", HEAD, [each.cells() for each in found], WIDTHS, left=left, notes=NOTES
    )


def as_word(request: Request, found: list[Entry]) -> bytes:
    """The list as .docx, to be gone on with."""
    from app.letters import word  # here: see app.letters.rendering

    organ = sheets.organ_name(request)
    table = Table(HEAD, tuple(each.cells() for each in found), WIDTHS)
    lines = [f"提交机关：{organ}", _about(request)]
    return word.list_docx("证据目录", lines, table, author=organ, day=today(), notes=NOTES)
