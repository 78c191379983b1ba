"""Reading a form definition: what fits is kept, everything else is refused in Chinese, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms import FormRefused, offline_definition, read_definition, union, with_offline

ROOT = Path(__file__).parents[2]
HEAD = 'format = 1\ntitle = "试"\n'


def field(key: str = "title", kind: str = "text", **more: str) -> str:
    rest = "".join(f"{name} = {value}\n" for name, value in more.items())
    return f'[[field]]\nkey = "{key}"\nlabel = "标题"\ntype = "{kind}"\n{rest}'


def refusal(text: str) -> str:
    with pytest.raises(FormRefused) as caught:
        read_definition(text, "trial", "step")
    said = "；".join(caught.value.problems)
    assert any("一" <= character <= "鿿" for character in said)
    return said


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("forms/*/*.toml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_shipped_form_reads(path: Path) -> None:
    assert read_definition(path.read_bytes(), path.parent.name, path.stem).title


def test_the_digest_follows_the_content() -> None:
    one, same, other = (
        read_definition(HEAD + field(help=f'"{text}"'), "a", "b") for text in ("甲", "甲", "乙")
    )
    assert one.digest == same.digest != other.digest


def test_an_unknown_item_is_refused_wherever_it_stands() -> None:
    assert "不认识的项“colour”" in refusal(HEAD + "colour = 1\n")
    assert "不认识的项“requird”" in refusal(HEAD + field(requird="true"))
    options = field("attribute", "radio", options='[{ value = "a", label = "甲", hint = "x" }]')
    assert "不认识的项“hint”" in refusal(HEAD + options)


@pytest.mark.parametrize("key", ["Title", "1a", "a-b", "标题", "a" * 41, "_a", "a b", ""])
def test_a_key_outside_the_whitelist_is_refused(key: str) -> None:
    assert refusal(HEAD + field(key))


@pytest.mark.parametrize(
    "key", ["typename", "data", "errors", "validate", "len", "csrf_token", "today", "class"]
)
def test_a_reserved_key_is_refused(key: str) -> None:
    assert "保留" in refusal(HEAD + field(key))


def test_the_keys_of_the_offline_part_are_kept_for_it() -> None:
    assert "线下签批回填" in refusal(HEAD + field("offline_scan"))


def test_a_personal_field_never_routes() -> None:
    said = refusal(
        HEAD + field("secret_kind", "radio", personal="true", route="true", options_from='"attributes"')
    )
    assert "个人信息" in said


@pytest.mark.parametrize("kind", ["text", "textarea", "opinion", "phone", "files"])
def test_free_text_and_files_never_route(kind: str) -> None:
    assert "不能作为流转依据" in refusal(HEAD + field("some_key", kind, route="true"))


def test_expressions_are_read_and_their_names_must_exist() -> None:
    assert "没有的名称“nobody”" in refusal(HEAD + field(show_if="'nobody == 1'"))
    assert "不可用" in refusal(HEAD + field(show_if="'__import__(\"os\")'"))
    assert "不可用" in refusal(HEAD + field(required_if="'1 +'"))
    assert "不存在的字段" in refusal(
        HEAD + field() + '[[rule]]\nwhen = "True"\nfield = "x"\nmessage = "不行"\n'
    )


def test_show_if_may_only_look_back() -> None:
    said = refusal(HEAD + field(show_if="'later'") + field("later", "boolean"))
    assert "排在前面的字段" in said


def test_a_decision_that_asks_for_an_opinion_needs_a_place_for_it() -> None:
    options = '[{ value = "return", label = "退回修改", opinion_required = true }]'
    assert "没有“意见”的字段" in refusal(HEAD + field("decision", "decision", options=options))


def test_broken_files_are_refused_with_the_line() -> None:
    assert "第 2 行" in refusal('format = 1\ntitle = "没有收尾\n')
    with pytest.raises(FormRefused, match="UTF-8"):
        read_definition(b"\xff\xfe", "trial", "step")
    assert "过大" in refusal("# " + "x" * 300_000)


def test_all_problems_are_told_at_once() -> None:
    said = refusal("format = 2\n" + field("Bad") + field("typename") + field(type2="1"))
    assert said.count("；") >= 4


# -- two forms on one page


def form(process: str, step: str) -> object:
    return read_definition((ROOT / "forms" / process / f"{step}.toml").read_bytes(), process, step)


def test_a_union_asks_a_shared_key_once_and_offers_what_both_offer() -> None:
    head, officer = form("secrecy_review", "head_review"), form("secrecy_review", "officer_review")
    both = union(head, officer)  # type: ignore[arg-type]
    assert [each.key for each in both.fields].count("opinion") == 1
    assert both.decision is not None
    assert [each.value for each in both.decision.options] == ["agree", "return"]
    assert both.by_key["conclusion"].required
    assert {each.section for each in both.fields if each.type != "decision"} <= {
        each.key for each in both.sections
    }


def test_every_question_of_a_union_stands_in_a_section() -> None:
    for path in ROOT.glob("forms/*/*.toml"):
        both = with_offline(read_definition(path.read_bytes(), path.parent.name, path.stem))
        shown = [each.key for _section, fields in both.in_sections() for each in fields]
        assert sorted(shown) == sorted(each.key for each in both.fields if each.type != "decision")
        assert set(offline_definition().by_key) <= set(shown)
