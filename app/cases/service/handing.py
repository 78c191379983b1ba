"""交接: what a person holds goes to his successors in one act, and both see it while the transition lasts.

Who reviews stays the definition's choice: a review or signing step goes to a successor who holds its post, or back to
the post.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import deputies, locked
from app.accounts.deputy_models import Deputy, Handover
from app.accounts.directory import Directory, PersonInfo, directory
from app.cases import road, stream
from app.cases.models import Case, WorkItem
from app.cases.routing import JUDGING, START
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.core.now import business_date

#: items and cases of one act; who holds more hands over in several
MOST = 200

c, w = table_of(Case), table_of(WorkItem)
_held = (
    sa.select(
        w.c.id, w.c.case_id, w.c.label, w.c.role, w.c.post_id, w.c.due_on, c.c.number, c.c.title, c.c.authors
    )
    .join(c, c.c.id == w.c.case_id)
    .where(w.c.holder_id == sa.bindparam("person"), w.c.status == "open")
    .order_by(w.c.due_on, w.c.id)
    .limit(MOST)
)
_his = sa.or_(
    c.c.started_by == sa.bindparam("person"),
    sa.exists().where(w.c.case_id == c.c.id, w.c.done_by == sa.bindparam("person")),
)
_drafted = (
    sa.select(c.c.id, c.c.number, c.c.title, c.c.started_by, c.c.doers, c.c.authors)
    .where(c.c.status == "open", _his)
    .order_by(c.c.id)
    .limit(MOST)
)
_give = (
    sa.update(w)
    .where(w.c.id == sa.bindparam("k"), w.c.status == "open")
    .values(
        holder_id=sa.bindparam("holder"),
        sender_id=sa.bindparam("sender"),
        came_from=sa.bindparam("whence"),
        seen_at=None,
    )
)


@dataclass(frozen=True)
class Held:
    """What a person would leave behind: open items in his hands, open cases he began, drafted or did a step of, and the
    arrangements he takes part in."""

    items: Sequence[Mapping[str, Any]]
    cases: Sequence[Mapping[str, Any]]
    arrangements: Sequence[Deputy]

    @property
    def anything(self) -> bool:
        """Whether there is anything to hand over."""
        return bool(self.items or self.cases or self.arrangements)


def held(session: Session, person_id: int, today: date) -> Held:
    """The list before it is handed over."""
    alive = sa.select(Deputy).where(
        sa.or_(Deputy.principal_id == person_id, Deputy.deputy_id == person_id),
        Deputy.ended_at.is_(None),
        sa.or_(Deputy.until_on.is_(None), Deputy.until_on >= today),
    )
    cases = [dict(row) for row in session.execute(_drafted, {"person": person_id}).mappings()]
    return Held(
        [dict(row) for row in session.execute(_held, {"person": person_id}).mappings()],
        [each for each in cases if person_id in _roles(each)],
        session.scalars(alive.order_by(Deputy.id)).all(),
    )


def _roles(case: Mapping[str, Any]) -> set[int]:
    """To whom steps of the case would come back."""
    return {*case["doers"].values(), *([] if START in case["doers"] else [case["started_by"]])}


@dataclass(frozen=True)
class Plan:
    """Who gets what: everything to `default`, but what is named here by item, case or post id."""

    default: int
    items: Mapping[int, int] = field(default_factory=dict)
    cases: Mapping[int, int] = field(default_factory=dict)
    posts: Mapping[int, int] = field(default_factory=dict)


@command
def hand_over(tx: Tx, *, person_id: int, plan: Plan, until_on: date | None, reason: str) -> dict[str, Any]:
    """Hand over in one act. NotFound (not yours to decide), Refused (nobody such, nothing there). {id, said}."""
    locked.begin(tx)
    book, today = directory(), business_date(tx.now)
    person = book.person(person_id)
    if person is None or not deputies.may_arrange(tx.actor, person):
        raise NotFound()
    successors = {each: _successor(book, person, each) for each in _named(plan)}
    found = held(tx.session, person.id, today)
    if not found.anything:
        raise Refused(f"{person.name} 手上没有要交接的事项。")
    giving = _Giving(tx, book, person, plan, successors)
    for case_id in sorted({each["case_id"] for each in found.items} | {each["id"] for each in found.cases}):
        giving.case(case_id)
    for row in found.arrangements:
        giving.end(row)
    if until_on is not None:
        _transition(tx, book, person, plan, until_on)
    made = Handover(
        organ_id=person.organ_id, person_id=person.id, successor_id=plan.default, reason=reason.strip()[:200],
        until_on=until_on, items=giving.moved, lines=giving.lines, made_by=tx.actor.person_id, made_at=tx.now,
    )  # fmt: skip
    tx.session.add(made)
    tx.session.flush()
    return {"id": made.id, "said": _told(tx, person, successors, made)}


def _told(tx: Tx, person: PersonInfo, successors: Mapping[int, PersonInfo], made: Handover) -> str:
    """Record the act and tell those whom it concerns; what the page says."""
    names = "、".join(each.name for each in successors.values())
    said = f"{person.name} 的工作已交接给 {names}，共 {len(made.lines)} 项"
    if made.until_on:
        said += f"，过渡期至 {made.until_on.isoformat()}"
    tx.record(
        "organ", "handover.made", said, stream_id=person.organ_id, handover=made.id, person=person.id,
        successors=sorted(successors), lines=made.lines, reason=made.reason,
        until_on=made.until_on.isoformat() if made.until_on else None,
    )  # fmt: skip
    for each in {person.id, *successors} - {tx.actor.person_id}:
        for say in deputies.tell:
            say(tx, each, f"{said}。", f"handover:{made.id}:{each}")
    return f"{said}。"


def _named(plan: Plan) -> list[int]:
    return list(
        dict.fromkeys([plan.default, *plan.items.values(), *plan.cases.values(), *plan.posts.values()])
    )


def _successor(book: Directory, person: PersonInfo, successor_id: int) -> PersonInfo:
    found = book.person(successor_id)
    wrong = ""
    if successor_id == person.id:
        wrong = "不能交接给本人。请选择接收人。"
    elif found is None or found.organ_id != person.organ_id or found.nature != "business":
        wrong = "只能交接给本机关在岗的业务人员。请从列表里选择。"
    elif not found.login:
        wrong = f"{found.name} 不登录系统，不能接收。请另选一人。"
    if wrong or found is None:
        raise Refused(wrong, fields={"default": wrong})
    return found


def _transition(tx: Tx, book: Directory, person: PersonInfo, plan: Plan, last: date) -> None:
    """Until the last day the successors also see what comes to the person's posts."""
    from app.accounts import kinds

    shares: dict[int, list[int]] = {}
    for post in book.posts_of(person.id):
        if post.kind not in kinds.GOVERNING:
            shares.setdefault(plan.posts.get(post.id, plan.default), []).append(post.id)
    for successor, posts in shares.items():
        deputies.add_transition(tx, person, successor, posts, last)


