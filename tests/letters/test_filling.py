"""The language of letter texts: fields and conditions, and nothing a program could be made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters import filling, texts
from app.letters.filling import Kind, TextError

KINDS = {
    "name": Kind("name", "姓名", "text", "王芳"),
    "day": Kind("day", "日期", "date", "2026-11-03"),
    "items": Kind("items", "事项", "list", ["甲", "乙"]),
    "days": Kind("days", "天数", "number", 15),
}


def test_fields_are_filled_in_as_letters_write_them() -> None:
    text = "{{ name }}于{{day}}提出，{{ days }}个工作日内：\n{{ items }}"
    values = {"name": "王芳", "day": "2026-11-03", "items": ["甲事。", "乙事。"], "days": 15}
    assert (
        filling.fill(text, values, KINDS) == "王芳于2026年11月3日提出，15个工作日内：\n1. 甲事。\n2. 乙事。"
    )


def test_a_full_stop_that_people_typed_does_not_stand_twice() -> None:
    assert filling.fill("理由：{{ name }}。", {"name": "属于讨论记录。"}, KINDS) == "理由：属于讨论记录。"
    assert filling.fill("涉及{{ name }}，公开后", {"name": "报价明细；"}, KINDS) == "涉及报价明细，公开后"
    assert filling.fill("理由：{{ name }}", {"name": "属于讨论记录。"}, KINDS) == "理由：属于讨论记录。"


def test_a_field_without_a_value_leaves_a_gap_that_names_it() -> None:
    assert filling.fill("{{ name }}：", {}, KINDS) == "【待填：姓名】："


def test_conditions_choose_and_may_be_nested() -> None:
    text = "{% if name %}有{% if days > 10 %}多{% else %}少{% endif %}{% else %}无{% endif %}"
    assert filling.fill(text, {"name": "王芳", "days": 15}, KINDS) == "有多"
    assert filling.fill(text, {"name": "王芳", "days": 5}, KINDS) == "有少"
    assert filling.fill(text, {"days": 5}, KINDS) == "无"


def test_what_is_filled_in_is_never_read_again() -> None:
    said = "{{ day }}{% if name %}#set text(red)"
    assert filling.fill("{{ name }}", {"name": said}, KINDS) == said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ nobody }}", "没有「nobody」这个字段"),
        ("{{ name.__class__ }}", "没有「name.__class__」这个字段"),
        ("{{ name|upper }}", "没有"),
        ("{{ 7*7 }}", "没有"),
        ("{% for x in name %}{% endfor %}", "只能写 if、else、endif"),
        ("{% import os %}", "只能写 if"),
        ("{% if name.__class__ %}x{% endif %}", "条件"),
        ("{% if __import__('os') %}x{% endif %}", "条件"),
        ("{% if open('/etc/passwd') %}x{% endif %}", "条件"),
        ("{% if other %}x{% endif %}", "没有「other」这个字段"),
        ("{% if name %}x", "少了「{% endif %}」"),
        ("x{% endif %}", "没有对应"),
        ("{{ name", "没有写完整"),
        ("甲" * 6001, "6000"),
        ("{% if name %}" * 5 + "x" + "{% endif %}" * 5, "最多套 4 层"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(TextError, match=says.replace("(", r"\(")):
        filling.parse(text, KINDS)


@given(st.text(alphabet="{}%ifelsndma 甲。_.()[]'\"|*7", max_size=60))
def test_a_text_is_either_filled_or_refused_in_chinese(text: str) -> None:
    sentence, filled = "", ""
    try:
        filled = filling.fill(text, {"name": "王芳"}, KINDS)
    except TextError as error:
        sentence = str(error)
    assert "{%" not in filled
    assert not sentence or any("\u4e00" <= c <= "\u9fff" for c in sentence)


def test_every_shipped_text_is_of_the_language_and_samples_leave_no_gap() -> None:
    values = texts.samples()
    for name, template in texts.shipped().items():
        for block in template.blocks:
            assert "【待填" not in filling.fill(block.text, values, template.kinds()), (name, block.key)
