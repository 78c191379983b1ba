"""Forms of the studio's pages, as WTForms."""

from __future__ import annotations

from wtforms import StringField, validators

from app.accounts.forms import Form
from app.studio.blank import KEY


class NewForm(Form):
    """新建流程."""

    name = StringField(
        "流程名称",
        [validators.InputRequired("请填写流程名称。"), validators.Length(2, 40, "流程名称写 2 至 40 个字。")],
    )
    key = StringField(
        "编号",
        [
            validators.InputRequired("请填写编号。"),
            validators.Regexp(
                KEY, message="编号以小写字母开头，只用小写字母、数字和下划线，2 至 40 个字符。"
            ),
        ],
        description="给系统用的名字，小写字母、数字和下划线，如 open_meeting；启用以后不再改变",
    )
