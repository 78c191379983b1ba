"""The forms of the administration pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from app.accounts import kinds
from app.core.errors import GongkaiError

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_KEEP, _FRESH = {"autocomplete": "current-password"}, {"autocomplete": "new-password"}
PHONE = re.compile(r"[0-9+()（） -]{5,30}")


def blank(text: str | None) -> str:
    """Text without blanks around it; also those of Chinese input."""
    return (text or "").strip().strip("\u3000")


def _whole(value: Any) -> int | None:
    return int(value) if value and str(value).isascii() and str(value).isdigit() else None


class Form(FlaskForm):  # type: ignore[misc]
    """A form that speaks Chinese and takes a refusal's sentences to its fields."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Chinese messages."""

        locales = ["zh"]

    def blame(self, error: GongkaiError) -> None:
        """Show a command's refusal at the fields it names, or on top of the form."""
        for key, sentence in error.fields.items():
            if key in self._fields:
                self._fields[key].errors = [*self._fields[key].errors, sentence]
        if not error.fields.keys() & self._fields.keys():
            self.form_errors.append(error.message)


def _name(label: str, most: int, **more: Any) -> StringField:
    return StringField(
        label, filters=[blank], validators=[InputRequired(f"请填写{label}。"), Length(max=most)], **more
    )


def _choice(label: str, **more: Any) -> SelectField:
    return SelectField(label, coerce=_whole, invalid_choice_message="请从列表里选择。", **more)


def choices(pairs: Iterable[tuple[int | str, str]], empty: str | None = None) -> list[SelectChoice]:
    """Options of a select field, with an empty one first when `empty` says what it means."""
    first = [SelectChoice("", empty)] if empty is not None else []
    return first + [SelectChoice(value, label) for value, label in pairs]


class SignInForm(FlaskForm):  # type: ignore[misc]
    """登录."""

    login = StringField(
        "登录名", filters=[blank], render_kw={"autocomplete": "username", "autocapitalize": "off"}
    )
    password = PasswordField("密码", render_kw={"autocomplete": "current-password"})


class PasswordForm(Form):
    """修改密码. Names begin with `password`, so that no error page ever shows them back."""

    password = PasswordField("现在的密码", validators=[InputRequired("请输入现在的密码。")], render_kw=_KEEP)
    password_new = PasswordField(
        "新密码",
        validators=[InputRequired("请输入新密码。")],
        render_kw=_FRESH,
        description="至少 10 位；不含姓名和登录名；不要用常见的词、年份或连续的数字。",
    )
    password_again = PasswordField(
        "再输入一次新密码", validators=[InputRequired("请再输入一次新密码。")], render_kw=_FRESH
    )


class ContactForm(Form):
    """本人的联系方式."""

    email = StringField(
        "电子邮箱",
        filters=[blank],
        validators=[
            Optional(),
            Length(max=120),
            Regexp(EMAIL, message="电子邮箱的写法不对，例如 name@example.cn。"),
        ],
    )
    phone = StringField(
        "电话",
        filters=[blank],
        validators=[Optional(), Length(max=30), Regexp(PHONE, message="电话只写数字和 + - ( )。")],
    )


class PersonForm(ContactForm):
    """人员."""

    name = _name("姓名", 40)
    login = StringField(
        "登录名",
        filters=[blank, str.lower],
        validators=[
            Optional(),
            Regexp(
                re.compile(LOGIN.pattern + "$"),
                message="登录名用 2–40 位小写字母、数字、点、横线或下划线，以字母或数字开头。",
            ),
        ],
        description="不填则只在纸上签批，不能登录系统。",
    )
    unit_id = _choice("科室")


class NewPersonForm(PersonForm):
    """增加人员."""

    organ_id = SelectField("机关", coerce=_whole, validators=[InputRequired("请选择机关。")])
    nature = RadioField("账号用途", choices=choices(kinds.NATURES.items()), default="business")


class CloseForm(Form):
    """停用账号."""

    knowing = BooleanField("已知悉，仍然停用")


class OrganForm(Form):
    """机关."""

    name = _name("机关名称", 80)
    short_name = _name("简称", 40)
    kind = SelectField("类型", choices=choices(kinds.ORGAN_KINDS.items()))
    office_id = _choice(
        "代办机关", description="由另一机关代办政府信息公开事务时选择，例如市人民政府由市政府办公室代办。"
    )
    doc_prefix = StringField(
        "机关代字", filters=[blank], validators=[Length(max=40)], description="用于发文字号，例如「云政办」。"
    )
    secrecy_levels = SelectField(
        "保密审查级数",
        choices=choices([(2, "二级"), (3, "三级"), (4, "四级")]),
        coerce=int,
        default=3,
        description="无论几级，拟稿人都不能审查自己的稿，全程至少两人。",
    )


class NewOrganForm(OrganForm):
    """设立机关."""

    code = StringField(
        "机关代码",
        filters=[blank],
        validators=[
            InputRequired("请填写机关代码。"),
            Regexp(r"^[a-z0-9][a-z0-9_-]{1,39}$", message="机关代码用 2–40 位小写字母、数字、横线或下划线。"),
        ],
        description="设立后不能再改。",
    )


class EditOrganForm(OrganForm):
    """修改机关."""

    withdraw_unopened = BooleanField(
        "对方打开以后不能取回", description="不勾选的，对方打开了但还没有动笔，送出的人仍可以取回。"
    )
    active = BooleanField("启用")


class UnitForm(Form):
    """科室."""

    name = _name("科室名称", 60)
    active = BooleanField("在用", default=True)


class PostForm(Form):
    """岗位名称."""

    name = _name("岗位名称", 80)
    active = BooleanField("在用", default=True)


class NewPostForm(Form):
    """设岗."""

    organ_id = SelectField("机关", coerce=_whole, validators=[InputRequired("请选择机关。")])
    kind = SelectField("岗位", validators=[InputRequired("请选择岗位。")])
    unit_id = _choice("科室", description="承办人、科室负责人设在科室；其他岗位设在全机关，不选科室。")
    name = StringField(
        "岗位名称", filters=[blank], validators=[Length(max=80)], description="不填则用岗位的通用名称。"
    )

    def validate_unit_id(self, field: Any) -> None:
        """A post of a unit needs its unit."""
        if (
            self.kind.data in kinds.POST_KINDS
            and kinds.level(self.kind.data) == kinds.UNIT
            and not field.data
        ):
            raise ValidationError("这个岗位设在科室，请选择科室。")


class GrantForm(Form):
    """授予岗位."""

    post_id = SelectField("岗位", coerce=_whole, validators=[InputRequired("请选择岗位。")])


class OfficerForm(Form):
    """指定三员."""

    role = SelectField("三员", choices=choices(kinds.OFFICERS.items()))
    person_id = SelectField("人员", coerce=_whole, validators=[InputRequired("请选择人员。")])


class ImportForm(Form):
    """导入人员名单."""

    file = FileField(
        "人员名单（按模板填写的表格）",
        validators=[FileRequired("请选择填好的人员名单。")],
        render_kw={"accept": ".xlsx"},
    )
