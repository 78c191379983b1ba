"""Telling that the day of an order comes near or has passed: the duty side; late ones also 工作机构 and the 督查岗."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import directory
from app.audit import ACTION_LABELS
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.now import business_date
from app.notices.service import Note, enqueue
from app.obligations.order_models import Order
from app.obligations.orders import note
from app.obligations.planning import next_threshold

BATCH = 100
ACTION_LABELS["supervision.reminded"] = "督办提醒"

o = table_of(Order)
_due = (
    sa.select(o)
    .where(o.c.status == sa.literal_column("'open'"), o.c.look_on <= sa.bindparam("today", type_=sa.Date))
    .order_by(o.c.look_on, o.c.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_looked = sa.update(o).where(o.c.id == sa.bindparam("k")).values(look_on=sa.bindparam("next"))


@command
def remind(tx: Tx) -> int:
    """Tell what has come due, at most a batch of orders; how many. Its cost is what is due."""
    today, days = business_date(tx.now), calendar.current()
    rows = [dict(row) for row in tx.session.execute(_due, {"today": today}).mappings()]
    if not rows:
        return 0
    notes: list[Note] = []
    for row in rows:
        left = days.days_left(today, row["due_on"])
        late = row["due_on"] < today
        notes.append(note(row, f"{left.text}：{row['title']}", str(today), "owed"))
        if late:
            notes += _above(row, f"督办{left.text}，尚未反馈：{row['title']}", str(today))
        tx.record(
            "organ", "supervision.reminded", f"系统提醒：督办单 {row['number']}{left.text}",
            stream_id=row["organ_id"], order=row["id"], due_on=row["due_on"],
        )  # fmt: skip
    moved = [{"k": row["id"], "next": next_threshold(days, row["due_on"], today)} for row in rows]
    tx.session.execute(_looked, moved)
    enqueue(tx, notes)
    return len(rows)


def _above(order: dict[str, Any], text: str, key: str) -> list[Note]:
    people = directory()
    posts = [
        people.post_in_organ(order["target_id"], "disclosure_head"),
        people.post_in_organ(order["organ_id"], "supervisor"),
    ]
    return [
        Note(
            kind="overdue",
            text=f"{order['number']} {text}",
            url=f"/orders/{order['id']}",
            person_id=None,
            post_id=post.id,
            dedupe=f"order:{order['id']}:{key}:above:{post.id}",
            item_id=order["id"],
            about="owed",
        )
        for post in posts
        if post is not None and post.id != order["post_id"]
    ]
