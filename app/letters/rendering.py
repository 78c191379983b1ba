"""What a letter looks like: the bytes that will be sent, made from its row. The same row gives the same bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from flask import current_app

from app.core.settings import Settings
from app.letters import composing, pdf
from app.letters.models import Letter
from app.letters.paper import Paper


def font_folder() -> Path:
    """Where an office puts its own fonts: `<data>/fonts`."""
    settings: Settings = current_app.extensions["gongkai_settings"]
    return settings.data / "fonts"


def preview_pdf(letter: Letter, *, number: str | None = None, dated_on: date | None = None) -> bytes:
    """The letter as it would be sent now; number and date may be foretold. Refused when a character has no font."""
    return pdf.letter_pdf(composing.paper(letter, number=number, dated_on=dated_on), font_folder())


def preview_word(letter: Letter, *, number: str | None = None, dated_on: date | None = None) -> bytes:
    """The same as Word."""
    from app.letters import word  # here: python-docx costs every start, and few processes write Word

    return word.letter_docx(composing.paper(letter, number=number, dated_on=dated_on))


def pages(paper: Paper) -> list[bytes]:
    """Pictures (PNG) of the pages of a paper, for the preview beside the text."""
    return pdf.letter_pictures(paper, font_folder())
