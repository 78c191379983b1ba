"""抄送: 待阅 and 已阅."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.cases import queries
from app.cases.operations.copy import mark_read
from app.cases.views import bp
from app.core.db import db
from app.core.pages import me


@bp.get("/work/copies")
def copies() -> ResponseReturnValue:
    """What colleagues want this person to know: not read yet, or (`read=1`) read."""
    session, read = db.session(), request.args.get("read") == "1"
    page = queries.copies(session, me(), read=read, before=request.args.get("before"))
    more: dict[str, Any] = {"read": 1} if read else {}
    pager = {
        "next_url": url_for("cases.copies", before=page.next_key, **more) if page.next_key else None,
        "first_url": url_for("cases.copies", **more) if request.args.get("before") else None,
        "shown": len(page.rows),
    }
    tabs = [
        {"label": "待阅", "url": url_for("cases.copies"), "current": not read,
         "count": queries.copies_unread(session, me())},
        {"label": "已阅", "url": url_for("cases.copies", read=1), "current": read, "count": None},
    ]  # fmt: skip
    return render_template(
        "cases/copies.html", rows=page.rows, tabs=tabs, read=read, pager=pager, people=directory()
    )


@bp.get("/work/copies/<int:copy_id>")
def copy(copy_id: int) -> ResponseReturnValue:
    """Open a copy: it is read from now on."""
    return redirect(url_for("cases.case", case_id=mark_read(me(), copy_id=copy_id)))
