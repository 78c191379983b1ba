"""Rows as pages say them: in the words of the glossary, with deadlines in the calendar's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import processes
from app.accounts.directory import directory
from app.cases import queries as case_queries
from app.cases import showing as case_showing
from app.core.actor import Actor
from app.core.now import local_text, today
from app.letters import panel as letter_panel
from app.letters import texts
from app.requests import clocks, consulting, deciding, extending, filling, handing, queries, standing
from app.requests.kinds import (
    APPLICANTS,
    BOUNCES,
    CHANNELS,
    CONSULTED,
    DELIVERY,
    FOUND,
    IDENTITIES,
    INCOMING,
    METHODS,
    OPINIONS,
    STATES,
    SUPPLY,
)
from app.requests.models import (
    Consultation,
    Delivery,
    Extension,
    Fee,
    Handoff,
    Incoming,
    Matter,
    Request,
    Search,
)
from app.requests.reaching import handles
from app.requests.standing import due
from workflows.law.grounds import ground
from workflows.law.replies import REPLIES
from workflows.law.reports import ROWS


def lines(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the queue: with the steps the cases stand at, and how far a clock is that stands still. Three statements."""
    places = case_queries.places(session, [row["case_id"] for row in rows])
    people = directory()
    seventh = standing.notices_today(session, rows)
    states = standing.states(session, rows, seventh)
    return [
        {
            "id": row["id"],
            "url": url_for("cases.case", case_id=row["case_id"]),
            "number": row["number"] or "待编号",
            "applicant": row["applicant"].get("name"),
            "title": row["title"],
            "subject": people.organ(row["subject_id"]).short_name,
            "received_on": row["received_on"],
            "arrived_on": row["arrived_on"],
            "state": row["state"],
            "state_word": STATES[row["state"]],
            "steps": [
                {"label": item["label"], "who": case_showing.where(dict(item), people)}
                for item in places.get(row["case_id"], [])
            ],
            "outcome": REPLIES[row["outcome"]].name if row["outcome"] else "",
            "reply_no": row["reply_no"],
            "answered_on": row["answered_on"],
            "due": due(row, states.get(row["id"]), seventh=row["case_id"] in seventh),
        }
        for row in rows
    ]


def related(row: Mapping[str, Any]) -> dict[str, Any]:
    """A related request, for the side of the registration page."""
    return dict(row) | {
        "url": url_for("cases.case", case_id=row["case_id"]),
        "state_word": STATES[row["state"]],
        "outcome_word": REPLIES[row["outcome"]].name if row["outcome"] else "",
    }


def incoming(row: Mapping[str, Any]) -> dict[str, Any]:
    """A 来件 in the list."""
    return dict(row) | {
        "url": url_for("requests.incoming_show", incoming_id=row["id"]),
        "kind_word": INCOMING[row["kind"]],
        "channel_word": CHANNELS.get(row["channel"], row["channel"]),
        "case_url": url_for("cases.case", case_id=row["case_id"]) if row["case_id"] else None,
    }


def incoming_row(row: Incoming) -> dict[str, Any]:
    """A 来件 on its page."""
    columns = {column.name: getattr(row, column.name) for column in Incoming.__table__.columns}
    return incoming(columns) | {
        "at_text": local_text(row.at),
        "by_name": directory().name_of(row.by) if row.by else "系统",
        "about": row.kind == "supplement" and row.about_id,
    }


def matter(row: Matter) -> dict[str, Any]:
    """A matter as its page edits it."""
    return {
        "id": row.id,
        "text": row.text,
        "outcome": row.outcome or "",
        "outcome_name": REPLIES[row.outcome].name if row.outcome else "尚未确定",
        "article": REPLIES[row.outcome].article if row.outcome else "",
        "grounds": list(row.grounds),
        "ground_words": [ground(code).title for code in row.grounds],
        "reason": row.reason or "",
        "facts": dict(row.facts),
    }


def applicant(request: Request) -> dict[str, Any]:
    """Who applied, masked."""
    who = request.applicant
    return dict(who) | {
        "kind_word": APPLICANTS.get(request.applicant_kind, ""),
        "id_word": IDENTITIES.get(str(who.get("id_kind")), ""),
    }


def earlier(session: Session, request: Request) -> list[dict[str, Any]]:
    """Other requests of the same applicant, newest first."""
    query = sa.select(Request).where(Request.applicant_id == request.applicant_id, Request.id != request.id)
    return [
        {
            "url": url_for("cases.case", case_id=row.case_id),
            "number": row.number or "待编号",
            "title": row.title,
            "received_on": row.received_on or row.arrived_on,
            "state_word": STATES[row.state],
        }
        for row in session.scalars(query.order_by(Request.id.desc()).limit(20))
    ]


