"""Requests as rows, without the flow: for what jobs and lists do with many of them.

put_version()                                   once: a process version for the cases to hang on
made = put_request(city, "housing", received_on=date(2026, 10, 26))      -> Put(request, case, item)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import directory
from app.cases.models import NO_DUE, Case, WorkItem
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.record import ZERO
from app.processes.models import Process, ProcessVersion
from app.requests import clocks
from app.requests.models import Applicant, Request
from tests.support.organs import City


@dataclass(frozen=True)
class Put:
    """Ids of what was put."""

    request: int
    case: int
    item: int


@command
def seed_calendar(tx: Tx) -> None:
    """The shipped years."""
    calendar.seed(tx)


@command
def put_version(tx: Tx) -> int:
    """A version of `foi_request` without content, unless one is there."""
    found = tx.session.scalar(sa.select(ProcessVersion.id).where(ProcessVersion.process_key == "foi_request"))
    if found is not None:
        return int(found)
    tx.session.add(Process(key="foi_request", name="依申请公开"))
    tx.session.flush()
    version = ProcessVersion(
        process_key="foi_request", number=1, hash="0" * 64, content=b"", locks={}, status="active",
        origin="shipped", note="", made_at=tx.now,
    )  # fmt: skip
    tx.session.add(version)
    tx.session.flush()
    return version.id


@command
def put_request(
    tx: Tx,
    city: City,
    organ: str = "office",
    *,
    received_on: date | None,
    arrived_on: date | None = None,
    title: str = "2026年市本级政府债务限额、余额情况",
    holder: str | None = None,
    post: str = "registrar",
    step: str = "search",
    label: str = "检索与权属判断",
) -> Put:
    """A request in hand, its case, and one open item: held by `holder`, else waiting at the organ's `post`."""
    organ_id, arrived = city.organs[organ], arrived_on or received_on or date(2026, 11, 23)
    version = tx.session.scalar(sa.select(sa.func.max(ProcessVersion.id)))
    n = (tx.session.scalar(sa.select(sa.func.max(Case.id))) or 0) + 1
    number = f"{directory().organ(organ_id).short_name}依申〔2026〕{n}号"
    case = Case(
        number=number, title=title, process_key="foi_request", version_id=version, organ_id=organ_id,
        subject_id=organ_id, office_id=organ_id, authors=[], doers={}, status="open", data={}, state=b"",
        lock=0, flow_seq=0, record_seq=0, record_mac=ZERO, opened_at=tx.now,
    )  # fmt: skip
    applicant = Applicant(
        organ_id=organ_id, kind="person", name="何问渠", name_key="何问渠", id_kind="none", at=tx.now
    )
    tx.session.add_all([case, applicant])
    tx.session.flush()
    item = put_item(tx, case.id, organ_id, city.people[holder] if holder else None, post, step, label)
    request = Request(
        case_id=case.id, organ_id=organ_id, subject_id=organ_id, applicant_id=applicant.id,
        applicant_kind="person", applicant={"kind": "person", "name": "何问渠"},
        number=number if received_on else None, year=arrived.year, channel="counter", arrived_on=arrived,
        received_on=received_on, title=title, content=title, content_key="k", supply="any", delivery="post",
        query_code="", state="open" if received_on else "unconfirmed", sort_on=arrived, clock="running",
        created=tx.now, told=[],
    )  # fmt: skip
    tx.session.add(request)
    tx.session.flush()
    if received_on is None:
        request.next_threshold_on = clocks.confirm_on(organ_id, arrived)
    clocks.refresh(tx, request)
    return Put(request.id, case.id, item)


def put_item(
    tx: Tx, case_id: int, organ_id: int, holder_id: int | None, post: str | int, step: str, label: str
) -> int:
    """An open item of a case; `post` is a kind of the organ's posts or a post's id."""
    people = directory()
    found = people.post_in_organ(organ_id, post) if isinstance(post, str) else people.post(post)
    item = WorkItem(
        case_id=case_id, kind="step", address=f"1:{step}#{holder_id or 0}:{post}", process_key="foi_handling",
        step=step, label=label, role="work", organ_id=organ_id, post_id=found.id if found else None,
        holder_id=holder_id, status="open", due_on=NO_DUE, came_from="", opened_at=tx.now,
    )  # fmt: skip
    tx.session.add(item)
    tx.session.flush()
    return item.id


def add_event(request_id: int, event: Any) -> None:
    """An event of the clock, with the columns it moves."""
    _add(SYSTEM, request_id, event)


@command
def _add(tx: Tx, request_id: int, event: Any) -> None:
    request = tx.session.get_one(Request, request_id, populate_existing=True)
    clocks.add(tx, request, event)
    tx.session.flush()
    clocks.refresh(tx, request)
