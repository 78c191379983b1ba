"""待办: the list, its filters, the counts, and what an open page asks by itself to stay fresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from app.accounts.directory import directory
from app.cases import desk, filters, registry
from app.cases import inbox as queries
from app.cases.views import bp
from app.core.db import db, dumps
from app.core.errors import Sayable
from app.core.pages import me, unattended
from app.core.tokens import fresh_token


@bp.get("/work")
def inbox() -> ResponseReturnValue:
    """待办: what this person may do now, soonest first."""
    return _page()


@bp.get("/work/fresh")
@unattended
def fresh() -> ResponseReturnValue:
    """The same page, fetched by an open one by itself once `pulse` says that it is old: no sign of life."""
    return _page()


def _page() -> str:
    person, session = me(), db.session()
    asked, after = queries.read(request.args), request.args.get("after")
    found = queries.counts(session, person, filters.COLUMN[session.get_bind().dialect.name])
    kept = filters.read(found.pop("kept"))
    page = queries.page(session, person, asked, after)
    here = asked.params | ({"after": after} if after else {})
    return render_template(
        "cases/inbox.html",
        rows=desk.lines(session, person, page.rows),
        tabs=desk.tabs("inbox", found["all"]),
        beside=[panel for say in registry.BESIDE_INBOX if (panel := say(session, person)) is not None],
        strip=desk.strip(session, person, asked, found),
        asked=asked,
        asked_words=_words(asked, page.rows),
        saved=[each | {"current": each["asked"] == asked.params} for each in kept.filters],
        pager={
            "next_url": url_for("cases.inbox", after=page.next_key, **asked.params)
            if page.next_key
            else None,
            "first_url": url_for("cases.inbox", **asked.params) if after else None,
            "shown": len(page.rows),
        },
        stamp=desk.stamp(page.rows, found),
        pulse_url=url_for("cases.pulse", **here),
        fresh_url=url_for("cases.fresh", **here),
        people=directory(),
        unfinished=kept.run,
        token=fresh_token(),
    )


def _words(asked: queries.Asked, rows: Sequence[RowMapping]) -> list[str]:
    """What the list is filtered by, in words."""
    step = next((row["label"] for row in rows), asked.step.partition("/")[2]) if asked.step else ""
    text = f"含“{asked.text}”" if asked.text else ""
    words = [queries.DUES.get(asked.due, ""), queries.DESKS.get(asked.desk, ""), step, text]
    return [word for word in words if word]


@bp.get("/work/pulse")
@unattended
def pulse() -> ResponseReturnValue:
    """What an open inbox asks twice a minute: 304 while nothing has changed, else {stamp, counts}."""
    person, session = me(), db.session()
    found = queries.counts(session, person)
    page = queries.page(session, person, queries.read(request.args), request.args.get("after"))
    told: dict[str, Any] = {"stamp": desk.stamp(page.rows, found), "counts": found}
    response = Response(
        dumps(told), mimetype="application/json", headers={"Cache-Control": "private, no-cache"}
    )
    response.set_etag(told["stamp"])
    response.make_conditional(request)
    return response


@bp.post("/work/filters")
def keep_filter() -> ResponseReturnValue:
    """Save the filter of the page under a name."""
    asked = queries.read(request.form)
    try:
        flash(filters.keep(me(), name=request.form.get("name", ""), asked=asked)["said"], "success")
    except Sayable as error:
        flash(error.message, "warning")
    return redirect(url_for("cases.inbox", **asked.params), 303)


@bp.post("/work/filters/<int:filter_id>/drop")
def drop_filter(filter_id: int) -> ResponseReturnValue:
    """Delete a saved filter."""
    flash(filters.drop(me(), filter_id=filter_id)["said"], "success")
    return redirect(url_for("cases.inbox"), 303)
