"""The same paper as an editable Word file, in the letter format of GB/T 9704, by python-docx.

Fonts are the official names (the office's own machines have them; others substitute). The same paper gives the same
bytes: times inside the file are those of the letter.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Any

from docx import Document as begin_document
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from app.letters.fonts import WORD
from app.letters.paper import Paper, Table, enclosure_lines, plain, style, title_lines

RED = RGBColor(0xD9, 0x00, 0x1B)
SIZE = Pt(16)  # 3号 as Word knows it
LINE = Pt(28.95)  # 22 lines in 225 mm
#: what a letter uses of the styles Word knows
STYLES = {
    "Normal",
    "DefaultParagraphFont",
    "TableNormal",
    "NoList",
    "TableGrid",
    "Header",
    "HeaderChar",
    "Footer",
}
STYLES |= {"FooterChar"}
#: parts of python-docx's own beginning that say nothing in a letter
NEEDLESS = {"stylesWithEffects", "customXml", "numbering", "thumbnail"}


def letter_docx(paper: Paper) -> bytes:
    """The letter as .docx."""
    document = begin_document(io.BytesIO(_beginning()))
    _page(document)
    _properties(document, paper)
    _rule(
        _text(document, paper.sender, "title", _mark_size(paper.sender), centre=True, red=True),
        "thickThinSmallGap",
    )
    _text(document, paper.number, align=WD_ALIGN_PARAGRAPH.RIGHT).paragraph_format.space_before = Pt(14)
    _blank(document, 2)
    title = _text(document, "", "title", Pt(22), centre=True, line=Pt(33))
    for n, part in enumerate(title_lines(paper.title)):
        run = _run(title, part, "title", Pt(22))
        if n:
            run._r.insert(0, OxmlElement("w:br"))
    _blank(document)
    if paper.addressee:
        _text(document, f"{paper.addressee}：")
    _body(document, paper)
    _closing(document, paper)
    _annex(document, paper)
    _foot(document)
    out = io.BytesIO()
    document.save(out)
    return _settled(out.getvalue())


@cache
def _beginning() -> bytes:
    """python-docx's own beginning without the styles and parts that no letter uses: a third of the bytes kept for each."""
    document = begin_document()
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, each in relations.items() if each.reltype.rpartition("/")[2] in NEEDLESS]:
            del relations[key]
    styles = document.styles.element
    for each in styles.findall(qn("w:style")):
        if each.get(qn("w:styleId")) not in STYLES:
            styles.remove(each)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def list_docx(
    title: str, lines: Sequence[str], table: Table, *, author: str, day: date, notes: Sequence[str] = ()
) -> bytes:
    """A list on A4 as .docx: its title, lines above the table, notes below."""
    document = begin_document(io.BytesIO(_beginning()))
    _page(document)
    about = document.core_properties
    about.author = about.last_modified_by = plain(author)
    about.title, about.comments, about.keywords = plain(title), "", ""
    about.created = about.modified = datetime.combine(day, time(0))
    _text(document, title, "title", Pt(22), centre=True, line=Pt(33))
    for line in lines:
        _text(document, line, size=Pt(12), line=Pt(20))
    _table(document, table)
    for line in notes:
        _text(document, line, size=Pt(10.5), line=Pt(18))
    out = io.BytesIO()
    document.save(out)
    return _settled(out.getvalue())


def _mark_size(sender: str) -> Any:
    return Pt(min(42.0, round(2 * 156 / 25.4 * 72 / max(len(sender) * 1.08, 1)) / 2))


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(30), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(20)
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    normal = document.styles["Normal"]
    normal.font.size = SIZE
    _fonts(normal.element.get_or_add_rPr(), WORD["body"])
    shape = normal.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.widow_control = True


