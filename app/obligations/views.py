"""Pages of duties: 公开任务 and one duty with its deadline, its derivation and 发布网址回填."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, has_request_context, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import calendar
from app.accounts.directory import directory
from app.core import listing, tokens
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import GongkaiError, Sayable
from app.core.now import today
from app.core.pages import me
from app.core.rooms import NavItem, Room
from app.documents.queries import left_out
from app.documents.register import read_date
from app.documents.showing import moment
from app.documents.views import link, token_of_form
from app.obligations import queries, service
from app.obligations.permissions import ROUTES, closers, closes_any, may_close
from app.obligations.queries import Filter

bp = Blueprint("obligations", __name__, template_folder="templates")

STATES = {"open": "待发布", "late": "已超期", "closed": "已发布", "ended": "不再公开"}
DAY_WORDS = {"counted": "", "makeup": "调休上班", "weekend": "周末", "holiday": "放假", "rolled": "顺延"}


def _shown(row: Mapping[Any, Any], person: Actor, partial: Mapping[int, str]) -> dict[str, Any]:
    """A duty with its deadline in the words of the screen, who enters its publication, what is left out of it."""
    people, days = directory(), calendar.current()
    unit = people.unit(row["unit_id"]) if row["unit_id"] else None
    left = days.days_left(today(), row["due_on"]) if row["due_on"] else None
    return dict(row) | {
        "organ_name": people.organ(row["organ_id"]).short_name,
        "unit_name": unit.name if unit else "",
        "left": left.days if left else None,
        "left_text": left.text if left else None,
        "late": bool(left and left.kind == "overdue"),
        "makeup": bool(row["due_on"] and days.is_makeup(row["due_on"])),
        "who": people.name_of(row["closed_by"]) if row["closed_by"] else "",
        "when": moment(row["closed_at"]),
        "url": url_for("obligations.show", duty_id=row["id"]),
        "may_close": may_close(person, row),
        "closers": "、".join(closers(row)),
        "left_out": partial.get(row["case_id"]),
    }


@bp.get("/obligations")
def waiting() -> ResponseReturnValue:
    """公开任务: what waits to be published, soonest first; late, published, ended ones on tabs."""
    session, person, args = db.session(), me(), request.args
    state = args.get("state", "open") if args.get("state", "open") in STATES else "open"
    wanted = Filter(state, args.get("q", "").strip()[:100])
    after = args.get("after")
    page = queries.duties(session, person, wanted, today(), after)
    partial = left_out(session, [row["case_id"] for row in page.rows if row["case_id"]])
    counts = queries.counts(session, person, today())
    return render_template(
        "obligations/waiting.html",
        rows=[_shown(row, person, partial) for row in page.rows],
        wanted=wanted,
        tabs=listing.tabs("obligations.waiting", STATES, state, counts),
        pager=listing.pager(
            "obligations.waiting", page, "after", state=args.get("state"), q=wanted.text or None
        ),
    )


@bp.get("/obligations/<int:duty_id>")
def show(duty_id: int) -> ResponseReturnValue:
    """A duty: until when, how that came out, where it was published."""
    return _page(duty_id)


def _page(duty_id: int, error: GongkaiError | None = None) -> str:
    person = me()
    row = queries.duty(db.session(), person, duty_id)
    partial = left_out(db.session(), [row["case_id"]] if row["case_id"] else [])
    return render_template(
        "obligations/show.html",
        duty=_shown(row, person, partial),
        days=[_day(step) for step in row["derivation"] or ()],
        channels=list(service.CHANNELS.items()),
        document_url=link("documents.show", document_id=row["document_id"]) if row["document_id"] else None,
        case_url=link("cases.case", case_id=row["case_id"]) if row["case_id"] else None,
        today=today(),
        error=error,
        said=request.form,
        token=tokens.fresh_token(),
    )


def _day(step: Mapping[str, Any]) -> dict[str, Any]:
    words = " ".join(filter(None, (DAY_WORDS.get(step["kind"], ""), step["name"])))
    return {"day": step["day"], "number": step["number"], "words": words, "kind": step["kind"]}


@bp.post("/obligations/<int:duty_id>/close")
def close(duty_id: int) -> ResponseReturnValue:
    """发布网址回填."""
    said = request.form
    try:
        result = service.close(
            me(),
            duty_id=duty_id,
            url=said.get("url", ""),
            published_on=read_date(said.get("published_on", "")),
            channel=said.get("channel", ""),
            cause=said.get("cause", ""),
            token=token_of_form(),
        )
    except Sayable as error:
        return _page(duty_id, error), error.status
    flash(
        "已回填发布网址，逾期原因已登记。" if result["late"] else "已回填发布网址，这项公开任务已办结。",
        "success",
    )
    return redirect(url_for("obligations.waiting"), 303)


@bp.post("/obligations/<int:duty_id>/reopen")
def reopen(duty_id: int) -> ResponseReturnValue:
    """恢复待发布, when the publication was entered by mistake."""
    try:
        service.reopen(me(), duty_id=duty_id, reason=request.form.get("reason", ""), token=token_of_form())
    except Sayable as error:
        return _page(duty_id, error), error.status
    flash("已恢复为待发布，期限不变。", "success")
    return redirect(url_for("obligations.show", duty_id=duty_id), 303)


def _count(person: Actor) -> int | None:
    """Open duties of whoever enters publications; asked once per page."""
    if not closes_any(person):
        return None
    if not has_request_context():
        return queries.open_count(db.session(), person)
    if "open_duties" not in g:
        g.open_duties = queries.open_count(db.session(), person)
    return int(g.open_duties)


def waiting_count(_session: Session, person: Actor) -> dict[str, Any] | None:
    """待发布 above the inbox: duties, for whoever enters their publication."""
    found = _count(person)
    if found is None:
        return None
    return {"label": "待发布", "count": found, "url": url_for("obligations.waiting"), "kind": "plain"}


room = Room(
    "obligations",
    bp,
    ROUTES,
    nav=(NavItem("主动公开", "公开任务", "obligations.waiting", "send", order=210, count=_count),),
)
