"""启用 is a case: submitted by one 流程管理员, reviewed by another, recorded; running cases stay where they are."""

from __future__ import annotations

import pytest

from app import processes
from app.cases.operations import terminating
from app.core.db import db
from app.core.errors import NotAllowed, Refused
from app.processes.models import Process, ProcessVersion
from app.studio import queries
from app.studio.models import Draft
from app.studio.service import drafts, parts, releasing
from app.studio.service.releasing import Submission
from tests.studio.test_drafts import ADMIN, OTHER, begun
from tests.support.driving import Desk
from tests.support.organs import City

KEY = "secrecy_review"
NOTE = Submission(note="改了摘要", organ="housing")


def changed(house: City, by: str = ADMIN) -> int:
    """A draft of 保密审查 with another summary."""
    draft = begun(house, KEY, by)
    part = queries.part(db.session(), draft, "package.toml")
    text, revision = part.text.replace("一事一审，", ""), part.revision
    parts.save(house.actor(by), draft_id=draft, name="package.toml", text=text, revision=revision)
    return draft


def submitted(house: City, draft: int, said: Submission = NOTE) -> dict[str, int]:
    seen = releasing.digest(queries.texts(db.session(), draft))
    return dict(releasing.submit(house.actor(ADMIN), draft_id=draft, seen=seen, said=said))


def active(key: str = KEY) -> int:
    return int(db.session().get_one(Process, key, populate_existing=True).active_id or 0)


def test_a_second_person_activates_what_he_saw_and_callers_get_relinked_drafts(
    desk: Desk, house: City, any_db: str
) -> None:
    draft, before = changed(house), active()
    case = submitted(house, draft)
    item = desk.item(case["case"], "review")
    assert active() == before
    page = desk.sit(OTHER).get(f"/work/{item.id}").get_data(as_text=True)
    assert "保密审查" in page and "改了摘要" in page
    desk.act(OTHER, case["case"], "review", decision="agree")
    assert active() == case["version"] != before
    assert db.session().get_one(Draft, draft, populate_existing=True).status == "released"
    callers = (
        db.session().query(ProcessVersion).filter_by(status="draft", note="改用新版的「保密审查」").all()
    )
    assert {each.process_key for each in callers} == {"disclosure_attribute", "foi_handling"}
    assert processes.active(KEY).version_id == case["version"]


def test_whoever_worked_on_a_draft_does_not_review_it(house: City) -> None:
    draft = changed(house)
    part = queries.part(db.session(), draft, "forms/start.toml")
    parts.save(house.actor(OTHER), draft_id=draft, name=part.name, text=part.text + "\n", revision=1)
    with pytest.raises(Refused, match="另一位没有参与修改"):
        submitted(house, draft)
    assert db.session().get_one(Draft, draft, populate_existing=True).status == "open"


def test_the_reviewer_is_refused_when_he_is_the_maker_after_all(desk: Desk, house: City) -> None:
    case = submitted(house, changed(house))
    item = desk.item(case["case"], "review")
    assert desk.sit(ADMIN).get(f"/work/{item.id}").status_code in (403, 404)


def test_a_returned_draft_opens_again_and_its_version_is_not_activated(
    desk: Desk, house: City, any_db: str
) -> None:
    draft, before = changed(house), active()
    case = submitted(house, draft)
    with pytest.raises(Refused, match="已提交复核"):
        parts.save(house.actor(ADMIN), draft_id=draft, name="package.toml", text="x", revision=2)
    desk.act(OTHER, case["case"], "review", decision="return", opinion="请说明为什么")
    assert active() == before
    assert db.session().get_one(Draft, draft, populate_existing=True).status == "open"
    assert db.session().get_one(ProcessVersion, case["version"], populate_existing=True).status == "retired"
    assert submitted(house, draft)["version"] != case["version"]


def test_what_changed_after_the_page_was_read_is_not_submitted(house: City) -> None:
    draft = changed(house)
    with pytest.raises(Refused, match="刚刚又有修改"):
        releasing.submit(house.actor(ADMIN), draft_id=draft, seen="x", said=NOTE)


