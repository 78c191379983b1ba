"""收到申请之日 by channel, and 送达: which day counts for whom."""

from __future__ import annotations

import pytest

from tests.law.test_calendar import CALENDAR, d
from workflows.law.receipt import Channel, confirm_by, receipt_day
from workflows.law.refusals import LawRefusal
from workflows.law.service import (
    Attempt,
    Method,
    Return,
    Verdict,
    in_time,
    must_serve_again,
    served_on,
    timeliness,
)

DUE = d("2026-03-30")


def test_what_is_handed_in_is_received_that_day() -> None:
    assert receipt_day(Channel.COUNTER, d("2026-03-02")).day == d("2026-03-02")
    assert receipt_day(Channel.ORAL, d("2026-03-02")).day == d("2026-03-02")


def test_registered_mail_is_received_when_signed_for_on_a_weekend_too() -> None:
    found = receipt_day(Channel.REGISTERED, d("2026-03-07"), signed_on=d("2026-03-07"))
    assert (found.day, found.article) == (d("2026-03-07"), "条例第三十一条第二项")
    assert "签收" in receipt_day(Channel.REGISTERED, d("2026-03-07")).waiting


@pytest.mark.parametrize("channel", [Channel.ORDINARY, Channel.ONLINE, Channel.EMAIL, Channel.FAX])
def test_what_needs_confirming_has_no_day_before_it(channel: Channel) -> None:
    assert receipt_day(channel, d("2026-04-29")).day is None
    assert "确认" in receipt_day(channel, d("2026-04-29")).waiting
    assert receipt_day(channel, d("2026-04-29"), confirmed_on=d("2026-04-30")).day == d("2026-04-30")


def test_an_ordinary_letter_confirmed_late_says_so_and_one_out_of_reach_waits_for_contact() -> None:
    late = receipt_day(Channel.ORDINARY, d("2026-04-02"), confirmed_on=d("2026-04-03"))
    assert "收到当日" in late.warning
    found = receipt_day(Channel.ORDINARY, d("2026-04-02"), contact_restored_on=d("2026-04-09"))
    assert (found.day, "207号" in found.article, found.warning) == (d("2026-04-09"), True, "")


def test_confirming_before_arrival_is_refused() -> None:
    with pytest.raises(LawRefusal, match="早于到达日"):
        receipt_day(Channel.ONLINE, d("2026-04-30"), confirmed_on=d("2026-04-29"))


def test_an_unconfirmed_arrival_raises_the_alarm_after_one_working_day() -> None:
    assert confirm_by(d("2026-11-20"), CALENDAR).date == d("2026-11-23")


# ------------------------------------------------------------------ service
@pytest.mark.parametrize(
    ("method", "signed", "verdict"),
    [
        (Method.POSTAL, "2026-04-02", Verdict.ON_TIME),  # S01: 交邮日
        (Method.POSTAL, None, Verdict.ON_TIME),
        (Method.DIRECT, "2026-03-31", Verdict.LATE),  # S02
        (Method.ENTRUSTED, "2026-03-31", Verdict.LATE),
        (Method.ELECTRONIC, "2026-03-30", Verdict.ON_TIME),  # S04
        (Method.DIRECT, None, Verdict.WAITING),
        (Method.COURIER, "2026-03-31", Verdict.LATE),
    ],
)
def test_posting_counts_for_the_post_and_the_signature_for_everything_else(
    method: Method, signed: str | None, verdict: Verdict
) -> None:
    found = in_time(method, DUE, d(signed) if signed else None, DUE)
    assert found.verdict is verdict
    assert bool(found.warning) is (method is Method.COURIER)


def test_a_due_day_that_is_not_known_is_on_time_up_to_its_bound() -> None:
    due = CALENDAR.add_workdays(d("2026-12-10"), 20)
    assert in_time(Method.POSTAL, d("2027-01-06"), None, due).verdict is Verdict.ON_TIME
    assert in_time(Method.POSTAL, d("2027-01-07"), None, due).verdict is Verdict.UNKNOWN


def test_a_signature_before_the_posting_is_refused() -> None:
    with pytest.raises(LawRefusal, match="签收日早于"):
        in_time(Method.POSTAL, d("2026-03-30"), d("2026-03-29"), DUE)


def test_a_letter_that_came_back_was_still_posted_in_time_and_is_served_again() -> None:
    """demo: EMS 退件, 两次交邮日都保留."""
    back = Attempt(Method.POSTAL, d("2026-03-27"), returned=d("2026-04-03"), reason=Return.UNKNOWN_ADDRESSEE)
    assert must_serve_again([back])
    again = Attempt(Method.POSTAL, d("2026-04-07"), signed=d("2026-04-09"))
    found = timeliness([back, again], DUE)
    assert (found.verdict, found.effective_on) == (Verdict.ON_TIME, d("2026-03-27"))
    assert served_on([back, again]) == d("2026-04-09")
    assert not must_serve_again([back, again])


def test_a_courier_first_and_the_post_after_are_judged_together() -> None:
    courier = Attempt(Method.COURIER, d("2026-03-27"))
    post = Attempt(Method.POSTAL, d("2026-03-30"))
    assert timeliness([courier, post], DUE).verdict is Verdict.ON_TIME
    assert timeliness([courier], DUE).verdict is Verdict.WAITING
    assert "235号" in timeliness([courier], DUE).warning
    assert timeliness([], DUE).verdict is Verdict.WAITING
