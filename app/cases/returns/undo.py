"""A return carried out: the engine's row, the items it opens and closes, the answers of that time, the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import Directory
from app.cases import road
from app.cases.models import Case, WorkItem
from app.cases.offering import Standing
from app.cases.registry import UNDONE
from app.cases.returns.past import Past
from app.cases.road import Back, Journey
from app.cases.routing import JUDGING, Target
from app.cases.submitted import lasting
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.documents import review
from app.documents import service as documents
from app.notices.service import Note, enqueue
from workflows.engine import EngineRefused, ReturnPlan, replay

w = table_of(WorkItem)
_undone = (
    sa.update(w)
    .where(
        w.c.case_id == sa.bindparam("k"),
        w.c.id.in_(sa.bindparam("ids", expanding=True)),
        w.c.status == "done",
    )
    .values(status="gone")
)
_vanished = (
    sa.update(w)
    .where(
        w.c.case_id == sa.bindparam("k"),
        w.c.status.in_(("open", "queued")),
        sa.or_(
            w.c.id.in_(sa.bindparam("ids", expanding=True)),
            w.c.parent_id.in_(sa.bindparam("parents", expanding=True)),
        ),
    )
    .values(status="gone", closed_at=sa.bindparam("at"), decision=sa.bindparam("why"))
)
_returned_by = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values(
        {
            name: sa.bindparam(f"v_{name}")
            for name in "done_by done_name capacity how decision opinion holder_id".split()
        }
    )
)
_counted = (
    sa.update(table_of(Case))
    .where(table_of(Case).c.id == sa.bindparam("k"))
    .values(returns=table_of(Case).c.returns + 1)
)


@dataclass(frozen=True)
class Undoing:
    """How a return is told. `by` is the item whose holder returns it, None for 取回.

    action, summary, kind: of the record and of the notices. gone: what stands at items that vanish. came_from, reason:
    what whoever does it again reads. said: kept with the row, 直达 reads it.
    """

    action: str
    summary: str
    kind: str
    gone: str
    came_from: str
    reason: str | None
    by: Mapping[str, Any] | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


def undo(tx: Tx, here: Standing, past: Past, plan: ReturnPlan, how: Undoing) -> Journey:
    """Carry out a plan that was confirmed, on the locked case. Raises Refused when the rows give another one."""
    case = dict(here.case)
    journey = road.set_out(tx, past.runtime, case)
    files = restore(case, past, plan)
    documents.bring_back(tx, case["id"], files)
    review.set_aside(tx, case["id"], [act.result for seq, act in plan.stands if seq in plan.drop])
    spec = past.runtime.spec
    try:
        road.travel(
            journey,
            lambda seq: replay.apply_return(spec, past.rows, plan, seq),
            answers=how.said,
            item_id=how.by["id"] if how.by is not None else None,
        )
    except EngineRefused as error:
        raise Refused(str(error)) from error
    _close(tx, here, past, plan, how)
    for address in journey.opened:
        found = _whose(past, address, case)
        if found is not None:
            journey.back[address] = Back(found, how.came_from, how.reason, how.kind)
    tx.session.execute(_counted, {"k": case["id"]})
    for follow in UNDONE:
        follow(tx, case, plan)
    road.arrive(
        journey,
        action=how.action,
        summary=how.summary,
        came_from=how.came_from,
        flow_row=journey.rows[0]["seq"],
        target=plan.target,
        old=[step.address for step in plan.vanish],
        new=[step.address for step in plan.reopened],
        dropped=list(plan.drop),
        reason=how.reason or "",
    )
    return journey


def _close(tx: Tx, here: Standing, past: Past, plan: ReturnPlan, how: Undoing) -> None:
    """What vanishes is gone and says why; what was done and does not count any more is gone too."""
    addresses = {step.address for step in plan.vanish}
    gone = [item for item in here.open_items if item["address"] in addresses]
    ids = [item["id"] for item in gone]
    values = {"k": here.case["id"], "ids": ids, "parents": ids, "at": tx.now, "why": how.gone}
    tx.session.execute(_vanished, values)
    if how.by is not None:
        tx.session.execute(_returned_by, _act(tx, here, how))
    others = [item for item in gone if how.by is None or item["id"] != how.by["id"]]
    tell_gone(tx, here.case, others, how.summary, how.kind)
    tx.session.execute(_undone, {"k": here.case["id"], "ids": undone_items(past, plan)})


def tell_gone(
    tx: Tx, case: Mapping[str, Any], items: Sequence[Mapping[str, Any]], why: str, kind: str
) -> None:
    """Whoever had these open items reads that he need not do them any more."""
    enqueue(
        tx,
        [
            Note(
                kind=kind,
                text=f"「{item['label']}」不用再办了——{case['title']}（{why}）",
                url=f"/cases/{case['id']}",
                person_id=item["holder_id"],
                post_id=None if item["holder_id"] else item["post_id"],
                dedupe=f"gone:{item['id']}",
                process=case["process_key"],
            )
            for item in items
            if (item["holder_id"] or item["post_id"]) and item["holder_id"] != tx.actor.person_id
        ],
    )


def undone_items(past: Past, plan: ReturnPlan) -> list[int]:
    """Items none of whose rows counts any more."""
    left = {row["item_id"] for row in past.kept if row["seq"] in past.counted and row["seq"] not in plan.drop}
    dropped = {past.by_seq[seq]["item_id"] for seq in plan.drop if past.by_seq[seq]["kind"] == "complete"}
    return sorted(item for item in dropped - left if item is not None)


def _act(tx: Tx, here: Standing, how: Undoing) -> dict[str, Any]:
    assert how.by is not None
    post = here.people.post(how.by["post_id"]) if how.by["post_id"] else None
    values = {
        "done_by": tx.actor.person_id,
        "done_name": tx.actor.name,
        "capacity": post.name if post else "经办人",
        "how": "system",
        "decision": "退回",
        "opinion": how.reason,
        "holder_id": tx.actor.person_id,
    }
    return {f"v_{name}": value for name, value in values.items()} | {"k": how.by["id"]}


def _whose(past: Past, address: str, case: Mapping[str, Any]) -> Target | None:
    """Who had this very step before; None when its lane decides (nobody had it, or he may not do it any more)."""
    item = past.by_address.get(address)
    if item is None:
        return None
    had = (item["on_behalf_id"] or item["done_by"]) if item["done_by"] else item["holder_id"]
    return addressed(item, had, case, past.people) if had else None


def addressed(
    item: Mapping[str, Any], person_id: int, case: Mapping[str, Any], people: Directory
) -> Target | None:
    """The step for this very person, if he can still do it."""
    person = people.person(person_id)
    if person is None or not person.active or not person.login:
        return None
    if item["role"] in JUDGING and person_id in case["authors"]:
        return None
    post = people.post(item["post_id"]) if item["post_id"] else None
    if post is not None and person_id not in {each.id for each in people.holders(post.id)}:
        return None
    label = post.name if post else "经办人"
    return Target(item["organ_id"], item["post_id"], person_id, label, (person.name,), (person_id,))


# --- the case as it was ------------------------------------------------------------------------------------------


def restore(case: dict[str, Any], past: Past, plan: ReturnPlan) -> dict[str, list[int]]:
    """Take back what the dropped rows said: the case's answers, who did which step, the title of a draft.

    What actions wrote stands, as they do, and so does who drafted: nobody reviews a text he had a hand in. Returns the
    files that can be named again, by field: those of that time, and those whoever repeats a step had sent.
    """
    left = [row for row in past.kept if row["seq"] in past.counted and row["seq"] not in plan.drop]
    dropped = [past.by_seq[seq] for seq in plan.drop]
    keys = {key for row in dropped for key in lasting(row["answers"], {})}
    said = _said(left, keys)
    case["data"] = {key: value for key, value in case["data"].items() if key not in keys} | said
    case["doers"] = _doers(case["doers"], past, left, dropped)
    if isinstance(title := said.get("title"), str) and title:
        case["title"] = title[:300]
    files: dict[str, list[int]] = {}
    for answers in [said, *(row["answers"] for row in dropped)]:
        for key, value in answers.items():
            files.setdefault(key, []).extend(files_in(value))
    return files


def _said(rows: Sequence[Mapping[str, Any]], keys: set[str]) -> dict[str, Any]:
    """What these rows together say of `keys`, as the case's data would hold it."""
    found: dict[str, Any] = {}
    for row in rows:
        given = row["answers"] if row["kind"] != "start" else {**row["row"]["facts"], **row["answers"]}
        found |= {key: value for key, value in lasting(given, found).items() if key in keys}
    return found


def _doers(
    doers: Mapping[str, int],
    past: Past,
    left: Sequence[Mapping[str, Any]],
    dropped: Sequence[Mapping[str, Any]],
) -> dict[str, int]:
    undone = {past.completion(row).step for row in dropped if row["kind"] == "complete"}
    found = {step: person for step, person in doers.items() if step not in undone}
    for row in left:
        if row["kind"] == "complete":
            done = past.completion(row)
            if done.step in undone and done.person_id:
                found[done.step] = done.person_id
    return found


def files_in(value: Any) -> list[int]:
    """Ids of the attachments an answer names."""
    if not isinstance(value, list):
        return []
    return [int(each["id"]) for each in value if isinstance(each, dict) and str(each.get("id", "")).isdigit()]
