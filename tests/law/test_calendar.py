"""Working days and legal periods. The facts are worked examples whose source stands beside each of them."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.law.calendar import Calendar, DayKind, SpecialDay, YearNotConfirmed, YearTable, date_text

HOLIDAYS = Path(__file__).parents[2] / "app" / "calendar" / "data" / "holidays.csv"


def d(text: str) -> date:
    return date.fromisoformat(text)


def read_tables() -> list[YearTable]:
    with HOLIDAYS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = [SpecialDay(d(r["date"]), DayKind(r["type"]), r["name"], r["source"]) for r in rows]
    return [YearTable(y, tuple(s for s in days if s.day.year == y)) for y in (2024, 2025, 2026)]


CALENDAR = Calendar(read_tables())
ROWS = {row["date"]: row["type"] for row in csv.DictReader(HOLIDAYS.read_text(encoding="utf-8").splitlines())}


def naive_workday(day: date) -> bool:
    """The rule of domain.md 1.11-1, said once more without any cleverness."""
    kind = ROWS.get(day.isoformat())
    return kind == "WORK" or (kind is None and day.strftime("%a") not in ("Sat", "Sun"))


# ------------------------------------------------------------------ examples: id, received, n, due, source
WORKDAY_EXAMPLES = [
    ("A01 普通月份", "2026-03-02", 20, "2026-03-30", "条例31(一)、33②"),
    ("A01 补正告知", "2026-03-02", 7, "2026-03-11", "条例30"),
    ("A01 最长延期", "2026-03-30", 20, "2026-04-28", "条例33②"),
    ("A02 跨春节", "2026-01-30", 20, "2026-03-05", "条例33②；国办2026安排: 2/14、2/28 上班"),
    ("A02 补正告知", "2026-01-30", 7, "2026-02-10", "条例30"),
    ("A02 最长延期", "2026-03-05", 20, "2026-04-02", "条例33②"),
    ("A04 调休日签收", "2026-02-28", 20, "2026-03-27", "条例31(二)"),
    ("A05 周六值班室签收", "2026-03-07", 20, "2026-04-03", "条例31(二)"),
    ("A05 补正告知", "2026-03-07", 7, "2026-03-17", "条例30"),
    ("A05 最长延期", "2026-04-03", 20, "2026-05-07", "条例33②"),
    ("A07 恢复联络之日", "2026-04-09", 20, "2026-05-11", "国办公开办函〔2015〕207号一2"),
    ("A08 双方确认之日", "2026-04-30", 20, "2026-06-01", "条例31(三)；5/9(六)上班"),
    ("A08 补正告知", "2026-04-30", 7, "2026-05-13", "条例30"),
    ("A09 节后确认", "2026-05-06", 20, "2026-06-02", "条例31(三)"),
    ("A11 中秋国庆", "2026-09-18", 20, "2026-10-22", "条例33②；9/20(日)、10/10(六)上班"),
    ("A11 补正告知", "2026-09-18", 7, "2026-09-29", "条例30"),
    ("A11 最长延期", "2026-10-22", 20, "2026-11-19", "条例33②"),
    ("A13 2025国庆中秋8天", "2025-09-26", 20, "2025-10-30", "条例33②；国办2025安排"),
    ("A15 2025劳动节", "2025-04-25", 20, "2025-05-27", "条例33②；4/27(日)上班"),
    ("A17 届满仍在2026年内", "2026-11-30", 20, "2026-12-28", "条例33②"),
    ("G01 主动公开20个工作日", "2026-02-10", 20, "2026-03-16", "条例26"),
    ("G03 双公示7个工作日", "2026-09-28", 7, "2026-10-13", "发改办财金〔2018〕424号；国办发〔2018〕118号"),
    ("G05 撤回处罚决定3个工作日", "2026-04-30", 3, "2026-05-08", "行政处罚法48②、85"),
    ("G06 政策解读3个工作日", "2026-06-17", 3, "2026-06-23", "济政办发〔2018〕25号五(一)"),
    ("G09 合法性审查7个工作日", "2026-04-29", 7, "2026-05-12", "国务院令713号26条"),
    ("G10 保密行政管理部门10个工作日", "2026-03-02", 10, "2026-03-16", "保密法实施条例(2024)25条"),
    ("G15 复议简易程序5个工作日", "2026-09-18", 5, "2026-09-24", "行政复议法53①(四)、54、88②"),
    ("第三方15个工作日", "2026-03-12", 15, "2026-04-02", "条例32 (例C02)"),
]
DAY_EXAMPLES = [
    ("F03 缴费30日落入劳动节", "2026-04-03", 30, "2026-05-06", "国办函〔2020〕109号；民诉法85③"),
    ("F04 缴费30日落在周日", "2026-03-20", 30, "2026-04-20", "国办函〔2020〕109号；民诉法85③"),
    ("G11 复议60日落入劳动节", "2026-03-02", 60, "2026-05-06", "行政复议法20、88；民诉法85③"),
    ("G13 起诉15日落入国庆", "2026-09-18", 15, "2026-10-08", "行政诉讼法45；民诉法85③"),
    ("S01 签收次日起第60日", "2026-04-02", 60, "2026-06-01", "行政复议法20"),
]


@pytest.mark.parametrize(("what", "start", "n", "due", "basis"), WORKDAY_EXAMPLES)
def test_periods_in_working_days_end_where_the_law_ends_them(
    what: str, start: str, n: int, due: str, basis: str
) -> None:
    found = CALENDAR.add_workdays(d(start), n)
    assert found.date == d(due), basis
    counted = [step for step in found.days if step.number]
    assert [step.number for step in counted] == list(range(1, n + 1))
    assert counted[-1].day == found.date
    assert found.days[0].day == d(start) + timedelta(days=1), "the start day is not counted (民诉法85②)"


@pytest.mark.parametrize(("what", "start", "n", "due", "basis"), DAY_EXAMPLES)
def test_periods_in_natural_days_roll_over_days_off(
    what: str, start: str, n: int, due: str, basis: str
) -> None:
    found = CALENDAR.add_days(d(start), n)
    assert found.date == d(due), basis
    assert found.basis[-1] == "民事诉讼法第八十五条第三款" or found.date == d(start) + timedelta(days=n)


def test_a_consultation_period_does_not_roll() -> None:
    """G08: 公开征求意见不少于30日 (国务院令713号15条)."""
    assert CALENDAR.add_days(d("2026-03-02"), 30, roll=False).date == d("2026-04-01")
    assert CALENDAR.add_days(d("2026-03-06"), 30, roll=False).date == d("2026-04-05"), (
        "a day off, and it stays"
    )


def test_a_fixed_date_on_a_day_off_must_be_met_before_it() -> None:
    """G16: 年报 1月31日前 (条例49①); in 2026 that is a Saturday."""
    assert CALENDAR.last_workday(d("2026-01-31")) == d("2026-01-30")
    assert CALENDAR.last_workday(d("2026-03-31")) == d("2026-03-31")


def test_months_end_on_the_same_day_or_the_last_of_the_month() -> None:
    """行政诉讼法46: 六个月."""
    assert CALENDAR.add_months(d("2026-03-02"), 6).date == d("2026-09-02")
    assert CALENDAR.add_months(d("2025-08-31"), 6).date == d("2026-02-28"), "a make-up Saturday is no day off"
    assert CALENDAR.add_months(d("2026-03-25"), 6).date == d("2026-09-28"), "中秋 9/25–27"


def test_the_derivation_names_holidays_and_make_up_days() -> None:
    due = CALENDAR.add_workdays(d("2026-09-18"), 20)
    by_day = {step.day: step for step in due.days}
    assert (by_day[d("2026-09-20")].kind, by_day[d("2026-09-20")].number) == ("makeup", 1)
    assert (by_day[d("2026-09-25")].kind, by_day[d("2026-09-25")].name) == ("holiday", "中秋节")
    assert by_day[d("2026-10-01")].name == "国庆节"
    assert by_day[d("2026-10-10")].kind == "makeup"
    assert by_day[d("2026-09-19")].kind == "weekend"
    assert len(due.days) == (due.require() - d("2026-09-18")).days


def test_a_rolled_period_shows_where_it_would_have_ended() -> None:
    due = CALENDAR.add_days(d("2026-03-02"), 60)
    rolled = [step.day for step in due.days if step.kind == "rolled"]
    assert rolled == [d("2026-05-01") + timedelta(days=i) for i in range(5)]
    assert due.days[-1].day == d("2026-05-06")


# ------------------------------------------------------------------ the year nobody knows yet
def test_a_period_that_reaches_an_unconfirmed_year_has_no_date_but_a_bound() -> None:
    """A18: 2026-12-10 + 20; 15 are counted in 2026, and no arrangement can end the rest before 6 January."""
    due = CALENDAR.add_workdays(d("2026-12-10"), 20)
    assert due.date is None
    assert due.reason == "待定（2027年放假安排未导入）"
    assert due.not_before == d("2027-01-06")
    assert due.text == "待定（2027年放假安排未导入），不早于 1月6日"
    assert max(step.number or 0 for step in due.days) == 15
    with pytest.raises(YearNotConfirmed, match="2027年放假安排未导入"):
        due.require()


def test_a_natural_period_into_an_unconfirmed_year_is_open_only_when_it_could_roll() -> None:
    assert CALENDAR.add_days(d("2026-12-20"), 30).date is None
    assert CALENDAR.add_days(d("2026-12-20"), 30).not_before == d("2027-01-19")
    assert CALENDAR.add_days(d("2026-12-01"), 31).not_before == d("2027-01-02"), (
        "1 January is off by 放假办法2"
    )
    assert CALENDAR.add_days(d("2026-12-20"), 30, roll=False).date == d("2027-01-19")


def test_whoever_demands_a_date_is_refused() -> None:
    for call in (
        lambda: CALENDAR.is_workday(d("2027-01-04")),
        lambda: CALENDAR.workdays_between(d("2026-12-30"), d("2027-01-04")),
        lambda: CALENDAR.last_workday(d("2027-01-31")),
        lambda: CALENDAR.before(d("2027-01-31"), 3),
        lambda: CALENDAR.before(d("2024-01-03"), 5),
    ):
        with pytest.raises(YearNotConfirmed):
            call()
    assert CALENDAR.workdays_between(d("2026-12-31"), d("2026-12-31")) == 0


def test_no_arrangement_of_the_unknown_year_ends_before_the_bound() -> None:
    """The bound is certain: even a year in which every day but the first is worked cannot undercut it."""
    days = [date(2027, 1, 1) + timedelta(days=i) for i in range(365)]
    hardest = tuple(SpecialDay(x, DayKind.WORK, "假想") for x in days[1:] if x.weekday() >= 5)
    table = YearTable(2027, (SpecialDay(days[0], DayKind.OFF, "元旦"), *hardest))
    known = Calendar([*read_tables(), table])
    for offset in range(31):
        start = d("2026-12-01") + timedelta(days=offset)
        unknown = CALENDAR.add_workdays(start, 30)
        assert unknown.not_before == known.add_workdays(start, 30).date


def test_a_later_notice_may_name_days_at_the_end_of_the_year_before() -> None:
    table = YearTable(2027, (SpecialDay(d("2026-12-31"), DayKind.OFF, "元旦"),))
    assert not Calendar([*read_tables(), table]).is_workday(d("2026-12-31"))
    assert CALENDAR.is_workday(d("2026-12-31"))


def test_regional_days_off_do_not_count() -> None:
    """放假办法第四条: the region sets the days of the peoples' own festivals."""
    local = SpecialDay(d("2026-03-03"), DayKind.REGIONAL, "三月三")
    tables = [YearTable(t.year, (*t.days, local) if t.year == 2026 else t.days) for t in read_tables()]
    due = Calendar(tables).add_workdays(d("2026-03-02"), 1)
    assert due.date == d("2026-03-04")
    assert due.days[0].name == "三月三"


