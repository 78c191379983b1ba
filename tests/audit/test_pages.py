"""The pages of the 安全审计员."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.audit import ACTION_LABELS, labels, queries, sealing, service
from app.core.actor import SYSTEM
from app.core.command import Tx, command
from app.core.db import db
from app.core.record import Record
from tests.support.organs import City
from tests.support.signing import sign_in


@command
def act(tx: Tx, *, number: int) -> None:
    """Something that leaves a record."""
    tx.record(
        "organ",
        "organ.changed",
        f"修改机关第 {number} 次",
        stream_id=2,
        old={"name": "甲局"},
        new={"name": "乙局"},
    )


PAGES = ("/audit/", "/audit/verification", "/audit/export", "/audit/records/1", "/audit/verification/1")


@pytest.mark.parametrize("who", ["jiang", "kuang", "ping", "cheng", "qiao"])
def test_nobody_but_the_auditor_reads_the_record(who: str, client: FlaskClient, city: City) -> None:
    sign_in(client, who)
    for path in PAGES:
        assert client.get(path).status_code in (403, 404), path
    assert client.post("/audit/export").status_code == 403
    assert client.post("/audit/verification").status_code == 403


def test_the_record_is_paged_both_ways_without_loss(
    client: FlaskClient, city: City, session: Session
) -> None:
    for number in range(120):
        act(SYSTEM, number=number)
    every = list(session.scalars(sa.select(Record.id).order_by(Record.id.desc())))
    session.commit()
    seen, before = [], None
    while True:
        page = queries.page(queries.Wanted(), before=before)
        seen += [row["id"] for row in page.rows]
        before = page.before
        if before is None:
            break
    assert seen == every
    back = queries.page(queries.Wanted(), after=every[60])
    assert [row["id"] for row in back.rows] == every[10:60]
    sign_in(client, "yu")
    first = client.get("/audit/").text
    assert "修改机关第 119 次" in first and "修改机关第 60 次" not in first and "下一页" in first


def test_a_period_is_paged_over_its_index_sealed_rows_and_new_ones_together(
    any_db: str, app: Flask, city: City, session: Session, business_day: Callable[[str], None]
) -> None:
    for day, sealed in (
        ("2026-11-20", True),
        ("2026-11-21", True),
        ("2026-11-22", False),
        ("2026-12-01", False),
    ):
        business_day(day)
        for number in range(40):
            act(SYSTEM, number=number)
        if sealed:
            sealing.seal_all(sealing.settings_now())
    wanted = queries.Wanted(begins=date(2026, 11, 21), ends=date(2026, 11, 22))
    first = queries.page(wanted)
    assert first.before is not None and first.after is None
    rest = queries.page(wanted, before=first.before)
    seen = [row["id"] for row in (*first.rows, *rest.rows)]
    assert len(seen) == 80 == len(set(seen)) and seen == sorted(seen, reverse=True) and rest.before is None
    assert rest.after is not None
    assert [row["id"] for row in queries.page(wanted, after=rest.after).rows] == seen[:50]
    if any_db == "sqlite":
        query = str(
            queries._of_period(wanted, None, None).compile(db.engine, compile_kwargs={"literal_binds": True})
        )
        plan = [str(row) for row in session.execute(sa.text("EXPLAIN QUERY PLAN " + query))]
        assert any("ix_records_at" in line for line in plan), plan
        session.commit()


def test_the_record_is_filtered(client: FlaskClient, city: City) -> None:
    sign_in(client, "yu")
    act(city.actor("jiang"), number=7)
    for query, found in (
        ("person=江维", True),
        ("person=白", False),
        ("action=organ.changed", True),
        ("action=unit.added", False),
        ("stream=organ&stream_id=2", True),
        ("stream=system", False),
        ("begins=2026-11-23&ends=2026-11-23", True),
        ("begins=2026-11-24", False),
        ("ends=2026-11-22", False),
        ("result=refused", False),
        ("text=第 7 次", True),
        ("text=%25", False),
        ("begins=昨天&stream_id=x&before=-1&after=1e9", True),
    ):
        answer = client.get(f"/audit/?{query}")
        assert answer.status_code == 200
        assert ("修改机关第 7 次" in answer.text) is found, query
    assert "没有符合条件的记录" in client.get("/audit/?person=无此人").text


def test_an_entry_shows_old_and_new_and_that_it_is_whole(
    client: FlaskClient, city: City, session: Session
) -> None:
    act(city.actor("jiang"), number=1)
    number = session.scalar(sa.select(sa.func.max(Record.id)))
    sealing.seal_all(sealing.settings_now())
    sign_in(client, "yu")
    text = client.get(f"/audit/records/{number}").text
    assert "甲局" in text and "乙局" in text and "名称" in text and "江维公" in text
    assert "内容与校验码相符" in text and "已封存于第" in text
    session.execute(sa.text("UPDATE records SET summary = '没有改' WHERE id = :id"), {"id": number})
    session.commit()
    assert "本条记录已被改动" in client.get(f"/audit/records/{number}").text
    session.execute(sa.text("UPDATE records SET at = 'x', body = '{' WHERE id = :id"), {"id": number})
    session.commit()
    assert "无法读出" in client.get(f"/audit/records/{number}").text
    assert "无法读出" in client.get("/audit/").text, "a damaged row does not take the page down"
    assert client.get("/audit/records/99999").status_code == 404


def test_a_verification_is_asked_for_and_its_result_shown(
    client: FlaskClient, city: City, session: Session
) -> None:
    sign_in(client, "yu")
    empty = client.get("/audit/verification").text
    assert "还没有核对过" in empty and "还没有封存" in empty and "演示" in empty
    sealing.seal_all(sealing.settings_now())
    assert client.post("/audit/verification").status_code == 303
    assert "等待核对" in client.get("/audit/verification").text
    assert client.post("/audit/verification").status_code == 409
    assert "正在核对" in client.get("/audit/verification/1").text
    service.run_waiting()
    assert "未发现问题" in client.get("/audit/verification").text
    session.execute(sa.text("UPDATE records SET actor_name = '王芳' WHERE id = 4"))
    session.commit()
    client.post("/audit/verification")
    service.run_waiting()
    page = client.get("/audit/verification").text
    assert "发现问题" in page and "看是哪些记录" in page
    assert "记录编号 4" in client.get("/audit/verification/2").text
    assert client.get("/audit/verification/77").status_code == 404


def test_an_export_is_recorded_and_carries_its_verifier(
    client: FlaskClient, city: City, session: Session
) -> None:
    sign_in(client, "yu")
    with client.post("/audit/export", data={"begins": "2026-11-01", "ends": "2026-11-30"}) as answer:
        assert answer.status_code == 200 and answer.mimetype == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert set(archive.namelist()) == {
        "records.jsonl",
        "records.jsonl.manifest.json",
        "verify_export.py",
        "说明.txt",
    }
    paper = json.loads(archive.read("records.jsonl.manifest.json"))
    assert (paper["made_by"], paper["installation"]) == ("余鉴之", "云汀市")
    row = session.scalars(sa.select(Record).order_by(Record.id.desc())).first()
    assert row is not None and row.action == "audit.export" and paper["sm3"] in row.body
    for data in (
        {},
        {"begins": "2026-12-01", "ends": "2026-11-01"},
        {"begins": "2020-01-01", "ends": "2020-01-02"},
    ):
        refused = client.post("/audit/export", data=data)
        assert refused.status_code == 409 and "请" in refused.text


def test_rooms_above_name_their_actions(app: Flask) -> None:
    ACTION_LABELS["cases.test"] = "试办"
    try:
        assert labels.action_label("cases.test") == "试办"
        assert labels.action_label("no.such") == "其他（no.such）"
    finally:
        del ACTION_LABELS["cases.test"]


def test_old_and_new_are_told_side_by_side() -> None:
    body = {"old": {"name": "甲", "same": 1}, "new": {"name": "乙", "same": 1, "active": True}, "count": 3}
    assert labels.changes(body) == [("名称", "甲", "乙"), ("在用", "（空）", "是")]
    assert labels.particulars(body) == [("数量", "3")]
    assert labels.changes({"old": False, "new": True}) == [("内容", "否", "是")]
    assert labels.changes({}) == []


def test_the_menu_counts_what_the_last_verification_found(
    client: FlaskClient, city: City, session: Session
) -> None:
    assert service.problems(None) is None
    service.run_waiting()
    assert service.problems(None) is None
    session.execute(sa.text("UPDATE records SET actor_name = '王芳' WHERE id = 4"))
    session.commit()
    service.ask_verification(city.actor("yu"))
    service.run_waiting()
    assert service.problems(None) == 1


def test_the_filter_offers_every_kind_of_act_without_reading_the_record(app: Flask, sql_counter: Any) -> None:
    with app.app_context(), sql_counter() as count:
        offered = queries.actions()
    assert count.statements == 0
    assert {"case.claim", "case.complete", "letter.issued", "number.used"} <= set(offered)
