"""The queue of requests by what is left, and how a deadline came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import calendar
from app.core import listing
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import today
from app.core.pages import me
from app.requests import clocks, queries, showing, standing
from app.requests.queries import Filter
from app.requests.views import bp
from workflows.law.calendar import YearNotConfirmed

TABS = {"live": "在办", "answered": "已答复", "closed": "办结", "all": "全部"}


@bp.get("/requests")
def queue() -> ResponseReturnValue:
    """依申请公开: requests by days left."""
    session, person, args = db.session(), me(), request.args
    wanted = Filter(args.get("state", "live"), args.get("q", "").strip()[:100])
    if wanted.state not in TABS:
        raise NotFound()
    page = queries.queue(session, person, wanted, args.get("after"))
    return render_template(
        "requests/queue.html",
        rows=showing.lines(session, page.rows),
        wanted=wanted,
        strip=_strip(queries.counts(session, person, _soon(), today())),
        tabs=listing.tabs("requests.queue", TABS, wanted.state),
        pager=listing.pager("requests.queue", page, "after", state=args.get("state"), q=wanted.text or None),
    )


def _soon() -> Any:
    """Three working days from now (glossary A: 即将到期)."""
    try:
        due = calendar.current().add_workdays(today(), 3)
        return due.date or due.not_before
    except YearNotConfirmed:
        return today()


def _strip(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    words = (
        ("overdue", "已超期", "late"),
        ("today", "今日到期", "late"),
        ("soon", "3 个工作日内", "soon"),
        ("waiting", "等待中", "plain"),
        ("unconfirmed", "待确认", "soon"),
    )
    return [
        {"label": label, "count": counts[key], "kind": kind if counts[key] else "plain"}
        for key, label, kind in words
    ]


@bp.get("/requests/<int:request_id>")
def show(request_id: int) -> ResponseReturnValue:
    """A request is its case: one page for both."""
    found = queries.one(db.session(), me(), request_id)
    return redirect(url_for("cases.case", case_id=found.case_id))


@bp.get("/requests/<int:request_id>/clock")
def clock(request_id: int) -> ResponseReturnValue:
    """期限怎么算的: every counted day, every pause and restart, with its article; printable for the file."""
    session = db.session()
    found = queries.one(session, me(), request_id)
    state = clocks.compute(session, found, today())
    return render_template(
        "requests/clock.html",
        request=found,
        state=state,
        entries=state.derivation() if state else (),
        due=standing.due(found, state),
        facts=showing.clock_facts(state) if state else [],
    )
