"""Dates in a sentence stay on one line."""

from __future__ import annotations

import datetime as dt

import pytest
from markupsafe import Markup

from app.core.whole import whole


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("请于 11-24 前办理。", "11-24"),
        ("到达 2026-11-23", "2026-11-23"),
        ("2026-11-23 09:00", "2026-11-23 09:00"),
    ],
)
def test_a_date_in_plain_text_is_not_torn(text: str, day: str) -> None:
    assert f'<span class="num whole">{day}</span>' in whole(text)


def test_what_is_no_date_stays_as_it_is_and_text_is_escaped() -> None:
    for value in (
        "电话 0990-12-345",
        "云政办发〔2026〕31号",
        dt.date(2026, 11, 23),
        None,
        Markup("<b>2026-11-23</b>"),
    ):
        assert whole(value) == value
    assert whole("<i> 2026-11-23") == Markup('&lt;i&gt; <span class="num whole">2026-11-23</span>')
