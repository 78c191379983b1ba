"""What an editor writes is what the office reads: no definition changes by being written again."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import Definition, read_definition
from forms.rewriting import rewritten
from forms.writing import MAX_DEPTH, NotData, data_of, write_definition
from tests.forms.test_any_definition import definitions

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(ROOT.glob("forms/*/*.toml"))

#: what may be shown at all: no characters nobody sees, no markup
awkward = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"], exclude_characters="<&"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shipped_form_is_the_same_after_writing(path: Path) -> None:
    before = read_definition(path.read_bytes(), path.parent.name, path.stem)
    after = read_definition(write_definition(data_of(before)), path.parent.name, path.stem)
    assert after == before and after.digest == before.digest


@given(definitions())
@settings(max_examples=150, deadline=None)
def test_any_definition_is_the_same_after_writing(definition: Definition | None) -> None:
    if definition is not None:
        assert read_definition(write_definition(data_of(definition)), "trial", "step") == definition


@given(title=awkward.filter(lambda text: text.strip()), help=awkward)
@settings(max_examples=100, deadline=None)
def test_words_come_back_as_they_were_typed(title: str, help: str) -> None:
    text = write_definition({"title": title, "help": help, "field": []})
    read = read_definition(text, "trial", "step")
    assert (read.title, read.help) == (title, help)


@pytest.mark.parametrize("value", [object(), {"a": {1, 2}}, b"bytes"])
def test_what_is_no_data_is_refused(value: Any) -> None:
    with pytest.raises(NotData):
        write_definition({"title": value})


def test_data_without_an_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(MAX_DEPTH + 2):
        deep = {"a": deep}
    with pytest.raises(NotData):
        write_definition({"field": [deep]})


def test_nothing_is_written_for_what_was_not_said() -> None:
    text = write_definition({"title": "审核", "help": None, "field": [{"key": "a", "max": None}]})
    assert "help" not in text and "max" not in text


def test_a_draft_that_is_not_right_yet_is_written_all_the_same() -> None:
    text = write_definition({"title": "", "field": [{"key": "一", "type": "colour", "hint": "x"}]})
    assert 'type = "colour"' in text and 'hint = "x"' in text


def test_comments_stay_with_their_fields_when_these_are_moved_changed_and_taken_away() -> None:
    old = (
        '# 依据：条例第三十条\ntitle = "补正"\n\n[[field]]\nkey = "a"\nlabel = "甲" # 写全称\ntype = "text"\n\n'
        '[[field]]\nkey = "b"\nlabel = "乙" # 写简称\ntype = "text"\n'
    )
    field = {"key": "b", "label": "乙方", "type": "text", "options": [{"value": "x", "label": "一"}]}
    plain = write_definition(
        {"title": "补正告知", "field": [field, {"key": "c", "label": "丙", "type": "date"}]}
    )
    text = rewritten(old, plain)
    assert tomllib.loads(text) == tomllib.loads(plain)
    assert "条例第三十条" in text and "写简称" in text and "写全称" not in text


@given(definitions(), definitions())
@settings(max_examples=60, deadline=None)
def test_whatever_stood_there_the_file_says_the_new_data(
    old: Definition | None, new: Definition | None
) -> None:
    if old is not None and new is not None:
        plain = write_definition(data_of(new))
        text = rewritten("# 说明\n" + write_definition(data_of(old)), plain)
        assert tomllib.loads(text) == tomllib.loads(plain)
