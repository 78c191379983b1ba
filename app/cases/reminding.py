"""What happens around the internal limit of a step (features.md H17): reminded, late, reported to the head, handed on.

The job claims items whose `check_at` has come, in batches over one partial index: what it costs follows what is due,
not what is open. Each rung is taken once, in the case's record; an item whose case rests is left alone, and nobody is
told anything in the quiet hours of his organ (`limits.rungs` puts no rung there).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import processes
from app.accounts.directory import Directory, PostInfo, directory
from app.audit import ACTION_LABELS
from app.calendar import hours as office
from app.cases import beside, deadlines, road
from app.cases.models import Case, WorkItem
from app.cases.routing import JUDGING, Target, eligible, to_post
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.now import local_text
from app.core.record import Entry
from app.notices.service import Note, enqueue
from app.processes import limits
from app.processes.limits import Rung

log = logging.getLogger("gongkai.cases")
ACTION_LABELS.update(
    {
        "case.limit_remind": "时限提醒",
        "case.limit_late": "超过时限",
        "case.limit_escalate": "超时报告",
        "case.limit_reassign": "超时转交",
        "case.limit_again": "超时再提醒",
    }
)

BATCH = 50

c, w = table_of(Case), table_of(WorkItem)
_is_due = (
    w.c.status == sa.literal_column("'open'"),
    w.c.check_at.is_not(None),
    w.c.check_at <= sa.bindparam("now", type_=w.c.check_at.type),
)
_due = sa.select(w.c.id, w.c.case_id).where(*_is_due).order_by(w.c.check_at).limit(BATCH)
_rows = (
    sa.select(w, c.c.version_id, c.c.suspended_at, c.c.title, c.c.process_key.label("case_process"))
    .join(c, c.c.id == w.c.case_id)
    .where(w.c.id.in_(sa.bindparam("ids", expanding=True)), *_is_due)
    .order_by(w.c.id)
)
_put = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values(told=sa.bindparam("v_told"), check_at=sa.bindparam("v_check_at"))
)
_hand = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values(
        holder_id=None,
        post_id=sa.bindparam("post"),
        came_from=sa.bindparam("whence"),
        sender_id=None,
        seen_at=None,
    )
)


@dataclass
class _Round:
    """One batch: what it knows, and what it is going to write."""

    tx: Tx
    people: Directory
    looked: list[dict[str, Any]] = field(default_factory=list)
    handed: list[dict[str, Any]] = field(default_factory=list)
    entries: list[tuple[dict[str, Any], Entry]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    reached: list[tuple[dict[str, Any], Mapping[str, Any], Target]] = field(default_factory=list)


@command
def remind(tx: Tx) -> int:
    """Take the rungs that have come, at most a batch of items; how many were looked at.

    What somebody is working on just now is left for the next time, and so is what cannot be worked out.
    """
    heads, rows = beside.come_due(tx, _due, _rows, {"now": tx.now})
    if not rows:
        return 0
    this = _Round(tx, directory())
    for row in rows:
        _look(this, heads[row["case_id"]], dict(row))
    _write(this)
    return len(rows)


def _write(this: _Round) -> None:
    session = this.tx.session
    if this.looked:
        session.execute(_put, this.looked)
    if this.handed:
        session.execute(_hand, this.handed)
    beside.note_all(this.tx, this.entries)
    enqueue(this.tx, this.notes)
    for head, item, target in this.reached:
        road.tell(this.tx, head, item["id"], item["label"], target, repeat=head["record_seq"])


def _look(this: _Round, head: dict[str, Any], item: dict[str, Any]) -> None:
    """Take one item's rung, or put off what rests or cannot be worked out to the next working morning."""
    now, where = this.tx.now, deadlines.where(item["organ_id"])
    morning = office.next_morning(where.calendar, where.hours, now)
    later = {"k": item["id"], "v_told": item["told"], "v_check_at": morning}
    if item["suspended_at"] is not None or item["due_at"] is None:
        this.looked.append(later if item["due_at"] is not None else later | {"v_check_at": None})
        return
    try:
        settings = _settings(item)
        rung = limits.now_due(settings, item["told"], item["due_at"], now, where)
        if rung is None:
            moved = limits.following(settings, item["told"], item["due_at"], now, where)
            this.looked.append(later | {"v_check_at": moved})
            return
        _take(this, head, item, rung)
        again = limits.following(settings, rung.place, item["due_at"], now, where)
        this.looked.append({"k": item["id"], "v_told": rung.place, "v_check_at": again})
    except Exception:
        log.exception("work item %s: its limit cannot be worked out", item["id"])
        this.looked.append(later)


def _settings(item: Mapping[str, Any]) -> Mapping[str, str]:
    """What the definition says of the step; of a sub-item nothing, it has only its own limit."""
    if item["kind"] != "step":
        return {}
    info = processes.runtime(item["version_id"]).spec.steps.get((item["process_key"], item["step"]))
    return info.settings if info is not None else {}


