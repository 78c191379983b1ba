"""Objects of this room for the access tests."""

from __future__ import annotations

from app.letters import service, texts
from tests.access.samples import Sample
from tests.letters.support import AUTHORITIES, act
from tests.support.organs import City


def samples(city: City) -> dict[str, Sample]:
    """A letter of the office: its own desk reads it, the county's does not; texts follow the organ."""
    office, jiang = city.organs["office"], city.actor("jiang")
    service.keep_settings(jiang, organ_id=office, said=AUTHORITIES)
    letter = act(
        jiang,
        lambda tx: service.draft(
            tx, case_id=990001, organ_id=office, kind="L3", addressee="王芳", fields=texts.samples()
        ),
    )
    paper = Sample({"letter_id": letter}, insider="jiang", outsider="shui")
    text = Sample({"name": "L3", "organ": office}, insider="jiang", outsider="yan")
    page = Sample({"organ": office}, insider="jiang", outsider="yan")
    return {
        "letters.show": paper,
        "letters.pages": paper,
        "letters.pdf": paper,
        "letters.docx": paper,
        "letters.template": text,
        "letters.template_pages": text,
        "letters.template_pdf": text,
        "letters.templates": page,
        "letters.settings": page,
    }
