"""草稿暂存 (features.md H18) and 流程图进度 (H21)."""

from __future__ import annotations

import html
import json
import re

from tests.cases.flows import drafted
from tests.support.driving import Desk
from tests.support.organs import City


def test_what_was_typed_is_kept_for_its_writer_alone_until_the_step_is_sent(
    any_db: str, desk: Desk, house: City
) -> None:
    case = drafted(desk)
    item = desk.item(case, "head_review")
    kept = desk.sit("shen").post(f"/work/{item.id}/draft", data={"opinion": "第二段数字待核"})
    assert kept.json["saved_at"]
    assert "第二段数字待核" in desk.client.get(f"/work/{item.id}").text
    stranger = desk.sit("wang").post(f"/work/{item.id}/draft", data={"opinion": "不是我的件"})
    assert stranger.status_code == 404
    desk.act("shen", case, "head_review", decision="agree", opinion="同意")
    late = desk.sit("shen").post(f"/work/{item.id}/draft", data={"opinion": "迟到的草稿"})
    assert late.status_code == 404
    assert "第二段数字待核" not in desk.client.get(f"/cases/{case}").text


def marks(desk: Desk, login: str, case_id: int) -> dict[str, str]:
    """Step -> mark on the diagrams of the case's page."""
    page = desk.sit(login).get(f"/cases/{case_id}").text
    shown = [json.loads(html.unescape(each)) for each in re.findall(r'data-marks="([^"]*)"', page)]
    return {mark["id"]: mark["state"] for diagram in shown for mark in diagram}


def test_the_diagram_says_what_is_done_where_it_was_returned_and_where_it_stands(
    desk: Desk, house: City
) -> None:
    case = drafted(desk)
    assert marks(desk, "shen", case) == {"draft": "done", "head_review": "current"}
    desk.act("shen", case, "head_review", decision="return", opinion="请补充解读安排")
    assert marks(desk, "wen", case) == {"draft": "current", "head_review": "returned"}
    page = desk.sit("wen").get(f"/cases/{case}").text
    for words in ("申牧之", "退回修改", "不到1分钟"):
        assert words in page
