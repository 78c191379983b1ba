"""公开属性、条款、结论: closed lists, with the article beside each entry (条例13-17; domain.md 1.2)."""

from __future__ import annotations

import pytest

from workflows.law.grounds import GROUNDS, STATE_SECRET, Attribute, Conclusion, Effect, contradicts, ground


def test_there_are_seven_grounds_and_no_other() -> None:
    assert [each.code for each in GROUNDS] == ["N14a", "N14b", "N14c", "N15", "N16a", "N16b", "N16c"]
    assert not any("其他" in each.label.replace("其他法律", "") for each in GROUNDS)


def test_each_ground_is_one_row_of_the_annual_report() -> None:
    assert [each.report_row for each in GROUNDS] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("code", "effect"), [("N14a", Effect.MUST_NOT), ("N15", Effect.SHALL_NOT), ("N16b", Effect.MAY_NOT)]
)
def test_the_words_of_the_law_differ(code: str, effect: Effect) -> None:
    assert ground(code).effect is effect


def test_a_work_secret_is_no_ground() -> None:
    assert not any("工作秘密" in each.label for each in GROUNDS)
    with pytest.raises(KeyError):
        ground("N64")


def test_marks_are_those_printed_at_the_end_of_a_text() -> None:
    assert [each.mark for each in Attribute] == ["（此件公开发布）", "（此件依申请公开）", "（此件不公开）"]
    assert [each.label for each in Attribute] == ["主动公开", "依申请公开", "不予公开"]


@pytest.mark.parametrize(
    ("attribute", "conclusion", "clash"),
    [
        ("proactive", "closed", True),
        ("proactive", "deferred", True),
        ("proactive", "partial", False),
        ("on_request", "closed", True),
        ("on_request", "deferred", False),
        ("withheld", "closed", False),
        ("withheld", "open", False),
    ],
)
def test_a_proposal_must_not_contradict_the_review(attribute: str, conclusion: str, clash: bool) -> None:
    assert contradicts(attribute, conclusion) is clash


def test_a_secret_is_article_fourteen() -> None:
    assert ground(STATE_SECRET).article == "条例第十四条"
    assert [each.label for each in Conclusion] == ["公开", "部分公开", "不公开", "暂缓"]
