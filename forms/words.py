"""What people call the items of a form definition: its files are read by people who know them, its faults by everybody."""

from __future__ import annotations

from collections.abc import Mapping

#: item of a file -> what the form editor calls it
ITEMS: Mapping[str, str] = {
    "format": "格式", "title": "标题", "help": "说明", "uses": "另外用到的内容", "hidden": "字段权限", "section": "分节",
    "field": "字段", "rule": "提交时核对", "known": "先给经办人看的内容", "key": "编号", "label": "名称", "type": "类型",
    "required": "必填", "required_if": "符合条件时必填", "show_if": "只在符合条件时显示", "readonly_if": "符合条件时只能看不能改",
    "options": "选项", "options_from": "选项来自", "route": "供流转判断", "personal": "个人信息", "default": "默认",
    "default_from": "默认取自", "fixed": "固定的内容", "refuse_hidden": "不该填写却填了时说", "once": "每次重新填写",
    "min": "下限", "max": "上限", "value": "编号", "style": "按钮样式", "opinion_required": "须写意见",
    "opinion_only": "只写意见，不填其他", "when": "什么情况下不能提交", "message": "提示的话", "as": "怎么显示",
    "missing": "没有内容时写",
}  # fmt: skip

#: type of a field -> what people call it
TYPES: Mapping[str, str] = {
    "text": "单行文字", "textarea": "多行文字", "opinion": "意见", "decision": "办理决定", "radio": "单选", "choice": "下拉选择",
    "checks": "多选", "boolean": "勾选", "integer": "整数", "date": "日期", "phone": "电话", "files": "附件",
    "group": "分组（可填多行）", "organ": "机关", "person": "人员",
}  # fmt: skip


def item(key: str) -> str:
    """An item in a sentence."""
    return f"“{ITEMS.get(key, key)}”"


def kinds(types: object) -> str:
    """Types in a sentence, in the order of the editor's menu."""
    return "、".join(label for key, label in TYPES.items() if key in types)  # type: ignore[operator]
