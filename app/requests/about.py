"""A request on the pages of its case: head, result and panels, from one reading of its clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import processes
from app.accounts.directory import directory
from app.cases.registry import About
from app.core.actor import Actor
from app.core.now import local_text, today
from app.requests import clocks, deciding, handing, queries, showing, standing
from app.requests.kinds import CHANNELS, DELIVERY, FOUND, STATES, SUPPLY
from app.requests.models import Delivery, Extension, Fee, Handoff, Request, Search
from app.requests.reaching import handles
from workflows.law.clock import Clock, State
from workflows.law.events import CorrectionIssued
from workflows.law.replies import REPLIES
from workflows.law.reports import ROWS


def about(
    session: Session, actor: Actor, case: Mapping[str, Any], item: Mapping[str, Any] | None
) -> About | None:
    """What the pages of a request's case say about it; None for the case of another room."""
    if not str(case["process_key"]).startswith("foi_"):
        return None
    request = queries.of_case(session, case["id"])
    if request is None:
        return None
    state = clocks.compute(session, request, today())
    return About(
        facts=_facts(session, request, state),
        instead=True,
        outcome=_outcome(request, state),
        panels=_panels(session, actor, case, item, request, state),
    )


def _facts(session: Session, request: Request, state: Clock | None) -> list[tuple[str, Any]]:
    """The head: who applied, received when, due when."""
    row = standing.columns_of(request)
    telling = request.state == "open" or request.due_on is None
    seventh = bool(standing.notices_today(session, [row]))
    due = standing.due(row, state if telling else None, seventh=seventh)
    return [
        ("申请人", request.applicant.get("name")),
        ("收到申请之日", request.received_on or "待确认"),
        ("答复期限", Markup(render_template("requests/_due.html", due=due, request=request))),
        *_waits_until(state),
    ]


def _waits_until(state: Clock | None) -> list[tuple[str, Any]]:
    """The applicant's own day, while the case waits for him."""
    if state is not None and state.state is State.WAITING_CORRECTION:
        came = any(isinstance(turn.event, CorrectionIssued) and turn.event.delivered for turn in state.turns)
        unknown = "待定（放假安排未导入）" if came else "补正告知书签收后起算"
        return [("补正期限", state.correction_deadline or unknown)]
    if state is not None and state.state is State.WAITING_FEE:
        due = state.fee_due
        return [("缴费期限", (due.date or due.reason) if due else "收费通知签收后起算")]
    return []


def _outcome(request: Request, state: Clock | None) -> list[tuple[str, Any]]:
    """What became of it."""
    rows: list[tuple[str, Any]] = []
    if request.outcome:
        rows.append(("处理结果", REPLIES[request.outcome].name))
    if request.reply_no:
        late = state.late if state is not None else None
        words = {False: "（在期限内）", True: "（超过期限）", None: ""}[late]
        rows += [("发文字号", request.reply_no), ("答复日期", f"{request.answered_on or ''}{words}")]
    return rows


def _panels(
    session: Session,
    actor: Actor,
    case: Mapping[str, Any],
    item: Mapping[str, Any] | None,
    request: Request,
    state: Clock | None,
) -> list[tuple[str, Markup]]:
    """On a step's page what that step works with stands above its form, the rest below."""
    mine = handles(actor, request.organ_id)
    extensions = queries.rows_of(session, Extension, request.id)
    context = {
        "request": request,
        "item": item,
        "mine": mine,
        "subject": directory().organ(request.subject_id).name,
        "applicant": showing.applicant(request),
        "channel": CHANNELS.get(request.channel, ""),
        "supply": SUPPLY.get(request.supply, ""),
        "delivery": DELIVERY.get(request.delivery, ""),
        "month_count": case["data"].get("month_count"),
        "matters": [showing.matter(m) for m in deciding.matters_of(session, request.id)],
        "searches": [_search(row) for row in queries.rows_of(session, Search, request.id)],
        "handoffs": [_handoff(row) for row in queries.rows_of(session, Handoff, request.id)],
        "consultations": showing.consultations(session, request, state),
        "deliveries": [showing.delivery(row) for row in queries.rows_of(session, Delivery, request.id)],
        "fees": queries.rows_of(session, Fee, request.id),
        "extensions": extensions,
        "outcome": REPLIES[request.outcome].name if request.outcome else "",
        "row": ROWS[request.report_row] if request.report_row else None,
        "state_word": STATES[request.state],
        "why_no_extension": showing.extension_obstacle(request, state, extensions)
        if mine and item is None
        else None,
        "related": _related(session, request) if mine else [],
        "letters": showing.letters_of(session, actor, request) if mine else [],
        "writes": _writes(case, item),
    }
    first = _first(item)
    return [
        (
            "before" if only == first else "after",
            Markup(render_template("requests/_panels.html", **context, only=only)),
        )
        for only in (first, PARTS - first)
        if only
    ]


