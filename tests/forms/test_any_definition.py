"""Whatever a definition asks and whatever is sent: the form answers or refuses in Chinese, it never breaks."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from forms import (
    Around,
    Definition,
    FormRefused,
    bind,
    facts_of,
    for_browser,
    read_definition,
    shown,
    union,
    with_offline,
)
from forms.builder import Submitted
from forms.definition import CHOICES, ROUTABLE, TYPES

KEYS = ["a", "b", "c", "d", "e"]
CONDITIONS = [
    "a",
    "not a",
    'a == "x"',
    'b in ["x", "y"]',
    "len(a) > 1",
    "a and b",
    "a > b",
    'contains(a, "x")',
    "c - 1 > 2",
]
TYPED = sorted(TYPES - {"decision"})


@st.composite
def fields(draw: st.DrawFn, key: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(TYPED))
    made: dict[str, Any] = {"key": key, "label": "甲", "type": kind, "required": draw(st.booleans())}
    if kind in CHOICES:
        made["options"] = [{"value": "x", "label": "一"}, {"value": "y", "label": "二"}]
    if kind in ROUTABLE:
        made["route"] = draw(st.booleans())
    elif kind == "group":
        made["field"] = [
            {"key": "part", "label": "一栏", "type": draw(st.sampled_from(["text", "integer", "date"]))}
        ]
    else:
        made["personal"] = draw(st.booleans())
    for name in ("show_if", "required_if", "readonly_if"):
        if draw(st.integers(0, 3)) == 0:
            made[name] = draw(st.sampled_from(CONDITIONS))
    if draw(st.booleans()):
        made["default_from"] = draw(st.sampled_from(KEYS))
    return made


@st.composite
def definitions(draw: st.DrawFn) -> Definition | None:
    lines = ["format = 1", 'title = "试"', f"uses = {json.dumps(KEYS)}"]
    for key in KEYS:
        lines.append("[[field]]")
        for name, value in draw(fields(key)).items():
            lines.append(f"{name} = {_toml(value)}")
    lines += [
        "[[rule]]",
        f"when = {_toml(draw(st.sampled_from(CONDITIONS)))}",
        'field = "a"',
        'message = "不行。"',
    ]
    return read_definition("\n".join(lines), "trial", "step")


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return (
            "["
            + ", ".join("{" + ", ".join(f"{k} = {_toml(v)}" for k, v in each.items()) + "}" for each in value)
            + "]"
        )
    return json.dumps(value, ensure_ascii=False)


WORDS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "x", "y", "7", "-3", "2026-11-23", "9999999999", "\x00", "on", "2026-99-99", "１２"]
    ),
    st.text(alphabet=st.characters(), max_size=10),
)
POSTS = st.dictionaries(st.sampled_from([*KEYS, "z", "decision"]), st.lists(WORDS, max_size=3), max_size=7)
KNOWN = st.dictionaries(
    st.sampled_from(KEYS),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.lists(st.text(max_size=3)),
        st.just({"a": 1}),
    ),
)
TODAY = dt.date(2026, 11, 23)
UPLOADS: Any = {"7": {"id": "7", "name": "甲.pdf", "sha256": "00", "size": 1}}


@settings(max_examples=120)
@given(definitions(), POSTS, KNOWN)
def test_any_answers_to_any_definition(
    definition: Definition, post: dict[str, list[str]], known: Any
) -> None:
    for asked in (definition, with_offline(definition), union(definition, definition)):
        form = bind(asked, Around(known, {}, UPLOADS, today=TODAY), Submitted(post))
        good = form.validate()
        assert good == (not list(form.problems()))
        assert all(sentence.endswith("。") for _key, sentence in form.problems())
        answers = form.answers()
        json.dumps(answers)
        assert set(facts_of(asked, answers)) <= asked.route_keys
        assert not set(facts_of(asked, answers)) & asked.personal_keys
        json.dumps(for_browser(asked, form.names))
        shown(asked, answers, form.around)
        for field in form:
            str(field())
        list(form.known_items())


@settings(max_examples=60)
@given(definitions(), POSTS, KNOWN)
def test_what_a_form_accepts_it_accepts_again(
    definition: Definition, post: dict[str, list[str]], known: Any
) -> None:
    around = Around(known, {}, UPLOADS, today=TODAY)
    form = bind(definition, around, Submitted(post))
    if form.validate():
        bind(definition, around, saved=form.answers())


@settings(max_examples=100)
@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9)), lambda inner: st.one_of(
    st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["format", "title", "field", "key", "label", "type", "options", "value", "section", "rule", "min", "default", "uses", "known"]
    ), inner, max_size=5)), max_leaves=20))  # fmt: skip
def test_any_table_is_read_or_refused(raw: Any) -> None:
    from forms.reading import _Reader

    reader = _Reader("trial", "step")
    if isinstance(raw, dict):
        built = reader.read(raw)
        assert reader.problems or built is not None


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(FormRefused):
        read_definition(data, "trial", "step")
