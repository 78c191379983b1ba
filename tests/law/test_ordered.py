"""责令重新答复: the day comes from outside, and nothing the office does moves it."""

from __future__ import annotations

import pytest

from tests.law.test_clock import asked, clock, codes, corrected, due, extended
from workflows.law.clock import State
from workflows.law.events import from_json, to_json
from workflows.law.refusals import LawRefusal

ORDER = {"t": "ordered", "date": "2026-03-02", "until": "2026-03-17", "document": "云政复决〔2026〕1号"}


def test_the_ordered_day_is_the_due_day_however_short() -> None:
    assert due(clock("2026-03-02", ORDER, on="2026-03-03")) == "2026-03-17"


@pytest.mark.parametrize(
    "events",
    [
        [extended("2026-03-10", 20)],
        corrected("2026-03-05", "2026-03-09"),
        [asked("2026-03-05", "2026-03-06", "2026-03-13")],
        [{"t": "fee_notice", "date": "2026-03-05", "delivered": "2026-03-06"}],
        [{"t": "delay", "date": "2026-03-05", "until": "2026-04-30"}],
    ],
)
def test_nothing_the_office_does_moves_the_ordered_day_and_it_is_told(
    events: list[dict[str, object]],
) -> None:
    found = clock("2026-03-02", ORDER, *events, on="2026-03-16")
    assert due(found) == "2026-03-17"
    assert found.state is State.RUNNING
    assert "ordered_stands" in codes(found)


def test_the_derivation_names_the_decision_and_the_articles() -> None:
    lines = [entry.line for entry in clock("2026-03-02", ORDER, on="2026-03-03").derivation()]
    assert any("责令重新答复，期限 2026-03-17（云政复决〔2026〕1号" in line for line in lines)
    assert "责令重新答复的期限届满（行政复议法第六十四条；行政诉讼法第七十条）" in lines[-1]


def test_an_order_without_a_day_is_refused_and_one_with_it_survives_writing() -> None:
    assert to_json(from_json([ORDER])) == [ORDER]
    with pytest.raises(LawRefusal, match="责令在哪一天前"):
        from_json([{"t": "ordered", "date": "2026-03-02"}])