def _take(this: _Round, head: dict[str, Any], item: dict[str, Any], rung: Rung) -> None:
    """Do what the rung says, and record it."""
    who, until = _who(this.people, item), local_text(item["due_at"])
    text = f"「{item['label']}」内部时限 {until}"
    if rung.name == "remind":
        _tell_holder(this, item, rung, "due", f"{text}，请按时办理")
        said = f"{text}，已提醒{who}"
    elif rung.name in ("late", "again"):
        _tell_holder(this, item, rung, "overdue", f"{text}，已超过，请尽快办理")
        said = f"{text}，已超过，已提醒{who}"
    elif rung.name == "escalate":
        said = f"{text}，已超过，{_report(this, item, rung, f'{text}，已超过，{who}尚未办理')}"
    else:
        said = f"{text}，已超过，{who}没有回应，{_hand_on(this, head, item, rung, text, who)}"
    entry = Entry(
        f"case.limit_{rung.name}",
        f"系统提醒：{said}",
        {"item": item["id"], "due_at": item["due_at"], "rung": rung.name},
    )
    this.entries.append((head, entry))


def _who(people: Directory, item: Mapping[str, Any]) -> str:
    if item["holder_id"] is not None:
        return people.name_of(item["holder_id"])
    post = people.post(item["post_id"]) if item["post_id"] else None
    return post.name if post else "（没有经办人）"


def _tell_holder(this: _Round, item: Mapping[str, Any], rung: Rung, kind: str, text: str) -> None:
    if item["holder_id"] is None and item["post_id"] is None:
        return  # nobody can receive it: it is on 待处置 already
    this.notes.append(
        Note(
            kind=kind,
            text=f"{text}：{item['title']}",
            url=f"/work/{item['id']}",
            person_id=item["holder_id"],
            post_id=None if item["holder_id"] else item["post_id"],
            dedupe=_once(this.tx.now, item, rung, "holder"),
            item_id=item["id"],
            process=item["case_process"],
        )
    )


def _once(now: datetime, item: Mapping[str, Any], rung: Rung, target: str) -> str:
    """The key that makes telling twice impossible; a repetition is told once a day."""
    when = now.date().isoformat() if rung.name == "again" else ""
    return f"limit:{item['id']}:{rung.name}{when}:{target}"


def superior(people: Directory, item: Mapping[str, Any]) -> PostInfo | None:
    """Who hears of a step nobody does: the head of the unit, else the head of 工作机构; never who has it himself."""
    unit_id = None
    if item["holder_id"] is not None:
        person = people.people.get(item["holder_id"])
        unit_id = person.unit_id if person else None
    if unit_id is None and item["post_id"]:
        post = people.post(item["post_id"])
        unit_id = post.unit_id if post else None
    heads = [
        people.post_in_unit(unit_id, "unit_head") if unit_id else None,
        people.post_in_organ(item["organ_id"], "disclosure_head"),
    ]
    for head in heads:
        if head is None or (item["holder_id"] is None and head.id == item["post_id"]):
            continue
        if any(person.id != item["holder_id"] for person in people.holders(head.id)):
            return head
    return None


def _report(this: _Round, item: Mapping[str, Any], rung: Rung, text: str) -> str:
    """Tell the head; what the record says of it."""
    head = superior(this.people, item)
    if head is None:
        return "没有可以报告的负责人"
    this.notes.append(
        Note(
            kind="overdue",
            text=f"{text}：{item['title']}",
            url=f"/cases/{item['case_id']}",
            person_id=None,
            post_id=head.id,
            dedupe=_once(this.tx.now, item, rung, f"post{head.id}"),
            item_id=item["id"],
            about="watch",
            process=item["case_process"],
        )
    )
    return f"已报告{head.name}"


def _hand_on(
    this: _Round, case: dict[str, Any], item: dict[str, Any], rung: Rung, text: str, who: str
) -> str:
    """Take the step from who was silent: back to its post, or to the head; what the record says of it."""
    target = _next(this.people, case, item)
    if target is None:
        return f"没有别人可以接办，{_report(this, item, rung, f'{text}，{who}没有回应，请协调')}"
    whence = f"{who} 超期未办，系统转来"[:120]
    this.handed.append({"k": item["id"], "post": target.post_id, "whence": whence})
    this.reached.append((case, item, target))
    return f"已转 {target.sentence}"


def _next(people: Directory, case: Mapping[str, Any], item: Mapping[str, Any]) -> Target | None:
    """The other holders of the post; for work that is nobody's judgement also the head of the unit.

    What is drafted, reviewed or signed stays with its post: who does these is the definition's choice (domain.md 12.6).
    """
    authors = frozenset(case["authors"])
    post = people.post(item["post_id"]) if item["post_id"] else None
    if post is not None and item["holder_id"] is not None:
        others = eligible(people.holders(post.id), item["role"], authors)
        if any(person.id != item["holder_id"] for person in others):
            return to_post(post, item["role"], authors, people)
    if item["role"] in JUDGING or item["role"] == "draft" or item["kind"] != "step":
        return None
    head = superior(people, item)
    return to_post(head, item["role"], authors, people) if head is not None else None
