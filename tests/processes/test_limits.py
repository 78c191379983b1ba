"""Limits that a definition writes are checked, in sentences an office understands."""

from __future__ import annotations

import pytest

from app.processes import limits


def said(**settings: str) -> list[str]:
    return [message for message, _mend in limits.problems(settings)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"internal_days": "2"},
        {"internal_days": "2", "remind_before": "1", "escalate_after": "1", "reassign_after": "3"},
        {"internal_days": "1", "remind_before": "4h", "escalate_after": "4h", "reassign_after": "1"},
        {"internal_hours": "4", "remind_before": "1h"},
    ],
)
def test_sensible_limits_are_accepted(settings: dict[str, str]) -> None:
    assert said(**settings) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"internal_days": "soon"}, "不是整数"),
        ({"internal_days": "0"}, "不是整数"),
        ({"internal_days": "4h"}, "不是整数"),
        ({"internal_hours": "半天"}, "不是整数"),
        ({"internal_days": "1", "internal_hours": "4"}, "同时写了"),
        ({"internal_days": "2", "remind_before": "一天"}, "“到期前多久提醒”写的“一天”不是时长"),
        ({"internal_days": "2", "escalate_after": "1d"}, "“超期多久报告科室负责人”写的“1d”不是时长"),
        ({"remind_before": "1"}, "没有内部时限"),
        ({"internal_days": "1", "remind_before": "1"}, "不短于时限本身"),
        ({"internal_hours": "4", "remind_before": "1"}, "不短于时限本身"),
        (
            {"internal_days": "1", "escalate_after": "2", "reassign_after": "1"},
            "不晚于报告负责人",
        ),
        ({"internal_days": "1", "escalate_after": "1", "reassign_after": "4h"}, "不晚于报告负责人"),
    ],
)
def test_a_limit_that_makes_no_sense_is_named(settings: dict[str, str], words: str) -> None:
    assert len(said(**settings)) == 1
    assert words in said(**settings)[0]