def test_untested_paths_are_named_and_need_a_reason(desk: Desk, house: City) -> None:
    draft = changed(house)
    for name in [each for each in queries.texts(db.session(), draft) if each.startswith("scenarios/")]:
        parts.remove(house.actor(ADMIN), draft_id=draft, name=name, revision=1)
    desk.sit(ADMIN)
    page = desk.client.get(f"/studio/drafts/{draft}/submit").get_data(as_text=True)
    assert "没有情形走到" in page
    seen = releasing.digest(queries.texts(db.session(), draft))
    sent = {"note": "改", "organ": "housing", "seen": seen}
    assert desk.client.post(f"/studio/drafts/{draft}/submit", data=sent).status_code == 409
    done = desk.client.post(f"/studio/drafts/{draft}/submit", data=sent | {"reason": "情形随后补上"})
    assert done.status_code == 303
    case = db.session().get_one(Draft, draft, populate_existing=True).case_id
    assert "没有情形走到" in desk.case(case or 0).data["untested"]


def test_errors_stop_the_submission(desk: Desk, house: City) -> None:
    draft = changed(house)
    part = queries.part(db.session(), draft, "process.bpmn")
    broken = part.text.replace('name="承办人"', 'name="无人的泳道"', 1)
    parts.save(house.actor(ADMIN), draft_id=draft, name=part.name, text=broken, revision=1)
    desk.sit(ADMIN)
    seen = releasing.digest(queries.texts(db.session(), draft))
    page = desk.client.post(
        f"/studio/drafts/{draft}/submit", data={"note": "改", "organ": "housing", "seen": seen}
    )
    assert page.status_code == 422 and "无人的泳道" in page.get_data(as_text=True)


def test_an_earlier_version_is_brought_back_as_a_new_one(desk: Desk, house: City, any_db: str) -> None:
    first = active()
    case = submitted(house, changed(house))
    desk.act(OTHER, case["case"], "review", decision="agree")
    back = releasing.bring(
        house.actor(ADMIN), version_id=first, said=Submission(note="改错了", organ="housing")
    )
    desk.act(OTHER, back["case"], "review", decision="agree")
    versions = db.session()
    assert active() not in (first, case["version"])
    assert versions.get_one(ProcessVersion, active()).hash == versions.get_one(ProcessVersion, first).hash


def test_a_relinked_draft_of_a_caller_is_submitted_by_one_and_activated_by_another(
    desk: Desk, house: City
) -> None:
    case = submitted(house, changed(house))
    desk.act(OTHER, case["case"], "review", decision="agree")
    caller = (
        db.session().query(ProcessVersion).filter_by(status="draft", process_key="disclosure_attribute").one()
    )
    with pytest.raises(Refused, match="正在使用"):
        releasing.bring(house.actor(ADMIN), version_id=case["version"], said=NOTE)
    with pytest.raises((Refused, NotAllowed)):
        releasing.bring(house.actor(OTHER), version_id=caller.id, said=NOTE)


def test_a_new_process_is_activated_and_can_be_started(desk: Desk, house: City) -> None:
    draft = drafts.begin_new(house.actor(ADMIN), key="open_meeting", name="会议公开")["draft"]
    case = submitted(house, draft)
    desk.act(OTHER, case["case"], "review", decision="agree")
    assert processes.active("open_meeting").startable


def test_the_submitter_takes_it_back_before_anybody_decided(desk: Desk, house: City, any_db: str) -> None:
    draft = changed(house)
    case = submitted(house, draft)
    desk.sit(ADMIN)
    assert "终止办理" in desk.client.get(f"/cases/{case['case']}").get_data(as_text=True)
    terminating.terminate(house.actor(ADMIN), case_id=case["case"], reason="还要再改")
    assert db.session().get_one(Draft, draft, populate_existing=True).status == "open"
    parts.save(house.actor(ADMIN), draft_id=draft, name="scenarios/x.toml", text="x", revision=0)
