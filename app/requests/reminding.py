"""Telling people that something of a request has come due; the cost is what is due, not what is open.

One command takes a batch over the index `ix_requests_threshold`, computes those clocks, tells whoever has the work and
the registrar, of what is late also the head of 工作机构 and the 督查岗, and sets the next day to look. Every telling stands
in the case's stream. Safe to repeat: what was told is kept on the request, and notices carry a key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app import calendar
from app.accounts.directory import Directory, PostInfo, directory
from app.cases import beside, statutory
from app.cases.beside import Item
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.now import business_date
from app.core.record import Entry
from app.notices.service import Note, enqueue
from app.requests import clocks, watching
from app.requests.kinds import PROCESS
from app.requests.models import Request
from app.requests.supervision import Supervision
from app.requests.watching import Occasion
from workflows.law import clock
from workflows.law.calendar import Calendar
from workflows.law.events import Event

log = logging.getLogger("gongkai.requests")

BATCH = 50
LIVE = ("unconfirmed", "open")

r, s = table_of(Request), table_of(Supervision)
_ready = (r.c.next_threshold_on.is_not(None), r.c.next_threshold_on <= sa.bindparam("today", type_=sa.Date))
_due = sa.select(r.c.id, r.c.case_id).where(*_ready).order_by(r.c.next_threshold_on, r.c.id).limit(BATCH)
COLUMNS = tuple(
    r.c[name]
    for name in "id case_id organ_id number title state arrived_on received_on due_on due_why not_before sort_on told".split()
)
_rows = sa.select(*COLUMNS).where(r.c.id.in_(sa.bindparam("ids", expanding=True)), *_ready).order_by(r.c.id)
MOVED = ("clock", "due_on", "due_why", "not_before", "sort_on", "next_threshold_on")
_put = (
    sa.update(r)
    .where(r.c.id == sa.bindparam("k"))
    .values({name: sa.bindparam(f"v_{name}") for name in (*MOVED, "told")})
)
_look_again = sa.update(r).where(r.c.id == sa.bindparam("k")).values(next_threshold_on=sa.bindparam("next"))
_told = sa.update(r).where(r.c.id == sa.bindparam("k"))
_told = _told.values(next_threshold_on=sa.bindparam("next"), told=sa.bindparam("told"))


def _upsert(dialect: Any) -> Any:
    insert = dialect.insert(s)
    return insert.on_conflict_do_update(
        index_elements=[s.c.request_id, s.c.due_on],
        set_={"times": s.c.times + 1, "last_on": insert.excluded["last_on"]},
    )


_supervise = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}


@dataclass
class _Round:
    """One batch: what it knows, and what it is going to write."""

    tx: Tx
    today: date
    people: Directory
    days: Calendar
    clocks: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    looked: list[dict[str, Any]] = field(default_factory=list)
    entries: list[tuple[dict[str, Any], Entry]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    supervised: list[dict[str, Any]] = field(default_factory=list)
    law: dict[int, date | None] = field(default_factory=dict)


@command
def remind(tx: Tx) -> int:
    """Tell what has come due, at most a batch of requests; how many were looked at.

    A dozen statements whatever is open elsewhere. What somebody is working on just now is left for the next time.
    """
    today = business_date(tx.now)
    heads, rows = beside.come_due(tx, _due, _rows, {"today": today})
    if not rows:
        return 0
    happened = clocks.events_of_many(tx.session, [row["id"] for row in rows])
    items = beside.open_items(tx.session, [row["case_id"] for row in rows])
    this = _Round(tx, today, directory(), calendar.current())
    for row in rows:
        say = _look(this, row, happened[row["id"]])
        _tell(this, row, heads[row["case_id"]], say, items[row["case_id"]])
    _write(this)
    return len(rows)


def _write(this: _Round) -> None:
    session = this.tx.session
    for statement, values in ((_put, this.clocks), (_told, this.told), (_look_again, this.looked)):
        if values:
            session.execute(statement, values)
    statutory.due_moved(this.tx, this.law)
    if this.supervised:
        session.execute(_supervise[session.get_bind().dialect.name], this.supervised)
    beside.note_all(this.tx, this.entries)
    enqueue(this.tx, this.notes)


def _look(
    this: _Round, row: Mapping[Any, Any], happened: Callable[[], list[Event]]
) -> list[tuple[Occasion, date | None]]:
    """What is to be said of a request, with its due day; its columns are noted.

    One whose clock cannot be computed is looked at again tomorrow, and holds up nobody.
    """
    tomorrow = this.today + timedelta(days=1)
    if row["state"] not in LIVE:
        this.looked.append({"k": row["id"], "next": None})
        return []
    try:
        found, values = _stands(this, row, happened)
    except Exception:
        log.exception("request %s: its clock cannot be computed", row["id"])
        this.looked.append({"k": row["id"], "next": tomorrow})
        return []
    told = watching.told_after(found, row["told"], this.today)
    following = watching.following(found, told, this.today)
    later = max(following, tomorrow) if following else None
    if values is None:
        this.told.append({"k": row["id"], "next": later, "told": told})
    else:
        values |= {"next_threshold_on": later, "told": told}
        if values["sort_on"] != row["sort_on"]:
            this.law[row["case_id"]] = clocks.day_of(row["state"], values["sort_on"])
        this.clocks.append({"k": row["id"]} | {f"v_{name}": values[name] for name in (*MOVED, "told")})
    due = values["due_on"] if values else None
    return [(occasion, due) for occasion in watching.due_now(found, row["told"], this.today)]


def _stands(
    this: _Round, row: Mapping[Any, Any], happened: Callable[[], list[Event]]
) -> tuple[list[Occasion], dict[str, Any] | None]:
    """The occasions of a request, and the columns that follow from its clock (None before the day of receipt)."""
    law = clocks.law_settings(row["organ_id"], this.people)
    if row["state"] == "unconfirmed" or row["received_on"] is None:
        return watching.unconfirmed(row["arrived_on"], this.days, law, this.today), None
    state = clock.compute(row["received_on"], happened(), this.days, law, as_of=this.today)
    values = clocks.columns(state, live=True, told=row["told"], today=this.today)
    return watching.occasions(state, this.today), values


def _tell(
    this: _Round,
    row: Mapping[Any, Any],
    head: dict[str, Any],
    say: Sequence[tuple[Occasion, date | None]],
    items: Sequence[Item],
) -> None:
    """Notices and one entry per occasion; of an overdue reply also the row of the 督查岗."""
    for occasion, due in say:
        posts = _posts(this.people, row["organ_id"], occasion)
        this.notes += _notes(this.people, row, occasion, posts, items)
        supervisor = supervising(this.people, row["organ_id"]) if occasion.overdue else None
        if supervisor is not None:
            this.notes.append(_note(row, occasion, post=supervisor.id, url="/supervisions"))
            this.supervised.append(_supervision(this, row, due, supervisor))
            posts = [*posts, supervisor]
        names = "、".join(dict.fromkeys(["经办人", *(post.name for post in posts)]))
        entry = Entry(
            "request.overdue" if occasion.overdue else "request.remind",
            f"系统提醒：{occasion.text}，已告知{names}",
            {"request": row["id"], "due_on": due, "key": occasion.key},
        )
        this.entries.append((head, entry))


def _posts(people: Directory, organ_id: int, occasion: Occasion) -> list[PostInfo]:
    """The posts told besides whoever has the work: the registrar; of what is late the head of 工作机构."""
    kinds = ("registrar", "disclosure_head") if occasion.late else ("registrar",)
    found = [people.post_in_organ(organ_id, kind) for kind in kinds]
    return [post for post in found if post is not None]


def supervising(people: Directory, organ_id: int) -> PostInfo | None:
    """The 督查岗 that hears of a late reply: that of the government's office (条例47①), else the organ's own."""
    offices = [o.id for o in people.organs.values() if o.kind == "office" and o.active and o.id != organ_id]
    for place in (*offices, organ_id):
        post = people.post_in_organ(place, "supervisor")
        if post is not None and people.holders(post.id):
            return post
    return None


def _notes(
    people: Directory,
    row: Mapping[Any, Any],
    occasion: Occasion,
    posts: Sequence[PostInfo],
    items: Sequence[Item],
) -> Iterator[Note]:
    """One notice per post and per person who has the work; who holds one of the posts is not told twice."""
    told = {post.id for post in posts}
    for item in items:
        if item.holder_id is None and item.post_id is not None:
            told.add(item.post_id)
    for post_id in sorted(told):
        yield _note(row, occasion, post=post_id)
    for person_id in sorted({item.holder_id for item in items if item.holder_id is not None}):
        if not any(post.id in told for post in people.posts_of(person_id)):
            yield _note(row, occasion, person=person_id)


def _note(
    row: Mapping[Any, Any],
    occasion: Occasion,
    *,
    post: int | None = None,
    person: int | None = None,
    url: str | None = None,
) -> Note:
    target = f"o{post}" if post is not None else f"p{person}"
    return Note(
        kind="overdue" if occasion.late else "due",
        text=f"{occasion.text}：{row['number'] or ''} {row['title']}"[:400],
        url=url or f"/cases/{row['case_id']}",
        person_id=person,
        post_id=post,
        dedupe=f"foi:{row['id']}:{occasion.key}:{target}",
        item_id=row["case_id"],
        about="case",
        process=PROCESS,
    )


def _supervision(this: _Round, row: Mapping[Any, Any], due: date | None, post: PostInfo) -> dict[str, Any]:
    return {
        "request_id": row["id"],
        "organ_id": row["organ_id"],
        "office_id": post.organ_id,
        "post_id": post.id,
        "due_on": due,
        "times": 1,
        "last_on": this.today,
        "opened_at": this.tx.now,
    }
