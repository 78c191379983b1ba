"""Fields that several operations ask: the reason, and people of the office."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from app.accounts.directory import Directory, PersonInfo
from app.accounts.forms import blank, choices
from app.core.now import today

#: characters of a reason; the record keeps it whole
REASON_MOST = 500


def reason_field(label: str = "原因", **more: Any) -> TextAreaField:
    """A reason that must be given."""
    return TextAreaField(
        label,
        filters=[blank],
        validators=[
            DataRequired(f"请填写{label}。"),
            Length(max=REASON_MOST, message=f"最多 {REASON_MOST} 个字。"),
        ],
        render_kw={"maxlength": REASON_MOST, "rows": 3},
        **more,
    )


def note_field(label: str, most: int = REASON_MOST, **more: Any) -> StringField:
    """A sentence that may be left out."""
    return StringField(
        label, filters=[blank], validators=[Length(max=most, message=f"最多 {most} 个字。")], **more
    )


def _number(value: Any) -> int | None:
    return int(value) if value and str(value).isascii() and str(value).isdigit() else None


def person_field(label: str) -> SelectField:
    """One person; its choices are set with `offer_people`."""
    return SelectField(
        label,
        coerce=_number,
        validators=[InputRequired(f"请选择{label}。")],
        invalid_choice_message="请从列表里选择。",
    )


def people_field(label: str, *, must: bool = True, **more: Any) -> SelectMultipleField:
    """One or more people, as ticks; its choices are set with `offer_people`."""
    return SelectMultipleField(
        label,
        coerce=_number,
        validators=[InputRequired(f"请选择{label}。")] if must else [],
        validate_choice=False,  # the command says why somebody cannot be chosen
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
        **more,
    )


def day_field(label: str, *, must: bool, **more: Any) -> DateField:
    """A day that has not passed."""

    def not_over(form: Any, field: Any) -> None:
        if field.data is not None and field.data < today():
            raise ValidationError("这一天已经过了，请另选。")

    first = InputRequired(f"请填写{label}。") if must else Optional()
    return DateField(label, validators=[first, not_over], **more)


def offer_people(
    field: SelectField | SelectMultipleField, people: Iterable[PersonInfo], book: Directory
) -> None:
    """Fill a person field: by unit, with the unit's name before the person's; heads of units are marked."""

    def words(person: PersonInfo) -> str:
        unit = book.unit(person.unit_id) if person.unit_id else None
        head = any(post.kind == "unit_head" for post in book.posts_of(person.id))
        return (f"{unit.name} {person.name}" if unit else person.name) + ("（负责人）" if head else "")

    many = isinstance(field, SelectMultipleField)
    order = {unit.id: place for place, unit in enumerate(book.units.values())}
    listed = sorted(people, key=lambda person: order.get(person.unit_id or 0, -1)) if many else list(people)
    field.choices = choices([(person.id, words(person)) for person in listed], None if many else "请选择")


def able(people: Iterable[PersonInfo], may: Callable[[PersonInfo], bool]) -> list[PersonInfo]:
    """Those who may, and who can sign in to do it."""
    return [person for person in people if person.login and may(person)]
