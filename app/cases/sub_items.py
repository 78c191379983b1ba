"""Sub-items above the engine (征求意见, 加签, 会签): opened beside a step, answered, closed; the step waits for them.

A step counts in `waits_for` the sub-items it cannot be completed before; nothing of the engine is touched. Every function
takes the transaction and the locked case. How far a round is, `progress` says from the items alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.directory import PersonInfo, directory
from app.cases import road
from app.cases.models import NO_DUE, WorkItem
from app.cases.reaching import behalf
from app.cases.routing import JUDGING, Target
from app.cases.sub_models import Prepared, Round
from app.core.actor import StandIn
from app.core.command import Tx
from app.core.db import table_of
from app.core.errors import Refused
from app.notices import service as notices
from app.notices.service import Note, enqueue
from workflows.engine.countersign import Rule

#: kind of a sub-item -> what people call it
KINDS: Mapping[str, str] = {"consult": "征求意见", "sign": "加签", "cosign": "会签"}
#: how many may be asked at once
MOST_PEOPLE = 50
AGREED, DISAGREED, ANSWERED = "同意", "不同意", "已答复"
#: what a sub-item says that was closed because the others had decided, or because it was taken back
NOT_NEEDED, DROPPED, RECALLED = "不需再签", "已减签", "已收回"
notices.KINDS["answered"] = "意见已回"

w, r, p = table_of(WorkItem), table_of(Round), table_of(Prepared)
_new_round = sa.insert(r).returning(r.c.id)
_new_items = sa.insert(w).returning(w.c.id, w.c.holder_id)
_wait_for = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"), w.c.status == "open")
    .values(waits_for=w.c.waits_for + sa.bindparam("more"), holder_id=sa.bindparam("me"))
)
_waits_less = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"))
    .values(waits_for=w.c.waits_for - sa.bindparam("less"))
    .returning(w.c.waits_for, w.c.prepared_at, w.c.holder_id, w.c.label)
)
_done = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"), w.c.status == "open")
    .values({name: sa.bindparam(f"v_{name}") for name in "done_name done_by capacity decision opinion closed_at on_behalf_id".split()})
    .values(status="done", how="system")
)  # fmt: skip
_gone = (
    sa.update(w)
    .where(w.c.id.in_(sa.bindparam("ids", expanding=True)), w.c.status.in_(("open", "queued")))
    .values(
        status="gone",
        closed_at=sa.bindparam("at"),
        decision=sa.bindparam("said"),
        opinion=sa.bindparam("why"),
    )
)
_open = (
    sa.update(w)
    .where(w.c.id.in_(sa.bindparam("ids", expanding=True)), w.c.status == "queued")
    .values(status="open", opened_at=sa.bindparam("at"))
)
_of_round = (
    sa.select(w)
    .where(w.c.case_id == sa.bindparam("case"), w.c.round_id == sa.bindparam("round"))
    .order_by(w.c.id)
)
_round = sa.select(r).where(r.c.id == sa.bindparam("round"))
_rounds = sa.select(r).where(r.c.case_id == sa.bindparam("case")).order_by(r.c.id)
_step = sa.select(w).where(w.c.id == sa.bindparam("item"))
_prepared = sa.select(p).where(p.c.item_id == sa.bindparam("item"))


@dataclass(frozen=True)
class Asking:
    """What is asked of whom: the round to open. `queued`: nobody is asked yet (后加签), or only the first (依次)."""

    kind: str
    question: str
    people: Sequence[PersonInfo]
    due_on: date | None = None
    timing: str | None = None
    rule: str = "all"
    ratio: int | None = None


def role_of(kind: str, item: Mapping[str, Any]) -> str:
    """The role of a sub-item: who signs beside a judging step judges, who is asked for an opinion works."""
    return str(item["role"]) if kind != "consult" and item["role"] in JUDGING else "work"


def open_round(tx: Tx, case: Mapping[str, Any], item: Mapping[str, Any], asking: Asking) -> list[int]:
    """Insert a round with its sub-items, let the step wait for them, tell those who are asked now; ids of the items.

    The holder is whoever asks, from now on also where the step was unclaimed. The case's stream is the caller's to write.
    """
    me = tx.actor.person_id or 0
    absent = behalf(item, tx.actor, case)
    row = {
        "case_id": case["id"], "item_id": item["id"], "kind": asking.kind, "timing": asking.timing,
        "rule": asking.rule, "ratio": asking.ratio, "question": asking.question, "opened_by": me,
        "opened_at": tx.now, "ended_at": None, "end_reason": None,
    }  # fmt: skip
    round_id = tx.session.execute(_new_round, row).scalar_one()
    rows = [_row(tx, case, item, asking, round_id, place, who) for place, who in enumerate(asking.people, 1)]
    made = {each.holder_id: each.id for each in tx.session.execute(_new_items, rows)}
    more = {"k": item["id"], "more": len(rows), "me": absent.person_id if absent else me}
    if tx.session.execute(_wait_for, more).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这个环节刚刚已被他人办理。请刷新页面。")
    for each in rows:
        if each["status"] == "open":
            tell(tx, case, {**each, "id": made[each["holder_id"]]})
    return [made[each["holder_id"]] for each in rows]


def _row(
    tx: Tx,
    case: Mapping[str, Any],
    item: Mapping[str, Any],
    asking: Asking,
    round_id: int,
    place: int,
    person: PersonInfo,
) -> dict[str, Any]:
    waits = asking.timing == "after" or (asking.rule == "sequence" and place > 1)
    word = KINDS[asking.kind]
    return {
        "case_id": case["id"], "parent_id": item["id"], "round_id": round_id, "kind": asking.kind,
        "address": f"+{round_id}:{asking.kind}[{place}]", "process_key": item["process_key"],
        "step": f"+{asking.kind}", "label": f"{word}：{item['label']}"[:80], "role": role_of(asking.kind, item),
        "organ_id": person.organ_id, "post_id": None, "holder_id": person.id,
        "status": "queued" if waits else "open", "due_on": asking.due_on or NO_DUE,
        "came_from": f"{tx.actor.name} {word}"[:120], "sender_id": tx.actor.person_id, "reason": asking.question,
        "place": place, "opened_at": tx.now,
    }  # fmt: skip


def tell(tx: Tx, case: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    """Notice to whoever a sub-item is for."""
    person = item["holder_id"]
    name = directory().name_of(person)
    target = Target(item["organ_id"], None, person, name, (name,), (person,))
    road.tell(tx, case, item["id"], item["label"], target, repeat=0)


def tell_owner(tx: Tx, case: Mapping[str, Any], item_id: int, owner: int | None, words: str) -> None:
    """Notice to who holds the step; nobody is told of his own act."""
    if owner is None or owner == tx.actor.person_id:
        return
    url, key = f"/work/{item_id}", f"item:{item_id}:told:{case['record_seq']}"
    text, process = f"{words}——{case['title']}", case["process_key"]
    enqueue(tx, [Note("answered", text, url, owner, None, key, item_id, process=process)])


def close(
    tx: Tx, item: Mapping[str, Any], decision: str, opinion: str, absent: StandIn | None = None
) -> None:
    """The actor has answered a sub-item, for `absent` where he stands in for somebody."""
    values = {
        "done_by": tx.actor.person_id, "done_name": tx.actor.name, "capacity": capacity(tx.actor.person_id, absent),
        "decision": decision, "opinion": opinion or None, "closed_at": tx.now,
        "on_behalf_id": absent.person_id if absent else None,
    }  # fmt: skip
    params = {f"v_{name}": value for name, value in values.items()} | {"k": item["id"]}
    if tx.session.execute(_done, params).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("这一件刚刚已经办过或已收回。请刷新页面。")


def capacity(person_id: int | None, absent: StandIn | None = None) -> str:
    """In what capacity a colleague answers: the first post he holds; a stand-in names for whom."""
    posts = directory().posts_of(person_id or 0)
    name = posts[0].name if posts else "经办人"
    return f"{name}（代 {absent.name}）" if absent else name


def take_away(tx: Tx, ids: Sequence[int], said: str, why: str | None) -> int:
    """Sub-items that nobody need answer any more; how many there were."""
    if not ids:
        return 0
    done = tx.session.execute(_gone, {"ids": list(ids), "at": tx.now, "said": said, "why": why})
    return int(done.rowcount)  # type: ignore[attr-defined]


def call_up(tx: Tx, case: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """Queued sub-items whose turn has come."""
    tx.session.execute(_open, {"ids": [each["id"] for each in items], "at": tx.now})
    for each in items:
        tell(tx, case, each)


def waits_less(tx: Tx, item_id: int, less: int) -> Mapping[str, Any]:
    """The step waits for fewer: {waits_for, prepared_at, holder_id, label} as they are now."""
    return dict(tx.session.execute(_waits_less, {"k": item_id, "less": less}).mappings().one())


def of_round(session: Session, case_id: int, round_id: int) -> list[dict[str, Any]]:
    """The sub-items of a round, in the order they were asked."""
    rows = session.execute(_of_round, {"case": case_id, "round": round_id}).mappings()
    return [dict(row) for row in rows]


def round_of(session: Session, round_id: int) -> Mapping[str, Any]:
    """A round."""
    return dict(session.execute(_round, {"round": round_id}).mappings().one())


def step_of(session: Session, item_id: int) -> dict[str, Any]:
    """A step as it is now, its case being locked."""
    return dict(session.execute(_step, {"item": item_id}).mappings().one())


def rounds(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The rounds of a case, oldest first."""
    return [dict(row) for row in session.execute(_rounds, {"case": case_id}).mappings()]


