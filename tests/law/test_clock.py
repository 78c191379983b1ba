"""The reply period of an application: what stops it, what starts it anew, and what is only tried."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.law.second import walk
from tests.law.test_calendar import CALENDAR, d, naive_workday
from workflows.law.calendar import DayKind, NotKnown, SpecialDay
from workflows.law.clock import Clock, State, Threshold, compute, next_threshold, thresholds
from workflows.law.events import from_json, to_json
from workflows.law.settings import DEFAULTS, DESCRIBED, LawSettings, from_values

MARCH = "2026-03-02"


def clock(received: str, *events: dict[str, Any], on: str = "", settings: LawSettings = DEFAULTS) -> Clock:
    return compute(d(received), from_json(list(events)), CALENDAR, settings, d(on) if on else None)


def asked(
    sent: str, delivered: str = "", returned: str = "", kind: str = "third", **more: str
) -> dict[str, Any]:
    found = {"t": "consult_sent", "date": sent, "kind": kind, **more}
    return found | {k: v for k, v in (("delivered", delivered), ("returned", returned)) if v}


def extended(on: str, days: int) -> dict[str, Any]:
    return {"t": "extension", "date": on, "days": days}


def corrected(issued: str, received: str = "", deadline: str = "2026-04-01") -> list[dict[str, Any]]:
    found = [{"t": "correction_issued", "date": issued, "deadline": deadline}]
    return found + ([{"t": "correction_received", "date": received}] if received else [])


def codes(found: Clock) -> list[str]:
    return [caution.code for caution in found.cautions]


def due(found: Clock) -> str:
    assert found.reply_due is not None
    return found.reply_due.require().isoformat()


# ------------------------------------------------------------------ the cases of the demonstration city
@pytest.mark.parametrize(
    ("number", "received", "events", "expected"),
    [
        ("0103", "2026-09-07", [asked("2026-09-14", "2026-09-16", "2026-09-29")], "2026-10-26"),
        ("0104", "2026-09-14", [asked("2026-09-22", "2026-09-23", "2026-10-12")], "2026-10-29"),
        ("0114", "2026-10-14", corrected("2026-10-20", "2026-10-27", "2026-11-10"), "2026-11-24"),
        ("0118", "2026-10-26", [], "2026-11-23"),
        ("0116", "2026-08-24", [], "2026-09-20"),
    ],
)
def test_the_demonstration_city_is_answered_by_the_days_it_shows(
    number: str, received: str, events: list[dict[str, Any]], expected: str
) -> None:
    assert due(clock(received, *events)) == expected


def test_a_paused_case_says_since_when_and_how_many_days_are_used() -> None:
    """demo 0121: 11-03 sent, 11-05 signed for; on 11-23 the opinion is still to come by 11-26."""
    found = clock("2026-10-21", asked("2026-11-03", "2026-11-05"), on="2026-11-23")
    assert found.state is State.PAUSED
    assert found.status == "期限暂停计算：第三方意见征求（自 11-04 起），已用 9 个工作日"
    assert found.opinion_due is not None
    assert found.opinion_due.date == d("2026-11-26")
    assert (found.used, found.left, found.provisional) == (9, 11, True)
    assert found.remaining.text == "剩 11 个工作日"


# ------------------------------------------------------------------ pauses (条例33③)
def test_the_day_of_sending_still_counts_and_the_day_of_return_does_not() -> None:
    sent = asked("2026-03-10", "2026-03-12", "2026-03-25")
    assert clock(MARCH, sent, on="2026-03-10").state is State.RUNNING
    assert clock(MARCH, sent, on="2026-03-11").state is State.PAUSED
    assert clock(MARCH, sent, on="2026-03-25").state is State.PAUSED
    assert clock(MARCH, sent, on="2026-03-26").state is State.RUNNING
    assert [clock(MARCH, sent, on=f"2026-03-{day}").used for day in (10, 11, 25, 26)] == [6, 6, 6, 7]


def test_silence_of_a_third_party_and_of_a_joint_author_mean_different_things() -> None:
    third = clock(MARCH, asked("2026-03-10", "2026-03-12"), on="2026-04-10").opinions[0]
    joint = clock(MARCH, asked("2026-03-10", "2026-03-11", kind="joint"), on="2026-04-10").opinions[0]
    assert "由本机关依法决定" in third.consequence
    assert "视为同意公开" in joint.consequence
    assert clock(MARCH, asked("2026-03-10", "2026-03-12"), on="2026-03-20").opinions[0].consequence == ""


def test_an_opinion_that_was_never_delivered_leaves_the_end_open_with_a_bound() -> None:
    found = clock(MARCH, asked("2026-03-10"), on="2026-03-20")
    assert found.reply_due is not None
    assert found.reply_due.date is None
    assert found.reply_due.text == "待定（第三方意见征求尚未结束，期限暂停计算），不早于 4月10日"
    assert codes(found) == ["consult_not_delivered"]
    assert found.paused_workdays is None
    assert next_threshold(found, d("2026-03-20")) is None
    with pytest.raises(NotKnown, match="尚未结束"):
        found.reply_due.require()


def test_other_organs_have_no_period_of_their_own() -> None:
    found = clock(MARCH, asked("2026-03-09", "2026-03-09", "2026-05-20", kind="other"))
    assert (found.opinion_due, found.paused_workdays) == (
        None,
        CALENDAR.workdays_between(d("2026-03-09"), d("2026-05-20")),
    )


@pytest.mark.parametrize("kind", ["assist", "meeting", "secrecy"])
def test_assistance_and_meetings_stop_nothing_unless_the_organ_says_so(kind: str) -> None:
    """domain.md 12.1."""
    sent = asked("2026-03-09", "", "2026-03-16", kind=kind)
    assert due(clock(MARCH, sent)) == "2026-03-30"
    willing = replace(DEFAULTS, **{f"{kind}_pauses": True})  # type: ignore[arg-type]
    paused = clock(MARCH, sent, settings=willing)
    assert (due(paused), codes(paused)) == ("2026-04-07", ["consult_pause_by_setting"])


def test_a_consultation_with_impossible_dates_pauses_nothing() -> None:
    found = clock(MARCH, asked("2026-03-10", "2026-03-09", "2026-03-25"))
    assert (due(found), codes(found)) == ("2026-03-30", ["consult_dates"])


# ------------------------------------------------------------------ restarts (条例30, 109号)
def test_a_restart_voids_pauses_and_extensions_before_it() -> None:
    found = clock(
        MARCH,
        *corrected("2026-03-05"),
        asked("2026-03-06", "2026-03-06", "2026-03-12"),
        extended("2026-03-09", 20),
        {"t": "correction_received", "date": "2026-03-20"},
    )
    assert (due(found), found.paused_workdays, found.allowed) == ("2026-04-20", 0, 20)
    again = clock(MARCH, *corrected("2026-03-11", "2026-03-20"), extended("2026-04-20", 20))
    assert (due(again), codes(again)) == ("2026-05-20", [])


def test_a_late_correction_notice_does_not_restart_the_clock() -> None:
    late = corrected("2026-03-12", "2026-03-20")
    assert due(clock(MARCH, *late)) == "2026-03-30"
    assert codes(clock(MARCH, *late)) == ["correction_late"]
    bold = clock(MARCH, *late, settings=replace(DEFAULTS, late_correction_restarts=True))
    assert (due(bold), codes(bold)) == ("2026-04-20", ["correction_late_restarts"])


def test_a_second_correction_notice_has_no_effect() -> None:
    twice = [*corrected("2026-03-05", "2026-03-10"), *corrected("2026-03-11", "2026-03-20")]
    found = clock(MARCH, *twice)
    assert (due(found), codes(found)) == ("2026-04-08", ["correction_twice", "correction_again"])


def test_waiting_for_a_correction_is_open_and_its_last_day_raises_a_caution() -> None:
    waiting = clock(MARCH, *corrected("2026-03-11"), on="2026-04-01")
    assert (waiting.state, waiting.left, codes(waiting)) == (State.WAITING_CORRECTION, None, [])
    assert codes(clock(MARCH, *corrected("2026-03-11"), on="2026-04-02")) == ["correction_overdue"]
    assert thresholds(waiting) == []


def test_a_lapse_before_its_day_closes_nothing() -> None:
    early = clock(MARCH, *corrected("2026-03-11"), {"t": "correction_lapsed", "date": "2026-04-01"})
    assert (early.state, codes(early)) == (State.WAITING_CORRECTION, ["correction_lapse_early"])
    done = clock(MARCH, *corrected("2026-03-11"), {"t": "correction_lapsed", "date": "2026-04-02"})
    assert (done.state, done.outcome, done.reply_due) == (State.ENDED, "correction_lapsed", None)
    fee = {"t": "fee_notice", "date": "2026-03-20", "delivered": "2026-03-20"}
    assert codes(clock(MARCH, fee, {"t": "fee_lapsed", "date": "2026-04-20"})) == ["fee_lapse_early"]


def test_a_fee_notice_after_the_last_day_restarts_nothing() -> None:
    notice = {"t": "fee_notice", "date": "2026-03-31", "delivered": "2026-03-31"}
    found = clock(MARCH, notice, {"t": "fee_paid", "date": "2026-04-02"})
    assert (due(found), codes(found)) == ("2026-03-30", ["fee_notice_late"])


def test_where_the_region_counts_fee_days_in_working_days_it_is_a_setting() -> None:
    """domain.md 12.13."""
    local = replace(DEFAULTS, fee_payment_length=20, fee_payment_unit="workday")
    notice = {"t": "fee_notice", "date": "2026-03-20", "delivered": "2026-03-20"}
    found = clock(MARCH, notice, settings=local, on="2026-03-25")
    assert found.fee_due is not None
    assert (found.fee_due.date, found.state) == (walk(d("2026-03-20"), 20)[0], State.WAITING_FEE)


# ------------------------------------------------------------------ extension and delay (条例33②, 35)
@pytest.mark.parametrize("days", [0, -5, 21])
def test_an_extension_is_of_one_to_twenty_working_days(days: int) -> None:
    assert due(clock(MARCH, extended("2026-03-27", days))) == "2026-03-30"


def test_an_extension_holds_on_the_last_day_and_not_after_it() -> None:
    assert due(clock(MARCH, extended("2026-03-30", 20))) == "2026-04-28"
    assert codes(clock(MARCH, extended("2026-03-31", 20))) == ["extension_late"]
    paused = [asked("2026-03-10", "2026-03-12", "2026-03-25"), extended("2026-04-15", 10)]
    assert codes(clock(MARCH, *paused)) == []


def test_a_refused_extension_does_not_use_up_the_one_there_is() -> None:
    found = clock(MARCH, extended("2026-03-20", 25), extended("2026-03-23", 20))
    assert (due(found), codes(found)) == ("2026-04-28", ["extension_too_long"])


def test_several_extensions_by_setting_never_exceed_twenty_days() -> None:
    many = replace(DEFAULTS, extension_once=False)
    events = [extended("2026-03-20", 10), extended("2026-03-23", 10), extended("2026-03-24", 1)]
    found = clock(MARCH, *events, settings=many)
    assert (due(found), codes(found)) == ("2026-04-28", ["extension_twice"])


def test_a_delay_sets_the_day_the_office_has_told() -> None:
    reasons = [
        {"t": "reason_requested", "date": "2026-03-09"},
        {"t": "reason_received", "date": "2026-03-16"},
    ]
    delay = {"t": "delay", "date": "2026-03-20", "until": "2026-06-30"}
    found = clock(MARCH, *reasons, delay, on="2026-06-25")
    assert (due(found), codes(found), found.left) == ("2026-06-30", [], 3)
    assert next_threshold(found, d("2026-06-01")) == Threshold(d("2026-06-23"), 5)
    assert codes(clock(MARCH, delay)) == ["delay_without_reason"]
    assert codes(clock(MARCH, {**delay, "date": "2026-03-31"})) == ["delay_late"]
    assert codes(clock(MARCH, {**delay, "until": "2026-03-30"})) == ["delay_not_later"]
    assert codes(clock(MARCH, *reasons, delay, extended("2026-03-25", 5))) == ["extension_after_delay"]


# ------------------------------------------------------------------ the end, and what cannot be known
def test_a_reply_ends_the_clock_and_is_late_or_not() -> None:
    reply = clock(MARCH, {"t": "replied", "date": "2026-03-30"}, extended("2026-03-31", 5))
    assert (reply.state, reply.late, due(reply), codes(reply)) == (
        State.ENDED,
        False,
        "2026-03-30",
        ["after_end"],
    )
    assert clock(MARCH, {"t": "replied", "date": "2026-03-31"}).late is True
    assert clock(MARCH, {"t": "withdrawn", "date": "2026-03-05"}).status == "申请人撤回"


def test_nothing_is_guessed_about_a_year_without_its_holidays() -> None:
    found = clock("2026-12-10", extended("2026-12-31", 20), on="2026-12-25")
    assert found.reply_due is not None
    assert found.reply_due.text == "待定（2027年放假安排未导入），不早于 1月26日"
    assert (found.used, found.left, found.late) == (11, 29, False)
    assert clock("2026-12-10", on="2027-03-01").late is None
    late = clock("2026-12-10", extended("2027-01-20", 20))
    assert codes(late) == ["not_checked"], "nobody can know yet whether that is late"
    assert next_threshold(clock("2026-12-04"), d("2026-12-04")) == Threshold(d("2026-12-25"), 5)


def test_regional_days_off_move_the_deadline_and_confirm_no_year() -> None:
    region = CALENDAR.with_regional([SpecialDay(d("2026-03-03"), DayKind.REGIONAL, "三月三")])
    found = compute(d(MARCH), [], region)
    assert due(found) == "2026-03-31"
    assert found.derivation()[1].text == "三月三地方放假，不计"
    assert not region.confirmed(d("2027-01-04"))
    assert CALENDAR.is_workday(d("2026-03-03"))


def test_events_before_the_receipt_are_left_out() -> None:
    assert codes(clock(MARCH, extended("2026-03-01", 5))) == ["before_receipt"]


# ------------------------------------------------------------------ thresholds
def test_reminders_come_at_five_three_and_one_then_the_last_day_and_the_day_after() -> None:
    found = clock(MARCH, on="2026-03-03")
    assert [(t.on.isoformat(), t.left) for t in thresholds(found)] == [
        ("2026-03-23", 5),
        ("2026-03-25", 3),
        ("2026-03-27", 1),
        ("2026-03-30", 0),
        ("2026-03-31", -1),
    ]
    assert next_threshold(found, d("2026-03-25")) == Threshold(d("2026-03-27"), 1)
    assert next_threshold(found, d("2026-03-31")) is None
    early = clock(MARCH, settings=replace(DEFAULTS, reminders=(10,)))
    assert next_threshold(early, d(MARCH)) == Threshold(d("2026-03-16"), 10)


def test_reminders_do_not_count_paused_days() -> None:
    found = clock(MARCH, asked("2026-03-23", "2026-03-23", "2026-03-27"), on="2026-03-23")
    assert [(t.on.isoformat(), t.left) for t in thresholds(found)][1] == ("2026-03-31", 3)


# ------------------------------------------------------------------ derivation
def test_the_derivation_names_every_day_once_and_every_turn_with_its_clause() -> None:
    found = clock(
        MARCH,
        asked("2026-03-10", "2026-03-12", "2026-03-25", document="云建征询〔2026〕3号", party="云汀明镜"),
        extended("2026-04-10", 20),
    )
    entries = found.derivation()
    day_kinds = ("received", "counted", "makeup", "weekend", "holiday", "paused", "waiting")
    days = [entry.day for entry in entries if entry.kind in day_kinds]
    assert days == [d(MARCH) + timedelta(days=i) for i in range((d("2026-05-15") - d(MARCH)).days + 1)]
    numbers = [entry.number for entry in entries if entry.kind in ("counted", "makeup")]
    assert numbers == list(range(1, 41))
    assert len([entry for entry in entries if entry.kind == "paused"]) == found.paused_workdays == 11
    turns = {entry.kind: entry for entry in entries if entry.kind not in day_kinds}
    assert turns["pause"].document == "云建征询〔2026〕3号"
    assert turns["pause"].article == "条例第三十二条"
    assert turns["resume"].day == d("2026-03-25")
    assert turns["extended"].article == "条例第三十三条第二款"
    assert turns["due"].text == "第 40 个工作日（20＋延长 20），答复期限届满：2026-05-15（星期五）"
    assert all(entry.line.startswith(entry.day.isoformat()) for entry in entries)


def test_the_derivation_of_an_answered_request_goes_on_to_the_last_day_it_had() -> None:
    entries = clock(MARCH, {"t": "replied", "date": "2026-03-10"}).derivation()
    numbers = [entry.number for entry in entries if entry.kind == "counted"]
    assert numbers == list(range(1, 21))
    assert (entries[-1].kind, entries[-1].day) == ("due", d("2026-03-30"))
    assert [entry.text for entry in entries if entry.day == d("2026-03-10")] == ["第 6 个工作日", "答复"]


def test_the_derivation_shows_holidays_make_up_days_and_a_restart() -> None:
    entries = clock("2026-09-18", *corrected("2026-09-23", "2026-10-08", "2026-10-20")).derivation()
    by_day = {entry.day: entry for entry in entries if entry.kind not in ("event", "restart", "due")}
    assert by_day[d("2026-09-20")].text == "调休上班，第 1 个工作日"
    assert by_day[d("2026-09-25")].text == "中秋节放假，不计"
    assert by_day[d("2026-09-28")].text == "等待补正，不计"
    restart = next(entry for entry in entries if entry.kind == "restart")
    assert (restart.day, "重新起算" in restart.text, restart.article) == (
        d("2026-10-08"),
        True,
        "条例第三十条",
    )
    assert by_day[d("2026-10-09")].number == 1


def test_the_derivation_does_not_claim_an_opinion_that_has_not_come() -> None:
    entries = clock(MARCH, asked("2026-03-10", "2026-03-12"), on="2026-03-20").derivation()
    resume = next(entry for entry in entries if entry.kind == "resume")
    assert "届时未提出意见的" in resume.text
    silent = clock(MARCH, asked("2026-03-10", "2026-03-12")).derivation()
    assert "15个工作日届满未提出意见" in next(e.text for e in silent if e.kind == "resume")


def test_what_had_no_effect_is_in_the_derivation_with_its_reason() -> None:
    entries = clock(MARCH, extended("2026-03-31", 20)).derivation()
    refused = next(entry for entry in entries if entry.kind == "none")
    assert "晚于原届满日" in refused.text


def test_the_clock_is_quick() -> None:
    events = from_json([asked("2026-03-10", "2026-03-12", "2026-03-25"), extended("2026-04-10", 20)])
    begun = time.process_time()
    for _ in range(500):
        compute(d(MARCH), events, CALENDAR, as_of=d("2026-03-20"))
    assert (time.process_time() - begun) / 500 < 0.001, (
        "seconds of this process, whatever else the machine does"
    )


# ------------------------------------------------------------------ properties
@given(
    start=st.dates(d("2024-01-01"), d("2026-06-30")),
    sent=st.integers(0, 18),
    length=st.integers(0, 30),
    shown=st.integers(0, 70),
)
def test_days_used_are_those_one_counts_by_hand(start: date, sent: int, length: int, shown: int) -> None:
    begin, as_of = start + timedelta(days=sent), start + timedelta(days=shown)
    end = begin + timedelta(days=length)
    found = compute(
        start, from_json([asked(begin.isoformat(), "", end.isoformat(), "other")]), CALENDAR, as_of=as_of
    )
    days = [start + timedelta(days=i) for i in range(1, shown + 1)]
    used = sum(naive_workday(day) and not begin < day <= end for day in days)
    assert found.used == used
    if found.left is not None and found.left >= 0:
        assert used + found.left == 20


def test_events_survive_their_json() -> None:
    items = [
        asked("2026-03-10", "2026-03-12", party="甲"),
        extended("2026-03-20", 5),
        *corrected("2026-03-05"),
    ]
    assert to_json(from_json(items)) == items


def test_settings_carry_their_marks_and_refuse_wrong_types() -> None:
    assert {entry.key for entry in DESCRIBED} == set(LawSettings.__slots__)
    assert all(entry.mark in ("【未核实】", "【推定】", "【地方】") for entry in DESCRIBED)
    assert from_values({"reminders": [7, 2], "unknown": 1}).reminders == (7, 2)
    with pytest.raises(TypeError):
        from_values({"extension_once": "yes"})
