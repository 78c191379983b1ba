"""Repeated groups: rows of the same few questions, with and without scripts, kept as a list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from forms import Around, FormRefused, bind, for_browser, read_definition, shown, submitted
from forms.builder import Submitted
from forms.writing import data_of, write_definition

TEXT = """
format = 1
title = "会签"

[[field]]
key = "people"
label = "参加会商的人员"
type = "group"
required = true
min = 1
max = 3

[[field.field]]
key = "person"
label = "姓名"
type = "text"
required = true

[[field.field]]
key = "age"
label = "人数"
type = "integer"
max = 9

[[field.field]]
key = "kind"
label = "单位"
type = "choice"
options = [{ value = "in", label = "本机关" }, { value = "out", label = "外单位" }]

[[field]]
key = "note"
label = "说明"
type = "text"
show_if = "len(people) > 1"
"""
AROUND = Around(today=dt.date(2026, 11, 23))
DEFINITION = read_definition(TEXT, "trial", "step")


def sent(**values: str) -> Submitted:
    return Submitted({key.replace("__", "-"): [value] for key, value in values.items()})


def test_rows_are_kept_in_order_and_empty_ones_do_not_count() -> None:
    form = bind(
        DEFINITION,
        AROUND,
        sent(people__5__person="李处", people__2__person="王芳", people__2__kind="in", people__3__age=" "),
    )
    assert form.validate(), form.errors
    assert form.answers()["people"] == [
        {"person": "王芳", "age": None, "kind": "in"},
        {"person": "李处", "age": None, "kind": None},
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"people__0__age": "3"}, "请填写「姓名」"),
        ({"people__0__person": "王芳", "people__0__age": "十个"}, "请填整数"),
        ({"people__0__person": "王芳", "people__0__age": "12"}, "不能大于 9"),
        ({"people__0__person": "王芳", "people__0__kind": "space"}, "请重新选择"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_names_the_row(row: dict[str, str], said: str) -> None:
    form = bind(DEFINITION, AROUND, sent(**row))
    assert not form.validate()
    assert "第 1 行" in dict(form.problems())["people"]
    inside = [str(error) for field in form["people"].rows[0] for error in field.errors]
    assert any(said in each for each in inside)


def test_no_row_at_all_is_a_missing_answer_and_too_many_are_refused() -> None:
    assert not bind(DEFINITION, AROUND, sent(note="x")).validate()
    many = bind(DEFINITION, AROUND, sent(**{f"people__{n}__person": "王芳" for n in range(4)}))
    assert not many.validate() and "最多填 3 行" in dict(many.problems())["people"]


def test_answers_survive_being_shown_and_sent_again() -> None:
    rows: list[Any] = [
        {"person": "王芳", "age": 2, "kind": "out"},
        {"person": "李处", "age": None, "kind": None},
    ]
    again = bind(DEFINITION, AROUND, saved={"people": rows})
    assert again.answers()["people"] == rows
    posted = bind(DEFINITION, AROUND, submitted(DEFINITION, {"people": rows, "note": "两人"}))
    assert posted.validate() and posted.answers() == {"people": rows, "note": "两人"}


def test_a_condition_may_count_the_rows_and_the_browser_leaves_it_to_the_server() -> None:
    one = bind(DEFINITION, AROUND, sent(people__0__person="王芳", note="x"))
    assert not one["note"].visible and "note" not in for_browser(DEFINITION, one.names)


def test_rows_read_as_lines_with_the_labels_of_choices() -> None:
    rows: list[Any] = [{"person": "王芳", "age": 0, "kind": "out"}]
    assert shown(DEFINITION, {"people": rows}, AROUND)[0].text == "1. 姓名：王芳；人数：0；单位：外单位"


def test_a_group_is_the_same_after_writing() -> None:
    assert read_definition(write_definition(data_of(DEFINITION)), "trial", "step") == DEFINITION


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('type = "text"\nrequired', 'type = "files"\nrequired'), "不能用在分组里"),
        (('key = "age"', 'key = "person"'), "下级字段编号重复"),
        (('key = "age"', 'key = "sha256"'), "编号不能是"),
        (("max = 3", "max = 51"), "最大 50"),
        (("min = 1", "personal = true"), "不能整组作为个人信息"),
        (("min = 1", "route = true"), "不能作为流转依据"),
        (('label = "人数"', 'label = "人数"\nshow_if = "1"'), "不能有“只在符合条件时显示”"),
        (('label = "人数"', 'label = "人数"\npersonal = true'), "不能有“个人信息”"),
        (('label = "人数"', 'label = "人数"\nroute = true'), "请把流转要用的单独列为字段"),
        (('label = "人数"', 'label = "人数"\nhint = "1"'), "不认识的项“hint”"),
    ],
)
def test_what_a_group_cannot_be_is_refused(change: tuple[str, str], said: str) -> None:
    with pytest.raises(FormRefused) as refusal:
        read_definition(TEXT.replace(*change, 1), "trial", "step")
    assert said in str(refusal.value) and refusal.value.places[0] == "field.0"
