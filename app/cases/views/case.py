"""The case page: what it is, where it stands, who did what; diagram; sheets; personal values on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import processes
from app.accounts.directory import directory
from app.cases import asking, concealing, higher, offering, personal_values, queries, showing, versions
from app.cases.reaching import may_enter_offline, receives
from app.cases.views import bp
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import now, today
from app.core.pages import me
from app.documents import queries as document_queries
from app.documents import showing as documents
from app.documents.models import Document
from forms.builder import Around


@bp.get("/cases/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    """Everything about a case that this person may see."""
    session, person, people = db.session(), me(), directory()
    found = queries.case(session, case_id, person)
    runtime = processes.runtime(found["version_id"])
    trail = queries.history(session, case_id)
    hidden = concealing.hidden_from(session, found, person, trail)
    found = concealing.without(found, hidden)
    around = Around(
        known=found["data"],
        options=asking.lists(people, person.organ_id or 0),
        files=asking.files_of(session, case_id, person.person_id),  # type: ignore[arg-type]
        today=today(),
    )
    open_items = [item for item in trail if item["status"] == "open"]
    about = higher.about(session, person, found)
    return render_template(
        "cases/case.html",
        case=found,
        runtime=runtime,
        trail=higher.trail(session, found, showing.trail(trail, people)),
        facts=[*about.facts, *showing.case_facts(found, people, instead=about.instead)],
        panels=about.panels,
        outcome=[*about.outcome, *_outcome(found)] if found["status"] == "done" else [],
        said=showing.answers_by_step(session, found, runtime, around, hidden),
        open_items=[
            dict(item)
            | {
                "mine": receives(item, person, found),
                "offline": may_enter_offline(item, found, person) and showing.takes_offline(runtime, item),
                "where": showing.where(item, people),
                "claim": item["holder_id"] is None and len(people.holders(item["post_id"] or 0)) > 1,
                "due": showing.due_words(item["due_on"], today()),
            }
            for item in open_items
        ],
        diagrams=showing.diagrams(found, runtime, trail, people),
        files=versions.of_case(session, case_id, hidden),
        buttons=offering.buttons(offering.standing(person, found, trail, now())),
        personal=showing.personal_fields(runtime, found),
        revealed={},
    )


def _outcome(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a closed case has brought about."""
    session = db.session()
    document = session.get(Document, found["document_id"]) if found["document_id"] else None
    return documents.outcome(document, document_queries.last_review(session, found["id"]))


@bp.get("/cases/<int:case_id>/diagram/<key>.bpmn")
def diagram(case_id: int, key: str) -> ResponseReturnValue:
    """The diagram of the version the case runs on."""
    found = queries.case(db.session(), case_id, me())
    packages = processes.runtime(found["version_id"]).packages
    if key not in packages:
        raise NotFound()
    return Response(
        packages[key].source.bpmn,
        mimetype="application/xml",
        headers={"Cache-Control": "private, max-age=86400"},
    )


@bp.get("/cases/<int:case_id>/sheet/<kind>")
def sheet(case_id: int, kind: str) -> ResponseReturnValue:
    """呈批单 or 审查记录表 as an A4 page."""
    session, people = db.session(), directory()
    found = queries.case(session, case_id, me())
    found = concealing.without(found, concealing.hidden_from(session, found, me()))
    return showing.sheet(session, found, processes.runtime(found["version_id"]), kind, people)


@bp.post("/cases/<int:case_id>/reveal")
def reveal(case_id: int) -> ResponseReturnValue:
    """Show one personal value in clear; each showing is recorded (security.md 11)."""
    queries.case(db.session(), case_id, me())
    field = request.form.get("field", "")[:40]
    result = personal_values.reveal(me(), case_id=case_id, field=field)
    flash(f"{result['label']}：{result['value']}（本次查看已留痕）", "info")
    return redirect(url_for("cases.case", case_id=case_id), 303)
