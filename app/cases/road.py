"""The one road of a case: an input goes into the flow, and rows come out, inside one transaction.

`start`, `complete` and `fire` all pass here. The statements are built once; how many run does not depend on the
size of the model, of the history or of the office (design.md 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import Directory, directory
from app.cases import deadlines, statutory, stream, timers
from app.cases.models import NO_DUE, Case, FlowRow, WorkItem
from app.cases.routing import Target, known_at, route
from app.core.actions import CATALOGUE, ActionContext
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.core.now import business_date
from app.notices.service import Note, enqueue
from app.processes import Runtime
from workflows.engine import Json, OpenStep, Outcome, Row, replay

CHECKPOINT_EVERY = 25

c, w, f = table_of(Case), table_of(WorkItem), table_of(FlowRow)

CASE_COLUMNS = tuple(column for column in c.columns)
_lock_case = sa.select(*CASE_COLUMNS).where(c.c.id == sa.bindparam("case")).with_for_update()
_lock_item = (
    sa.select(w, *(column.label(f"of_case_{column.name}") for column in CASE_COLUMNS))
    .join(c, c.c.id == w.c.case_id)
    .where(w.c.id == sa.bindparam("item"))
    .with_for_update(of=[c, w])
)
#: what a command may change on a case
MOVING: tuple[str, ...] = (
    "number",
    "title",
    "document_id",
    "subject_id",
    "office_id",
    "authors",
    "doers",
    "status",
    "data",
    "state",
)
MOVING += ("flow_seq", "record_seq", "record_mac", "closed_at", "due_on", "suspended_at")
#: of these, the columns of indexes: SQLite writes an index again whenever one of its columns is set at all
INDEXED = ("status", "document_id", "number")


def _moving(names: tuple[str, ...]) -> Any:
    return (
        sa.update(c)
        .where(c.c.id == sa.bindparam("k"), c.c.lock == sa.bindparam("was"))
        .values({name: sa.bindparam(f"v_{name}") for name in (*names, "lock")})
    )


STAYING = tuple(name for name in MOVING if name not in INDEXED)
_move_case, _move_case_within = _moving(MOVING), _moving(STAYING)
_new_items = sa.insert(w).returning(w.c.address, w.c.id)  # in any order: SQLite else inserts them one by one
_items_gone = (
    sa.update(w)
    .where(
        w.c.case_id == sa.bindparam("k"),
        w.c.status == "open",
        w.c.address.in_(sa.bindparam("addresses", expanding=True)),
    )
    .values(status="gone", closed_at=sa.bindparam("at"))
    .returning(w.c.id, w.c.waits_for)
)
_asked_gone = (
    sa.update(w)
    .where(
        w.c.case_id == sa.bindparam("k"),
        w.c.parent_id.in_(sa.bindparam("steps", expanding=True)),
        w.c.status.in_(("open", "queued")),
    )
    .values(status="gone", closed_at=sa.bindparam("at"), decision="环节已不在等待")
)
_rows_so_far = sa.select(f.c.row).where(f.c.case_id == sa.bindparam("k")).order_by(f.c.seq)
_new_rows = sa.insert(f).inline()


@dataclass(frozen=True)
class Back:
    """A step that comes back to somebody: whom it reaches, who sent it and why, and how the notice is called."""

    target: Target
    came_from: str
    reason: str | None
    kind: str


@dataclass
class Journey:
    """A case under way in one command: the locked row, what changes on it, and what was said on the road."""

    tx: Tx
    runtime: Runtime
    case: dict[str, Any]
    people: Directory
    was: int
    indexed: tuple[Any, ...] | None
    rows: list[dict[str, Any]] = field(default_factory=list)
    opened: dict[str, OpenStep] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    outcome: Outcome | None = None
    noted: list[dict[str, Any]] = field(default_factory=list)
    around: list[dict[str, Any]] | None = None
    back: dict[str, Back] = field(default_factory=dict)
    standing: dict[tuple[str, str], list[Json]] | None = None

    @property
    def today(self) -> date:
        """The business date of this command."""
        return business_date(self.tx.now)


def lock_case(tx: Tx, case_id: int) -> dict[str, Any] | None:
    """The locked case row, or None."""
    found = tx.session.execute(_lock_case, {"case": case_id}).mappings().first()
    return dict(found) if found else None


def lock_item(tx: Tx, item_id: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The locked work item and its locked case, or None."""
    found = tx.session.execute(_lock_item, {"item": item_id}).mappings().first()
    if found is None:
        return None
    item = {column.name: found[column.name] for column in w.columns}
    case = {column.name: found[f"of_case_{column.name}"] for column in CASE_COLUMNS}
    return item, case


