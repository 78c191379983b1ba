"""Every letter as PDF/A and as Word: the same words, a page that looks like 信函格式, nothing orphaned."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Refused
from app.letters import composing, pdf, printing, rendering, texts, word
from app.letters.paper import Paper, Table, plain, title_lines
from tests.letters.support import Desk, pdf_of, pdf_text, squeezed, word_text

NO_FONTS = Path("no-such-folder")
MM = 72 / 25.4


def letter(*body: str | Table, **more: object) -> Paper:
    plain: dict[str, object] = {
        "sender": "云汀市住房和城乡建设局",
        "number": "云建公开复〔2026〕12号",
        "title": "政府信息公开申请答复书",
        "addressee": "王芳",
        "body": body,
        "signature": "云汀市住房和城乡建设局",
        "date": "2026年11月23日",
        "note": "联系人：成述之",
    }
    return Paper(**(plain | more))  # type: ignore[arg-type]


def test_every_letter_says_the_same_in_pdf_and_in_word(desk: Desk) -> None:
    for name in texts.shipped():
        desk.case += 1
        same_in_both(composing.paper(desk.draft(name), number="云建公开复〔2026〕12号"))


def same_in_both(paper: Paper) -> None:
    content = pdf.letter_pdf(paper, NO_FONTS)
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    reader = pdf_of(content)
    assert reader.trailer["/Root"]["/OutputIntents"]  # type: ignore[index]
    box = reader.pages[0].mediabox
    assert (round(float(box.width) / MM), round(float(box.height) / MM)) == (210, 297)
    said, file = squeezed(paper.text()), word.letter_docx(paper)
    assert sorted(pdf_text(content)) == sorted(said)
    assert word_text(file) == said
    assert "【待填" not in said
    has_its_styles(file)


def has_its_styles(file: bytes) -> None:
    """Every style that the Word file names is in it; what it points at inside itself is there; it is small."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        parts = {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }
        there = {
            f"word/{each}" for each in re.findall(r'Target="([^"/]+)"', parts["word/_rels/document.xml.rels"])
        }
        assert there <= set(archive.namelist())
    known = set(re.findall(r'w:styleId="([^"]+)"', parts["word/styles.xml"]))
    used = {
        style for text in parts.values() for style in re.findall(r'<w:(?:p|r|tbl)Style w:val="([^"]+)"', text)
    }
    based = set(re.findall(r'<w:(?:basedOn|next|link) w:val="([^"]+)"', parts["word/styles.xml"]))
    assert used | based <= known, (used | based) - known
    assert "w:numId" not in parts["word/document.xml"]
    assert len(file) < 20_000


def test_the_red_lines_and_the_text_stand_where_the_standard_puts_them() -> None:
    reader = pdf_of(pdf.letter_pdf(letter("甲" * 300), NO_FONTS))
    page = reader.pages[0]
    drawn = page.get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    assert drawn.count("0.8509804 0 0.105882354") >= 2  # the red of mark and lines
    body = [(x, y) for text, x, y in places(page) if "甲" in text]
    assert 27.5 < min(x for x, _ in body) < 40
    assert max(y for _, y in body) < 297 - 35
    number = next(y for text, _, y in places(page) if "公开复" in text)
    assert 40 < number < 62  # under the first red line


