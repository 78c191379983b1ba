"""The page of whoever is asked beside a step (征求意见, 加签, 会签): what is asked, what to read, his opinion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import processes
from app.accounts.directory import directory
from app.cases import asking, concealing, higher, offering, queries, showing, sub_items, sub_showing
from app.cases.reaching import receives
from app.cases.registry import SUB_PAGES
from app.cases.service import mark_seen
from app.cases.service.answering import OPINION_MOST, answer
from app.cases.views import bp
from app.core.db import db
from app.core.errors import GongkaiError, NotFound, Sayable
from app.core.now import now, today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of
from forms.builder import Around

SUB_PAGES.update(dict.fromkeys(sub_items.KINDS, "cases.sub_item"))


@bp.route("/work/<int:item_id>/asked", methods=["GET", "POST"])
def sub_item(item_id: int) -> ResponseReturnValue:
    """Read and answer. Whoever is not asked learns nothing; one that is over leads to the case."""
    item, case = queries.item(db.session(), item_id)
    mine = receives(item, me(), case) or item["done_by"] == me().person_id
    if item["round_id"] is None or not mine:
        raise NotFound()
    if request.method == "POST":
        return _answered(item, case)
    if item["status"] != "open":
        return redirect(url_for("cases.case", case_id=case["id"]))
    if item["seen_at"] is None:
        mark_seen(me(), item_id=item_id)
    return _page(item, case)


def _answered(item: Mapping[str, Any], case: Mapping[str, Any]) -> ResponseReturnValue:
    said = request.form
    try:
        done = answer(
            me(), item_id=item["id"], decision=said.get("decision", ""), opinion=said.get("opinion", ""),
            token=token_of(said),
        )  # fmt: skip
    except Sayable as error:
        return _page(item, case, error=error, opinion=said.get("opinion", "")), error.status
    flash(done["said"], "success")
    return redirect(url_for("cases.case", case_id=case["id"]), 303)


def _page(
    item: Mapping[str, Any], case: Mapping[str, Any], *, error: GongkaiError | None = None, opinion: str = ""
) -> str:
    session, person, people = db.session(), me(), directory()
    runtime = processes.runtime(case["version_id"])
    trail = queries.history(session, case["id"])
    hidden = concealing.hidden_from(session, case, person, trail)
    case = concealing.without(case, hidden)
    files = asking.files_of(session, case["id"], None)
    around = Around(
        known=case["data"],
        options=asking.lists(people, person.organ_id or 0),
        files=files,  # type: ignore[arg-type]
        today=today(),
    )
    mine = [each for each in trail if each["round_id"] == item["round_id"]]
    about = higher.about(session, person, case)
    rounds = sub_showing.rounds_panel(session, person, case, None)
    return render_template(
        "cases/sub_item.html",
        item=item,
        case=case,
        parent=next(each for each in trail if each["id"] == item["parent_id"]),
        word=sub_items.KINDS[item["kind"]],
        asker=people.name_of(item["sender_id"]),
        round=sub_showing.shown(sub_items.round_of(session, item["round_id"]), mine, people),
        facts=[*about.facts, *showing.case_facts(case, people, instead=about.instead)],
        panels=[panel for panel in about.panels if panel not in rounds],  # his own round stands above
        due=showing.due_words(item["due_on"], today()),
        said=showing.answers_by_step(session, case, runtime, around, hidden),
        trail=showing.trail(trail, people),
        files=[each for each in files.values() if each["state"] == "kept"],
        buttons=offering.buttons(offering.standing(person, case, trail, now(), item)),
        error=error,
        opinion=opinion,
        most=OPINION_MOST,
        token=fresh_token(),
    )
