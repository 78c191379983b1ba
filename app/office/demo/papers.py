"""Files of the demonstration: a DOCX of a few paragraphs, a PDF that stands for a scanned sheet.

Written by hand, so that the office needs no library for them; the same text gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

NOTE = "（本文件为演示用文字，系为演示而编写，不是任何机关的正式文件。）"

_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>"""
_FONT = '<w:rFonts w:ascii="FangSong" w:hAnsi="FangSong" w:eastAsia="FangSong"/>'


def docx(title: str, paragraphs: Sequence[str]) -> bytes:
    """A document: its title, its paragraphs, and the note that it is a demonstration."""
    lines = [_paragraph(title, center=True, size=44), *(_paragraph(text) for text in paragraphs)]
    body = "".join([*lines, _paragraph(NOTE, center=True, size=24)])
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": _DOCUMENT.format(body),
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return kept.getvalue()


def _paragraph(text: str, *, center: bool = False, size: int = 32) -> str:
    place = '<w:jc w:val="center"/>' if center else '<w:ind w:firstLine="640"/>'
    run = f'<w:rPr>{_FONT}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t>'
    return f"<w:p><w:pPr>{place}</w:pPr><w:r>{run}</w:r></w:p>"


def pdf(lines: Sequence[str]) -> bytes:
    """One A4 page with the lines, in the CJK font every reader of PDF brings along (no font is embedded)."""
    shown = ["BT /F1 15 Tf 72 760 Td 30 TL"]
    shown += [f"<{text.encode('utf-16-be').hex()}> Tj T*" for text in (*lines, NOTE)]
    stream = "\n".join([*shown, "ET"]).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
    ]
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    file, places = io.BytesIO(), []
    file.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return file.getvalue()
