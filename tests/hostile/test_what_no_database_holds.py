"""Ids longer than any, NUL and half characters in addresses and forms: unknown or refused with a sentence, never an error of ours."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.cases.conftest import city, desk, house
from tests.support.driving import Desk

__all__ = ["city", "desk", "house"]

LONG = ("9" * 25, str(2**63), str(2**31))


@pytest.mark.parametrize(
    "where", ["/cases/{}", "/work/{}", "/studio/drafts/{}", "/documents/{}", "/processes/versions/{}"]
)
def test_an_id_longer_than_any_is_unknown(any_db: str, desk: Desk, where: str) -> None:
    desk.sit("qiao")
    foreign = desk.client.get(where.format(2**31 - 7))
    for number in LONG:
        answer = desk.client.get(where.format(number))
        assert answer.status_code == foreign.status_code == 404, number
        assert main(answer) == main(foreign)


def main(answer: TestResponse) -> str:
    return answer.get_data(as_text=True).partition("<main")[2]


@pytest.mark.parametrize("where", ["/search", "/work", "/documents", "/cases"])
def test_what_no_text_holds_may_be_searched_for(any_db: str, desk: Desk, where: str) -> None:
    desk.sit("wen")
    for query in ("q=a%00b", "q=%ed%a0%80", "q=%ff%fe", f"before={LONG[0]}", "after=%00"):
        answer = desk.client.get(f"{where}?{query}")
        assert answer.status_code in (200, 400, 404), query
        assert answer.status_code != 400 or "控制字符" in answer.get_data(as_text=True)


def test_nobody_signs_in_with_a_name_no_database_holds(any_db: str, desk: Desk) -> None:
    answer = desk.client.post("/sign-in", data={"login": "a\x00b", "password": "x"})
    assert answer.status_code in (400, 422) and "请" in answer.get_data(as_text=True)
