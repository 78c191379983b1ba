"""Acts beside the flow for many cases at once: what jobs of rooms above write, in a few statements for a whole batch.

    heads = beside.lock(tx, case_ids, wait=False)         locked cases, without their state
    heads, rows = beside.come_due(tx, due, rows, {…})      what a job looks at, with its cases locked
    beside.note_all(tx, [(heads[7], Entry(…)), …])        their streams, and the cases saved
    beside.open_items(session, case_ids)                  who has the work now

Every command locks the case before anything that hangs on it; so does a batch, in the order of the cases' ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import road, stream
from app.cases.models import Case, WorkItem
from app.cases.routing import to_post
from app.core import record
from app.core.command import Tx
from app.core.db import table_of
from app.core.record import Entry

__all__ = ["Item", "lock", "note_all", "open_items", "redirect"]

c, w = table_of(Case), table_of(WorkItem)
_cases: sa.BindParameter[Any] = sa.bindparam("cases", expanding=True)
_heads = (
    sa.select(
        c.c.id, c.c.number, c.c.title, c.c.process_key, c.c.status, c.c.authors, c.c.lock, c.c.record_seq, c.c.record_mac
    )
    .where(c.c.id.in_(_cases))
    .order_by(c.c.id)
)  # fmt: skip
_lock_heads = {True: _heads.with_for_update(), False: _heads.with_for_update(skip_locked=True)}
_move_heads = (
    sa.update(c)
    .where(c.c.id == sa.bindparam("k"))
    .values(record_seq=sa.bindparam("seq"), record_mac=sa.bindparam("mac"), lock=sa.bindparam("next"))
)
_open_items = (
    sa.select(
        w.c.id, w.c.case_id, w.c.step, w.c.label, w.c.role, w.c.kind, w.c.organ_id, w.c.post_id, w.c.holder_id, w.c.due_on
    )
    .where(w.c.case_id.in_(_cases), w.c.status == "open")
    .order_by(w.c.id)
)  # fmt: skip
_redirect = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"), w.c.status == "open", w.c.holder_id.is_(None))
    .values(post_id=sa.bindparam("post"), incident=sa.bindparam("why"))
)


@dataclass(frozen=True, slots=True)
class Item:
    """An open work item: whose it is, and which step waits."""

    id: int
    case_id: int
    step: str
    label: str
    role: str
    kind: str
    organ_id: int
    post_id: int | None
    holder_id: int | None
    due_on: date


def lock(tx: Tx, case_ids: Sequence[int], *, wait: bool) -> dict[int, dict[str, Any]]:
    """The locked rows of these cases by id, without state and data; those that somebody holds are waited for or left out."""
    rows = tx.session.execute(_lock_heads[wait], {"cases": sorted(set(case_ids))}).mappings()
    return {row["id"]: dict(row) for row in rows}


def come_due(
    tx: Tx, due: sa.Select[Any], rows: sa.Select[Any], when: Mapping[str, Any]
) -> tuple[dict[int, dict[str, Any]], Sequence[sa.RowMapping]]:
    """The locked cases of what is due, and what is due as it stands under the lock: three statements.

    `due` gives id and case_id for `when`; `rows` reads those ids (bound as `ids`) that are still due. What somebody
    is working on just now is left for the next time.
    """
    found = tx.session.execute(due, when).all()
    heads = lock(tx, [row.case_id for row in found], wait=False) if found else {}
    ids = [row.id for row in found if row.case_id in heads]
    return heads, tx.session.execute(rows, {"ids": ids, **when}).mappings().all() if ids else []


def note_all(tx: Tx, entries: Sequence[tuple[dict[str, Any], Entry]]) -> None:
    """Append entries to the streams of locked cases: two statements; a case may have several, in order."""
    if not entries:
        return
    rows, moved = [], {}
    for head, entry in entries:
        row, after = record.chain(tx.keys, stream.head_of(head), tx.actor, tx.now, entry)
        head.update(record_seq=after.seq, record_mac=after.mac)
        rows.append(row)
        moved[head["id"]] = head
    record.insert_rows(tx.session, rows)
    for head in moved.values():
        head["lock"] += 1
    changes = [
        {"k": head["id"], "seq": head["record_seq"], "mac": head["record_mac"], "next": head["lock"]}
        for head in moved.values()
    ]
    tx.session.execute(_move_heads, changes)


def open_items(session: Session, case_ids: Sequence[int]) -> dict[int, list[Item]]:
    """The open items of these cases, oldest first: one statement."""
    found: dict[int, list[Item]] = {case_id: [] for case_id in case_ids}
    for row in session.execute(_open_items, {"cases": sorted(found)}):
        found[row.case_id].append(Item(*tuple(row)))
    return found


def redirect(tx: Tx, head: Mapping[str, Any], item: Item, post_id: int) -> bool:
    """Send an unclaimed open item of a locked case to another post and tell its holders; the record is the caller's.

    False when somebody has claimed it, when it waits there already, or when nobody there can do it.
    """
    people = directory()
    post = people.post(post_id)
    if post is None or item.post_id == post_id or item.holder_id is not None:
        return False
    target = to_post(post, item.role, frozenset(head["authors"]), people)
    if target.incident:
        return False
    done = tx.session.execute(_redirect, {"k": item.id, "post": post_id, "why": None})
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return False
    road.tell(tx, head, item.id, item.label, target, repeat=head["record_seq"])
    return True
