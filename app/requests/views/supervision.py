"""督办: late replies as the 督查岗 sees them."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import calendar
from app.accounts.directory import directory
from app.core import listing
from app.core.db import db
from app.core.now import today
from app.core.pages import me
from app.requests import supervision
from app.requests.views import bp

TABS = {"open": "未答复", "all": "全部"}


@bp.get("/supervisions")
def supervisions() -> ResponseReturnValue:
    """依申请公开督办."""
    person, everything = me(), request.args.get("state") == "all"
    found = supervision.page(
        db.session(), person, open_only=not everything, before=request.args.get("before")
    )
    tabs = listing.tabs("requests.supervisions", TABS, "all" if everything else "open")
    pager = listing.pager("requests.supervisions", found, state="all" if everything else None)
    rows = [_shown(row, person.organ_id) for row in found.rows]
    return render_template(
        "requests/supervisions.html", rows=rows, tabs=tabs, pager=pager, everything=everything
    )


def _shown(row: Any, own: int | None) -> dict[str, Any]:
    live = row["state"] == "open"
    return dict(row) | {
        "organ": directory().organ(row["organ_id"]).short_name,
        "url": url_for("cases.case", case_id=row["case_id"]) if row["organ_id"] == own else None,
        "left": calendar.current().days_left(today(), row["due_on"]) if live else None,
        "live": live,
        "moved": row["due_now"] if live and row["due_now"] != row["due_on"] else None,
    }