# ------------------------------------------------------------------ properties
any_day = st.dates(d("2024-01-01"), d("2026-12-31"))


@given(start=any_day, n=st.integers(0, 80))
def test_counting_agrees_with_counting_day_by_day(start: date, n: int) -> None:
    due = CALENDAR.add_workdays(start, n)
    day, left = start, n
    while left and day <= d("2026-12-31"):
        day += timedelta(days=1)
        left -= day.year <= 2026 and naive_workday(day)
    assert due.date == (None if left else day)
    if due.date is not None:
        assert CALENDAR.workdays_between(start, due.date) == n
        assert CALENDAR.days_left(start, due).days == n
        assert due.not_before == due.date


@given(a=any_day, b=any_day)
def test_working_days_between_are_those_one_counts_by_hand(a: date, b: date) -> None:
    low, high = min(a, b), max(a, b)
    by_hand = sum(naive_workday(low + timedelta(days=i)) for i in range(1, (high - low).days + 1))
    assert CALENDAR.workdays_between(a, b) == (by_hand if a <= b else -by_hand)


@given(due=st.dates(d("2024-06-01"), d("2026-12-31")), n=st.integers(0, 60))
def test_a_reminder_falls_on_the_first_working_day_with_n_left(due: date, n: int) -> None:
    day = CALENDAR.before(due, n)
    assert CALENDAR.workdays_between(day, due) == n
    assert CALENDAR.is_workday(day)


