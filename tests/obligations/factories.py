"""Duties for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from app import calendar
from app.core.actions import CATALOGUE, ActionContext
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from tests.support.organs import City


@command
def seed(tx: Tx) -> None:
    """The shipped years of the calendar (2024 to 2026)."""
    calendar.seed(tx)


@command
def schedule(
    tx: Tx, case: dict[str, Any], formed_on: str, kind: str = "first"
) -> tuple[dict[str, Any], list[str]]:
    """Run the action as a case does."""
    context = ActionContext(tx, case, {}, "sign_off")
    return CATALOGUE["publication.schedule"].call(context, formed_on=formed_on, kind=kind), context.said


def case_of(
    city: City, number: int = 7, organ: str = "office", unit: str | None = "综合一科", **more: Any
) -> dict[str, Any]:
    """A case row as the action sees it."""
    row = {
        "id": number,
        "title": f"第{number}号文件",
        "organ_id": city.organs[organ],
        "subject_id": city.organs[organ],
    }
    return row | {"unit_id": city.units[organ, unit] if unit else None, "document_id": None} | more


def make_duty(city: City, formed_on: str | date = "2026-11-20", **more: Any) -> int:
    """A duty of the office; returns its id."""
    from app.core.db import db
    from app.obligations.models import Obligation

    result, _ = schedule(SYSTEM, case_of(city, **more), str(formed_on))
    return int(db.session.query(Obligation.id).filter_by(key=result["key"]).scalar())