def set_out(tx: Tx, runtime: Runtime, case: dict[str, Any], *, stored: bool = True) -> Journey:
    """Begin a journey on a locked case; not `stored`: the row in the database differs from `case` already.

    Acts noted on the way (`Tx.note`) stand in the journey's own record.
    """
    journey = Journey(tx, runtime, case, directory(), case["lock"], _indexed(case) if stored else None)
    journey.around, tx.noted = tx.noted, journey.noted
    return journey


def _indexed(case: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(case[name] for name in INDEXED)


def actions_of(journey: Journey, answers: Mapping[str, Any], step: str) -> Callable[..., Any]:
    """The catalogue, bound to this case and transaction, as the engine calls it."""
    context = ActionContext(journey.tx, journey.case, answers, step, {}, journey.said)

    def call(name: str, params: dict[str, Any], address: str) -> Any:
        entry = CATALOGUE.get(name)
        if entry is None:
            raise Refused(f"流程要执行的操作「{name}」在本系统中不存在，请联系流程管理员。")
        previous = _taken_up(journey, name, address)
        if entry.once and previous is not None:
            return previous
        context.previous = previous
        result = entry.call(context, **params)
        journey.case.update(context.changes)
        context.changes.clear()
        return result

    return call


def _taken_up(journey: Journey, name: str, address: str) -> Any:
    """What this act answered before a return undid its step; None when it was never done."""
    if not journey.case["returns"]:
        return None
    if journey.standing is None:
        rows = journey.tx.session.scalars(_rows_so_far, {"k": journey.case["id"]})
        journey.standing = replay.standing_acts(Row.from_json(row) for row in rows)
    left = journey.standing.get((name, address.split(":", 1)[1]))
    return left.pop(0) if left else None


def travel(
    journey: Journey,
    step: Callable[[int], Outcome],
    *,
    answers: Mapping[str, Any] | None = None,
    item_id: int | None = None,
) -> Outcome:
    """One input: call the engine with the next sequence number and note what it opened and closed."""
    seq = journey.case["flow_seq"] + 1
    outcome = step(seq)
    journey.case.update(flow_seq=seq, state=outcome.state)
    checkpoint = seq % CHECKPOINT_EVERY == 0
    journey.rows.append(
        {
            "case_id": journey.case["id"],
            "seq": seq,
            "kind": outcome.row.kind,
            "item_id": item_id,
            "person_id": journey.tx.actor.person_id,
            "at": journey.tx.now,
            "answers": dict(answers or {}),
            "row": outcome.row.to_json(),
            "checkpoint": outcome.state if checkpoint else None,
        }
    )
    for address in outcome.closed:
        if journey.opened.pop(address, None) is None and address not in outcome.row.at:
            journey.gone.add(address)
    journey.opened |= {place.address: place for place in outcome.opened}
    journey.outcome = outcome
    return outcome


def arrive(journey: Journey, *, action: str, summary: str, came_from: str, **body: Any) -> list[int]:
    """Write what the journey did: rows, items, timers, record, notices, and the case itself last.

    Returns the ids of the new work items. Raises `Refused` when somebody else moved the case meanwhile.
    """
    tx, case, outcome = journey.tx, journey.case, journey.outcome
    if outcome is not None and outcome.finished:
        case.update(status="done", closed_at=tx.now)
    if journey.rows:
        tx.session.execute(_new_rows, journey.rows)
    if journey.gone:
        _close_gone(journey)
    statutory.follow(tx, case, alone=_alone(journey))
    items = _open_items(journey, came_from)
    if journey.runtime.has_timers and outcome is not None:
        timers.put(tx.session, case["id"], outcome.timers, tx.now)
    case.update(stream.write(tx, case, action, _with_acts(journey, summary, body), **body))
    save_case(tx, case, journey.was, within=journey.indexed == _indexed(case))
    return items


def _alone(journey: Journey) -> bool:
    """Whether nothing waits but what this journey has opened."""
    outcome = journey.outcome
    return outcome is not None and all(place.address in journey.opened for place in outcome.open)


def _close_gone(journey: Journey) -> None:
    """Items of steps that no longer wait, and with them what their holders had asked of others."""
    session, key = journey.tx.session, {"k": journey.case["id"], "at": journey.tx.now}
    gone = session.execute(_items_gone, key | {"addresses": sorted(journey.gone)}).all()
    asking = [row.id for row in gone if row.waits_for]
    if asking:
        session.execute(_asked_gone, key | {"steps": asking})


def _with_acts(journey: Journey, summary: str, body: dict[str, Any]) -> str:
    """Put what was noted on the way into the record's body as `acts`; the sentence names it too."""
    journey.tx.noted = journey.around
    if not journey.noted:
        return summary
    body["acts"] = journey.noted
    return "；".join([summary, *(str(act["summary"]) for act in journey.noted)])


def save_case(tx: Tx, case: dict[str, Any], was: int, *, within: bool = False) -> None:
    """Write the case once, at the end; `was` is the lock version it was read with.

    `within`: no column of an index has changed, and none is written.
    """
    statutory.follow(tx, case)
    values = {f"v_{name}": case[name] for name in (STAYING if within else MOVING)}
    values |= {"k": case["id"], "was": was, "v_lock": was + 1}
    if tx.session.execute(_move_case_within if within else _move_case, values).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这个办件刚刚被他人办理过。请刷新页面，看清现在的环节后再办。")
    case["lock"] = was + 1


def _open_items(journey: Journey, came_from: str) -> list[int]:
    """Insert the items of newly opened steps, tell whom they reach."""
    if not journey.opened:
        return []
    targets = [(place, target_of(journey, place)) for place in journey.opened.values()]
    rows = [item_row(journey, place, target, came_from) for place, target in targets]
    made = {row.address: row.id for row in journey.tx.session.execute(_new_items, rows)}
    ids = [made[place.address] for place, _ in targets]
    notes = []
    for (place, target), row, item_id in zip(targets, rows, ids, strict=True):
        journey.said.append(_sent(place, target, statutory.own_day(row)))
        if not target.incident and not _took_back(journey, place, target):
            notes.append(_note(journey, item_id, place, target))
    enqueue(journey.tx, notes)
    return ids


def _took_back(journey: Journey, place: OpenStep, target: Target) -> bool:
    """Whether whom the step reaches took it back himself, and needs no notice of it."""
    return place.address in journey.back and target.person_id == journey.tx.actor.person_id


def _note(journey: Journey, item_id: int, place: OpenStep, target: Target) -> Note:
    note = note_of(journey.case, item_id, place.label, target)
    back = journey.back.get(place.address)
    if back is None:
        return note
    why = f"：{back.reason}" if back.reason else ""
    return replace(
        note, kind=back.kind, text=f"{place.label}——{journey.case['title']}（{back.came_from}{why}）"
    )


def note_of(case: Mapping[str, Any], item_id: int, label: str, target: Target, repeat: int = 0) -> Note:
    """The notice of an item for whom it reaches; `repeat` keeps it apart from earlier ones of the same item."""
    return Note(
        kind="work",
        text=f"{label}——{case['title']}",
        url=f"/work/{item_id}",
        person_id=target.person_id,
        post_id=None if target.person_id else target.post_id,
        dedupe=f"item:{item_id}:{repeat}",
        item_id=item_id,
        process=case["process_key"],
    )


def tell(tx: Tx, case: Mapping[str, Any], item_id: int, label: str, target: Target, *, repeat: int) -> None:
    """Notice of an item that now reaches somebody else; `repeat` keeps it apart from the earlier one."""
    enqueue(tx, [note_of(case, item_id, label, target, repeat)])


def target_of(journey: Journey, place: OpenStep) -> Target:
    """Who receives an open step of this case."""
    if place.address in journey.back:
        return journey.back[place.address].target
    lane = journey.runtime.lane(place.process, place.lane)
    role = place.settings.get("role", "work")
    known = known_at(place, journey.case["data"])
    return route(lane, place.lane or "", role, journey.case, known, journey.people)


def item_row(journey: Journey, place: OpenStep, target: Target, came_from: str) -> dict[str, Any]:
    """The work item of a step that opens now."""
    limit = deadlines.opened(place.settings, target.organ_id, journey.tx.now)
    role = place.settings.get("role", "work")
    back = journey.back.get(place.address)
    return {
        "case_id": journey.case["id"],
        "parent_id": None,
        "kind": "step",
        "address": place.address,
        "process_key": place.process,
        "step": place.step,
        "label": place.label,
        "role": role,
        "organ_id": target.organ_id,
        "post_id": target.post_id,
        "holder_id": target.person_id,
        "status": "open",
        "incident": target.incident,
        **limit,
        "due_on": statutory.soonest(statutory.own_day(limit), journey.case),
        "desk": place.settings.get("desk") or ("sign" if role == "sign" else None),
        "came_from": (back.came_from if back else came_from)[:120],
        "reason": back.reason if back else None,
        "sender_id": journey.tx.actor.person_id,
        "opened_at": journey.tx.now,
    }


def _sent(place: OpenStep, target: Target, due: date) -> str:
    if target.incident:
        return f"「{place.label}」暂时没有人能接收：{target.incident}。已报单位管理员处理，办件内容完好。"
    until = "" if due == NO_DUE else f"，请于 {due:%m-%d} 前办理"
    return f"已送 {target.sentence}办理「{place.label}」{until}。"


def closing(journey: Journey, *sentences: str) -> str:
    """The confirmation a person reads after an act."""
    words = [*sentences, *journey.said]
    if journey.case["status"] == "done":
        words.append("本件已办结。")
    return "".join(words)
