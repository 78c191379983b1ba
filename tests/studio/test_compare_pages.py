"""The pages of differences: two versions, a draft and its base, nothing to compare, and who may look."""

from __future__ import annotations

import re

import pytest

from app.core.command import Tx, command
from app.core.db import db
from app.processes import service as processes
from app.processes.models import Process, ProcessVersion
from app.processes.packages import unpack
from app.studio import queries
from app.studio.content import package_of, parts_of
from app.studio.service import drafts, parts
from tests.studio.test_drafts import ADMIN, begun
from tests.support.driving import Desk
from tests.support.organs import City

KEY = "disclosure_attribute"


@command
def put_version(tx: Tx, *, key: str, old: str, new: str) -> int:
    """A version whose diagram says `new` where the active one says `old`."""
    active = tx.session.get_one(ProcessVersion, tx.session.get_one(Process, key).active_id)
    texts = parts_of(unpack(active.content))
    assert old in texts["process.bpmn"]
    texts["process.bpmn"] = texts["process.bpmn"].replace(old, new)
    return processes.add_version(tx, package_of(texts), note="改时限").id


@pytest.fixture
def second(house: City) -> int:
    return int(
        put_version(house.actor(ADMIN), key=KEY, old='name="科长审核"', new='name="科室&lt;b&gt;审核"')
    )


def test_two_versions_are_compared_by_anybody_who_handles_business(
    desk: Desk, house: City, second: int
) -> None:
    active = db.session().get_one(Process, KEY).active_id
    desk.sit("wen")
    page = desk.client.get(f"/studio/compare?process={KEY}&from={active}&to={second}")
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "科长审核" in body and "科室&lt;b&gt;审核" in body and "<b>审核" not in body
    assert body.count('data-point="head_review"') == 1 and "第 2 版" in body
    assert "比较两个版本" in desk.client.get("/processes").get_data(as_text=True)
    assert "和前一版比较" in desk.client.get(f"/processes/versions/{second}").get_data(as_text=True)


def test_without_a_choice_the_newest_is_compared_with_what_is_in_force(
    desk: Desk, house: City, second: int
) -> None:
    desk.sit("wen")
    body = desk.client.get(f"/studio/compare?to={second}").get_data(as_text=True)
    assert 'data-point="head_review"' in body
    assert "只有一个版本" in desk.client.get("/studio/compare?process=secrecy_review").get_data(as_text=True)
    same = desk.client.get(f"/studio/compare?from={second}&to={second}").get_data(as_text=True)
    assert "同一个版本" in same


@pytest.mark.parametrize(
    "wrong", ["from=999999", "to=abc", "process=nothing", "from=-1", "to=9999999999999999999"]
)
def test_what_is_not_there_cannot_be_compared(desk: Desk, house: City, wrong: str) -> None:
    desk.sit("wen")
    assert desk.client.get(f"/studio/compare?{wrong}").status_code == 404


def test_a_draft_is_compared_with_the_version_it_comes_from(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    where = f"/studio/drafts/{draft}/compare"
    assert "没有差别" in desk.client.get(where).get_data(as_text=True)
    drawn = queries.part(db.session(), draft, "process.bpmn").text
    moved = re.sub(r'(bpmnElement="draft".{0,80}?Bounds x=")\d+', r"\g<1>271", drawn, count=1, flags=re.S)
    parts.save(house.actor(ADMIN), draft_id=draft, name="process.bpmn", text=moved, revision=1)
    placed = desk.client.get(where).get_data(as_text=True)
    assert re.search(r'data-remember="compare-placed">\s*<summary[^>]*><h2[^>]*>只挪了位置（1 处）', placed)
    text = queries.part(db.session(), draft, "forms/draft.toml").text
    changed = text.replace('label = "文件标题"', 'label = "<script>x</script>"', 1)
    parts.save(house.actor(ADMIN), draft_id=draft, name="forms/draft.toml", text=changed, revision=1)
    parts.save(house.actor(ADMIN), draft_id=draft, name="process.bpmn", text="<broken", revision=2)
    body = desk.client.get(where).get_data(as_text=True)
    assert "文件标题" in body and "&lt;script&gt;x" in body and "<script>x" not in body
    assert "读不出来" in body
    diagram = desk.client.get(f"/studio/drafts/{draft}/process.bpmn")
    assert (
        diagram.get_data(as_text=True) == "<broken" and "attachment" in diagram.headers["Content-Disposition"]
    )


def test_a_new_process_has_nothing_to_compare_with(desk: Desk, house: City) -> None:
    draft = drafts.begin_new(house.actor(ADMIN), key="open_meeting", name="会议公开")["draft"]
    desk.sit(ADMIN)
    assert "没有原版可比" in desk.client.get(f"/studio/drafts/{draft}/compare").get_data(as_text=True)


def test_drafts_are_compared_by_process_admins_only(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit("wen")
    assert desk.client.get(f"/studio/drafts/{draft}/compare").status_code == 403
    assert desk.client.get(f"/studio/drafts/{draft}/process.bpmn").status_code == 403
