"""依申请公开 of the demonstration: on the base day every date equals what the plan says and the law computes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import calendar
from app.accounts.directory import directory
from app.cases.models import WorkItem
from app.core.db import db
from app.letters.models import Letter
from app.office.demo.reading import folder, read
from app.requests import applicants, clocks
from app.requests.models import (
    Appeal,
    Consultation,
    Delivery,
    Extension,
    Fee,
    Handoff,
    Incoming,
    Request,
    Search,
)
from app.requests.supervision import Supervision
from workflows.law import clock
from workflows.law.replies import REPLIES
from workflows.law.reports import ROWS

BASE = date(2026, 11, 23)
#: what ends a clock: without it the due day is still to be seen
ENDING = {"replied", "withdrawn", "correction_lapsed", "fee_lapsed"}

#: key -> answering subject, outcome, place in the report, first due day, due day at the end, answered
CLOSED: dict[str, tuple[str, str, str, str, str, str]] = {
    "0101": ("office", "R1", "（一）", "2026-09-29", "2026-09-29", "2026-09-02"),
    "0102": ("housing", "R2", "（一）", "2026-10-08", "2026-10-08", "2026-09-28"),
    "0103": ("housing", "R3", "（三）4", "2026-10-10", "2026-10-26", "2026-10-19"),
    "0104": ("natural", "R3p", "（二）", "2026-10-16", "2026-10-29", "2026-10-28"),
    "0105": ("government", "R4", "（四）1", "2026-10-14", "2026-10-14", "2026-10-13"),
    "0106": ("government", "R5", "（四）1", "2026-10-20", "2026-10-20", "2026-09-23"),
    "0107": ("government", "R6", "（五）2", "2026-10-22", "2026-10-22", "2026-09-24"),
    "0108": ("natural", "R7", "（三）8", "2026-10-26", "2026-10-26", "2026-09-24"),
    "0109": ("office", "R8", "（四）2", "2026-10-26", "2026-10-26", "2026-10-20"),
    "0110": ("office", "R9", "（五）1", "2026-11-04", "2026-11-04", "2026-10-14"),
    "0111": ("office", "R10", "（五）3", "2026-11-05", "2026-11-05", "2026-10-10"),
    "0112": ("office", "R11", "（五）4", "2026-11-05", "2026-11-05", "2026-11-05"),
    "0113": ("natural", "R12", "（五）5", "2026-11-09", "2026-11-09", "2026-10-19"),
    "0114": ("natural", "R13", "（四）3", "2026-11-11", "2026-11-24", "2026-11-10"),
    "0115": ("natural", "R14", "（六）1", "2026-10-20", "", "2026-10-22"),
    "0116": ("office", "R15", "（六）2", "2026-09-20", "", "2026-10-09"),
    "0117": ("housing", "R16", "（六）3", "2026-11-16", "2026-11-16", "2026-10-23"),
    "0201-county": ("county", "R5", "（四）1", "2026-10-20", "2026-10-20", "2026-09-24"),
}
#: key -> answering subject, received, due, how the clock stands, the step that waits
OPEN: dict[str, tuple[str, str, str, str, str]] = {
    "0118": ("office", "2026-10-26", "2026-11-23", "running", "sign"),
    "0119": ("housing", "2026-10-29", "2026-11-26", "running", "unit_answer"),
    "0120": ("government", "2026-10-22", "2026-11-19", "running", "unit_accept"),
    "0121": ("housing", "2026-10-21", "2026-12-11", "paused", "consult_wait"),
    "0122": ("natural", "2026-11-12", "2026-12-10", "running", "correction_send"),
    "0123": ("civil", "2026-11-17", "2026-12-15", "running", "search"),
    "0124": ("government", "2026-11-06", "2026-12-04", "running", "unit_answer"),
    "0125": ("natural", "2026-11-02", "2026-11-30", "running", "self_check"),
}


def found(key: str) -> Request:
    """The request of a story: its applicant and what he asked for."""
    story = folder("requests")[key]
    organ = directory().organ_by_code(story["subject"])
    assert organ is not None
    name = read("applicants.toml")[story["applicant"]]["name"]
    content = story["content"].format(year=2026, last_year=2025)
    rows = db.session.scalars(
        sa.select(Request).where(Request.subject_id == organ.id, Request.content == content)
    )
    (row,) = [row for row in rows if row.applicant["name"] == name]
    return row


def clock_of(request: Request, *, without: frozenset[str] | set[str] = frozenset()) -> clock.Clock:
    """Its clock on the base day, some events left away."""
    happened = [e for e in clocks.events_of(db.session(), request.id) if e.name not in without]
    assert request.received_on is not None
    return clock.compute(
        request.received_on, happened, calendar.current(), clocks.law_settings(request.organ_id), as_of=BASE
    )


def reply_of(key: str) -> Letter:
    """The reply letter of a story's request."""
    row = found(key)
    kind = REPLIES[str(row.outcome)].letter
    return db.session.scalars(
        sa.select(Letter).where(Letter.case_id == row.case_id, Letter.kind == kind)
    ).one()


