"""Forms of the studio's pages, as WTForms."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, StringField, TextAreaField, validators

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


class ReleaseForm(Form):
    """提交复核. `seen` is the digest of what the page showed."""

    seen = HiddenField()
    note = TextAreaField(
        "修改说明",
        [
            validators.InputRequired("请写明改了什么、为什么改。"),
            validators.Length(max=200, message="最多 200 个字。"),
        ],
        description="改了什么、为什么改，复核人和以后的人都看它",
        render_kw={"rows": 3, "maxlength": 200},
    )
    organ = RadioField(
        "复核人",
        [validators.InputRequired("请选择复核的机关。")],
        description="没有参与修改的流程管理员",
        choices=[],
    )
    reason = TextAreaField(
        "仍要启用的理由",
        [validators.Length(max=500, message="最多 500 个字。")],
        description="有情形没有通过或有路径没有走到时填写",
        render_kw={"rows": 2, "maxlength": 500},
    )