#: the parts of the panels, and which of them a step works with: those stand above its form, the rest below
PARTS = frozenset(
    "request related matters letters handoffs searches consultations fees extensions deliveries".split()
)
_WITH_LETTER = frozenset({"request", "letters"})
_DECIDING = _WITH_LETTER | {"matters"}
FIRST: dict[str, frozenset[str]] = {
    "examine": frozenset({"request", "related"}),
    "search": frozenset({"request", "handoffs"}),
    "draft_reply": _DECIDING | {"handoffs"},
    **dict.fromkeys(
        ("draft_closing", "head_review", "legal_review", "sign", "head_sign", "principal_sign", "self_check",
         "officer_review", "leader_approve"), _DECIDING,
    ),
    **dict.fromkeys(("consult_plan", "consult_approve", "consult_send", "consult_wait"), _WITH_LETTER | {"consultations"}),
    **dict.fromkeys(("fee_draft", "fee_approve", "fee_send", "fee_wait"), _WITH_LETTER | {"fees"}),
    **dict.fromkeys(("correction_draft", "correction_approve", "correction_send", "reasons_ask", "seal", "serve"), _WITH_LETTER),
}  # fmt: skip


def _first(item: Mapping[str, Any] | None) -> frozenset[str]:
    return PARTS if item is None else FIRST.get(str(item["step"]), frozenset({"request"}))


def _writes(case: Mapping[str, Any], item: Mapping[str, Any] | None) -> str | None:
    """The letter that the step writes, if it writes one."""
    if item is None or item["kind"] != "step":
        return None
    info = processes.runtime(case["version_id"]).spec.steps.get((item["process_key"], item["step"]))
    return info.settings.get("letter") if info else None


def _search(row: Search) -> dict[str, Any]:
    people = directory()
    unit = people.unit(row.unit_id) if row.unit_id else None
    return {
        "where": unit.name if unit else "政府信息公开工作机构",
        "scope": row.scope,
        "method": row.method,
        "keywords": row.keywords,
        "found": FOUND.get(row.found, row.found),
        "result": row.result,
        "who": people.name_of(row.by) if row.by else "",
        "at": local_text(row.at),
    }


def _handoff(row: Handoff) -> dict[str, Any]:
    unit = directory().unit(row.unit_id)
    late = row.done_at is None and row.due_on is not None and row.due_on < today()
    words = {"open": "待接收", "accepted": "办理中", "answered": "已反馈", "returned": "已退回"}
    return {
        "id": row.id,
        "unit": unit.name if unit else "",
        "status": row.status,
        "status_word": words[row.status],
        "due_on": row.due_on,
        "late": late,
        "asked": row.asked,
        "reason": row.reason,
        "answer": row.answer,
        "found": handing.UNIT_FOUND.get(str(row.answer.get("found")), ""),
        "suggest": handing.SUGGESTIONS.get(str(row.answer.get("suggest")), ""),
        "urged": row.urged,
        "open": row.done_at is None,
    }


def _related(session: Session, request: Request) -> list[dict[str, Any]]:
    """Requests with the same content by others, and by the same applicant (F13)."""
    query = sa.select(Request).where(
        Request.organ_id == request.organ_id,
        Request.id != request.id,
        sa.or_(Request.content_key == request.content_key, Request.applicant_id == request.applicant_id),
    )
    return [
        {
            "url": url_for("cases.case", case_id=row.case_id),
            "number": row.number or "待编号",
            "title": row.title,
            "why": _why_related(row, request),
            "state_word": STATES[row.state],
            "outcome": REPLIES[row.outcome].name if row.outcome else "",
        }
        for row in session.scalars(query.order_by(Request.id.desc()).limit(10))
    ]


def _why_related(row: Request, request: Request) -> str:
    if row.counts and row.earlier_id == request.id:
        return "从本件拆分"
    if request.counts and request.earlier_id == row.id:
        return "本件由此拆分"
    return "相同内容" if row.content_key == request.content_key else "同一申请人"