def delivery(row: Delivery) -> dict[str, Any]:
    """One attempt of service."""
    columns = {column.name: getattr(row, column.name) for column in Delivery.__table__.columns}
    return columns | {
        "method_word": METHODS.get(row.method, row.method),
        "bounce_word": BOUNCES.get(row.bounce_reason or "", ""),
        "open": row.signed_on is None and row.bounced_on is None,
    }


def consultations(session: Session, request: Request) -> list[dict[str, Any]]:
    """The parties asked, each with its own period."""
    state = clocks.compute(session, request, today())
    dues = {o.event.ref: o.due for o in state.opinions} if state else {}
    rows = []
    for row in queries.rows_of(session, Consultation, request.id):
        columns = {column.name: getattr(row, column.name) for column in Consultation.__table__.columns}
        limit = consulting.other_due(request, row) if row.kind == "other" else dues.get(row.id)
        rows.append(
            columns
            | {
                "kind_word": CONSULTED.get(row.kind, row.kind),
                "opinion_word": OPINIONS.get(row.opinion or "", ""),
                "no_answer": row.opinion == "none" and row.kind == "other",
                "due": limit.date if limit else None,
                "due_why": limit.reason if limit else "",
                "state_word": {"planned": "待发出", "sent": "等待意见", "closed": "已有结果"}[row.state],
            }
        )
    return rows


def extension_obstacle(session: Session, request: Request) -> str | None:
    """Why 延期 is not possible now; None when it is."""
    rows = queries.rows_of(session, Extension, request.id)
    earlier_one = any(row.state in ("asked", "approved") for row in rows)
    return extending.obstacle(request, clocks.compute(session, request, today()), earlier_one, today())


# --- on the case's pages ------------------------------------------------------------------------------------------


def head_facts(session: Session, case: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What stands in the head of the case's pages: who applied, received when, due when."""
    if not str(case["process_key"]).startswith("foi_"):
        return []
    request = queries.of_case(session, case["id"])
    if request is None:
        return []
    row = standing.columns_of(request)
    seventh = bool(standing.notices_today(session, [row]))
    ended = request.due_on is None and request.received_on is not None
    state = clocks.compute(session, request, today()) if request.state == "open" or ended else None
    said = due(row, state, seventh=seventh)
    return [
        ("申请人", request.applicant.get("name")),
        ("收到申请之日", request.received_on or "待确认"),
        ("答复期限", Markup(render_template("requests/_due.html", due=said, request=request))),
    ]


def panels(
    session: Session, actor: Actor, case: Mapping[str, Any], item: Mapping[str, Any] | None
) -> list[tuple[str, Markup]]:
    """The request on the case's page; on a step's page what that step works with above its form, the rest below."""
    if not str(case["process_key"]).startswith("foi_"):
        return []
    request = queries.of_case(session, case["id"])
    if request is None:
        return []
    mine = handles(actor, request.organ_id)
    context = {
        "request": request,
        "item": item,
        "mine": mine,
        "subject": directory().organ(request.subject_id).name,
        "applicant": applicant(request),
        "channel": CHANNELS.get(request.channel, ""),
        "supply": SUPPLY.get(request.supply, ""),
        "delivery": DELIVERY.get(request.delivery, ""),
        "matters": [matter(m) for m in deciding.matters_of(session, request.id)],
        "searches": [_search(row) for row in queries.rows_of(session, Search, request.id)],
        "handoffs": [_handoff(row) for row in queries.rows_of(session, Handoff, request.id)],
        "consultations": consultations(session, request),
        "deliveries": [delivery(row) for row in queries.rows_of(session, Delivery, request.id)],
        "fees": queries.rows_of(session, Fee, request.id),
        "extensions": queries.rows_of(session, Extension, request.id),
        "outcome": REPLIES[request.outcome].name if request.outcome else "",
        "row": ROWS[request.report_row] if request.report_row else None,
        "state_word": STATES[request.state],
        "why_no_extension": extension_obstacle(session, request) if mine and item is None else None,
        "related": _related(session, request) if mine else [],
        "letters": letters_of(session, actor, request) if mine else [],
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
            "why": "相同内容" if row.content_key == request.content_key else "同一申请人",
            "state_word": STATES[row.state],
            "outcome": REPLIES[row.outcome].name if row.outcome else "",
        }
        for row in session.scalars(query.order_by(Request.id.desc()).limit(10))
    ]


def entered() -> dict[str, dict[str, Any]]:
    """What the matters page asks besides grounds and reason: key -> {label, codes of outcomes, long}."""
    kinds = texts.fields()
    found: dict[str, dict[str, Any]] = {}
    for code, keys in filling.ENTERED.items():
        for key in keys:
            entry = found.setdefault(
                key, {"label": kinds[key].label, "codes": [], "long": key in filling.LISTS}
            )
            entry["codes"].append(code)
    return found


def letters_of(session: Session, actor: Actor, request: Request) -> list[dict[str, Any]]:
    """The letters of a request for its panel."""
    return list(letter_panel.panel(session, actor, request.case_id))
