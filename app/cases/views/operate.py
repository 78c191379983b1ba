"""One page for every operation: what it does, what it asks, what it would change, and the button that does it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cases import offering, queries
from app.cases import operations as _declared  # noqa: F401 - puts the operations on the list
from app.cases.offering import Operation, Preview, Standing
from app.cases.returns.past import MOVED_ON
from app.cases.views import bp
from app.core.db import db
from app.core.errors import NotFound, Sayable
from app.core.now import now
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


@bp.route("/work/<int:item_id>/do/<key>", methods=["GET", "POST"])
def operate_item(item_id: int, key: str) -> ResponseReturnValue:
    """An operation on a step."""
    session = db.session()
    item, case = queries.item(session, item_id)
    here = offering.standing(me(), case, queries.history(session, case["id"]), now(), item)
    return _operate(_operation(key, "item", here), here, url_for("cases.work", item_id=item_id))


@bp.route("/cases/<int:case_id>/do/<key>", methods=["GET", "POST"])
def operate_case(case_id: int, key: str) -> ResponseReturnValue:
    """An operation on a case."""
    session = db.session()
    case = queries.case(session, case_id, me())
    here = offering.standing(me(), case, queries.history(session, case_id), now())
    return _operate(_operation(key, "case", here), here, url_for("cases.case", case_id=case_id))


def _operation(key: str, about: str, here: Standing) -> Operation:
    found = offering.BY_KEY.get(key)
    if found is None or found.about not in (about, "both") or not offering.visible(found, here):
        raise NotFound()
    return found


def _operate(operation: Operation, here: Standing, back: str) -> ResponseReturnValue:
    """Form, then what it would do where that is not plain, then the act; a refusal keeps all that was typed."""
    why = offering.obstacle(operation, here)
    form = operation.form(here)
    preview: Preview | None = None
    moved: list[str] = []
    if why is None and form.validate_on_submit():
        seal = request.form.get("seal", "")
        try:
            if operation.preview is not None:
                preview = operation.preview(db.session(), here, form)
            if preview is None or preview.seal == seal:
                done = operation.perform(me(), here, form, seal, token_of(request.form))
                flash(done["said"], "success")
                return redirect(url_for("cases.case", case_id=here.case["id"]), 303)
            moved = [MOVED_ON] if seal else []
        except Sayable as error:
            form.blame(error)
            if not error.fields:
                return _page(operation, here, form, back, why, None, [error.message]), error.status
    failed = request.method == "POST" and preview is None
    return _page(operation, here, form, back, why, preview, moved), 422 if failed else 200


def _page(
    operation: Operation,
    here: Standing,
    form: Any,
    back: str,
    why: str | None,
    preview: Preview | None,
    problems: list[str] | None = None,
) -> str:
    return render_template(
        "cases/operate.html",
        operation=operation,
        here=here,
        case=here.case,
        item=here.item,
        form=form,
        back=back,
        why=why,
        preview=preview,
        problems=problems or [],
        token=fresh_token(),
    )
