"""待处置: steps that nobody can receive, and how the unit administrator mends them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.directory import directory
from app.cases import queries, service
from app.cases.reaching import empty_posts, gone_people
from app.cases.views import bp
from app.core.db import db
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


@bp.get("/stuck")
def stuck() -> ResponseReturnValue:
    """Open steps of the organ that reach nobody."""
    person, people = me(), directory()
    organ_id = person.organ_id or 0
    page = queries.stuck(
        db.session(), organ_id, empty_posts(organ_id), gone_people(), request.args.get("after")
    )
    pager = {
        "next_url": url_for("cases.stuck", after=page.next_key) if page.next_key else None,
        "shown": len(page.rows),
    }
    return render_template(
        "cases/stuck.html",
        rows=page.rows,
        pager=pager,
        persons=people.people_of(organ_id),
        people=people,
        token=fresh_token,
    )


@bp.post("/stuck/<int:item_id>")
def redirect_item(item_id: int) -> ResponseReturnValue:
    """改派, or send again by the lane."""
    person_id = request.form.get("person", type=int)
    result = service.redirect_item(
        me(),
        item_id=item_id,
        person_id=person_id,
        reason=request.form.get("reason", "")[:200],
        token=token_of(request.form),
    )
    flash(result["said"], "success")
    return redirect(url_for("cases.stuck"), 303)
