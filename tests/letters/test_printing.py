"""The printed papers: every box is there, filled or to be filled in by hand."""

from __future__ import annotations

import pytest
from flask import Flask

from app.letters import printing
from tests.letters.support import pdf_of, pdf_text

ORGAN = "云汀市住房和城乡建设局"


@pytest.mark.parametrize(
    ("rows", "make"),
    [
        (printing.APPLICATION, printing.application_form),
        (printing.REGISTRATION, printing.registration_sheet),
        (printing.RECEIPT, printing.service_receipt),
        (printing.APPROVAL, printing.approval_sheet),
    ],
)
def test_a_sheet_prints_its_boxes_on_one_page_empty_or_filled(app: Flask, rows: object, make: object) -> None:
    boxes = [box for row in rows for box in row]  # type: ignore[attr-defined]
    empty = make({}, organ=ORGAN)  # type: ignore[operator]
    filled = make({box.key: f"填{n}喆" for n, box in enumerate(boxes)}, organ=ORGAN)  # type: ignore[operator]
    for content in (empty, filled):
        assert b"<pdfaid:part>2</pdfaid:part>" in content
        assert len(pdf_of(content).pages) == 1
        assert all(box.label in pdf_text(content) for box in boxes)
    assert all(f"填{n}喆" in pdf_text(filled) for n in range(len(boxes)))


def test_the_application_form_asks_for_no_purpose(app: Flask) -> None:
    assert "用途" not in pdf_text(printing.application_form({}, organ=ORGAN))


def test_opinions_stand_on_the_approval_sheet_in_order(app: Flask) -> None:
    opinions = [("法制审核", "同意。", "章循法　2026-11-20"), ("签发", "", "")]
    text = pdf_text(printing.approval_sheet({}, organ=ORGAN, opinions=opinions))
    assert text.index("法制审核") < text.index("章循法") < text.index("签发")


def test_the_contents_of_a_file_are_numbered_over_pages(app: Flask) -> None:
    entry = ("市住建局", "云建公开复〔2026〕1号", "政府信息公开申请答复书", "2026-11-23", "1")
    content = printing.file_contents(
        [entry] * 60, organ=ORGAN, title="王芳申请公开中标合同", archive_no="2026-12"
    )
    assert len(pdf_of(content).pages) > 1
    assert "60市住建局" in pdf_text(content)


@pytest.mark.parametrize("size", list(printing.ENVELOPES))
def test_an_envelope_has_its_size_and_both_addresses(app: Flask, size: str) -> None:
    content = printing.envelope(
        name="王芳",
        address="云汀市清河路1号",
        postcode="990100",
        sender=ORGAN,
        sender_postcode="990101",
        size=size,
    )
    box = pdf_of(content).pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == printing.ENVELOPES[
        size
    ]
    assert all(word in pdf_text(content) for word in ("王芳", "清河路", ORGAN, "990101"))
