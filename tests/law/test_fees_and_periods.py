"""信息处理费, and the periods other than the reply's."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.law.test_calendar import CALENDAR, d
from workflows.law.fees import by_items, by_pages, charge, nth_item
from workflows.law.periods import DUTIES, PERIODS, appeal, suggested_correction_deadline
from workflows.law.refusals import LawRefusal
from workflows.law.settings import DEFAULTS


@pytest.mark.parametrize(
    ("pages", "yuan"),
    [(0, 0), (30, 0), (44, 140), (57, 270), (109, 880), (200, 2700), (250, 4700), (412, 11180)],
)
def test_pages_cost_what_offices_really_charged(pages: int, yuan: int) -> None:
    """domain.md 3.3 and demo 0116."""
    assert by_pages(pages).yuan == yuan


def test_a_fee_shows_how_it_came_out() -> None:
    assert by_items(41).lines == [
        "第 1—10 件：免费",
        "第 11—30 件：20 件 × 100 元/件 = 2000 元",
        "第 31—40 件：10 件 × 200 元/件 = 2000 元",
        "第 41 件：1 件 × 300 元/件 = 300 元",
        "合计 4300 元（国办函〔2020〕109号四）",
    ]


@given(st.integers(0, 300), st.integers(0, 200))
def test_charging_in_parts_is_charging_at_once(before: int, new: int) -> None:
    assert by_items(before).yuan + charge(before, new).yuan == by_items(before + new).yuan
    assert by_items(new).yuan == sum(nth_item(k).yuan for k in range(1, new + 1))


@given(st.integers(0, 2000))
def test_a_page_more_never_costs_less(pages: int) -> None:
    assert by_pages(pages + 1).yuan - by_pages(pages).yuan in (0, 10, 20, 40)


@pytest.mark.parametrize("wrong", [-1, 1.0, "3", True, None, 10**7])
def test_what_is_no_number_of_pages_is_refused(wrong: object) -> None:
    with pytest.raises(LawRefusal, match="页数应"):
        by_pages(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("reconsideration", "2026-03-02", "2026-05-06"),
        ("suit_after_review", "2026-09-18", "2026-10-08"),
        ("review_answer", "2026-11-16", "2026-11-30"),
        ("review_answer_simple", "2026-09-18", "2026-09-24"),
        ("evidence", "2026-11-12", "2026-11-27"),
        ("suit", "2026-03-25", "2026-09-28"),
        ("public_comment", "2026-03-06", "2026-04-05"),
    ],
)
def test_periods_end_where_the_law_ends_them(code: str, start: str, end: str) -> None:
    assert PERIODS[code].end(d(start), CALENDAR).date == d(end)


def test_an_answer_opens_review_and_suit_unless_review_comes_first() -> None:
    assert set(appeal(d("2026-04-02"), CALENDAR, review_first=True)) == {"reconsideration"}
    both = appeal(d("2026-04-02"), CALENDAR, review_first=False)
    assert {code: due.date for code, due in both.items()} == {
        "reconsideration": d("2026-06-01"),
        "suit": d("2026-10-08"),
    }


def test_the_reports_are_due_on_fixed_days_and_done_by_the_working_day_before() -> None:
    """条例49: 1月31日前, 3月31日前; 2026-01-31 is a Saturday."""
    report = DUTIES["department_report"]
    assert report.end(d("2026-01-01"), CALENDAR).date == d("2026-01-31")
    assert report.finish_by(d("2026-01-01"), CALENDAR) == d("2026-01-30")
    assert report.finish_by(d("2027-01-01"), CALENDAR) is None, "2027 is not known"
    assert DUTIES["government_report"].end(d("2026-01-01"), CALENDAR).date == d("2026-03-31")


def test_hours_run_through_nights_and_holidays() -> None:
    """domain.md 6.9."""
    begun = datetime(2026, 9, 30, 22, 0)
    assert DUTIES["emergency_notice"].end_at(begun) == datetime(2026, 10, 1, 3, 0)
    with pytest.raises(LawRefusal, match="按小时计"):
        DUTIES["recall"].end(d("2026-09-30"), CALENDAR)


def test_every_period_names_its_clause() -> None:
    for period in [*PERIODS.values(), *DUTIES.values()]:
        assert period.article
        assert period.unit == "fixed" or period.length > 0


def test_the_offered_correction_period_is_a_setting() -> None:
    assert suggested_correction_deadline(d("2026-03-11"), CALENDAR, DEFAULTS).date == d("2026-04-01")