def _fonts(properties: Any, name: str) -> None:
    """Chinese and Latin text alike in one font."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for key in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{key}"), name)


def _run(paragraph: Paragraph, text: str, role: str = "body", size: Any = SIZE, red: bool = False) -> Any:
    run = paragraph.add_run(plain(text))
    run.font.size = size
    _fonts(run._r.get_or_add_rPr(), WORD[role])
    if red:
        run.font.color.rgb = RED
    return run


def _text(
    document: Document,
    text: str,
    role: str = "body",
    size: Any = SIZE,
    *,
    centre: bool = False,
    red: bool = False,
    indent: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    line: Any = LINE,
) -> Paragraph:
    paragraph = document.add_paragraph()
    shape = paragraph.paragraph_format
    if role == "title" and red:
        shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, line
    shape.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else align
    if indent:
        shape.first_line_indent = Pt(32)
    if text:
        _run(paragraph, text, role, size, red)
    return paragraph


def _blank(document: Document, lines: int = 1, keep: bool = False) -> None:
    for _ in range(lines):
        _text(document, "").paragraph_format.keep_with_next = keep


def _rule(paragraph: Paragraph, kind: str) -> None:
    """A red double line under a paragraph, 170 mm long: 7 mm beyond the text at each side."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in {"val": kind, "sz": "36", "space": "11", "color": "D9001B"}.items():
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)
    paragraph.paragraph_format.left_indent = Mm(-8)
    paragraph.paragraph_format.right_indent = Mm(-6)


def _body(document: Document, paper: Paper) -> None:
    for n, part in enumerate(paper.body):
        if isinstance(part, Table):
            _table(document, part)
            continue
        role = style(part)
        paragraph = _text(document, part, role, indent=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
        # the closing takes the last lines of the text along, a heading what it stands over
        paragraph.paragraph_format.keep_with_next = role != "body" or n >= len(paper.body) - 2


def _table(document: Document, table: Table) -> None:
    grid = document.add_table(rows=0, cols=len(table.head))
    grid.style, grid.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    share = 156 / sum(table.widths)
    for n, row in enumerate([table.head, *table.rows]):
        for cell, text, width in zip(grid.add_row().cells, row, table.widths, strict=True):
            cell.width = Mm(width * share)
            _run(cell.paragraphs[0], text, "hei" if n == 0 else "body", Pt(12))


def _closing(document: Document, paper: Paper) -> None:
    if paper.enclosures:
        _blank(document, keep=True)
        for n, line in enumerate(enclosure_lines(paper.enclosures)):
            shown = _text(document, line)
            shown.paragraph_format.left_indent = Pt(32 if n == 0 else 80)
            shown.paragraph_format.keep_with_next = True
    _blank(document, 2, keep=True)
    for text, ends in ((paper.signature, 4 - (len(paper.signature) - 7.5) / 2), (paper.date, 4.0)):
        shown = _text(document, text, align=WD_ALIGN_PARAGRAPH.RIGHT)
        shown.paragraph_format.right_indent = Pt(max(ends, 0) * 16)
        shown.paragraph_format.keep_with_next = True
    if paper.note:
        _text(document, f"（{paper.note}）", indent=True)


def _annex(document: Document, paper: Paper) -> None:
    """附件 on a page of its own: the word at the top left in 黑体, its title centred (GB/T 9704 7.3.7)."""
    for n, part in enumerate(paper.annex):
        if n == 0:
            _text(document, "附件", "hei").paragraph_format.page_break_before = True
            _blank(document)
        if isinstance(part, Table):
            _table(document, part)
        elif n == 0:
            _text(document, part, "title", Pt(22), centre=True, line=Pt(33))
            _blank(document)
        else:
            _text(document, part, indent=True)


def _foot(document: Document) -> None:
    """No number on the first page but the lower red line; then — 2 — at the outer edge."""
    section = document.sections[0]
    first = section.first_page_footer.paragraphs[0]
    first.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _rule(first, "thinThickSmallGap")
    for foot, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = foot.paragraphs[0]
        paragraph.alignment = align
        shape = paragraph.paragraph_format
        shape.left_indent = shape.right_indent = Pt(14)
        _run(paragraph, "— ", "page", Pt(14))
        field = _run(paragraph, "", "page", Pt(14))
        for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
            part = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                part.set(qn("w:fldCharType"), kind)
            else:
                part.text = text
            field._r.append(part)
        _run(paragraph, " —", "page", Pt(14))


def _properties(document: Document, paper: Paper) -> None:
    """Nothing about who made it and when: the letter's own date, the organ, the title."""
    about = document.core_properties
    about.author = about.last_modified_by = plain(paper.sender)
    about.title, about.comments, about.keywords = plain(paper.title), "", ""
    about.created = about.modified = datetime.combine(paper.day, time(0))
    about.revision = 1


def _settled(content: bytes) -> bytes:
    """The archive with one fixed time on every entry, so that equal letters are equal files."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for name in made.namelist():
            fixed.writestr(
                zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), made.read(name), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