@given(start=any_day, n=st.integers(0, 200))
def test_a_rolled_period_ends_on_the_first_working_day_from_its_last_day(start: date, n: int) -> None:
    due = CALENDAR.add_days(start, n)
    day = start + timedelta(days=n)
    while day.year <= 2026 and not naive_workday(day):
        day += timedelta(days=1)
    assert due.date == (day if day.year <= 2026 else None)


@given(start=any_day, n=st.integers(0, 40))
def test_more_days_never_end_earlier(start: date, n: int) -> None:
    assert CALENDAR.add_workdays(start, n).not_before < CALENDAR.add_workdays(start, n + 1).not_before


# ------------------------------------------------------------------ words (glossary A, F; demo.md 5)
@pytest.mark.parametrize(
    ("due", "text", "kind"),
    [
        ("2026-12-11", "剩 14 个工作日", "due_ok"),
        ("2026-12-15", "剩 16 个工作日", "due_ok"),
        ("2026-11-30", "剩 5 个工作日", "due_near"),
        ("2026-11-26", "剩 3 个工作日", "due_soon"),
        ("2026-11-23", "今日到期", "due_today"),
        ("2026-11-19", "已超期 2 个工作日", "overdue"),
    ],
)
def test_what_is_left_is_said_as_offices_say_it(due: str, text: str, kind: str) -> None:
    left = CALENDAR.days_left(d("2026-11-23"), d(due))
    assert (left.text, left.kind) == (text, kind)


