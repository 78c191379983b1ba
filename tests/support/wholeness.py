"""What must hold of an office after every act, whoever did whatever: `problems(session)` names what does not.

Each is one of issue-wide promises: somebody can act on every open case or an incident says why not; no step is lost or
doubled; sub-items hang on a step that waits for them; the clock is what its events say; the record explains the state.
"""

from __future__ import annotations

import json
from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import Directory, directory
from app.audit.service import check_now
from app.cases import rebuilding
from app.cases.models import Case, CaseTimer, WorkItem
from app.cases.reaching import receives
from app.core.now import today
from app.core.record import Record
from app.requests import clocks
from app.requests.models import Request


def problems(session: Session) -> list[str]:
    """Sentences; none is good."""
    session.commit()
    session.expire_all()
    people = directory()
    found: list[str] = []
    for case in session.scalars(sa.select(Case).options(sa.orm.undefer(Case.state))):
        items = list(session.scalars(sa.select(WorkItem).where(WorkItem.case_id == case.id)))
        found += [f"{case.number}: {each}" for each in _of_case(session, case, items, people)]
    return found


def record_problems() -> list[str]:
    """What `flask audit verify` would say."""
    report = check_now()
    return [str(finding) for finding in report.findings]


def _of_case(session: Session, case: Case, items: list[WorkItem], people: Directory) -> list[str]:
    waiting = [item for item in items if item.status == "open"]
    found = _of_record(session, case, items)
    if case.status != "open":
        left = [item.label for item in items if item.status in ("open", "queued")]
        timers = session.scalar(sa.select(sa.func.count()).where(CaseTimer.case_id == case.id))
        return found + ([f"closed, but {left} wait"] if left else []) + (["timers left"] if timers else [])
    found += rebuilding.differences(session, case)
    found += _of_items(items)
    for item in waiting:
        if item.waits_for or item.incident:
            continue
        if not any(_can(item, person.id, people) for person in people.people.values()):
            found.append(f"nobody can do 「{item.label}」 and no incident says so")
    if not waiting and not session.scalar(sa.select(sa.func.count()).where(CaseTimer.case_id == case.id)):
        found.append("open, and nothing waits")
    request = session.scalars(sa.select(Request).where(Request.case_id == case.id)).first()
    return found + (_of_clock(session, request) if request is not None else [])


def _can(item: WorkItem, person_id: int, people: Directory) -> bool:
    actor = people.actor(person_id)
    return actor is not None and receives(_columns(item), actor)


def _columns(item: WorkItem) -> dict[str, object]:
    return {column.name: getattr(item, column.name) for column in WorkItem.__table__.columns}


def _of_items(items: list[WorkItem]) -> list[str]:
    found = []
    alive = [item for item in items if item.status in ("open", "queued")]
    for address, count in Counter(item.address for item in alive).items():
        if count > 1:
            found.append(f"{count} items at {address}")
    by_id = {item.id: item for item in items}
    blocking: Counter[int] = Counter()
    for item in alive:
        parent = by_id.get(item.parent_id) if item.parent_id else None
        if parent is not None:
            blocking[parent.id] += 1
            if parent.status != "open":
                found.append(f"「{item.label}」 hangs on a step that is {parent.status}")
    for item in alive:
        if item.waits_for > blocking[item.id] or item.waits_for < 0:
            found.append(f"「{item.label}」 waits for {item.waits_for}, {blocking[item.id]} are there")
    return found


def _of_record(session: Session, case: Case, items: list[WorkItem]) -> list[str]:
    rows = list(
        session.scalars(
            sa.select(Record).where(Record.stream == "case", Record.stream_id == case.id).order_by(Record.seq)
        )
    )
    found = []
    if [row.seq for row in rows] != list(range(1, case.record_seq + 1)):
        found.append("the record has gaps")
    if rows and rows[-1].mac != case.record_mac:
        found.append("the head of the record is not its last row")
    bodies = [json.loads(row.body) for row in rows]
    told = {body.get("item") for row, body in zip(rows, bodies, strict=True) if row.action == "case.complete"}
    told |= {act.get("item") for body in bodies for act in body.get("acts", ())}  # 自动跳过
    silent = [
        item.label for item in items if item.kind == "step" and item.status == "done" and item.id not in told
    ]
    if silent:
        found.append(f"done without a word in the record: {silent}")
    return found


def _of_clock(session: Session, request: Request) -> list[str]:
    state = clocks.compute(session, request, today())
    if state is None or request.state != "open":
        return []
    derived = clocks.columns(state, live=True, told=request.told, today=today())
    return [
        f"{name} is {getattr(request, name)}, its events give {derived[name]}"
        for name in ("due_on", "clock")
        if name in derived and getattr(request, name) != derived[name]
    ]
