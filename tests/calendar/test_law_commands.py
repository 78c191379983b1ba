"""`flask law deadlines` and `flask law fees`, with a database, without one, and with bad files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.calendar.models import CalendarDay, CalendarYear
from app.core.db import db
from app.core.settings import Settings
from workflows.law import worksheet

DATA = Path(__file__).parents[1] / "law" / "data"


def run(app: Flask, *args: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["law", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def given(name: str) -> list[dict[str, str]]:
    return rows((DATA / name).read_text(encoding="utf-8-sig"))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_given_deadlines_come_back_as_they_are(app: Flask, tmp_path: Path, mark: str) -> None:
    table = tmp_path / "cases.csv"
    table.write_text(mark + (DATA / "deadline_cases.csv").read_text(encoding="utf-8-sig"), encoding="utf-8")
    code, text = run(app, "deadlines", str(table))
    assert (code, rows(text)) == (0, given("deadline_cases.csv"))


def test_the_computed_columns_come_from_the_five_that_are_read(app: Flask, tmp_path: Path) -> None:
    table, read = tmp_path / "bare.csv", ("case_id", "kind", "channel", "received_at", "events_json")
    cases = [row for row in given("deadline_cases.csv") if not row["kind"].startswith("送达")]
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, read, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(cases)
    found = {row["case_id"]: row for row in rows(run(app, "deadlines", str(table))[1])}
    for row in cases:
        assert {key: found[row["case_id"]][key] for key in worksheet.COMPUTED} == {
            key: row[key] for key in worksheet.COMPUTED
        }, row["case_id"]
        assert found[row["case_id"]]["basis"], row["case_id"]


def test_the_given_fees_come_back_with_a_status(app: Flask) -> None:
    code, text = run(app, "fees", str(DATA / "fee_cases.csv"))
    assert code == 0
    assert rows(text) == [{**row, "status": ""} for row in given("fee_cases.csv")]


def test_the_offices_own_calendar_is_used_where_there_is_one(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        year = CalendarYear(year=2026, source="试", confirmed_by="白受之", confirmed_at=datetime.now(UTC))
        off = CalendarDay(year=2026, day=date(2026, 3, 3), kind="REGIONAL", name="三月三", source="试")
        db.session().merge(year)
        db.session().flush()
        db.session().merge(off)
        db.session().commit()
    table = tmp_path / "one.csv"
    table.write_text("kind,received_at\n依申请,2026-03-02\n", encoding="utf-8")
    assert [row["reply_due"] for row in rows(run(app, "deadlines", str(table))[1])] == ["2026-03-31"]


def test_without_a_database_the_shipped_years_are_used_and_none_is_made(
    settings: Settings, tmp_path: Path
) -> None:
    bare = create_app(
        replace(settings, data=tmp_path, database=f"sqlite:///{tmp_path / 'none.db'}"), TESTING=True
    )
    code, text = run(bare, "deadlines", str(DATA / "deadline_cases.csv"))
    assert (code, rows(text)) == (0, given("deadline_cases.csv"))
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "打不开文件"),
        (b"", "第一行应是列名"),
        (b"a,b\n1,2\n", "第一行应是列名"),
        (b"\x00\x01\xff\xfe", "不是文字表格"),
        (b"case_id,kind\n" + b"x" * 200_000 + b",y\n", "读不了"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_one_sentence(
    app: Flask, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    table = tmp_path / "bad.csv"
    if content is not None:
        table.write_bytes(content)
    code, text = run(app, "deadlines", str(table))
    assert code == 1
    assert sentence in text
    assert "Traceback" not in text


def test_a_bad_row_does_not_stop_the_others_and_further_columns_are_kept(app: Flask, tmp_path: Path) -> None:
    table = tmp_path / "mixed.csv"
    table.write_text(
        "case_id,kind,received_at,科室\nX,依申请,2026-13-01,甲\nY,依申请,2026-03-02,乙,多\nZ\n",
        encoding="utf-8",
    )
    found = rows(run(app, "deadlines", str(table))[1])
    assert [row["reply_due"] for row in found] == ["", "2026-03-30", ""]
    assert "无法计算" in found[0]["status"]
    assert [row["科室"] for row in found] == ["甲", "乙", ""]
