"""Making the demonstration: on both databases, on other days, never beside real data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit.service import check_now
from app.calendar import current
from app.cases import rebuilding
from app.cases.models import Case, WorkItem
from app.core import now
from app.core.db import db
from app.core.errors import Refused
from app.core.record import Record
from app.obligations.models import Obligation
from app.office.demo import building, command
from app.office.demo.days import BASE, moved_to
from app.office.demo.reading import folder

pytestmark = pytest.mark.slow


def quiet(_line: str) -> None:
    """Say nothing."""


def test_it_has_a_clean_record_and_states_that_can_be_rebuilt(city: Flask) -> None:
    assert_in_order()


def assert_in_order() -> None:
    """The record is whole and sealed, and every open case is what its rows say."""
    found = check_now()
    assert (found.code, found.unsealed) == (0, 0), [finding.text for finding in found.findings]
    report = rebuilding.check_all(db.session())
    assert report.ok and report.checked > 20, report.text()


def test_it_is_refused_where_an_office_is_already(made: Flask) -> None:
    result = made.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "数据库里已有机关" in result.output


def test_it_is_refused_in_production(app: Flask) -> None:
    app.extensions["gongkai_settings"] = replace(app.extensions["gongkai_settings"], production=True)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "正式环境不建立演示数据" in result.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Record)) == 0


def test_what_was_interrupted_is_made_again_and_is_the_same_city(
    app: Flask, made: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command says what it does and tells the password."""
    done = building._do

    def stop(stage: building.Stage, event: building.Event) -> None:
        if event.day >= date(2026, 9, 1):
            raise KeyboardInterrupt
        done(stage, event)

    with monkeypatch.context() as patched:
        patched.setattr(building, "_do", stop)
        with pytest.raises(KeyboardInterrupt):
            building.build(quiet)
    db.session.remove()  # as its process would end with it
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case)), "something is to be taken away"
    assert command.unfinished() and command.wanted()
    assert now.today() == BASE, "the clock goes on as before"
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    assert "重新建立" in result.output
    assert "▸ 办理 2026年10月 的办件" in result.output
    assert "tingnan4700" in result.output.splitlines()[-1]
    assert not command.wanted()
    assert check_now().code == 0
    assert picture() == in_context(made, picture)


def picture() -> dict[str, object]:
    """What a making is remembered by: cases with their places, acts, duties."""
    session = db.session()
    cases = session.execute(sa.select(Case.number, Case.title, Case.status).order_by(Case.id)).all()
    items = session.execute(
        sa.select(WorkItem.label, WorkItem.status, WorkItem.due_on, WorkItem.opened_at).order_by(WorkItem.id)
    )
    acts = session.execute(sa.select(Record.summary).where(Record.stream == "case").order_by(Record.id))
    duties = session.execute(sa.select(Obligation.title, Obligation.due_on).order_by(Obligation.id)).all()
    return {
        "cases": [tuple(row) for row in cases],
        "items": [(label, status, due, now.business_date(at)) for label, status, due, at in items],
        "acts": [row.summary for row in acts],
        "duties": [tuple(row) for row in duties],
    }


@pytest.mark.parametrize(
    ("day", "database"), [("2026-03-02", "sqlite"), ("2027-02-15", "postgresql")], indirect=["database"]
)
def test_on_another_day_the_history_ends_there_on_either_database(
    day: str, database: str, app: Flask, made: Flask, business_day: Callable[[str], None]
) -> None:
    business_day(day)
    building.build(quiet)
    today, calendar = now.today(), current()
    assert today.isoformat() == day
    session = db.session()
    days = [now.business_date(at) for at in session.scalars(sa.select(WorkItem.opened_at))]
    assert max(days) < today
    assert all(calendar.is_workday(one) for one in days), "nothing happens on a day off"
    assert statuses() == in_context(made, statuses)
    assert_in_order()
    unknown = session.scalars(sa.select(Obligation).where(Obligation.due_on.is_(None))).all()
    assert bool(unknown) == day.startswith("2027"), "a duty that ends in an unknown year says so"
    assert all(duty.due_unknown == "2027年放假安排未导入" for duty in unknown)


def in_context(app: Flask, call: Callable[[], object]) -> object:
    with app.app_context():
        return call()


def statuses() -> Counter[str]:
    """How many cases, items and duties there are of which kind."""
    found: Counter[str] = Counter()
    for model in (Case, WorkItem, Obligation):
        rows = db.session.execute(sa.select(model.status, sa.func.count()).group_by(model.status))
        found.update({f"{model.__tablename__} {status}": count for status, count in rows})
    return found


def test_days_move_by_working_days_over_the_holidays() -> None:
    calendar = building._shipped_calendar()
    moved = moved_to(calendar, date(2026, 10, 12))
    assert moved.day(BASE) == date(2026, 10, 12)
    for written in (date(2026, 11, 20), date(2026, 10, 28), date(2026, 9, 7)):
        left = calendar.workdays_between(written, BASE)
        assert calendar.workdays_between(moved.day(written), date(2026, 10, 12)) == left
    assert moved_to(calendar, date(2026, 11, 22)).anchor == date(2026, 11, 20), "a Sunday ends on its Friday"


def test_a_day_somebody_else_set_may_lie_ahead_even_in_an_unknown_year() -> None:
    calendar = building._shipped_calendar()
    ordered = date(2026, 12, 8)
    assert moved_to(calendar, BASE).told(ordered, BASE) == "2026-12-08"
    assert moved_to(calendar, date(2026, 10, 12)).told(ordered, BASE) == "2026-10-27"
    assert moved_to(calendar, date(2026, 12, 28)).ahead(ordered) == date(2027, 1, 12)


def test_days_off_and_days_to_come_are_mistakes_of_the_data() -> None:
    moved = moved_to(building._shipped_calendar(), BASE)
    for wrong in (date(2026, 11, 21), date(2026, 11, 24)):
        with pytest.raises(ValueError):
            moved.day(wrong)
    for key, story in folder("cases").items():
        days = [moved.day(event["day"]) for event in story["step"]]
        assert days == sorted(days), f"{key} goes back in time"


def test_before_the_first_known_year_it_is_refused_with_a_sentence(
    app: Flask, business_day: Callable[[str], None]
) -> None:
    business_day("2024-01-15")
    with pytest.raises(Refused, match="放假安排只导入到 2024 年"):
        building.build(quiet)
    assert command.wanted(), "nothing was written"
