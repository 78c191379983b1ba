"""代理与交接: one's own arrangements, those of the organ, and the forms that make and end them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import deputies as arranging
from app.accounts.arrangements import Reader
from app.accounts.deputy_models import Absence, Deputy, Handover
from app.accounts.directory import PersonInfo, directory
from app.cases.deputy_forms import AwayForm, DeputyForm, offer
from app.cases.hooks import process_names
from app.cases.views import bp
from app.core.attempt import attempt
from app.core.db import db
from app.core.errors import NotFound
from app.core.now import today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


def _reader() -> Reader:
    session = db.session()
    return Reader(session, directory(), me(), today(), process_names(session))


def _person(person_id: int) -> PersonInfo:
    """Somebody whose arrangements the signed-in person decides; else NotFound."""
    person = directory().person(person_id)
    if person is None or not arranging.may_arrange(me(), person):
        raise NotFound()
    return person


def _back(person: PersonInfo) -> str:
    own = person.id == me().person_id
    return url_for("cases.deputies" if own else "cases.deputies_of_organ")


@bp.get("/deputies")
def deputies() -> ResponseReturnValue:
    """代理与交接 of the signed-in person."""
    reader, mine = _reader(), me().person_id or 0
    return render_template(
        "cases/deputies.html",
        own=True,
        person_id=mine,
        deputies=reader.deputies(sa.or_(Deputy.principal_id == mine, Deputy.deputy_id == mine)),
        absences=reader.absences(Absence.person_id == mine),
        handovers=reader.handovers(sa.or_(Handover.person_id == mine, Handover.successor_id == mine)),
        standing=me().stands_for,
        url=lambda before: url_for("cases.deputies", before=before),
        persons=[],
    )


@bp.get("/deputies/organ")
def deputies_of_organ() -> ResponseReturnValue:
    """代理与交接 of the organ, for its unit administrator."""
    reader, organ = _reader(), me().organ_id or 0
    before = request.args.get("before", type=int)
    chosen = request.args.get("person", type=int)
    where = Deputy.organ_id == organ
    if chosen:
        where = sa.and_(where, sa.or_(Deputy.principal_id == chosen, Deputy.deputy_id == chosen))
    return render_template(
        "cases/deputies.html",
        own=False,
        person_id=chosen,
        deputies=reader.deputies(where, before),
        absences=reader.absences(sa.and_(Absence.organ_id == organ, _of(Absence.person_id, chosen))),
        handovers=reader.handovers(sa.and_(Handover.organ_id == organ, _of(Handover.person_id, chosen))),
        standing=(),
        url=lambda key: url_for("cases.deputies_of_organ", before=key, person=chosen),
        persons=[(p.id, p.name) for p in directory().people_of(organ)],
    )


def _of(column: Any, chosen: int | None) -> Any:
    return column == chosen if chosen else sa.true()


@bp.route("/people/<int:person_id>/deputy", methods=["GET", "POST"])
def deputy_new(person_id: int) -> ResponseReturnValue:
    """指定代理."""
    person, form = _person(person_id), DeputyForm(from_on=today())
    offer(form, person, directory(), process_names(db.session()))

    def appoint() -> Any:
        wanted = arranging.Wanted(
            person.id, form.deputy_id.data, form.kind.data, form.from_on.data,
            None if form.kind.data == "standing" else form.until_on.data,
            form.posts.data, form.processes.data, form.reason.data or "",
        )  # fmt: skip
        return arranging.appoint(me(), wanted=wanted, token=token_of(request.form))

    return _arranged(form, person, appoint)


@bp.post("/deputies/<int:deputy_id>/end")
def deputy_end(deputy_id: int) -> ResponseReturnValue:
    """结束代理."""
    flash(arranging.end_deputy(me(), deputy_id=deputy_id)["said"], "success")
    return redirect(_home(), 303)


@bp.route("/people/<int:person_id>/away", methods=["GET", "POST"])
def away_new(person_id: int) -> ResponseReturnValue:
    """登记外出."""
    person, form = _person(person_id), AwayForm(from_on=today())

    def mark() -> Any:
        values = {"kind": form.kind.data, "from_on": form.from_on.data, "until_on": form.until_on.data}
        return arranging.mark_away(
            me(), person_id=person.id, note=form.note.data or "", token=token_of(request.form), **values
        )

    return _arranged(form, person, mark)


def _arranged(form: DeputyForm | AwayForm, person: PersonInfo, act: Any) -> ResponseReturnValue:
    """The page of either form; once it is accepted, back to the list."""
    if form.validate_on_submit() and (done := attempt(form, act)):
        flash(done["said"], "success")
        return redirect(_back(person), 303)
    page = render_template(
        "cases/arrange.html", form=form, person=person, back=_back(person), token=fresh_token()
    )
    return page, 422 if form.errors else 200


@bp.post("/absences/<int:absence_id>/end")
def absence_end(absence_id: int) -> ResponseReturnValue:
    """The person is back."""
    flash(arranging.end_absence(me(), absence_id=absence_id)["said"], "success")
    return redirect(_home(), 303)


def _home() -> str:
    """Where the button was pressed."""
    organ = request.form.get("organ") == "1" and "unit_admin" in me().kinds
    return url_for("cases.deputies_of_organ" if organ else "cases.deputies")
