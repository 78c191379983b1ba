"""An open page keeps its counts fresh by itself: cheaply, and without keeping anybody signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, render_template_string

from app.accounts.models import SignIn
from app.cases import inbox
from app.cases.desk import strip
from app.core.db import db
from app.core.now import wall
from tests.cases.flows import drafted
from tests.support.driving import Desk
from tests.support.organs import City

#: sign-in, bell, 待办, 公开任务, 申请, 督办: a bounded statement each
MOST = 6


def test_the_counts_of_menu_and_bell_follow_the_work(desk: Desk) -> None:
    case = drafted(desk)
    client = desk.sit("shen")
    assert 'data-counts-url="/counts"' in client.get("/work").get_data(as_text=True)
    told = client.get("/counts").get_json()
    assert (told["bell"], told["nav"]["cases.inbox"]) == (1, 1)
    desk.act("shen", case, "head_review", decision="agree")
    told = client.get("/counts").get_json()
    assert (told["bell"], told["nav"]["cases.inbox"]) == (0, 0)


def test_what_lies_beyond_the_first_thousand_is_counted_as_at_least(house: City, app: Flask) -> None:
    found = dict.fromkeys([*inbox.DUES, *inbox.DESKS], 0) | {"sign": 12, "all": inbox.COUNT_CAP - 1}
    with app.test_request_context():
        full = counts_line(strip(db.session(), house.actor("lu"), inbox.Asked(), found))
        more = counts_line(strip(db.session(), house.actor("lu"), inbox.Asked(), found | {"all": 1000}))
    assert ("待签发 12" in full, "待签发 12+" in more) == (True, True) and "12+" not in full


def counts_line(items: list[dict[str, Any]]) -> str:
    """The strip as it is read."""
    page = render_template_string('{% import "ui.html" as ui %}{{ ui.counts_strip(items) }}', items=items)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("login", ["ke", "wen", "lu", "kuang"])
def test_asking_for_counts_costs_a_few_bounded_statements(
    any_db: str, desk: Desk, sql_counter: Callable[[], Any], login: str
) -> None:
    client = desk.sit(login)
    client.get("/counts")
    with sql_counter() as count:
        assert client.get("/counts").status_code == 200
    assert count.statements <= MOST, str(count)


def test_a_page_that_asks_by_itself_is_no_sign_of_life(desk: Desk) -> None:
    client = desk.sit("shen")
    session = db.session()
    before = wall() - timedelta(minutes=20)
    session.execute(sa.update(SignIn).values(last_seen=before))
    session.commit()
    assert client.get("/counts").status_code == 200
    assert session.scalars(sa.select(SignIn.last_seen)).one() == before
    session.commit()
    client.get("/work")
    assert session.scalars(sa.select(SignIn.last_seen)).one() > before
