"""Small files made in memory: honest ones and hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from openpyxl import Workbook

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these entries: the same bytes for the same entries, whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name, (2026, 11, 23, 9, 0, 0))
            entry.compress_type = compression
            archive.writestr(entry, data)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """A word file; `more` are further entries (`word__x` stands for `word/x`)."""
    entries = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
    return zipped(entries | {name.replace("__", "/"): data for name, data in more.items()})


def doc(stream: str = "WordDocument") -> bytes:
    """An old word file with one named stream."""
    return OLE + stream.encode("utf-16-le")


def xlsx(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