def day(of: Any) -> str:
    return of.isoformat() if of else ""


def test_the_plan_and_the_data_name_the_same_requests() -> None:
    assert set(folder("requests")) == {*CLOSED, *OPEN, "0126", "0088-again"}


@pytest.mark.parametrize("key", CLOSED)
def test_a_closed_request_ended_as_the_plan_says(key: str, city: Flask) -> None:
    subject, outcome, place, first, last, answered = CLOSED[key]
    row = found(key)
    assert (directory().organ(row.subject_id).code, row.state) == (subject, "closed")
    assert (row.outcome, ROWS[str(row.report_row)].place) == (outcome, place)
    assert day(row.answered_on) == answered
    at_first = clock.compute(row.received_on or BASE, (), calendar.current(), as_of=row.received_on)
    assert at_first.reply_due is not None and day(at_first.reply_due.date) == first
    at_last = clock_of(row, without=ENDING).reply_due
    assert (day(at_last.date) if at_last else "") == last
    assert row.number and (row.reply_no or outcome == "R16")
    issued = sa.select(Letter).where(Letter.case_id == row.case_id, Letter.state == "issued")
    assert outcome == "R16" or all(letter.pdf_hash for letter in db.session.scalars(issued).all())


@pytest.mark.parametrize("key", OPEN)
def test_a_request_in_hand_stands_as_the_plan_says(key: str, city: Flask) -> None:
    subject, received, due, stands, step = OPEN[key]
    row = found(key)
    assert (directory().organ(row.subject_id).code, row.state) == (subject, "open")
    assert (day(row.received_on), day(row.due_on), row.clock) == (received, due, stands)
    steps = sa.select(WorkItem.step).where(WorkItem.case_id == row.case_id, WorkItem.status == "open")
    assert step in set(db.session.scalars(steps))
    now = clock_of(row)
    assert now.reply_due is not None and day(now.reply_due.date) == due


def test_days_left_are_those_of_the_plan(city: Flask) -> None:
    left = {key: clock_of(found(key)).left for key in OPEN}
    expected = {"0118": 0, "0119": 3, "0120": -2, "0123": 16, "0125": 5}
    assert {key: left[key] for key in expected} == expected
    paused = clock_of(found("0121"))
    assert (paused.used, paused.opinion_due and paused.opinion_due.date) == (9, date(2026, 11, 26))
    assert clock_of(found("0122")).correction_notice_due.date == BASE


def test_correction_fee_and_pauses_came_out_as_the_plan_says(city: Flask) -> None:
    stopped = {key: clock_of(found(key), without=ENDING).paused_workdays for key in ("0103", "0104")}
    assert stopped == {"0103": 11, "0104": 9}
    assert clock_of(found("0115"), without=ENDING).correction_deadline == date(2026, 10, 21)
    fee = db.session.scalars(sa.select(Fee)).one()
    assert (fee.yuan, fee.quantity, fee.delivered_on, fee.due_on, fee.state) == (
        11180, 412, date(2026, 9, 2), date(2026, 10, 8), "lapsed",
    )  # fmt: skip


def test_an_extension_waits_whose_new_day_lies_in_an_unknown_year(city: Flask) -> None:
    row = db.session.scalars(sa.select(Extension)).one()
    assert (row.state, row.days, row.old_due, row.new_due) == ("asked", 20, date(2026, 12, 4), None)
    item = db.session.get_one(WorkItem, row.item_id)
    post = directory().post(item.post_id or 0)
    assert post is not None and post.kind == "disclosure_head" and item.status == "open"


def test_what_came_online_waits_to_be_confirmed(city: Flask) -> None:
    row = found("0126")
    assert (row.state, row.number, row.arrived_on, row.next_threshold_on) == (
        "unconfirmed", None, date(2026, 11, 20), BASE,
    )  # fmt: skip


