"""Telling people: `enqueue` inside the command that has something to tell, reading marks, and preferences.

Reading marks are no acts of business and leave no record (security.md 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from app.core.command import Tx, command
from app.core.errors import NotFound, Refused
from app.core.now import wall
from app.core.settings import Settings
from app.notices import gateway, queries
from app.notices.models import Delivery, Notice, NoticeRead, NoticeReader

JOB = "notices.deliver"
SETTLED = timedelta(minutes=10)  # no transaction lives that long: older notices are all visible

#: kind of a notice -> its label; rooms above add theirs
KINDS: dict[str, str] = {
    "work": "待办",
    "returned": "退回修改",
    "withdrawn": "取回",
    "urge": "催办",
    "due": "期限提醒",
    "overdue": "已超期",
    "closed": "办结",
    "ended": "终止办理",
    "incident": "待处置",
    "calendar": "工作日历",
    "system": "系统",
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell one person or the holders of one post.

    `text` is one sentence (400 characters at most); `url` a path of this site; `dedupe` the key that makes
    telling it again impossible, such as `item:41:0`. `item_id`: the work item it asks for, or the id of what
    `about` names: once that asks nobody any more, the notice counts as read (`queries.still_asks`). `process`: the
    process of the case it is about; without it, it reaches nobody who stands in for some processes only.
    """

    kind: str
    text: str
    url: str
    person_id: int | None
    post_id: int | None
    dedupe: str
    item_id: int | None = None
    about: str | None = None
    process: str | None = None


_table: Any = Notice.__table__
_insert = {
    "sqlite": sqlite.insert(_table).on_conflict_do_nothing(index_elements=["dedupe"]),
    "postgresql": postgresql.insert(_table).on_conflict_do_nothing(index_elements=["dedupe"]),
}


def enqueue(tx: Tx, notes: Sequence[Note]) -> None:
    """Write notices in the command's transaction with one INSERT; those told before are left out.

    Raises ValueError for a note without exactly one target or with an address of another site.
    """
    if not notes:
        return
    settings: Settings = current_app.extensions["gongkai_settings"]
    leaves = bool(settings.smtp) or gateway.active() is not None
    done = None if leaves else wall()  # without mail server and gateway there is nothing to work out
    rows = [_row(tx, note) | {"mailed_at": done} for note in notes]
    tx.session.execute(_insert[tx.session.get_bind().dialect.name], rows)
    if leaves:
        tx.wake(JOB)


def _row(tx: Tx, note: Note) -> dict[str, Any]:
    if (note.person_id is None) == (note.post_id is None):
        raise ValueError("a notice goes to one person or to one post")
    if not note.url.startswith("/") or note.url.startswith("//") or "\\" in note.url:
        raise ValueError("a notice leads to a page of this site")
    return {
        "kind": note.kind,
        "text": note.text if len(note.text) <= 400 else note.text[:399] + "…",
        "url": note.url[:300],
        "person_id": note.person_id,
        "post_id": note.post_id,
        "item_id": note.item_id,
        "about": note.about,
        "process": note.process,
        "dedupe": note.dedupe,
        "created_at": tx.now,
    }


@command
def mark_read(tx: Tx, notice_id: int) -> str:
    """Mark one notice as read; returns where it leads."""
    row = queries.visible(tx.actor, notice_id)
    if row is None:
        raise NotFound
    _insert_reads(tx, [notice_id])
    return str(row["url"])


@command
def mark_all_read(tx: Tx) -> None:
    """Mark everything as read.

    Older notices fall under a mark that moves up; the newest get a row each, because a notice with a smaller
    number may still be about to be committed.
    """
    before = None
    newest: list[int] = []
    mark = 0
    while True:
        page = queries.page(tx.actor, before=before, only_unread=True, most=200)
        for row in page.rows:
            if tx.now - row["created_at"] > SETTLED:
                mark = max(mark, row["id"])
            else:
                newest.append(row["id"])
        if mark or page.before is None:
            break  # everything below the mark is older still
        before = page.before
    reader = reader_of(tx)
    if mark > reader.read_up_to:
        reader.read_up_to = mark
        mine = NoticeRead.person_id == tx.actor.person_id
        tx.session.execute(sa.delete(NoticeRead).where(mine, NoticeRead.notice_id <= mark))
    _insert_reads(tx, [number for number in newest if number > mark])


def _insert_reads(tx: Tx, numbers: list[int]) -> None:
    if not numbers:
        return
    dialect: Any = sqlite if tx.session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(NoticeRead.__table__).on_conflict_do_nothing()
    tx.session.execute(insert, [{"person_id": tx.actor.person_id, "notice_id": n} for n in numbers])


def reader_of(tx: Tx) -> NoticeReader:
    """The person's row, locked; made on first use."""
    query = sa.select(NoticeReader).where(NoticeReader.person_id == tx.actor.person_id).with_for_update()
    reader = tx.session.scalars(query.execution_options(populate_existing=True)).first()
    if reader is None:
        reader = NoticeReader(person_id=tx.actor.person_id, read_up_to=0, by_email=True, off={})
        tx.session.add(reader)
        tx.session.flush()
    return reader


@command
def retry(tx: Tx, *, delivery_id: int | None) -> dict[str, Any]:
    """Send failed e-mails again: one, or all of them (None)."""
    failed = Delivery.state == "failed"
    if delivery_id is not None:
        found = tx.session.scalar(sa.select(Delivery.state).where(Delivery.id == delivery_id))
        if found is None:
            raise NotFound
        if found != "failed":
            raise Refused("这条提醒已经在重新发送或已经送出。请刷新页面看最新情况。")
        failed = sa.and_(failed, Delivery.id == delivery_id)
    again = sa.update(Delivery).where(failed)
    values = {"state": "waiting", "attempts": 0, "next_at": wall(), "ended_at": None}
    count = tx.session.execute(again.values(values)).rowcount  # type: ignore[attr-defined]
    if count:
        tx.record("system", "notices.retried", f"重新发送提醒 {count} 条", count=count, number=delivery_id)
    tx.wake(JOB)
    return {"count": count}
