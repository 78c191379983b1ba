"""Hand-offs nobody answers: not accepted within a working day, or past their day, they reach the head of the unit (F5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import Directory, directory
from app.cases import beside
from app.cases.beside import Item
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.now import business_date
from app.core.record import Entry
from app.notices.service import Note, enqueue
from app.requests.kinds import PROCESS
from app.requests.models import Handoff, Request

BATCH = 50
#: working days in which a unit accepts what was handed to it【推定】
ACCEPT_WITHIN = 1
ACCEPT, ANSWER = "unit_accept", "unit_answer"
ONE_DAY = timedelta(days=1)

h, r = table_of(Handoff), table_of(Request)
_due = (
    sa.select(h.c.id, r.c.case_id)
    .join(r, r.c.id == h.c.request_id)
    .where(h.c.watch_on.is_not(None), h.c.watch_on <= sa.bindparam("today", type_=sa.Date))
    .order_by(h.c.watch_on, h.c.id)
    .limit(BATCH)
)
_rows = (
    sa.select(h, r.c.case_id, r.c.number, r.c.title)
    .join(r, r.c.id == h.c.request_id)
    .where(
        h.c.id.in_(sa.bindparam("ids", expanding=True)),
        h.c.watch_on.is_not(None),
        h.c.watch_on <= sa.bindparam("today", type_=sa.Date),
    )
    .order_by(h.c.id)
)
_next = sa.update(h).where(h.c.id == sa.bindparam("k")).values(watch_on=sa.bindparam("next"))


def first_look(sent_on: date, due_on: date | None) -> date:
    """The day after the unit should have accepted, or after it should have answered if that is earlier."""
    accept = calendar.current().add_workdays(sent_on, ACCEPT_WITHIN).not_before + ONE_DAY
    return accept if due_on is None else min(accept, due_on + ONE_DAY)


@command
def chase(tx: Tx) -> int:
    """Look at the hand-offs whose day has come, at most a batch; how many. What is locked is left for the next time."""
    today = business_date(tx.now)
    heads, rows = beside.come_due(tx, _due, _rows, {"today": today})
    if not rows:
        return 0
    items = beside.open_items(tx.session, [row["case_id"] for row in rows])
    people, notes, entries = directory(), [], []
    for row in rows:
        head = heads[row["case_id"]]
        if row["done_at"] is not None or head["status"] != "open":
            continue
        said = _say(tx, people, head, row, _item_of(people, items[row["case_id"]], row["unit_id"]), today)
        if said is not None:
            entries.append((head, said[0]))
            notes += said[1]
    tx.session.execute(_next, [{"k": row["id"], "next": _following(row, heads, today)} for row in rows])
    beside.note_all(tx, entries)
    enqueue(tx, notes)
    return len(rows)


def _following(row: Mapping[Any, Any], heads: Mapping[int, Mapping[str, Any]], today: date) -> date | None:
    over = row["done_at"] is not None or heads[row["case_id"]]["status"] != "open"
    if over or row["due_on"] is None or row["due_on"] < today:
        return None
    after: date = row["due_on"] + ONE_DAY
    return after


def _item_of(people: Directory, items: list[Item], unit_id: int) -> Item | None:
    """The unit's own item among those of the case."""
    for item in items:
        post = people.post(item.post_id) if item.post_id else None
        if item.step in (ACCEPT, ANSWER) and post is not None and post.unit_id == unit_id:
            return item
    return None


def _say(
    tx: Tx, people: Directory, head: dict[str, Any], row: Mapping[Any, Any], item: Item | None, today: date
) -> tuple[Entry, list[Note]] | None:
    """What to record and whom to tell: the head of the unit, who may take an unclaimed item; None: all is well."""
    late = row["due_on"] is not None and row["due_on"] < today
    waiting = item is not None and item.step == ACCEPT
    if not late and not waiting:
        return None
    unit = people.unit(row["unit_id"])
    name = unit.name if unit else "承办科室"
    what = f"反馈已超期（应于 {row['due_on']} 前反馈）" if late else "超过 1 个工作日没有接收"
    chief = people.post_in_unit(row["unit_id"], "unit_head")
    taken = item is not None and chief is not None and beside.redirect(tx, head, item, chief.id)
    registrar = people.post_in_organ(unit.organ_id, "registrar") if unit and (late or chief is None) else None
    told = [post for post in (chief, registrar) if post is not None]
    after = "，待办已转科室负责人" if taken else ""
    text = f"{name}{what}{after}：{row['number'] or ''} {row['title']}"
    notes = [
        Note(
            kind="overdue" if late else "urge",
            text=text[:400],
            url=f"/cases/{row['case_id']}",
            person_id=None,
            post_id=post.id,
            dedupe=f"handoff:{row['id']}:{'due' if late else 'accept'}:{post.id}",
            process=PROCESS,
        )
        for post in told
    ]
    names = "、".join(post.name for post in told) or "（没有可通知的岗位）"
    entry = Entry(
        "request.handoff_late",
        f"系统提醒：{name}{what}，已告知{names}{after}",
        {
            "handoff": row["id"],
            "unit": row["unit_id"],
            "due_on": row["due_on"],
            "item": item.id if item else None,
            "redirected": taken,
        },
    )
    return entry, notes
