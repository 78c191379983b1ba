"""A year proposed by the library: checked by people, never confirmed by itself, and refused without make-up days."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import calendar
from app.calendar import proposing, queries, service, table
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.errors import NotAllowed, Refused
from app.core.record import Record
from tests.support.organs import City
from tests.support.signing import sign_in
from workflows.law.calendar import Calendar, YearTable

seed = command(service.seed)


@pytest.fixture
def years(app: Flask, city: City) -> None:
    """2024 to 2026."""
    seed(SYSTEM)


@command
def forget_year(tx: Tx, year: int) -> None:
    """As an office that has not imported it yet."""
    tx.session.execute(sa.text("DELETE FROM calendar_days WHERE year = :y"), {"y": year})
    tx.session.execute(sa.text("DELETE FROM calendar_years WHERE year = :y"), {"y": year})
    tx.session.execute(sa.text("UPDATE calendar_state SET version = version + 1"))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_proposal_of_a_known_year_works_on_the_same_days_as_the_notice(year: int) -> None:
    proposed = table.specials([row.as_dict() for row in proposing.propose(year).rows])
    ours = Calendar([YearTable(year, tuple(service.shipped()[year]))])
    assert ours.first_difference(Calendar([YearTable(year, proposed)])) is None


def test_the_proposal_names_days_as_the_notice_does() -> None:
    proposed = table.specials([row.as_dict() for row in proposing.propose(2026).rows])
    assert table.compare(service.shipped()[2026], proposed) == []


@pytest.mark.parametrize("year", [2027, 2035, 1999])
def test_a_year_without_make_up_days_is_not_proposed(year: int) -> None:
    with pytest.raises(Refused, match="没有调休上班的安排"):
        proposing.propose(year)


def test_a_proposal_changes_nothing_and_takes_the_notice_it_was_checked_against(
    city: City, years: None, session: Session
) -> None:
    forget_year(SYSTEM, 2026)
    number = service.propose(city.actor("qiao"), year=2026)["upload"]
    assert 2026 not in calendar.current().years
    with pytest.raises(Refused, match="逐日核对") as refused:
        service.confirm(city.actor("qiao"), upload_id=number)
    assert "source" in refused.value.fields
    assert 2026 not in calendar.current().years
    service.confirm(city.actor("qiao"), upload_id=number, source="国办发明电〔2025〕7号")
    special = calendar.current().special(date(2026, 10, 10))
    assert special is not None and special.source == "国办发明电〔2025〕7号"
    actions = list(session.scalars(sa.select(Record.action).order_by(Record.id)))
    assert actions[-2:] == ["calendar.year_proposed", "calendar.year_confirmed"]


def test_only_those_who_may_change_the_calendar_ask_for_a_proposal(city: City, years: None) -> None:
    with pytest.raises(NotAllowed):
        service.propose(city.actor("wen"), year=2026)


def test_through_the_pages(client: FlaskClient, city: City, years: None) -> None:
    forget_year(SYSTEM, 2026)
    sign_in(client, "qiao")
    refused = client.post("/calendar/propose", data={"proposed_year": "2027"})
    assert refused.status_code == 409 and "没有调休上班的安排" in refused.text
    assert 'value="2027"' in refused.text
    made = client.post("/calendar/propose", data={"proposed_year": "2026"})
    assert made.status_code == 303
    page = client.get(made.location)
    assert "软件的建议" in page.text and "没有人核对过" in page.text and "建议，等待核对" in page.text
    assert "的建议，等待核对" in client.get("/calendar/").text
    without = client.post(f"{made.location}/confirm", data={"source": " "})
    assert without.status_code == 409 and "还不能确认" in without.text
    done = client.post(f"{made.location}/confirm", data={"source": "国办发明电〔2025〕7号"})
    assert done.location == "/calendar/?year=2026"
    assert 2026 in queries.years()
    assert client.post("/calendar/propose", data={"proposed_year": "二〇二六"}).status_code == 409
