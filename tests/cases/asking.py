"""Asking colleagues beside a step, in tests: sub-items, answers, races."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app.cases.models import WorkItem
from app.core.db import db
from app.core.errors import GongkaiError
from tests.support.driving import Desk


def subs(case: int) -> list[WorkItem]:
    """The sub-items of a case, in order."""
    session = db.session()
    session.commit()
    query = sa.select(WorkItem).where(WorkItem.case_id == case, WorkItem.round_id.is_not(None))
    return list(session.scalars(query.order_by(WorkItem.id).execution_options(populate_existing=True)))


def sub_of(case: int, person: int) -> WorkItem:
    """The newest sub-item of a person."""
    return [item for item in subs(case) if item.holder_id == person][-1]


def states(case: int) -> list[str]:
    """What became of the sub-items: their decision, or else their status."""
    return [item.decision or item.status for item in subs(case)]


def answered(desk: Desk, login: str, item: int, decision: str, opinion: str = "") -> TestResponse:
    """Answer a sub-item through its page."""
    said = {"decision": decision, "opinion": opinion, "token": str(uuid.uuid4())}
    return desk.sit(login).post(f"/work/{item}/asked", data=said)


def race(app: Flask, *acts: Any) -> list[str]:
    """Run acts at the same moment, each in a context of its own: done or refused, in order."""
    barrier, found = threading.Barrier(len(acts)), ["lost"] * len(acts)

    def run(place: int, act: Any) -> None:
        with app.app_context():
            barrier.wait()
            try:
                act()
                found[place] = "done"
            except GongkaiError:
                found[place] = "refused"
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found