@dataclass
class _Giving:
    """The act under way: `lines` is the list that will be printed, `moved` the items that changed hands."""

    tx: Tx
    book: Directory
    person: PersonInfo
    plan: Plan
    successors: Mapping[int, PersonInfo]
    lines: list[dict[str, str]] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)

    def case(self, case_id: int) -> None:
        """One case: its items in the person's hands, and what would come back to him."""
        case = road.lock_case(self.tx, case_id)
        if case is None or case["status"] != "open":
            return
        was, done = case["lock"], []
        rows = self.tx.session.execute(_held.where(w.c.case_id == case_id), {"person": self.person.id})
        for item in rows.mappings().all():
            done.append(self._item(case, dict(item)))
        done += self._returns(case)
        if not done:
            return
        summary = f"{self.person.name} 交接：{'；'.join(done)}"
        case.update(stream.write(self.tx, case, "case.hand_over", summary, person=self.person.id))
        road.save_case(self.tx, case, was)

    def _item(self, case: Mapping[str, Any], item: Mapping[str, Any]) -> str:
        to = self.successors[self.plan.items.get(item["id"], self.plan.default)]
        holder: int | None = to.id
        words = to.name
        if item["role"] in JUDGING:
            holder, words = self._judging(case, item, to)
        sender, whence = self.tx.actor.person_id, f"{self.person.name} 交接"
        self.tx.session.execute(
            _give, {"k": item["id"], "holder": holder, "sender": sender, "whence": whence}
        )
        self.moved.append(item["id"])
        self._line("待办", case, f"「{item['label']}」", words)
        return f"「{item['label']}」交 {words}"

    def _judging(
        self, case: Mapping[str, Any], item: Mapping[str, Any], to: PersonInfo
    ) -> tuple[int | None, str]:
        """To the successor when he holds the post and did not draft; else back to the post."""
        post = self.book.post(item["post_id"]) if item["post_id"] else None
        able = self.book.holders(post.id) if post is not None else (to,)
        if to.id in {each.id for each in able} and to.id not in case["authors"]:
            return to.id, to.name
        if post is None:
            raise Refused(
                f"「{item['label']}」（{case['number']}）不能交给 {to.name}：拟稿人不能审核、签发自己拟的稿。请为这一项另选一人。"
            )
        return None, f"岗位「{post.name}」"

    def _returns(self, case: dict[str, Any]) -> list[str]:
        """What was drafted or done by the person comes back to the successor."""
        if self.person.id not in _roles(case):
            return []
        to = self.successors[self.plan.cases.get(case["id"], self.plan.default)]
        begun = case["doers"].get(START) or case["started_by"]
        doers = {step: to.id if who == self.person.id else who for step, who in case["doers"].items()}
        case["doers"] = doers | ({START: to.id} if begun == self.person.id else {})
        self._line("经办的办件", case, "退回、后续环节", to.name)
        return [f"退回和后续环节由 {to.name} 接办"]

    def end(self, row: Deputy) -> None:
        """An arrangement with the person ends; whoever is left without a stand-in names another."""
        row.ended_at, row.ended_by = self.tx.now, self.tx.actor.person_id
        said = deputies.sentence(self.book, row)
        self.lines.append(
            {"kind": "代理", "number": "", "title": said, "what": "代理关系", "to": "结束，需要的另行指定"}
        )

    def _line(self, kind: str, case: Mapping[str, Any], what: str, to: str) -> None:
        self.lines.append(
            {"kind": kind, "number": case["number"], "title": case["title"], "what": what, "to": to}
        )
