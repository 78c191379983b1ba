"""导入和导出: what goes out comes in as a new draft, what another tool drew is taken with its repairs or left, what hurts is refused."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.core.db import db
from app.core.record import Record
from app.processes import archive
from app.processes.models import Process
from app.studio import queries
from app.studio.content import package_of, split
from app.studio.models import Draft
from app.studio.service import parts
from tests.studio.test_comparing import texts_of
from tests.studio.test_drafts import ADMIN, begun
from tests.support.driving import Desk
from tests.support.organs import City

KEY = "disclosure_attribute"
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://elsewhere.example">
  <process id="Process-1" name="请假&lt;script&gt;alert(1)&lt;/script&gt;">
    <laneSet id="l"><lane id="a" name="科室负责人"><flowNodeRef>s</flowNodeRef><flowNodeRef>t</flowNodeRef><flowNodeRef>e</flowNodeRef></lane></laneSet>
    <startEvent id="s"/><task id="t" name="批准"/><endEvent id="e"/>
    <sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/>
  </process>
</definitions>
"""  # noqa: E501
SECOND = FOREIGN.replace("</definitions>", '<process id="other" name="销假"><startEvent id="x"/><task id="y"/>'
                         '<sequenceFlow id="z" sourceRef="x" targetRef="y"/></process></definitions>')  # fmt: skip


def sent(desk: Desk, data: bytes, name: str = "流程.zip") -> TestResponse:
    """Upload a file; the body is written here because the client would leave a temporary file open."""
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + b"\r\n--edge--\r\n"
    return desk.client.post("/studio/import", data=body, content_type="multipart/form-data; boundary=edge")


def packed(texts: dict[str, str]) -> bytes:
    return archive.write(*split(texts))


def held(page: str) -> str:
    found = re.search(r'name="held" value="([^"]+)"', page)
    assert found
    return found[1]


def count() -> int:
    db.session.rollback()
    return int(db.session().scalar(sa.select(sa.func.count()).select_from(Draft)) or 0)


def test_a_version_goes_out_and_comes_in_as_a_new_draft_of_the_same_process(desk: Desk, house: City) -> None:
    active = db.session().get_one(Process, KEY).active_id
    desk.sit(ADMIN)
    out = desk.client.get(f"/studio/versions/{active}/export")
    assert (
        out.mimetype == "application/zip"
        and "disclosure_attribute-v1.zip" in out.headers["Content-Disposition"]
    )
    assert desk.client.get(f"/studio/versions/{active}/export").data == out.data
    came = sent(desk, out.data)
    assert came.status_code == 303
    draft = db.session().scalars(sa.select(Draft).order_by(Draft.id.desc())).first()
    assert draft is not None and (draft.process_key, draft.base_id) == (KEY, active)
    assert queries.texts(db.session(), draft.id) == texts_of(KEY)
    assert "没有差别" in desk.client.get(f"/studio/drafts/{draft.id}/compare").get_data(as_text=True)
    again = sent(desk, out.data)
    assert again.status_code == 303 and count() == 2
    assert db.session().get_one(Process, KEY).active_id == active


def test_a_diagram_goes_out_alone_and_drafts_go_out_broken_as_they_are(desk: Desk, house: City) -> None:
    active, draft = db.session().get_one(Process, KEY).active_id, begun(house)
    desk.sit(ADMIN)
    lone = desk.client.get(f"/studio/versions/{active}/export.bpmn")
    assert lone.data.decode() == texts_of(KEY)["process.bpmn"] and lone.headers[
        "Content-Disposition"
    ].endswith(".bpmn")
    parts.save(house.actor(ADMIN), draft_id=draft, name="forms/draft.toml", text="= broken", revision=1)
    texts, scenarios = archive.read(desk.client.get(f"/studio/drafts/{draft}/export").data)
    assert texts["forms/draft.toml"] == "= broken" and scenarios
    assert desk.client.get(f"/studio/drafts/{draft}/export.bpmn").data == lone.data
    assert desk.client.get("/studio/drafts/99999/export").status_code == 404


def test_exports_and_imports_are_recorded(desk: Desk, house: City) -> None:
    active = db.session().get_one(Process, KEY).active_id
    desk.sit(ADMIN)
    sent(desk, desk.client.get(f"/studio/versions/{active}/export").data, "从/别处来.zip")
    db.session.rollback()
    rows = db.session().scalars(sa.select(Record).order_by(Record.id.desc()).limit(6)).all()
    said = {row.action: row.summary for row in rows}
    assert "第 1 版" in said["process.export"] and said["draft.import"].endswith("别处来.zip")


def test_an_archive_whose_parts_are_wrong_becomes_a_draft_with_findings(desk: Desk, house: City) -> None:
    desk.sit(ADMIN)
    came = sent(desk, packed({**texts_of(KEY), "process.bpmn": "<nothing"}))
    assert came.status_code == 303
    page = desk.client.get(came.headers["Location"]).get_data(as_text=True)
    assert "流程图读不出来" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "没有选择文件"),
        (b"PK\x03\x04nonsense", "不是完好的 zip"),
        (b"MZ\x90\x00 an executable", "不是 UTF-8"),
        (b"<html><script>alert(1)</script></html>", "不是 BPMN"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "没有导入"),
        (b"<a>" * 200_000, "没有导入"),
        (b"x" * 1_100_000, "太大"),
        (b"PK" + b"x" * 4_100_000, "太大"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_a_sentence(
    desk: Desk, house: City, data: bytes, said: str
) -> None:
    desk.sit(ADMIN)
    page = sent(desk, data, "坏的.zip")
    assert page.status_code in (413, 422), page.status_code
    assert said in page.get_data(as_text=True) and count() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.update({"package.toml": "key = "}), "编号和名称"),
        (lambda t: t.update({"package.toml": t["package.toml"].replace(KEY, "../x", 1)}), "不可用"),
        (lambda t: t.pop("process.bpmn"), "没有流程图"),
        (lambda t: t.update({"9.dmn": "<x/>"}), "不可用"),
    ],
)
def test_an_archive_of_nothing_known_is_refused(desk: Desk, house: City, change: Any, said: str) -> None:
    texts = texts_of(KEY)
    change(texts)
    desk.sit(ADMIN)
    page = sent(desk, packed(texts))
    assert page.status_code == 422 and said in page.get_data(as_text=True) and count() == 0


