"""The form that begins a decision table."""

from __future__ import annotations

from typing import Any

from wtforms import Field, SelectField, SelectMultipleField, StringField, validators, widgets

from app.accounts.forms import Form, choices
from app.studio.table_editing import HIT_POLICIES, RESULTS, usable_key


def _usable(_form: Form, field: Field) -> None:
    if not usable_key(str(field.data or "").strip()):
        raise validators.ValidationError("以小写字母开头，只用小写字母、数字和下划线，不能用系统保留的词。")


class TableForm(Form):
    """新建决策表."""

    label = StringField(
        "名称",
        [validators.InputRequired("请填写名称。"), validators.Length(2, 40, "名称写 2 至 40 个字。")],
        description="它决定什么，如：保密审查级数",
    )
    key = StringField(
        "编号",
        [validators.InputRequired("请填写编号。"), _usable],
        description="小写字母、数字和下划线，如 levels",
    )
    inputs = SelectMultipleField(
        "看哪些内容",
        [validators.InputRequired("请至少选一项。"), validators.Length(1, 12, "最多选 12 项。")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
        description="每一项是一列；只列出供流转判断的字段和系统给出的内容",
    )
    result_label = StringField(
        "得出什么",
        [validators.InputRequired("请填写得出什么。"), validators.Length(1, 40, "最多 40 个字。")],
        description="如：审查级数",
    )
    result = StringField(
        "结果的编号",
        [validators.InputRequired("请填写结果的编号。"), _usable],
        description="网关的条件用它，如 levels",
    )
    result_type = SelectField("结果的类型", choices=choices(RESULTS.items()))
    policy = SelectField("几行都符合时", choices=choices(HIT_POLICIES.items()))
    facts: dict[str, Any] = {}
