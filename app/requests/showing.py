"""Rows as pages say them: in the words of the glossary, with deadlines in the calendar's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.cases import queries as case_queries
from app.cases import showing as case_showing
from app.core.actor import Actor
from app.core.now import local_text, today
from app.letters import panel as letter_panel
from app.letters import texts
from app.requests import consulting, extending, filling, queries, standing
from app.requests.kinds import (
    APPLICANTS,
    BOUNCES,
    CHANNELS,
    CONSULTED,
    IDENTITIES,
    INCOMING,
    METHODS,
    OPINIONS,
    REACHED,
    STATES,
)
from app.requests.models import (
    Consultation,
    Delivery,
    Extension,
    Incoming,
    Matter,
    Request,
)
from app.requests.standing import due
from workflows.law.clock import Clock
from workflows.law.grounds import ground
from workflows.law.replies import REPLIES


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


def consultations(session: Session, request: Request, state: Clock | None) -> list[dict[str, Any]]:
    """The parties asked, each with its own period; `state` is the request's clock today."""
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
                "no_answer": row.opinion == "unreached" or (row.opinion == "none" and row.kind == "other"),
                "reached": REACHED.get(row.delivered_how or "", "签收"),
                "due": limit.date if limit else None,
                "due_why": limit.reason if limit else "",
                "state_word": {"planned": "待发出", "sent": "等待意见", "closed": "已有结果"}[row.state],
            }
        )
    return rows


def extension_obstacle(request: Request, state: Clock | None, rows: Sequence[Extension]) -> str | None:
    """Why 延期 is not possible now; None when it is. `rows`: the extensions asked for so far."""
    earlier_one = any(row.state in ("asked", "approved") for row in rows)
    return extending.obstacle(request, state, earlier_one, today())


def clock_facts(state: Clock) -> list[tuple[str, str]]:
    """The result of the computation in words: what is not the case is not listed."""
    ends = [
        ("答复期限", state.reply_due),
        ("保守口径（返回当日计入）", state.conservative_due),
        ("最长可延期到", state.max_due),
        ("补正告知最迟", state.correction_notice_due),
    ]
    counted = [("已用", state.used), ("暂停", state.paused_workdays or None)]
    return [
        ("收到申请之日", f"{state.received_on}"),
        *((label, due.text) for label, due in ends if due is not None),
        *((label, f"{days} 个工作日") for label, days in counted if days is not None),
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
