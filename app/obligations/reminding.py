"""Telling people that a duty's threshold has come: newly listed, five, three, one day left, today, late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

import sqlalchemy as sa

from app import calendar
from app.accounts.directory import Directory, directory
from app.core.command import Tx, command
from app.core.now import business_date
from app.documents.queries import left_out
from app.notices.service import Note, enqueue
from app.obligations.models import Obligation
from app.obligations.planning import next_threshold, until
from workflows.law.calendar import Calendar

BATCH = 200

o = cast(sa.Table, Obligation.__table__)

_due = (
    sa.select(o)
    .where(
        o.c.status == sa.literal_column("'open'"),
        o.c.next_threshold_on <= sa.bindparam("today", type_=sa.Date),
    )
    .order_by(o.c.next_threshold_on, o.c.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_told = (
    sa.update(o)
    .where(o.c.id == sa.bindparam("k"))
    .values(notified_on=sa.bindparam("today"), next_threshold_on=sa.bindparam("next"))
)


@command
def remind(tx: Tx) -> int:
    """Write notices for the duties whose threshold has come, at most a batch; returns how many.

    Six statements whatever is open elsewhere: the cost is what is due.
    """
    today, days, people = business_date(tx.now), calendar.current(), directory()
    rows = tx.session.execute(_due, {"today": today}).mappings().all()
    if not rows:
        return 0
    partial = left_out(tx.session, [row["case_id"] for row in rows if row["case_id"]])
    notes = [
        note
        for row in rows
        for note in _notes(days, people, {**row, "partial": row["case_id"] in partial}, today)
    ]
    moved = [{"k": r["id"], "today": today, "next": next_threshold(days, r["due_on"], today)} for r in rows]
    tx.session.execute(_told, moved)
    enqueue(tx, notes)
    return len(rows)


def _notes(days: Calendar, people: Directory, row: Mapping[Any, Any], today: date) -> Iterator[Note]:
    left = days.days_left(today, row["due_on"]) if row["due_on"] else None
    if row["notified_on"] is None and (left is None or left.kind != "overdue"):
        text = f"新列入公开任务：《{row['title']}》，{until(row)}，发布后请回填发布网址。"
    elif left is None:
        return
    else:
        text = f"公开任务{left.text}：《{row['title']}》，请发布后回填发布网址。"
    if row["partial"]:
        text += "只部分公开，发布前请按保密审查意见删减。"
    late = left is not None and left.kind == "overdue"
    for post_id in _posts(people, row, late):
        yield Note(
            kind="overdue" if late else "due",
            text=text[:300],
            url=f"/obligations/{row['id']}",
            person_id=None,
            post_id=post_id,
            dedupe=f"duty:{row['id']}:{today}:{post_id}",
            item_id=row["id"],
            about="duty",
        )


def _posts(people: Directory, row: Mapping[Any, Any], late: bool) -> list[int]:
    """Who is told: the publisher, or where there is none the registrar or the drafting unit; late also the head."""
    organ = people.organ(row["organ_id"])
    places = [organ.id, *([organ.office_id] if organ.office_id else [])]
    found = [
        post
        for kind in ("publisher", "registrar")
        for place in places
        if (post := people.post_in_organ(place, kind))
    ]
    told = [next((post for post in found if people.holders(post.id)), None)]
    if told == [None] and row["unit_id"] is not None:
        told = [people.post_in_unit(row["unit_id"], "drafter")]
    if late:
        told += [people.post_in_organ(place, "disclosure_head") for place in places]
    return list(dict.fromkeys(post.id for post in told if post is not None))
