"""办公时间: limits counted in working days and hours, and the hours in which nobody is disturbed."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.directory import directory
from app.calendar import hours as office
from app.calendar.hours import DEFAULT, OfficeHours, Stretch, stretch
from app.core.now import SHANGHAI
from tests.support.organs import City
from tests.support.signing import sign_in
from workflows.law.calendar import Calendar, DayKind, SpecialDay, YearTable

#: of 2026: a make-up Saturday, and two days off before a weekend
DAYS = Calendar(
    [
        YearTable(
            2026,
            (
                SpecialDay(date(2026, 11, 28), DayKind.WORK, "调休"),
                SpecialDay(date(2026, 12, 3), DayKind.OFF, "放假"),
                SpecialDay(date(2026, 12, 4), DayKind.OFF, "放假"),
            ),
        )
    ]
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("11-23 09:00", 60, "11-23 10:00"),
        ("11-23 11:30", 60, "11-23 14:30"),  # noon does not count
        ("11-23 17:00", 240, "11-24 14:30"),  # nor does the night
        ("11-23 03:00", 60, "11-23 10:00"),  # before the office opens
        ("11-27 17:00", 60, "11-28 09:30"),  # a make-up Saturday is worked
        ("11-28 17:00", 60, "11-30 09:30"),  # the Sunday after it is not
        ("12-02 17:00", 60, "12-07 09:30"),  # days off before a weekend
    ],
)
def test_working_hours_pass_only_while_the_office_works(start: str, minutes: int, end: str) -> None:
    assert office.after_minutes(DAYS, DEFAULT, at(start), minutes) == at(end)
    assert office.worked(DAYS, DEFAULT, at(start), at(end)) == minutes
    opened = max(at(start), at(start).replace(hour=9, minute=0))
    assert office.before(DAYS, DEFAULT, at(end), Stretch(minutes=minutes)) == opened


def test_working_days_end_with_the_office() -> None:
    assert office.after(DAYS, DEFAULT, at("11-27 09:00"), Stretch(days=2)) == at("11-30 17:30")
    assert office.before(DAYS, DEFAULT, at("11-30 17:30"), Stretch(days=1)) == at("11-28 09:00")
    assert office.mornings_after(DAYS, DEFAULT, at("12-02 17:30"), Stretch(days=1)) == at("12-07 09:00")


def test_what_reaches_a_year_nobody_confirmed_has_no_moment() -> None:
    assert office.after(DAYS, DEFAULT, at("12-30 09:00"), Stretch(days=3)) is None
    assert office.after_minutes(DAYS, DEFAULT, at("12-31 17:00"), 60) is None


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("11-23 09:15", "11-23 09:15"),
        ("11-23 19:59", "11-23 19:59"),
        ("11-23 20:00", "11-24 08:00"),
        ("11-24 05:00", "11-24 08:00"),
        ("11-28 10:00", "11-28 10:00"),  # a make-up Saturday is a working day
        ("11-29 10:00", "11-30 08:00"),
        ("12-03 10:00", "12-07 08:00"),
    ],
)
def test_nothing_is_sent_at_night_or_on_days_off_but_the_next_working_morning(moment: str, sent: str) -> None:
    assert office.awake(DAYS, DEFAULT, at(moment)) == at(sent)


def test_a_reminder_in_an_unknown_year_keeps_the_weekend_quiet() -> None:
    moment = datetime(2027, 1, 2, 10, tzinfo=SHANGHAI)  # a Saturday
    assert office.awake(DAYS, DEFAULT, moment) == datetime(2027, 1, 4, 8, tzinfo=SHANGHAI)


def test_an_organ_keeps_its_own_hours() -> None:
    own = office.of(
        {"office_hours": {"spans": [["8:30", "12:00"]], "quiet_from": "18:00", "quiet_until": "7:30"}}
    )
    assert own == OfficeHours(((time(8, 30), time(12)),), time(18), time(7, 30))
    assert office.after_minutes(DAYS, own, at("11-23 11:30"), 60) == at("11-24 09:00")
    assert office.of({}) is DEFAULT


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "4H", "h", "2d", "1000", "٢", "²"])
def test_what_is_no_length_is_none(text: str) -> None:
    assert stretch(text) is None


def test_a_length_is_days_or_hours() -> None:
    assert stretch("2") == Stretch(days=2)
    assert stretch("4h") == Stretch(minutes=240)
    assert [Stretch(days=2).text, Stretch(minutes=240).text] == ["2 个工作日", "4 个工作小时"]


SAID = {
    "am_from": "08:30", "am_to": "12:00", "pm_from": "13:30", "pm_to": "17:00", "quiet_from": "19:00",
    "quiet_until": "07:30",
}  # fmt: skip


def test_the_unit_administrator_keeps_the_hours_of_his_organ(
    app: Flask, city: City, client: FlaskClient
) -> None:
    sign_in(client, "cheng")
    assert 'value="09:00"' in client.get("/calendar/hours").text
    assert client.post("/calendar/hours", data=SAID).status_code == 303
    kept = office.of(directory().organ(city.organs["housing"]).settings)
    assert kept == OfficeHours(((time(8, 30), time(12)), (time(13, 30), time(17))), time(19), time(7, 30))
    assert office.of(directory().organ(city.organs["office"]).settings) is DEFAULT
    assert "08:30" in sign_in(client, "fang").get("/calendar/hours").text
    assert client.post("/calendar/hours", data=SAID).status_code in (403, 404)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("am_from", "25:00", "请填写上午上班的时间"),
        ("pm_to", "12:30", "依次往后"),
        ("quiet_from", "16:00", "下班之后"),
    ],
)
def test_hours_that_make_no_sense_are_refused_and_kept_in_the_form(
    app: Flask, city: City, client: FlaskClient, key: str, value: str, words: str
) -> None:
    answer = sign_in(client, "cheng").post("/calendar/hours", data=SAID | {key: value})
    assert answer.status_code == 409 and words in answer.text and f'value="{value}"' in answer.text
