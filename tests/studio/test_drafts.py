"""Drafts: begun from a version, saved part by part at a revision, never overwritten silently."""

from __future__ import annotations

import tomllib

import pytest
import sqlalchemy as sa

from app import processes
from app.core.db import db
from app.core.errors import NotFound, Refused
from app.processes.models import Process
from app.studio import findings, queries
from app.studio.content import Conflict, package_of
from app.studio.models import Draft
from app.studio.service import drafts, parts
from tests.support.driving import Desk
from tests.support.organs import City

ADMIN, OTHER = "qiao", "li"


def begun(city: City, key: str = "disclosure_attribute", by: str = ADMIN) -> int:
    """A draft of the active version of a shipped process; its id."""
    active = db.session().get_one(Process, key).active_id
    return int(drafts.begin(city.actor(by), version_id=active)["draft"])


def test_a_draft_begins_as_the_version_it_comes_from(house: City, any_db: str) -> None:
    draft = begun(house)
    package = package_of(queries.texts(db.session(), draft))
    assert package.hash == processes.active("disclosure_attribute").package.hash
    assert findings.of_texts(db.session(), queries.texts(db.session(), draft)) == []


def test_saving_a_part_counts_its_revision_and_the_same_text_changes_nothing(
    house: City, any_db: str
) -> None:
    draft, text = begun(house), "format = 1\n"
    saved = parts.save(house.actor(ADMIN), draft_id=draft, name="forms/draft.toml", text=text, revision=1)
    again = parts.save(house.actor(ADMIN), draft_id=draft, name="forms/draft.toml", text=text, revision=2)
    assert (saved["revision"], again["revision"]) == (2, 2)


def test_who_began_from_an_older_revision_sees_what_the_other_saved(house: City, any_db: str) -> None:
    draft = begun(house)
    parts.save(house.actor(OTHER), draft_id=draft, name="forms/draft.toml", text="# theirs", revision=1)
    with pytest.raises(Conflict) as conflict:
        parts.save(house.actor(ADMIN), draft_id=draft, name="forms/draft.toml", text="# mine", revision=1)
    assert (conflict.value.theirs, conflict.value.revision) == ("# theirs", 2)
    assert "李处" in conflict.value.message
    assert queries.part(db.session(), draft, "forms/draft.toml").text == "# theirs"


def test_two_people_in_one_draft_are_told_of_each_other(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(OTHER)
    desk.client.post(f"/studio/drafts/{draft}/presence", json={"part": "process.bpmn"})
    desk.sit(ADMIN)
    told = desk.client.post(f"/studio/drafts/{draft}/presence", json={}).get_json()
    assert [each["name"] for each in told["others"]] == ["李处"]
    assert told["revisions"]["process.bpmn"] == 1


def test_a_page_saves_reads_and_learns_what_is_wrong(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    where = f"/studio/drafts/{draft}/parts/process.bpmn"
    part = desk.client.get(where).get_json()
    broken = part["text"].replace('name="拟稿人"', 'name="无人的泳道"', 1)
    done = desk.client.post(where, json={"revision": part["revision"], "text": broken})
    assert done.status_code == 200
    assert {each["rule"] for each in done.get_json()["findings"]} >= {"unknown_lane"}
    late = desk.client.post(where, json={"revision": part["revision"], "text": part["text"]})
    assert late.status_code == 409 and late.get_json()["text"] == broken
    nonsense = desk.client.post(where, json={"revision": "1"})
    assert nonsense.status_code == 422


def test_the_settings_list_what_the_diagram_calls_and_keep_their_comments(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit(ADMIN)
    texts = queries.texts(db.session(), draft)
    settings = "# 由法制科管理\n" + texts["package.toml"]
    parts.save(house.actor(ADMIN), draft_id=draft, name="package.toml", text=settings, revision=1)

    def drawn(text: str, revision: int) -> str:
        where = f"/studio/drafts/{draft}/parts/process.bpmn"
        answer = desk.client.post(where, json={"revision": revision, "text": text})
        assert answer.status_code == 200
        db.session().rollback()
        return queries.part(db.session(), draft, "package.toml").text

    other = texts["process.bpmn"].replace('calledElement="secrecy_review"', 'calledElement="foi_consult"')
    told = drawn(other, 1)
    assert tomllib.loads(told)["calls"] == ["foi_consult"] and told.startswith("# 由法制科管理")
    assert tomllib.loads(drawn(other.replace('calledElement="foi_consult"', ""), 2))["calls"] == []
    assert tomllib.loads(drawn(texts["process.bpmn"], 3)) == tomllib.loads(texts["package.toml"])


@pytest.mark.parametrize(
    "name", ["../x.toml", "forms/../x.toml", "x.py", "forms/x.bpmn", "/etc/x.dmn", "a" * 90 + ".dmn"]
)
def test_a_part_outside_a_package_is_refused(house: City, name: str) -> None:
    with pytest.raises(Refused, match="不可用"):
        parts.save(house.actor(ADMIN), draft_id=begun(house), name=name, text="x", revision=0)


def test_diagram_and_settings_stay_and_a_discarded_draft_can_be_restored(house: City) -> None:
    draft, admin = begun(house), house.actor(ADMIN)
    with pytest.raises(Refused, match="不能删除"):
        parts.remove(admin, draft_id=draft, name="process.bpmn", revision=1)
    drafts.discard(admin, draft_id=draft)
    with pytest.raises(Refused, match="已经结束"):
        parts.save(admin, draft_id=draft, name="forms/draft.toml", text="x", revision=1)
    drafts.restore(admin, draft_id=draft)
    parts.save(admin, draft_id=draft, name="forms/draft.toml", text="x", revision=1)
    with pytest.raises(NotFound):
        drafts.discard(admin, draft_id=9999)


def test_a_new_process_begins_as_the_smallest_that_runs(house: City, any_db: str) -> None:
    draft = drafts.begin_new(house.actor(ADMIN), key="open_meeting", name="会议公开&旁听")["draft"]
    texts = queries.texts(db.session(), draft)
    assert findings.of_texts(db.session(), texts) == []
    with pytest.raises(Refused, match="已经有流程使用"):
        drafts.begin_new(house.actor(ADMIN), key="open_meeting", name="又一个")
    with pytest.raises(Refused, match="网页标记"):
        drafts.begin_new(house.actor(ADMIN), key="open_hearing", name="听证<b>公开</b>")


def test_only_process_admins_come_in(desk: Desk, house: City) -> None:
    draft = begun(house)
    desk.sit("wen")
    assert desk.client.get("/studio").status_code == 403
    assert desk.client.get(f"/studio/drafts/{draft}").status_code == 403
    desk.sit(ADMIN)
    for page in ("/studio", "/studio/new", f"/studio/drafts/{draft}"):
        assert desk.client.get(page).status_code == 200
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Draft)) == 1