def test_units_return_owe_and_are_urged(city: Flask) -> None:
    late = db.session.scalars(sa.select(Handoff).where(Handoff.request_id == found("0120").id)).all()
    assert [row.status for row in late] == ["returned", "returned", "open"]
    owing = db.session.scalars(sa.select(Handoff).where(Handoff.request_id == found("0119").id)).one()
    assert (owing.status, owing.urged, owing.due_on) == ("open", 2, date(2026, 11, 18))
    watched = db.session.scalars(sa.select(Supervision)).one()
    assert watched.request_id == found("0120").id


def test_the_search_for_what_does_not_exist_left_three_traces(city: Flask) -> None:
    rows = db.session.scalars(sa.select(Search).where(Search.request_id == found("0105").id)).all()
    assert len(rows) == 3 and {row.found for row in rows} == {"none"}
    text = "".join(block["text"] for block in reply_of("0105").blocks)
    assert all(row.scope in text for row in rows)


def test_a_letter_that_came_back_was_posted_again(city: Flask) -> None:
    rows = db.session.scalars(sa.select(Delivery).where(Delivery.request_id == found("0106").id)).all()
    assert [(day(row.sent_on), row.bounce_reason, day(row.signed_on)) for row in rows] == [
        ("2026-09-23", "unknown_addressee", ""),
        ("2026-09-30", None, "2026-10-09"),
    ]


def test_what_arrived_and_is_no_application_went_its_way(city: Flask) -> None:
    rows = db.session.scalars(sa.select(Incoming).where(Incoming.case_id.is_(None))).all()
    assert sorted(row.kind for row in rows) == ["hotline", "petition", "petition"]
    assert all(row.routed_to for row in rows)
    assert [row.about_id for row in rows if row.about_id] == [found("0110").id]


def test_who_was_asked_never_reads_who_applied(city: Flask) -> None:
    for row in db.session.scalars(sa.select(Consultation)):
        request = db.session.get_one(Request, row.request_id)
        letter = db.session.scalars(
            sa.select(Letter).where(
                Letter.case_id == request.case_id, Letter.kind == "L7", Letter.part == str(row.id)
            )
        ).one()
        assert request.applicant["name"] not in "".join(block["text"] for block in letter.blocks)


def test_letters_read_as_if_written_by_hand(city: Flask) -> None:
    for letter in db.session.scalars(sa.select(Letter).where(Letter.kind != "L2")):
        text = "\n".join(block["text"] for block in letter.blocks)
        assert not re.search(r"[。，；、][。，；、]|【待填", text), (letter.kind, letter.number, text)


def test_the_derivation_of_what_ended_without_an_answer_warns_of_nothing(city: Flask) -> None:
    assert {key: clock_of(found(key)).cautions for key in ("0115", "0116", "0117")} == {
        "0115": (), "0116": (), "0117": (),
    }  # fmt: skip


def test_all_six_kinds_apply_with_numbers_nobody_has() -> None:
    rows = read("applicants.toml")
    assert len(rows) == 12
    assert {row["kind"] for row in rows.values()} == {
        "person", "company", "research", "charity", "legal", "other",
    }  # fmt: skip
    for row in rows.values():
        if row["id_kind"] == "id_card":
            assert row["id_no"].startswith("990101") and applicants.is_id_card(row["id_no"])
    assert len({row["id_no"] for row in rows.values()}) == len({row["phone"] for row in rows.values()}) == 12


def test_reconsideration_and_suit_must_be_answered_by_the_day_of_the_law(city: Flask) -> None:
    rows = {row.request_id: row for row in db.session.scalars(sa.select(Appeal))}
    review, suit = rows[found("0103").id], rows[found("0105").id]
    assert (review.kind, day(review.copy_on), day(review.answer_due_on)) == (
        "reconsideration", "2026-11-16", "2026-11-30",
    )  # fmt: skip
    assert (suit.kind, day(suit.copy_on), day(suit.answer_due_on)) == (
        "litigation",
        "2026-11-12",
        "2026-11-27",
    )
    assert {row.result for row in (review, suit)} == {"pending"}
    for row, login in ((review, "yan"), (suit, "zhang")):
        item = db.session.get_one(WorkItem, row.item_id)
        person = directory().by_login(login)
        assert item.status == "open" and item.due_on == row.answer_due_on
        assert person in directory().holders(item.post_id or 0)


def test_an_order_to_answer_again_is_due_on_its_day_and_counts_no_intake(city: Flask) -> None:
    (order,) = db.session.scalars(sa.select(Appeal).where(Appeal.result == "corrected")).all()
    row = db.session.get_one(Request, order.redo_id)
    assert row == found("0088-again") and (order.request_id, order.redo_by) == (None, date(2026, 12, 8))
    assert (row.counts, row.state, day(row.due_on)) == (False, "open", "2026-12-08")