def test_paths_that_lead_out_of_the_archive_are_refused(desk: Desk, house: City) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("../../etc/passwd", "x")
    desk.sit(ADMIN)
    page = sent(desk, made.getvalue())
    assert page.status_code == 422 and "不是流程包的文件" in page.get_data(as_text=True)


def test_a_foreign_diagram_shows_its_repairs_and_becomes_a_draft_when_they_are_accepted(
    desk: Desk, house: City
) -> None:
    desk.sit(ADMIN)
    look = sent(desk, FOREIGN.encode(), "请假.bpmn")
    page = look.get_data(as_text=True)
    assert look.status_code == 200 and "要改动的地方" in page and "勾选“由系统照图办理”" in page
    assert "<script>alert" not in page and count() == 0
    assert "原来的文件没有画出图形" in page and page.count("data-picture") == 1
    answer = {"held": held(page), "process": "", "accept": "1", "key": KEY, "name": "请假"}
    taken = desk.client.post("/studio/import/drawing", data=answer)
    assert (
        taken.status_code == 422
        and "请换一个编号" in taken.get_data(as_text=True)
        and "请假.bpmn" in taken.get_data(as_text=True)
    )
    done = desk.client.post("/studio/import/drawing", data={**answer, "key": "leave"})
    assert done.status_code == 303
    draft = db.session().scalars(sa.select(Draft)).one()
    texts = queries.texts(db.session(), draft.id)
    assert draft.process_key == "leave" and 'id="leave"' in texts["process.bpmn"]
    assert 'post = "unit_head"' in texts["package.toml"] and package_of(texts).meta.name == "请假"
    assert "请假" in desk.client.get(done.headers["Location"]).get_data(as_text=True)


def test_each_repair_is_taken_or_left_and_what_was_left_is_found_by_the_check(
    desk: Desk, house: City
) -> None:
    desk.sit(ADMIN)
    page = sent(desk, FOREIGN.encode(), "请假.bpmn").get_data(as_text=True)
    assert 'value="abstract_task:t:1"' in page and "必须改" in page and "不支持没有类型的任务" not in page
    answer = {"held": held(page), "process": "", "leave": ["abstract_task:t:1"], "key": "leave", "name": "请"}
    look = desk.client.post("/studio/import/drawing", data={**answer, "look": "1"})
    shown = look.get_data(as_text=True)
    assert look.status_code == 200 and count() == 0
    assert re.search(r'value="abstract_task:t:1" checked', shown) and 'value="请"' in shown
    assert "不支持没有类型的任务" in shown
    short = desk.client.post("/studio/import/drawing", data={**answer, "accept": "1"})
    assert short.status_code == 422 and 'abstract_task:t:1" checked' in short.get_data(as_text=True)
    done = desk.client.post("/studio/import/drawing", data={**answer, "accept": "1", "name": "请假"})
    assert done.status_code == 303
    draft = db.session().scalars(sa.select(Draft)).one()
    drawn = queries.texts(db.session(), draft.id)["process.bpmn"]
    assert 'task id="t"' in drawn and "manualTask" not in drawn and "BPMNShape" in drawn
    row = db.session().scalars(sa.select(Record).order_by(Record.id.desc()).limit(1)).one()
    assert '"left":1' in row.body.replace(" ", "")


def test_one_of_several_processes_is_chosen(desk: Desk, house: City) -> None:
    desk.sit(ADMIN)
    page = sent(desk, SECOND.encode(), "两个.bpmn").get_data(as_text=True)
    assert "有 2 个流程" in page and "销假" in page
    look = desk.client.post("/studio/import/drawing", data={"held": held(page), "process": "other"})
    body = look.get_data(as_text=True)
    assert look.status_code == 200 and 'value="销假"' in body
    wrong = desk.client.post("/studio/import/drawing", data={"held": held(page), "process": "nobody"})
    assert wrong.status_code == 422 and "nobody" in wrong.get_data(as_text=True)


def test_our_own_diagram_comes_back_without_repairs(desk: Desk, house: City) -> None:
    desk.sit(ADMIN)
    page = sent(desk, texts_of(KEY)["process.bpmn"].encode(), "我们的.bpmn").get_data(as_text=True)
    assert "不用改动" in page


@pytest.mark.parametrize("forged", ["", "nonsense", "WyJhIiwiYiJd.aaaa.bbbb"])
def test_a_file_that_did_not_come_from_the_page_is_not_taken(desk: Desk, house: City, forged: str) -> None:
    desk.sit(ADMIN)
    answer = {"held": forged, "accept": "1", "key": "leave", "name": "请假"}
    page = desk.client.post("/studio/import/drawing", data=answer)
    assert page.status_code == 422 and "重新选择文件" in page.get_data(as_text=True) and count() == 0


def test_only_process_admins_import_and_export(desk: Desk, house: City) -> None:
    active = db.session().get_one(Process, KEY).active_id
    desk.sit("wen")
    assert desk.client.get("/studio/import").status_code == 403
    assert desk.client.get(f"/studio/versions/{active}/export").status_code == 403
    assert sent(desk, packed(texts_of(KEY))).status_code == 403
