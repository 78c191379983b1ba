"""Objects of this room for the access tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.accounts import staffing
from app.accounts.directory import changed
from app.accounts.models import Person
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.obligations import orders
from tests.access.samples import Sample
from tests.obligations.factories import make_duty
from tests.support.organs import City


@command
def appoint(tx: Tx, city: City, organ: str, *logins: str) -> None:
    """督查岗 for these people of an organ."""
    changed(tx)
    post = staffing.find_or_add_post(tx, city.organs[organ], "supervisor", None)
    for login in logins:
        staffing.grant(tx, post, tx.session.get_one(Person, city.people[login]))


def give(city: City, by: str = "jian", **said: Any) -> int:
    """An order to 文承远, due on 4 December, unless said otherwise; its id."""
    order = {
        "target": f"p{city.people['wen']}",
        "title": "旧改细则逾期",
        "demand": "请于期限前送审，并说明原因。",
        "due_on": date(2026, 12, 4),
    }
    return int(orders.issue(city.actor(by), **{**order, **said})["id"])


def samples(city: City) -> dict[str, Sample]:
    """A duty of the office: its publisher finds it, the county's does not. An order to 文承远, whom it concerns."""
    duty = Sample({"duty_id": make_duty(city)}, insider="ke", outsider="shui")
    appoint(SYSTEM, city, "office", "jian")
    appoint(SYSTEM, city, "county", "mi")
    order = Sample({"order_id": give(city)}, insider="wen", outsider="shui")
    act = Sample(order.args | {"act": "report"}, insider="wen", outsider="shui")
    return {
        **{f"obligations.{name}": duty for name in ("show", "close", "reopen")},
        **{f"obligations.{name}": order for name in ("order", "order_print")},
        "obligations.order_act": act,
    }