def places(page: pypdf.PageObject) -> list[tuple[str, float, float]]:
    """Pieces of text with the start of their base line, in millimetres from the left and upper edge."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        found.append((text, x / MM, 297 - y / MM))

    page.extract_text(visitor_text=visit)
    return found


def test_rare_characters_of_names_are_printed() -> None:
    content = pdf.letter_pdf(letter("兹有喆、镕、堃三人，住㙍村𬭎街。"[:9]), NO_FONTS)
    assert all(c in pdf_text(content) for c in "喆镕堃")


@pytest.mark.parametrize("text", ["你好😀", "字\ue000", "ก", "𰻝"])
def test_a_character_without_a_font_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused, match=f"字库中没有「{text[-1]}」（U\\+{ord(text[-1]):04X}）"):
        pdf.letter_pdf(letter(text), NO_FONTS)


def test_content_is_never_markup() -> None:
    said = '#set page(fill: red) $x^2$ *b* _i_ [a] <b> @c `d` \\ // e #read("/etc/passwd")'
    content = pdf.letter_pdf(letter(said), NO_FONTS)
    assert squeezed(said) in pdf_text(content)


#: what a person, a form or a process may call something
HOSTILE = {
    "markup": "<script>alert(1)</script>&amp;]]><w:p/>&#0;",
    "typst": '#set page(fill: red) $x^2$ #read("/etc/passwd") \\ // *b*',
    "fields of our texts": "{{ addressee }}{% if True %}x{% endif %}{{ 7*7 }}",
    "fields of Word": '{ INCLUDETEXT "c:\\x" } { DDEAUTO c:\\cmd.exe "/k calc" } _x000D__x0007_',
    "control characters": "甲\x00\x07\x0b\x1b[31m\x85\x9f\ufffe\uffff\U0001ffff乙",
    "hidden and turned": "公开\u202e件密绝\u202c\u200b\u2066\U000e0041\u061c\ufeff开公",
    "lines": "甲\r\n乙\t丙\u2028丁\u2029戊",
}
TURNING = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff\U000e0041\x00-\x08\x0b-\x1f\x85\x9f]"
)


@pytest.mark.parametrize("what", HOSTILE)
def test_names_that_are_programs_are_printed_as_they_are_written(desk: Desk, what: str) -> None:
    said, samples = HOSTILE[what], texts.samples()
    facts = {key: said if isinstance(value, str) else value for key, value in samples.items()}
    shown = squeezed(plain(said))
    for name in ("L3", "L20.R12"):
        desk.case += 1
        paper = composing.paper(desk.draft(name, facts), number=f"云建公开复〔2026〕12号{plain(said)}")
        same_in_both(paper)
        content = word.letter_docx(paper)
        assert shown in word_text(content)
        archive = zipfile.ZipFile(io.BytesIO(content))
        written = archive.read("word/document.xml").decode() + archive.read("docProps/core.xml").decode()
        assert not TURNING.search(written) and "<script" not in written
        fields = re.findall(
            r"<w:instrText[^>]*>([^<]*)<",
            "".join(archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml")),
        )
        assert set(fields) == {"PAGE"}
    label = said.replace("\n", "")
    values = {"applicant": said, "content": said, "outcome": said}
    for made in (
        printing.approval_sheet(values, organ=label, opinions=[(label, said, said)]),
        printing.listing(label, [label, "乙"], [[said, said]], [1, 1], left=label, notes=[label]),
        printing.envelope(name=label, address=label, sender=label),
    ):
        reader = pdf_of(made)
        assert not TURNING.search("".join(page.extract_text() for page in reader.pages))
        assert (
            "/JavaScript" not in str(reader.trailer["/Root"]) and "/OpenAction" not in reader.trailer["/Root"]
        )


@settings(max_examples=60)
@given(
    first=st.integers(0, 1100),
    last=st.integers(1, 320),
    enclosures=st.integers(0, 4),
    tail=st.sampled_from(["特此告知。", "", "如不服本答复，可以自收到之日起60日内申请行政复议。"]),
)
def test_no_page_holds_a_signature_without_two_lines_of_text(
    first: int, last: int, enclosures: int, tail: str
) -> None:
    body = [text for text in ("甲" * first, "乙" * last, tail) if text]
    paper = letter(*body, enclosures=tuple(f"附件之{n}" for n in range(enclosures)))
    pages = [page.extract_text().split("\n") for page in pdf_of(pdf.letter_pdf(paper, NO_FONTS)).pages]
    ends = pages[-1]
    signature = max(n for n, line in enumerate(ends) if line.strip() == paper.signature)
    said = [line for line in ends[:signature] if re.search(r"[甲乙特此告知如不服复议]", line)]
    said = [line for line in said if "附件" not in line and "答复书" not in line and "公开复" not in line]
    if len(pages) > 1:
        assert len(said) >= 2, (first, last, ends)
    assert any("2026年11月23日" in line for line in ends[signature:])
    for page in pages[
        :-1
    ]:  # never a head alone: what belongs together may take a first page's room, not its text
        assert len([line for line in page if line.strip()]) >= 5


def test_a_long_title_is_cut_where_the_sense_allows() -> None:
    assert title_lines("政府信息公开申请答复书") == ["政府信息公开申请答复书"]
    lines = title_lines("关于清河路片区老旧小区改造项目中标合同的政府信息部分公开答复书")
    assert len(lines) == 2 and all(len(line) <= 19 for line in lines)
    assert "".join(lines) == "关于清河路片区老旧小区改造项目中标合同的政府信息部分公开答复书"


def test_the_same_paper_gives_the_same_bytes() -> None:
    paper = letter("甲" * 100)
    assert pdf.letter_pdf(paper, NO_FONTS) == pdf.letter_pdf(paper, NO_FONTS)
    assert word.letter_docx(paper) == word.letter_docx(paper)


def test_a_table_is_printed_with_its_head_and_all_cells(desk: Desk) -> None:
    content = rendering.preview_pdf(desk.draft("L11.ask"))
    assert "检索结果（有、没有、不归本单位）" in pdf_text(content)


def test_the_third_party_gets_a_form_to_answer_on_a_page_of_its_own(desk: Desk) -> None:
    pages = pdf_of(rendering.preview_pdf(desk.draft("L7"))).pages
    assert "第三方意见回执" in squeezed(pages[-1].extract_text())
    assert "□同意" in squeezed(pages[-1].extract_text())
