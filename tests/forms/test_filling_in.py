"""Filling in a form: what is kept, what is refused and in which words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from forms import (
    Around,
    Definition,
    StepForm,
    bind,
    facts_of,
    for_browser,
    form_class,
    personal_of,
    read_definition,
)
from forms import shown as read_out
from forms.builder import Submitted

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 23)
FILE: Any = {"id": "7", "name": "要点.pdf", "sha256": "ab" * 32, "size": 12}


def shipped(process: str, step: str) -> Definition:
    return read_definition((ROOT / "forms" / process / f"{step}.toml").read_bytes(), process, step)


def made(*fields: str, rest: str = "") -> Definition:
    body = "".join(f"[[field]]\n{each}\n" for each in fields)
    return read_definition(f'format = 1\ntitle = "试"\n{rest}\n{body}', "trial", "step")


def sent(**values: str | list[str]) -> Submitted:
    return Submitted({key: value if isinstance(value, list) else [value] for key, value in values.items()})


def fill(definition: Definition, known: dict[str, Any] | None = None, **values: str | list[str]) -> StepForm:
    lists = {"organs": [("gov", "云汀市人民政府办公室")], "signers": [("12", "陆分明")]}
    form = bind(definition, Around(known or {}, lists, {"7": FILE}, today=TODAY), sent(**values))
    form.validate()
    return form


def said(form: StepForm) -> dict[str, str]:
    return dict(form.problems())


DRAFT = shipped("disclosure_attribute", "draft")
GOOD: dict[str, Any] = {
    "title": "关于印发要点的通知",
    "doc_kind": "other",
    "main_file": "7",
    "attribute": "proactive",
}
DOCUMENT = {"entry": "document", "kind": "first"}


def test_a_good_draft_gives_answers_and_facts() -> None:
    form = fill(DRAFT, DOCUMENT, **GOOD, contact_phone="0999-1234567")
    assert said(form) == {}
    answers = form.answers()
    assert answers["main_file"] == [FILE]
    assert answers["ground"] is None and answers["agency_draft"] is False
    assert facts_of(DRAFT, answers) == {
        "attribute": "proactive",
        "doc_kind": "other",
        "ground": None,
        "to_organ": None,
    }
    assert personal_of(DRAFT, answers) == {"contact_phone": "0999-1234567"}


def test_values_of_hidden_fields_are_dropped() -> None:
    form = fill(DRAFT, DOCUMENT, **GOOD, ground="N16b", reason="改主意以前写的理由一二三四")
    assert said(form) == {}
    assert form.answers()["reason"] is None and form.answers()["ground"] is None


def test_what_is_read_only_keeps_its_value_whatever_was_sent() -> None:
    form = fill(DRAFT, {"entry": "secret", "kind": "first"}, attribute="proactive", ground="N16b")
    assert said(form) == {}
    assert (form.answers()["attribute"], form.answers()["ground"]) == ("withheld", "N14a")


@pytest.mark.parametrize(
    ("key", "value"), [("title", "某涉密文件"), ("main_file", "7"), ("attachments", "7")]
)
def test_a_state_secret_entry_refuses_title_and_files(key: str, value: str) -> None:
    form = fill(DRAFT, {"entry": "secret", "kind": "first"}, **{key: value})
    assert "涉密登记项" in said(form)[key]


def test_a_return_asks_for_an_opinion_and_nothing_else() -> None:
    sign = shipped("disclosure_attribute", "sign_off")
    assert said(fill(sign, decision="return")) == {
        "opinion": "选择「退回修改」须写明意见，请填写「签发意见」。"
    }
    form = fill(sign, decision="return", opinion="属性不妥。", signed_on="2031-01-01")
    assert said(form) == {}
    assert form.answers() == {"decision": "return", "opinion": "属性不妥。"}


def test_without_a_decision_the_person_is_told_to_press_a_button() -> None:
    assert said(fill(shipped("disclosure_attribute", "head_review")))["decision"].startswith(
        "请点页面下方的按钮"
    )


def test_a_field_missing_from_the_post_is_empty_and_not_its_default() -> None:
    form = fill(shipped("disclosure_attribute", "start"), title="有标题")
    assert said(form)["entry"] == "请选择「认定对象」。"


def test_uploads_of_others_cannot_be_named() -> None:
    assert "重新上传" in said(fill(DRAFT, DOCUMENT, **{**GOOD, "main_file": "8"}))["main_file"]


def test_what_the_case_knows_fills_the_page_and_a_saved_draft_goes_before() -> None:
    around = Around({**DOCUMENT, "title": "案件里的标题"}, today=TODAY)
    assert bind(DRAFT, around).title.data == "案件里的标题"  # type: ignore[attr-defined]
    assert bind(DRAFT, around, saved={"title": "草稿"}).title.data == "草稿"  # type: ignore[attr-defined]
    assert bind(shipped("disclosure_attribute", "sign_off"), around).signed_on.data == TODAY  # type: ignore[attr-defined]


def test_a_form_class_is_made_once_per_content() -> None:
    assert form_class(DRAFT) is form_class(shipped("disclosure_attribute", "draft"))


# -- words and values

TEXT = 'key = "a"\nlabel = "甲"\ntype = "text"\nmin = 2\nmax = 5'


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (TEXT, "一", "「甲」至少写 2 个字，请写具体些。"),
        (TEXT, "一二三四五六", "「甲」最多 5 个字，现在有 6 个字，请删减。"),
        (TEXT, "一\x00二", "「甲」含有不能保存的控制字符，请删去后重新填写。"),
        (TEXT, "一\x1b二", "「甲」含有不能保存的控制字符，请删去后重新填写。"),
        (TEXT, "一\u202e二", "「甲」含有不能保存的控制字符，请删去后重新填写。"),
        (TEXT, "一\ud800二", "「甲」含有不能保存的控制字符，请删去后重新填写。"),
        ('key = "a"\nlabel = "甲"\ntype = "integer"\nmin = 1\nmax = 9', "0", "「甲」不能小于 1。"),
        ('key = "a"\nlabel = "甲"\ntype = "integer"\nmin = 1\nmax = 9', "10", "「甲」不能大于 9。"),
        ('key = "a"\nlabel = "甲"\ntype = "integer"', "十二", "「甲」请填整数，例如 12。"),
        ('key = "a"\nlabel = "甲"\ntype = "integer"', "9" * 5000, "「甲」请填整数，例如 12。"),
        ('key = "a"\nlabel = "甲"\ntype = "date"', "2026-02-30", "「甲」请填日期，例如 2026-11-23。"),
        ('key = "a"\nlabel = "甲"\ntype = "date"', "昨天", "「甲」请填日期，例如 2026-11-23。"),
        ('key = "a"\nlabel = "甲"\ntype = "date"\nmax = "today"', "2026-11-24", "「甲」不能晚于今天。"),
        ('key = "a"\nlabel = "甲"\ntype = "date"\nmin = "2026-01-01"', "2025-12-31", "「甲」不能早于 2026-01-01。"),
        ('key = "a"\nlabel = "甲"\ntype = "date"', "0001-01-01", "「甲」不能早于 1900-01-01。"),
        ('key = "a"\nlabel = "甲"\ntype = "radio"\noptions_from = "attributes"', "x", "「甲」的选项已经变化，请重新选择。"),
        ('key = "a"\nlabel = "甲"\ntype = "organ"', "x", "「甲」的选项已经变化，请重新选择。"),
        ('key = "a"\nlabel = "甲"\ntype = "person"', "x", "「甲」目前没有可选的内容，请联系单位管理员。"),
        ('key = "a"\nlabel = "甲"\ntype = "checks"\noptions_from = "attributes"\nmax = 1', "x", "「甲」的选项已经变化，请重新选择。"),
        ('key = "a"\nlabel = "甲"\ntype = "phone"', "打给我", "「甲」不像电话号码，请填写数字，区号和分机可用“-”“转”隔开。"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_in_these_words(field: str, value: str, sentence: str) -> None:
    assert said(fill(made(field), a=value)) == {"a": sentence}


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("text", "填写"),
        ("integer", "填写"),
        ("date", "填写"),
        ("boolean", "确认"),
        ("organ", "选择"),
        ("files", "上传"),
    ],
)
def test_a_missing_value_is_asked_for_by_name(kind: str, verb: str) -> None:
    form = fill(made(f'key = "a"\nlabel = "甲"\ntype = "{kind}"\nrequired = true'), a="")
    assert said(form) == {"a": f"请{verb}「甲」。"}


def test_a_draft_of_unaccepted_text_can_always_be_stored() -> None:
    form = fill(made(TEXT), a="一\x00二\ud800三")
    assert said(form) and form.answers() == {"a": "一二三"}


def test_zero_is_an_answer() -> None:
    form = fill(made('key = "a"\nlabel = "甲"\ntype = "integer"\nrequired = true'), a="0")
    assert said(form) == {} and form.answers() == {"a": 0}


@pytest.mark.parametrize("text", ["政务公开🎉👩‍💻", "㐂𠮷堃镕", "<b>&amp;</b>", "a" * 200])
def test_emoji_rare_characters_and_markup_are_kept_as_they_are(text: str) -> None:
    form = fill(made('key = "a"\nlabel = "甲"\ntype = "text"'), a=text)
    assert said(form) == {} and form.answers() == {"a": text}


@pytest.mark.parametrize(
    "text", ["2026年11月23日", "2026/11/23", "2026-11-23", "２０２６-11-23", "2026.11.23"]
)
def test_dates_are_read_as_people_paste_them(text: str) -> None:
    assert fill(made('key = "a"\nlabel = "甲"\ntype = "date"'), a=text).answers() == {"a": "2026-11-23"}


def test_a_rule_refuses_at_its_field_and_waits_until_it_can_be_worked_out() -> None:
    offline = shipped("secrecy_review", "offline_decision")
    values = {
        "reported_to": "省国家保密局",
        "decided_no": "1",
        "conclusion": "open",
        "decided_on": "2026-11-02",
    }
    assert said(fill(offline, **values)) == {"reported_on": "请填写「报送日期」。"}
    assert said(fill(offline, **values, reported_on="2026-11-03")) == {
        "decided_on": "结论日期早于报送日期，请核对两个日期。"
    }


def test_no_english_is_said_for_any_wrong_value_of_any_shipped_form() -> None:
    for path in ROOT.glob("forms/*/*.toml"):
        definition = shipped(path.parent.name, path.stem)
        for junk in ("", "x", "\x00", "99999999999999999999", "a" * 20_000):
            form = fill(definition, **{key: junk for key in definition.by_key})
            for _key, sentence in form.problems():
                assert not re.findall(r"[A-Za-z]{2,}", sentence.replace("OA", "")), sentence
                assert sentence.endswith("。")


def test_answers_are_read_out_by_their_labels() -> None:
    form = fill(DRAFT, DOCUMENT, **GOOD)
    told = {each.label: each.text for each in read_out(DRAFT, form.answers(), form.around)}
    assert told["拟定公开属性"] == "主动公开" and told["文件种类"] == "非政策性文件"


# -- the browser's part


def test_conditions_are_translated_and_what_the_case_knows_becomes_constant() -> None:
    form = fill(DRAFT, DOCUMENT, **GOOD)
    rules = for_browser(DRAFT, form.names)
    assert rules["title"]["show"] == {"const": True}
    assert rules["ground"]["show"] == {"eq": {"field": "attribute", "value": "withheld"}}
    assert rules["attribute"]["need"] == {"not": {"truthy": "to_organ"}}
    assert rules["interpretation_note"]["show"] == {
        "in": {"field": "interpretation", "values": ["later", "none"]}
    }


def test_what_cannot_be_translated_is_left_to_the_server() -> None:
    definition = shipped("secrecy_review", "self_check")
    assert "points_note" not in for_browser(definition, fill(definition).names)


def tells(node: dict[str, Any], values: dict[str, Any]) -> bool:
    """What the browser does with a node."""
    ((word, what),) = node.items()
    match word:
        case "const":
            return bool(what)
        case "all":
            return all(tells(each, values) for each in what)
        case "any":
            return any(tells(each, values) for each in what)
        case "not":
            return not tells(what, values)
        case "truthy":
            return bool(values.get(what))
        case "eq":
            return values.get(what["field"]) == what["value"]
        case "in":
            return values.get(what["field"]) in what["values"]
    return what["value"] in (values.get(what["field"]) or [])


@pytest.mark.parametrize("attribute", ["proactive", "on_request", "withheld", ""])
@pytest.mark.parametrize("doc_kind", ["policy", "other", ""])
@pytest.mark.parametrize("entry", ["document", "secret"])
def test_browser_and_server_show_the_same_fields(attribute: str, doc_kind: str, entry: str) -> None:
    form = fill(DRAFT, {"entry": entry, "kind": "first"}, attribute=attribute, doc_kind=doc_kind)
    for key, rules in for_browser(DRAFT, form.names).items():
        if "show" in rules:
            assert tells(rules["show"], form.names) == form[key].visible, key
