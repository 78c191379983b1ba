"""Words a clerk reads at a step: what is known, in which capacity he acts, the notice once."""

from __future__ import annotations

import sqlalchemy as sa

from app.cases.models import WorkItem
from app.core.db import db
from tests.cases.flows import drafted
from tests.support.driving import SELF_CHECK, Desk

NOTICE = "严禁上传、处理、传输国家秘密"


def test_the_head_reads_what_becomes_of_the_interpretation(desk: Desk) -> None:
    case = drafted(desk)
    page = desk.sit("shen").get(f"/work/{desk.item(case, 'head_review').id}").get_data(as_text=True)
    assert "不作解读" in page and "内容单一，不作解读。" in page


def test_who_drafts_acts_as_the_lane_says(desk: Desk) -> None:
    case = drafted(desk)
    desk.act("shen", case, "head_review", decision="agree")
    desk.act("wen", case, "self_check", **SELF_CHECK)
    query = sa.select(WorkItem.step, WorkItem.capacity).where(WorkItem.case_id == case)
    found = {row.step: row.capacity for row in db.session().execute(query)}
    assert (found["draft"], found["self_check"]) == ("拟稿人", "承办人")


def test_the_notice_stands_once_above_the_uploads_and_once_at_the_foot(desk: Desk) -> None:
    case = desk.start("wen", "disclosure_attribute", entry="document", kind="first", title="关于通知的通知")
    page = desk.sit("wen").get(f"/work/{desk.item(case, 'draft').id}").get_data(as_text=True)
    assert page.count(NOTICE) == 2 and page.count('class="upload-notice"') == 1