def test_dates_carry_their_weekday_and_make_up_days_say_so() -> None:
    assert date_text(d("2026-12-11")) == "2026-12-11（星期五）"
    due = CALENDAR.add_workdays(d("2026-08-24"), 20)
    assert due.text == "2026-09-20（星期日·调休上班）"


def test_a_deadline_of_friday_is_late_on_saturday_though_no_working_day_has_passed() -> None:
    left = CALENDAR.days_left(d("2026-11-21"), d("2026-11-20"))
    assert (left.kind, left.text) == ("overdue", "已超期（不满 1 个工作日）")


def test_what_is_left_of_an_open_deadline_is_open() -> None:
    left = CALENDAR.days_left(d("2026-12-10"), CALENDAR.add_workdays(d("2026-12-10"), 20))
    assert (left.kind, left.text, left.not_before) == (
        "due_unknown",
        "待定（2027年放假安排未导入）",
        d("2027-01-06"),
    )
    assert CALENDAR.days_left(d("2026-12-10"), None).text == "待定"


def test_lateness_into_an_unconfirmed_year_is_counted_as_far_as_it_is_certain() -> None:
    left = CALENDAR.days_left(d("2027-01-05"), d("2026-12-28"))
    assert (left.kind, left.text) == ("overdue", "已超期 3 个工作日以上（2027年放假安排未导入）")


def test_natural_days_say_that_they_are_natural() -> None:
    left = CALENDAR.days_left(d("2026-04-01"), CALENDAR.add_days(d("2026-03-20"), 30))
    assert left.text == "剩 19 天（自然日）"


def test_an_office_without_any_calendar_goes_on_working() -> None:
    empty = Calendar()
    assert empty.add_workdays(d("2026-03-02"), 20).reason == "待定（2026年放假安排未导入）"
    assert (
        empty.days_left(d("2026-03-02"), d("2026-03-05")).text == "剩 0 个工作日以上（2026年放假安排未导入）"
    )
