"""案卷合订本: everything of a case that is on PDF pages or is a picture as one PDF with bookmarks, in the order of 卷内目录.

For reading and printing; the originals, with their digests, are in the archive (`archiving`). What cannot be bound (other
formats, files under a password, damaged or very large ones) is named on the last page, never left out silently.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Refused
from app.documents import files
from app.letters import pictures, printing
from app.requests import archiving, dossier, sheets
from app.requests.dossier import Content, Kept, Piece
from app.requests.models import Request

if TYPE_CHECKING:
    from pypdf import PdfWriter

log = logging.getLogger("gongkai.requests")

#: bytes of one file, and of all of them, that are bound; beyond that the archive is the way
MOST_OF_ONE = 20 * 1024 * 1024
PICTURES = (".png", ".jpg", ".jpeg")
MOST = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bound:
    """The PDF, how many materials are on its pages, and what could not be bound: (title, file, why)."""

    data: bytes
    pieces: int
    left_out: tuple[tuple[str, str, str], ...]


def bind(session: Session, actor: Actor, case: Mapping[str, Any], request: Request) -> Bound:
    """The case as one PDF. Refused when it is too large for one."""
    from pypdf import PdfWriter  # here: it takes a start fifty milliseconds that few processes ever use

    found = dossier.pieces(session, case, request)
    if sum(_size(piece) for piece in found) > MOST:
        raise Refused(f"这件案卷的文件超过 {MOST >> 20} MB，不能合成一个 PDF。请改为导出压缩包。")
    writer, left_out, bound = PdfWriter(), [], 0
    listed = [(piece, dossier.page_count(piece.contents[0])) for piece in found]
    _append(writer, archiving.contents_pdf(case, request, listed), "卷内目录")
    for piece in found:
        why = _add(writer, piece)
        if why:
            left_out.append((piece.title, piece.contents[0].name, why))
        else:
            bound += 1
    if left_out:
        _append(writer, _left_out(request, left_out), "没有合订的材料")
    recorded = archiving.record_state(session, case["id"])
    said = archiving.note_values(actor, case, request, len(found), recorded)
    _append(writer, archiving.note_pdf(case, request, said), "备考表")
    writer.remove_annotations(None)  # pages are paper here: no links, forms or scripts of uploaded files
    writer.add_metadata({"/Title": f"案卷 {request.number or ''} {request.title}".strip()})
    out = io.BytesIO()
    writer.write(out)
    return Bound(out.getvalue(), bound, tuple(left_out))


def _size(piece: Piece) -> int:
    first = piece.contents[0]
    return first.size if isinstance(first, Kept) and first.size <= MOST_OF_ONE else 0


def _add(writer: PdfWriter, piece: Piece) -> str:
    """Append the pages of a material; why it could not be, or nothing."""
    content = piece.contents[0]
    name = content.name.lower()
    if not name.endswith((".pdf", *PICTURES)):
        return "不是 PDF 或者图片"
    if isinstance(content, Kept) and content.size > MOST_OF_ONE:
        return f"超过 {MOST_OF_ONE >> 20} MB"
    data = _bytes(content)
    if data is None:
        return "含有字库中没有的字"
    try:
        _append(writer, pictures.page(data) if name.endswith(PICTURES) else data, piece.title)
    except Refused as refusal:
        return refusal.message
    except (
        Exception
    ):  # whatever an uploaded file does to the reader: it must not keep the case from being bound
        log.warning("a material of %s cannot be bound", piece.title, exc_info=True)
        return "文件损坏，读不出页面"
    return ""


def _bytes(content: Content) -> bytes | None:
    if not isinstance(content, Kept):
        return dossier.made(content)
    with files.open_file(content.hash) as file:
        return file.read()


def _append(writer: PdfWriter, data: bytes, title: str) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise Refused("有打开密码")
    writer.append(reader, outline_item=title, import_outline=False)


def _left_out(request: Request, rows: list[tuple[str, str, str]]) -> bytes:
    said = [(str(n), *row) for n, row in enumerate(rows, 1)]
    return printing.listing(
        "没有合订的材料",
        ("序号", "题名", "文件", "原因"),
        said,
        (1, 5, 5, 4),
        left=sheets.organ_name(request),
        notes=("上列材料的原件在案卷压缩包中。",),
    )
