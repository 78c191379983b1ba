"""The forms of 代理 and 外出."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts import kinds
from app.accounts.deputy_models import ABSENCES
from app.accounts.directory import Directory, PersonInfo
from app.accounts.forms import Form, blank, choices
from app.cases.operations.fields import able, offer_people, person_field

HOW = {
    "period": "代理：从哪天到哪天",
    "standing": "AB岗：以后本人外出时自动代理",
}
PICK = "请从列表里选择。"


class _Ticks(SelectMultipleField):  # type: ignore[misc]
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _note(label: str, **more: Any) -> StringField:
    return StringField(
        label, filters=[blank], validators=[Length(max=200, message="最多 200 个字。")], **more
    )


class DeputyForm(Form):
    """指定代理."""

    act = "指定代理"
    title = "为 {name} 指定代理"
    lead = "代理人只代办，不代管：单位管理员、流程管理员的权限不随代理转移；代理不能再转给别人；谁拟的稿谁仍不能审核、签发。"
    #: fields side by side
    rows = (("deputy_id",), ("from_on", "until_on"))

    deputy_id = person_field("代理人（B岗）")
    kind = RadioField(
        "方式", choices=choices(HOW.items()), default="period", validators=[InputRequired("请选择方式。")]
    )
    from_on = DateField("开始日期", validators=[InputRequired("请填写开始日期。")])
    until_on = DateField("截止日期", validators=[Optional()], description="AB岗不填，一直有效，直到结束。")
    posts = _Ticks("限于这些岗位", coerce=int, description="不勾选就是全部岗位，连同直接交给本人的待办。")
    processes = _Ticks("限于这些流程", description="不勾选就是全部流程。")
    reason = _note("说明")


def offer(form: DeputyForm, person: PersonInfo, book: Directory, processes: Mapping[str, str]) -> None:
    """Fill the lists: colleagues who can sign in, the person's posts that do not govern, the processes."""
    others = able(book.people_of(person.organ_id), lambda each: each.id != person.id)
    offer_people(form.deputy_id, others, book)
    posts = [post for post in book.posts_of(person.id) if post.kind not in kinds.GOVERNING]
    form.posts.choices = choices([(post.id, post.name) for post in posts])
    form.processes.choices = choices(processes.items())


class AwayForm(Form):
    """登记外出."""

    act = "登记外出"
    title = "登记 {name} 外出"
    lead = "外出期间，B岗自动代理；到期自动恢复，提前回来可点「已回岗」。"
    rows = (("kind",), ("from_on", "until_on"))

    kind = SelectField(
        "原因", choices=choices(ABSENCES.items(), "请选择"), validators=[InputRequired("请选择原因。")]
    )
    from_on = DateField("开始日期", validators=[InputRequired("请填写开始日期。")])
    until_on = DateField("截止日期", validators=[InputRequired("请填写截止日期。")])
    note = _note("说明")
