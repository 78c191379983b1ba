"""Forms of 督办: a new order, and what may be done about one, with the command behind each button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.accounts.forms import Form, blank, choices
from app.core.actor import Actor
from app.obligations import orders
from app.obligations.order_rights import gives, owes


def _text(label: str, **more: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[blank],
        validators=[
            InputRequired(f"请填写{label}。"),
            Length(max=orders.MOST, message=f"最多 {orders.MOST} 个字。"),
        ],
        render_kw={"rows": 4, "maxlength": orders.MOST},
        **more,
    )


class OrderForm(Form):
    """A new order."""

    target = SelectField(
        "督办对象", validators=[InputRequired("请选择督办对象。")], invalid_choice_message="请从列表里选择。"
    )
    title = StringField(
        "督办事项", filters=[blank], validators=[InputRequired("请填写督办事项。"), Length(max=200)]
    )
    demand = _text("督办要求", description="要办成什么，怎样算办好。")
    due_on = DateField("办结期限", validators=[InputRequired("请填写办结期限，例如 2026-12-11。")])


class ReportForm(Form):
    """办理反馈."""

    text = _text("办理情况", description="办了什么，结果怎样。")

    #: ids of the uploads that come with it; filled by the page
    chosen: Sequence[int] = ()


class AskForm(Form):
    """申请延期."""

    due_on = DateField("延期至", validators=[InputRequired("请填写延期到哪一天。")])
    text = _text("延期的原因")


class DecideForm(Form):
    """同意或者不同意延期."""

    answer = RadioField(
        "决定",
        choices=choices([("yes", "同意延期"), ("no", "不同意")]),
        validators=[InputRequired("请选择同意还是不同意。")],
    )
    due_on = DateField("延期至", validators=[Optional()], description="同意的填写；不填按申请的日期。")
    text = _text("意见")


class CloseForm(Form):
    """销号."""

    text = _text("认定意见")


class ReturnForm(Form):
    """退回补充."""

    text = _text("退回的原因")


class VoidForm(Form):
    """撤销."""

    text = _text("撤销的原因")


@dataclass(frozen=True)
class Act:
    """A form on the order's page: who sees it, when, and the command behind its button."""

    label: str
    button: str
    form: type[Form]
    may: Callable[[Actor, Mapping[Any, Any]], bool]
    when: Callable[[Mapping[Any, Any]], bool]
    perform: Callable[..., dict[str, Any]]
    kind: str = "primary"


def _plain(command: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda actor, order, form, token: command(actor, order_id=order, text=form.text.data, token=token)


def _decide(actor: Actor, order: int, form: Any, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = orders.decide_extension(
        actor, order_id=order, agree=form.answer.data == "yes", due_on=form.due_on.data, text=form.text.data,
        token=token,
    )  # fmt: skip
    return result


def _ask(actor: Actor, order: int, form: Any, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = orders.ask_extension(
        actor, order_id=order, due_on=form.due_on.data, text=form.text.data, token=token
    )
    return result


def _report(actor: Actor, order: int, form: Any, token: str | None) -> dict[str, Any]:
    result: dict[str, Any] = orders.report(
        actor, order_id=order, text=form.text.data, files=form.chosen, token=token
    )
    return result


def _is(*statuses: str) -> Callable[[Mapping[Any, Any]], bool]:
    return lambda order: order["status"] in statuses


ON_ORDER: dict[str, Act] = {
    "report": Act("办理反馈", "报送反馈", ReportForm, owes, _is("open"), _report),
    "ask": Act(
        "申请延期", "申请延期", AskForm, owes,
        lambda order: order["status"] == "open" and order["asked_due"] is None, _ask, "plain",
    ),
    "decide": Act(
        "延期申请", "决定延期", DecideForm, gives,
        lambda order: order["asked_due"] is not None and order["status"] == "open", _decide,
    ),
    "close": Act("认定并销号", "销号", CloseForm, gives, _is("reported"), _plain(orders.close)),
    "back": Act("反馈不充分", "退回补充", ReturnForm, gives, _is("reported"), _plain(orders.send_back), "danger"),
    "void": Act("撤销督办", "撤销", VoidForm, gives, _is("open", "reported"), _plain(orders.withdraw), "danger"),
}  # fmt: skip