def prepared(session: Session, item_id: int) -> Mapping[str, Any] | None:
    """The answers of a step's holder that wait for signers."""
    found = session.execute(_prepared, {"item": item_id}).mappings().first()
    return dict(found) if found else None


def waiting(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that are not answered yet, queued ones included."""
    return [item for item in items if item["status"] in ("open", "queued")]


@dataclass(frozen=True)
class Progress:
    """How far a round is. `asked` leaves out who was taken away before answering; `verdict` None: not decided."""

    asked: int
    agreed: int
    refused: int
    verdict: bool | None
    over: bool

    @property
    def missing(self) -> int:
        """How many have not answered."""
        return self.asked - self.agreed - self.refused

    @property
    def words(self) -> str:
        """「3/5 已同意，1 人不同意，还差 1 人」."""
        said = [f"{self.agreed}/{self.asked} 已同意"]
        said += [f"{self.refused} 人不同意"] if self.refused else []
        said += [f"还差 {self.missing} 人"] if self.missing else ["已全部答复"]
        return "，".join(said)


def progress(rule: Rule, items: Sequence[Mapping[str, Any]]) -> Progress:
    """How far a 会签 is, by its rule."""
    counted = [item for item in items if item["status"] != "gone" or item["decision"] == NOT_NEEDED]
    agreed = sum(item["decision"] == AGREED for item in counted)
    refused = sum(item["decision"] == DISAGREED for item in counted)
    asked = len(counted)
    return Progress(
        asked, agreed, refused, rule.verdict(asked, agreed, refused), rule.over(asked, agreed, refused)
    )


def asked_by(kind: str, ratio: int | None) -> Rule:
    """The rule of a round row."""
    return Rule(kind, ratio or 100)
