"""办理交接, and the 交接清单 to print."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, StringField
from wtforms.validators import Length, Optional

from app.accounts import deputies as arranging
from app.accounts import kinds
from app.accounts.deputies import sentence
from app.accounts.deputy_models import Handover
from app.accounts.directory import PersonInfo, directory
from app.accounts.forms import Form, blank
from app.cases.operations.fields import able, offer_people, person_field
from app.cases.service import handing
from app.cases.views import bp
from app.core.db import db
from app.core.errors import NotFound, Sayable
from app.core.now import local_text, now, today
from app.core.pages import me
from app.core.tokens import fresh_token, token_of


class HandForm(Form):
    """交接: to whom, and until when both see the work; single lines may go to somebody else."""

    default = person_field("接收人")
    until_on = DateField(
        "过渡期至",
        validators=[Optional()],
        description="到这一天为止，移交人和接收人都看得到这些事项。不填则没有过渡期。",
    )
    reason = StringField("原因", filters=[blank], validators=[Length(max=200, message="最多 200 个字。")])


@bp.route("/people/<int:person_id>/handover", methods=["GET", "POST"])
def hand_over(person_id: int) -> ResponseReturnValue:
    """What a person holds, and to whom it goes."""
    book = directory()
    person = book.person(person_id)
    if person is None or not arranging.may_arrange(me(), person):
        raise NotFound()
    form = HandForm()
    others = able(book.people_of(person.organ_id), lambda each: each.id != person.id)
    offer_people(form.default, others, book)
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            done = handing.hand_over(
                me(), person_id=person.id, plan=_plan(form), until_on=form.until_on.data,
                reason=form.reason.data or "", token=token_of(request.form),
            )  # fmt: skip
        except Sayable as error:
            form.blame(error)
            problems = [] if error.fields else [error.message]
        else:
            flash(done["said"], "success")
            return redirect(url_for("cases.handover_sheet", handover_id=done["id"]), 303)
    page = _page(person, form, [(each.id, each.name) for each in others], problems)
    return page, 422 if form.errors or problems else 200


def _page(person: PersonInfo, form: Any, others: list[tuple[int, str]], problems: list[str]) -> str:
    book = directory()
    found = handing.held(db.session(), person.id, today())
    own = person.id == me().person_id
    return render_template(
        "cases/hand_over.html",
        person=person,
        form=form,
        found=found,
        arrangements=[sentence(book, row) for row in found.arrangements],
        posts=[post for post in book.posts_of(person.id) if post.kind not in kinds.GOVERNING],
        others=others,
        chosen=request.form,
        problems=problems,
        back=url_for("cases.deputies" if own else "cases.deputies_of_organ"),
        token=fresh_token(),
        most=handing.MOST,
    )


def _plan(form: HandForm) -> handing.Plan:
    """The lines that go to somebody else than the default: fields `item-7`, `case-3`, `post-2`."""
    named: dict[str, dict[int, int]] = {"item": {}, "case": {}, "post": {}}
    for key, value in request.form.items():
        what, _, number = key.partition("-")
        if what in named and number.isascii() and number.isdigit() and value.isascii() and value.isdigit():
            named[what][int(number)] = int(value)
    return handing.Plan(form.default.data, named["item"], named["case"], named["post"])


@bp.get("/handovers/<int:handover_id>")
def handover_sheet(handover_id: int) -> ResponseReturnValue:
    """交接清单 on A4, for both and for the unit administrator."""
    row = db.session().get(Handover, handover_id)
    person = me()
    if row is None or not (
        person.person_id in (row.person_id, row.successor_id) or person.holds("unit_admin", row.organ_id)
    ):
        raise NotFound()
    book = directory()
    return render_template(
        "cases/print/handover.html",
        row=row,
        organ=book.organ(row.organ_id).name,
        giver=book.name_of(row.person_id),
        taker=book.name_of(row.successor_id),
        maker=book.name_of(row.made_by),
        made_on=_day(row),
        back_url=url_for("cases.deputies"),
        printed_at=local_text(now()),
    )


def _day(row: Handover) -> str:
    day = date.fromisoformat(local_text(row.made_at)[:10])
    return f"{day.year}年{day.month}月{day.day}日"
