"""转承办科室: accepted or returned with a reason, chased, and never lost in silence (F5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts.directory import directory
from app.cases import higher
from app.core.actions import ActionContext
from app.core.command import Tx, command
from app.core.db import table_of
from app.core.errors import NotFound, Refused
from app.core.now import business_date
from app.documents.service import clean
from app.notices.service import Note, enqueue
from app.requests import chasing, searching
from app.requests.models import Handoff, Request
from app.requests.reaching import locked

h = table_of(Handoff)
#: 催办 at most once in this time
URGE_EVERY = timedelta(hours=4)
#: what a unit may answer about what it found
UNIT_FOUND = {"found": "有", "none": "经检索没有", "not_ours": "不属于本科室"}
SUGGESTIONS = {"open": "建议公开", "partial": "建议部分公开", "withhold": "建议不予公开"}

_last_round = sa.select(sa.func.coalesce(sa.func.max(h.c.round), 0)).where(
    h.c.request_id == sa.bindparam("request")
)
_open = sa.insert(h)


def open_round(
    context: ActionContext, request: Request, units: Sequence[int], due_on: date | None, asked: str | None
) -> None:
    """Rows of a new round: one per unit, owed until `due_on`."""
    tx, people = context.tx, directory()
    ours = {unit for unit in units if (found := people.unit(unit)) and found.organ_id == request.organ_id}
    if not ours:
        raise Refused("请选择要转交的科室。", fields={"handoff_units": "至少选择一个科室。"})
    if due_on is not None and due_on < business_date(tx.now):
        raise Refused("科室反馈的期限不能早于今天。", fields={"handoff_due": "不能早于今天。"})
    number = int(tx.session.scalar(_last_round, {"request": request.id}) or 0) + 1
    rows: list[dict[str, Any]] = [
        {
            "request_id": request.id,
            "unit_id": unit,
            "round": number,
            "status": "open",
            "asked": (asked or "")[:500] or None,
            "due_on": due_on,
            "answer": {},
            "urged": 0,
            "by": tx.actor.person_id,
            "sent_at": tx.now,
            "watch_on": chasing.first_look(business_date(tx.now), due_on),
        }
        for unit in sorted(ours)
    ]
    tx.session.execute(_open, rows)


def answered(context: ActionContext, request: Request, unit_id: int) -> dict[str, Any]:
    """反馈 of a unit, with its own search record; {unit, status}."""
    said = context.answers
    answer: dict[str, Any] = {
        "found": clean(said.get("unit_found")),
        "answer": clean(said.get("unit_answer")),
        "suggest": clean(said.get("unit_suggest")),
        "ground": clean(said.get("unit_ground")),
        "reason": clean(said.get("unit_reason")),
        "files": [{"id": each["id"], "name": each["name"]} for each in said.get("unit_files") or []],
    }
    _settle(context, request, unit_id, "answered", answer, None)
    if clean(said.get("unit_scope")):
        searching.keep(
            context, request, said, unit_id=unit_id, found=answer["found"] or "found", prefix="unit"
        )
    return {"unit": str(unit_id), "status": "answered"}


def returned(context: ActionContext, request: Request, unit_id: int) -> dict[str, Any]:
    """退回转办 of a unit, with its reason; {unit, status}."""
    _settle(context, request, unit_id, "returned", {}, clean(context.answers.get("opinion")))
    return {"unit": str(unit_id), "status": "returned"}


def _settle(
    context: ActionContext,
    request: Request,
    unit_id: int,
    status: str,
    answer: dict[str, Any],
    reason: str | None,
) -> None:
    tx = context.tx
    query = sa.select(Handoff).where(
        Handoff.request_id == request.id, Handoff.unit_id == unit_id, Handoff.done_at.is_(None)
    )
    row = tx.session.scalars(query.order_by(Handoff.round.desc()).limit(1)).first()
    if row is None:
        raise Refused("这一转办已经反馈过了。请刷新页面。")
    row.status, row.answer, row.reason = status, answer, reason
    row.done_at, row.watch_on = tx.now, None


@command
def urge(tx: Tx, *, handoff_id: int) -> dict[str, Any]:
    """催办 a unit that still owes work: its members are told, at most once in four hours; {request, said}."""
    row = tx.session.get(Handoff, handoff_id)
    if row is None:
        raise NotFound()
    request, case = locked(tx, row.request_id)
    tx.session.refresh(row, with_for_update=True)
    unit = directory().unit(row.unit_id)
    name = unit.name if unit else "承办科室"
    if row.done_at is not None:
        raise Refused(f"{name}已经反馈，不用催办。")
    if row.urged_at is not None and tx.now - row.urged_at < URGE_EVERY:
        raise Refused(f"刚刚催办过{name}，请过几个小时再催。")
    row.urged, row.urged_at = row.urged + 1, tx.now
    posts = [directory().post_in_unit(row.unit_id, kind) for kind in ("drafter", "unit_head")]
    due = f"，应于 {row.due_on:%m-%d} 前反馈" if row.due_on else ""
    notes = [
        Note(
            kind="urge",
            text=f"催办：{request.number or ''} {request.title}{due}",
            url=f"/cases/{case['id']}",
            person_id=None,
            post_id=post.id,
            dedupe=f"urge:{row.id}:{row.urged}:{post.id}",
            process=case["process_key"],
        )
        for post in posts
        if post is not None
    ]
    enqueue(tx, notes)
    higher.note(
        tx,
        case,
        "request.urge",
        f"{tx.actor.name} 催办{name}（第 {row.urged} 次）",
        handoff=row.id,
        unit=row.unit_id,
    )
    return {"request": request.id, "case": case["id"], "said": f"已催办{name}（第 {row.urged} 次）。"}
