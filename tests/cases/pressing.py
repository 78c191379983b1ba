"""Pressing the buttons beside a step: operations through their pages."""

from __future__ import annotations

import re
import uuid
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.core.db import db
from app.core.record import Record
from tests.support.driving import Desk


def press(desk: Desk, login: str, item_id: int, key: str, **answers: Any) -> TestResponse:
    """Send the form of an operation on a step."""
    return desk.sit(login).post(f"/work/{item_id}/do/{key}", data={"token": str(uuid.uuid4()), **answers})


def press_case(desk: Desk, login: str, case_id: int, key: str, **answers: Any) -> TestResponse:
    """Send the form of an operation on a case."""
    return desk.sit(login).post(f"/cases/{case_id}/do/{key}", data={"token": str(uuid.uuid4()), **answers})


def seal_in(page: TestResponse) -> str:
    """The seal of the preview a page shows."""
    found = re.search(r'name="seal" value="([^"]+)"', page.text)
    assert found, "the page shows no preview"
    return found[1]


def words_of(page: TestResponse) -> str:
    """What the page says, without markup."""
    main = page.text.split("<main", 1)[-1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def recorded(action: str) -> list[str]:
    """Summaries of the record's rows of one action, in order."""
    session = db.session()
    session.commit()
    return list(session.scalars(sa.select(Record.summary).where(Record.action == action).order_by(Record.id)))
